"""Headlines as a speaker would say them claim no more than the intervals allow."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.analysis.standing import standing_of
from bench.records.run import Work
from bench.report.charts.overview_words import finding
from bench.report.kit.families import family
from bench.report.kit.headline import numbers, spoken
from bench.report.kit.results import load_results, results_of
from tests import builders
from tests.builders import block, case
from tests.conftest import ROOT


def group_of(walls_s, blocks=8, workload="primes", pattern="map", base="serial"):
    """The group of strategies whose blocks take these times, each a little longer than the one before it."""
    cases = {name: case(name, workload=workload, workers=None) for name in walls_s}
    made = [
        block(cases[name], n, [wall_s * (1 + n / 1000)] * 3) for n in range(blocks) for name, wall_s in walls_s.items()
    ]
    run = builders.run(made, list(cases.values()), works={workload: Work(pattern, "cpu", base)})
    return results_of(Path("run.jsonl"), run).groups[0]


@pytest.mark.parametrize(
    ("walls_s", "said"),
    [
        ({"serial": 1.8, "threads": 1.81, "process_pool": 1.0}, "Threads don't speed up Python arithmetic; processes do, 1.8×"),
        ({"serial": 1.8, "asyncio": 1.81, "process_pool": 1.0}, "Asyncio doesn't speed up Python arithmetic; processes do, 1.8×"),
        ({"serial": 8, "threads": 1.0, "asyncio": 1.0, "process_pool": 2.0},
         "Threads and asyncio speed up Python arithmetic most, about 8.0×; processes 4.0×"),
        ({"serial": 1.0, "threads": 12.0, "process_pool": 40.0}, "A plain loop wins for Python arithmetic: threads are 12× slower, processes 40×"),
        ({"serial": 1.0, "threads": 1.0}, "Nothing speeds up Python arithmetic"),
        ({"serial": 2.0, "mine": 1.0}, "mine speeds up Python arithmetic, 2.0×"),
        ({"serial": 1.0}, "serial takes 1.00 s for Python arithmetic"),
    ],
)  # fmt: skip
def test_a_headline_says_which_families_gain(walls_s, said):
    assert spoken(group_of(walls_s)) == said


def test_too_few_blocks_are_no_claim():
    few = group_of({"serial": 1.6, "threads": 1.0}, blocks=3)
    assert (
        spoken(few) == "Threads: about 1.6× as fast as a plain loop for Python arithmetic; too few repeats to tell more"
    )
    assert numbers(few).endswith("n = 3; 6 are needed for a 95 % interval")
    lost = group_of({"serial": 1.0, "threads": 1.5}, blocks=3)
    assert spoken(lost) == "Nothing looks faster than a plain loop for Python arithmetic; too few repeats to be sure"
    assert finding([lost, lost], "serial").startswith("Nothing is clearly faster than a plain loop")


def test_strategies_of_other_patterns_are_told_by_name():
    group = group_of({"queue": 4.0, "pipe": 1.0}, workload="messages_16b", pattern="stream", base="queue")
    assert spoken(group) == "pipe is fastest for messages of 16 bytes, 4.0× as fast as queue"
    level = group_of({"queue": 1.0, "pipe": 1.0}, workload="messages_16b", pattern="stream", base="queue")
    assert spoken(level).startswith("No clear difference for messages of 16 bytes between")
    first = group_of({"queue": 1.0, "pipe": 3.0}, workload="messages_16b", pattern="stream", base="queue")
    assert spoken(first) == "Nothing beats queue for messages of 16 bytes"


@given(st.lists(st.sampled_from([0.5, 0.9, 0.99, 1.0, 1.01, 1.2, 3.0]), min_size=3, max_size=3), st.integers(2, 8))
@settings(max_examples=40, deadline=None)
def test_no_headline_gives_a_family_a_gain_that_its_interval_does_not_have(walls_s, blocks):
    names = ("threads", "process_pool", "asyncio")
    group = group_of({"serial": 1.0, **dict(zip(names, walls_s, strict=True))}, blocks)
    said = spoken(group).lower()
    if blocks < 6:
        assert "too few repeats" in said
        return
    gaining = said.split("; ", 1)[1] if "n't" in said else said if "speed up" in said or "speeds up" in said else ""
    for each in group.ranked:
        if not each.is_base and standing_of(each.speedup) != "faster":
            assert str(family(each.case.strategy)) not in gaining


@pytest.mark.parametrize("path", sorted((ROOT / "results" / "reference").glob("*.jsonl")), ids=lambda path: path.stem)
def test_headlines_of_the_published_runs_fit_a_slide_and_their_numbers_a_line(path):
    for group in load_results(path).groups:
        assert len(spoken(group)) < 150
        assert len(numbers(group)) < 115
        assert spoken(group)[-1] not in ".;,:"

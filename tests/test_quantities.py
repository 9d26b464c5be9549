"""One quantity, one definition: whoever reads a block says the same of it."""

import re
from dataclasses import fields, replace

import pytest

from bench.analysis.history import history
from bench.analysis.judged import judged
from bench.analysis.loading import load, own_run
from bench.analysis.unpaired import compare
from bench.quantities import QUANTITIES
from bench.records.use import Window
from bench.report.export.formats import as_pytest_benchmark
from bench.selection import CaseFilter
from tests.sessions.test_check import CASES, gated


def waiting(made, *arms, waited_s=0.004):
    """The run of a check, whose neighbour took the CPU for so long in each round of these arms, where that is known."""
    return replace(
        made,
        blocks=[replace(each, cpu_waits_s=[waited_s if each.arm in arms else None] * 4) for each in made.blocks],
    )


def loaded(made, tmp_path):
    return own_run(made, tmp_path / "run.jsonl")


def compared(base, head, quantity="time"):
    """What `compare` says of the first case of two stored runs."""
    return compare(base, head, [quantity], tolerance=0.02, alpha=0.01).cases[0]


def test_a_time_is_without_waits_for_the_cpu_in_verdicts_of_a_check_in_compare_and_in_history(tmp_path):
    made = waiting(gated([2.0] * 10), "base", "head")
    (verdict, _), stored = judged(made).cases, loaded(made, tmp_path)
    assert verdict.head == pytest.approx(0.0202 - 0.004)
    assert compared(stored, stored).head == verdict.head
    (series,) = history([stored], "time", CaseFilter([CASES[0].key]), 0.02).series
    assert series.latest.value.centre == verdict.head


@pytest.mark.parametrize("quantity", ["cpu", "memory"])
def test_rounds_that_do_not_tell_a_quantity_say_nothing_of_it_in_a_check_and_elsewhere(tmp_path, quantity):
    name = {"cpu": "cpu_s", "memory": "peak_memory_bytes"}[quantity]
    made = gated([2.0] * 10, quantities=[quantity])
    blocks = [replace(each, rounds=[*each.rounds[:3], replace(each.rounds[3], **{name: None})]) for each in made.blocks]
    made = replace(made, blocks=blocks)
    (verdict, _), stored = judged(made).cases, loaded(made, tmp_path)
    assert verdict.head is not None
    assert compared(stored, stored, quantity).head == pytest.approx(verdict.head, rel=1e-12)


def test_times_that_are_set_against_each_other_are_without_waits_on_both_sides_or_on_none(tmp_path):
    made = gated([2.0] * 10)
    known, unknown = loaded(waiting(made, "base", "head"), tmp_path), loaded(made, tmp_path)
    (by_the_clock, _) = judged(made).cases
    for one, other in ((known, unknown), (unknown, known)):
        assert compared(one, other).base == compared(one, other).head == pytest.approx(by_the_clock.head, rel=1e-12)
    (series,) = history([known, unknown], "time", CaseFilter([CASES[0].key]), 0.02).series
    assert [each.value.centre for each in series.points] == pytest.approx([by_the_clock.head] * 2, rel=1e-12)
    (half, _) = judged(waiting(made, "head")).cases
    assert [half.base, half.head] == pytest.approx([by_the_clock.base, by_the_clock.head], rel=1e-12)


def test_a_case_whose_first_blocks_do_not_tell_their_waits_has_the_clocks_time_of_these(tmp_path):
    """A check keeps hosts on one CPU, and looks for waits there, from the second pair on."""
    made = gated([1.0] * 3)
    told = waiting(made, "base", "head")
    mixed = replace(made, blocks=[*made.blocks[:2], *told.blocks[2:]])
    (case, _) = loaded(mixed, tmp_path).cases
    assert [values[1] for values in case.values["time"]] == pytest.approx([0.0101, 0.0061, 0.0061])
    assert [values[1] for values in case.elapsed_s] == pytest.approx([0.0101] * 3)


def test_times_that_are_exported_for_pytest_benchmark_are_the_clocks_and_stay_comparable(tmp_path):
    known = loaded(waiting(gated([2.0] * 10), "base", "head"), tmp_path)
    path = tmp_path / "exported.json"
    path.write_text(as_pytest_benchmark(known))
    found = compared(known, load(path))
    assert found.base == found.head == pytest.approx(0.0202)


def test_every_field_of_a_window_is_a_quantity_but_when_it_was_and_what_the_machine_did():
    read = {name for each in QUANTITIES for name in (each.name, re.sub("^(start|stop|whole)_", "", each.name))}
    assert {each.name for each in fields(Window)} - read == {"at_s", "started_at_most"}
    assert all(each.unit or each.name.endswith(("switches", "faults", "started")) for each in QUANTITIES)

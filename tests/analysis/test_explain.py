"""Every code that a report can show is explained, with the thresholds of the code, and the docs say the same."""

import re

import pytest

from bench.analysis import makespan
from bench.analysis.comparison import Verdict
from bench.analysis.estimates import values_needed
from bench.analysis.explanations import EXPLANATIONS, Kind, look_up
from bench.analysis.findings import RULES, conduct, counting, ending, timing
from bench.analysis.findings import findings as find
from bench.analysis.findings.rule import Rule
from bench.analysis.groups import groups
from bench.analysis.summary import summarise
from bench.errors import UnknownNameError
from bench.records.block import Outcome
from bench.records.run import Ending
from bench.report.explanations import as_markdown
from tests import builders
from tests.conftest import ROOT

CODES = {kind: [each.code for each in EXPLANATIONS if each.kind is kind] for kind in Kind}
STATUSES = {"interrupted", "edited", "budget"}


def test_every_rule_is_in_the_table_once_and_every_code_is_explained():
    made = [
        each
        for module in (conduct, counting, ending, timing)
        for each in vars(module).values()
        if isinstance(each, Rule)
    ]
    assert sorted(each.code for each in RULES) == sorted(each.code for each in made)
    assert CODES[Kind.FINDING] == [each.code for each in RULES]
    assert set(CODES[Kind.FINDING]) >= STATUSES


def test_the_ways_a_run_can_end_are_those_that_the_model_names():
    text = (ROOT / "bench/records/run.py").read_text()
    named = re.search(r"status: str\n\s+\"\"\"(.*?)\"\"\"", text, re.DOTALL)
    assert set(re.findall(r"`(\w+)`", named[1])) == STATUSES | {"complete"}


def test_every_outcome_and_verdict_is_explained():
    assert CODES[Kind.OUTCOME] == [str(each) for each in Outcome]
    assert set(CODES[Kind.VERDICT]) == {str(each) for each in Verdict}


def test_explanations_are_whole_sentences_told_once():
    assert len({(each.code, each.kind) for each in EXPLANATIONS}) == len(EXPLANATIONS)
    for each in EXPLANATIONS:
        assert each.what[0].islower() or each.what.startswith("the "), each
        assert not each.what.endswith("."), each
        assert each.why.endswith("."), each
        assert each.do.endswith("."), each


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("unstable", f"{100 * timing.UNSTABLE:.0f} %"),
        ("uneven", f"{100 * timing.UNEVEN:.0f} %"),
        ("too_short", "1.00 ms"),
        ("busy_machine", f"{conduct.BUSY_LOAD}"),
        ("few_blocks", f"{values_needed()} values"),
        ("below_bound", f"{100 * makespan.BELOW_TIMED:.0f} %"),
        ("file_cache", f"{100 * counting.MUCH_CACHE:.0f} %"),
        ("late_sampler", f"{100 * counting.MISSED_SAMPLES:.0f} %"),
    ],
)
def test_thresholds_are_those_of_the_code(code, said):
    (found,) = look_up(code)
    assert said in found.why


def test_a_code_may_be_written_otherwise_and_a_wrong_one_has_a_near_match():
    assert look_up("Too-Short") == look_up(" too_short ")
    assert [each.kind for each in look_up("failed")] == [Kind.OUTCOME, Kind.VERDICT]
    with pytest.raises(UnknownNameError, match="'unstabel'; did you mean 'unstable'"):
        look_up("unstabel")


def test_the_docs_are_current():
    assert (ROOT / "docs" / "findings.md").read_text() == as_markdown() + "\n", (
        "python -m bench explain --markdown > docs/findings.md"
    )


def test_findings_name_the_cases_that_they_are_about():
    run = builders.degraded_run()
    keys = {each.key for each in run.header.plan.cases}
    found = {each.code: each for each in find(run, groups(summarise(run)))}
    assert found["file_cache"].cases
    assert {each.code for each in found.values() if not each.cases} == {
        "fewer_layers",
        "slowed_sampler",
        "late_sampler",
    }
    assert all(set(each.cases) <= keys for each in found.values())
    assert all(len(set(each.cases)) == len(each.cases) for each in found.values())


def test_every_finding_of_runs_that_have_many_can_be_looked_up():
    for run in (builders.typical_run(), builders.degraded_run()):
        cut = Ending("2026-01-02T03:08:05+00:00", "interrupted", 1.0, 1.0)
        for made in (run, builders.replace(run, ending=cut, notes=["cut"])):
            for each in find(made, groups(summarise(made))):
                assert look_up(each.code)


def test_the_command_lists_tells_and_refuses(bench):
    listed = bench("explain")
    assert listed.returncode == 0
    assert {line.split()[0] for line in listed.stdout.splitlines() if "  " in line} >= {
        each.code for each in EXPLANATIONS
    }
    told = bench("explain", "unstable")
    assert [line for line in told.stdout.splitlines() if line in ("What", "Why", "What to do")] == [
        "What",
        "Why",
        "What to do",
    ]
    wrong = bench("explain", "unstabel")
    assert wrong.returncode == 2
    assert wrong.stderr == "error: unknown word 'unstabel'; did you mean 'unstable'?\n"
    assert bench("explain", "unstable", "--markdown").returncode == 2

"""The real half of the evidence for the gate: trials are made, kept, and shown as what they are."""

import subprocess
import sys
from dataclasses import replace

import pytest

from bench.errors import MeasurementError, RunFileError
from bench.proof import tools
from bench.proof.subject import FILE, make
from bench.proof.trials import Wanted, conduct, wanted
from bench.report.evidence.chart import proof_chart
from bench.report.evidence.gate_trials import proof_text, trial_table
from bench.store import trials
from bench.store.trials import Trial
from tests.conftest import environment

TRIAL = Trial("check", 0.05, False, "slower", "regressed", 11.0, 60, 0.5, 12, 1.05, "a machine", "2026-11-20")
OTHERS = [
    replace(TRIAL, effect=0.0, answer="no change", said="equivalent"),
    replace(TRIAL, tool="pyperf", effect=0.0, answer="faster", said="1.33x faster"),
    replace(TRIAL, tool="pyperf", answer="no change", said="not significant", wall_s=13.0),
    replace(TRIAL, loaded=True, answer="no change", said="inconclusive", wall_s=61.0),
]


def test_the_subject_has_two_commits_and_the_head_does_more(tmp_path):
    make(tmp_path, 0.05)
    base = subprocess.run(
        ["git", "show", f"HEAD~1:{FILE}"], cwd=tmp_path / "repository", capture_output=True, text=True, check=True
    ).stdout
    assert "range(60000)" in base
    assert base == (tmp_path / "base" / FILE).read_text()
    assert base.replace("60000", "63000") == (tmp_path / "head" / FILE).read_text()


@pytest.mark.long
def test_check_sees_code_that_takes_twice_as_long(tmp_path):
    make(tmp_path, 1.0)
    found = tools.ask_check(tmp_path, 40)
    assert (found.answer, found.said) == ("slower", "regressed")
    assert found.ratio is not None and 1.5 < found.ratio < 2.7


@pytest.mark.parametrize(
    ("does", "told"),
    [
        ("kill -9 $$", "-m bench check was ended by SIGKILL"),
        ("echo error: no >&2; exit 3", "the check of the proof exited with status 3: no"),
    ],
)
def test_a_tool_that_gave_no_answer_is_told_without_words_it_did_not_say(tmp_path, monkeypatch, does, told):
    make(tmp_path, 1.0)
    failing = tmp_path / "failing"
    failing.write_text(f"#!/bin/sh\n{does}\n")
    failing.chmod(0o700)
    monkeypatch.setattr("bench.proof.tools.sys.executable", str(failing))
    with pytest.raises(MeasurementError, match=f"^{told}$"):
        tools.ask_check(tmp_path, 1)


@pytest.mark.long
@pytest.mark.parametrize("tool", ["pyperf", "pytest-benchmark"])
def test_the_other_tools_are_asked_too(tmp_path, tool):
    if tool in tools.missing():
        pytest.skip(f"needs {tool} (make test installs it)")
    make(tmp_path, 3.0)
    assert tools.ASK[tool](tmp_path, 6).answer in ("slower", "no change")


def test_what_a_killed_tool_has_left_goes_with_the_proof(tmp_path, monkeypatch):
    making = "import os; from bench.processes.scratch import Scratch; Scratch(); os.kill(os.getpid(), 9)"

    def killed(folder, seconds):
        subprocess.run([sys.executable, "-c", making], env=environment(TMPDIR=str(tmp_path)), check=False)
        assert len(list(tmp_path.glob("benchtmp-*"))) == 2
        raise MeasurementError("it was ended")

    monkeypatch.setattr("bench.proof.trials.ASK", {"check": killed})
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with pytest.raises(MeasurementError, match="it was ended"):
        conduct([Wanted(0.0, loaded=False, seconds=60, number=1, peers=0)], [], print, print)
    assert list(tmp_path.glob("benchtmp-*")) == []


def test_trials_that_are_there_are_not_made_again(tmp_path, monkeypatch):
    made, said = [], []
    monkeypatch.setattr("bench.proof.trials.missing", lambda: {"pyperf": "pip install pyperf"})
    monkeypatch.setattr(
        "bench.proof.trials.ASK", dict.fromkeys(tools.ASK, lambda folder, seconds: tools.Answer("no change", "so"))
    )
    kind = Wanted(0.0, loaded=False, seconds=60, number=3, peers=2)
    there = [replace(TRIAL, effect=0.0)] * 2
    conduct([kind], there, made.append, said.append)
    assert [each.tool for each in made] == ["pytest-benchmark", "pytest-benchmark", "check"]
    assert said[0] == "left out: pyperf (pip install pyperf)"


def test_other_tools_get_the_time_that_the_check_took_whenever_that_was_made(tmp_path, monkeypatch):
    made = []
    monkeypatch.setattr("bench.proof.trials.missing", dict)
    monkeypatch.setattr(
        "bench.proof.trials.ASK", dict.fromkeys(tools.ASK, lambda folder, seconds: tools.Answer("no change", "so"))
    )
    there = [replace(TRIAL, effect=0.0, wall_s=wall_s) for wall_s in (21.0, 34.0)]
    conduct([Wanted(0.0, loaded=False, seconds=60, number=3, peers=3)], there, made.append, lambda _: None)
    asked = [(each.tool, each.asked_s) for each in made]
    assert asked[:4] == [(tool, wall_s) for wall_s in (21.0, 34.0) for tool in ("pyperf", "pytest-benchmark")]
    assert asked[4] == ("check", 60)
    assert [each.asked_s for each in made[5:]] == [made[4].wall_s] * 2


def test_all_that_is_claimed_is_wanted():
    kinds = wanted(40, 30, 20)
    assert {(each.effect, each.loaded) for each in kinds} == {(e, b) for e in (0, 0.05, 0.2) for b in (False, True)}


def test_trials_are_kept_line_by_line(tmp_path):
    path = tmp_path / "new" / "trials.jsonl"
    assert trials.read(path) == []
    for each in (TRIAL, *OTHERS):
        trials.append(path, each)
    assert trials.read(path) == [TRIAL, *OTHERS]
    path.write_text(path.read_text() + '{"tool": "check"')
    with pytest.raises(RunFileError, match="line 6: not JSON"):
        trials.read(path)


def test_the_table_counts_answers():
    assert trial_table([TRIAL, *OTHERS]).splitlines()[2:] == [
        "| the same | `python -m bench check` | 1 | 0 | 0 | 1 | 0% (0% … 97%) | 11.0 s | 11.0 s |",
        "| the same | `pyperf compare_to` | 1 | 0 | 1 | 0 | 0% (0% … 97%) | 11.0 s | 11.0 s |",
        "| 5% more | `python -m bench check` | 1 | 1 | 0 | 0 | 100% (2% … 100%) | 11.0 s | 11.0 s |",
        "| 5% more | `pyperf compare_to` | 1 | 0 | 0 | 1 | 0% (0% … 97%) | 13.0 s | 13.0 s |",
        "| 5% more, busy machine | `python -m bench check` | 1 | 0 | 0 | 1 | 0% (0% … 97%) | 61.0 s | 61.0 s |",
    ]
    assert "a machine; 2026-11-20" in proof_text([TRIAL], "")


def test_the_chart_says_what_it_shows():
    chart = proof_chart([TRIAL, *OTHERS])
    assert chart.title == "Identical code called changed: check 0 of 1, pyperf 1 of 1"
    assert "the same · pyperf: 0 slower, 1 faster of 1" in chart.description


def test_the_command_writes_between_its_marks(bench, tmp_path):
    page = tmp_path / "page.md"
    page.write_text("above\n<!-- prove-gate begins -->\nold\n<!-- prove-gate ends -->\nbelow\n")
    trials.append(tmp_path / "data.jsonl", TRIAL)
    none = ("--simulated", "0", "--checks", "0", "--changed", "0", "--data", "data.jsonl")
    done = bench("prove-gate", *none, "--write", str(page), "--chart", "gate.png")
    assert done.returncode == 0, done.stderr
    assert "old" not in page.read_text()
    assert page.read_text().startswith("above\n<!-- prove-gate begins -->\n## Real checks")
    assert page.read_text().endswith("<!-- prove-gate ends -->\nbelow\n")
    assert (tmp_path / "gate.png").stat().st_size > 10_000
    page.write_text("no place")
    done = bench("prove-gate", *none, "--write", str(page))
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)

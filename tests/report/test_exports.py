"""Runs in the formats of other tools: read by these tools themselves, and by this one again without a loss."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.analysis.loading import load, own_run
from bench.analysis.stored import StoredCase
from bench.cli import export_command
from bench.report.export.formats import FORMATS, as_github_action, as_pytest_benchmark, unexported
from tests import builders
from tests.conftest import CASES, real


@pytest.fixture
def run_file(tmp_path):
    return builders.stored(builders.typical_run(), tmp_path)


def test_what_is_exported_to_pytest_benchmark_reads_back_the_same(run_file, tmp_path):
    original = load(run_file)
    path = tmp_path / "run.json"
    path.write_text(as_pytest_benchmark(original))
    again = load(path)
    assert again.cases == [each for each in original.cases if each.values]
    assert (again.facts, again.commit, again.tool, again.at_utc) == (
        original.facts, original.commit, original.tool, original.at_utc,
    )  # fmt: skip


def test_pytest_benchmark_itself_reads_it_and_shows_the_numbers(run_file, tmp_path):
    (tmp_path / "run.json").write_text(as_pytest_benchmark(load(run_file)))
    done = subprocess.run(
        [sys.executable, "-m", "pytest_benchmark", "compare", "run.json", "--columns", "min,median,rounds"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "Failed to load" not in done.stdout + done.stderr
    assert "benchmark 'primes': 3 tests" in done.stdout
    (line,) = (each for each in done.stdout.splitlines() if each.startswith("primes serial"))
    assert line.split()[-1] == "12", "two warm rounds in each of six blocks"
    assert "200.0000" in line
    assert "205.0000" in line


@given(st.lists(st.floats(1e-9, 1e3), min_size=1, max_size=40))
def test_the_statistics_are_those_of_pytest_benchmark(data):
    from pytest_benchmark.stats import Stats

    theirs = Stats()
    for each in data:
        theirs.update(each)
    run = replace(own_run(builders.typical_run(), Path("run.jsonl")), cases=[StoredCase("k", "n", {"time": [data]})])
    (ours,) = json.loads(as_pytest_benchmark(run))["benchmarks"]
    expected = theirs.as_dict()
    assert ours["stats"]["outliers"] == expected["outliers"]
    for name, value in expected.items():
        if name != "outliers":
            assert ours["stats"][name] == pytest.approx(value, rel=1e-9, abs=1e-12), name


def test_cpu_and_memory_stand_in_extra_info(run_file):
    document = json.loads(as_pytest_benchmark(load(run_file)))
    extra = document["benchmarks"][0]["extra_info"]
    assert extra["cpu_s"] == pytest.approx(0.1, rel=0.06)
    assert extra["peak_memory_bytes"] == 10_000_000
    assert (extra["workload"], extra["strategy"]) == ("primes", "serial")
    assert document["commit_info"] == {"id": "0123456789abcdef", "dirty": False}


def test_github_action_benchmark_gets_a_number_with_its_unit_for_each_quantity(run_file):
    run = load(run_file)
    entries = json.loads(as_github_action(run))
    assert len(entries) == len({each["name"] for each in entries}) == 3 * 5 - 1  # CPU of one is too little
    assert {each["unit"] for each in entries} == {"s", "B"}
    first = entries[0]
    assert first["name"] == run.cases[0].key
    assert first["value"] == pytest.approx(0.205)
    assert first["range"] == "0.2 … 0.21"
    assert "median of 6 processes" in first["extra"]


@real
def test_its_entries_have_the_fields_of_its_own_example(run_file):
    example = json.loads((CASES / "github-action-benchmark" / "customSmallerIsBetter_output.json").read_text())
    known = {name: type(value) for each in example for name, value in each.items()}
    for each in json.loads(as_github_action(load(run_file))):
        assert {"name", "unit", "value"} <= each.keys() <= known.keys()
        assert isinstance(each["value"], int | float)
        assert all(isinstance(each[name], str) for name in each.keys() - {"value"})


@real
def test_a_suite_of_pyperf_becomes_a_file_of_pytest_benchmark(tmp_path):
    original = load(CASES / "pyperf" / "mult_list_py36.json")
    path = tmp_path / "run.json"
    path.write_text(as_pytest_benchmark(original))
    assert load(path).cases == original.cases


def test_failed_cases_are_named_and_not_exported(bench, run_file, tmp_path):
    assert unexported(load(run_file)) == {
        "downloads process_pool ×2": "failed: ValueError: a|b <script>alert(1)</script>",
    }
    done = bench("export", str(run_file), "--format", "pytest-benchmark")
    assert done.returncode == 0
    assert done.stderr.startswith("not exported: downloads process_pool ×2: failed: ValueError")
    assert len(json.loads(done.stdout)["benchmarks"]) == 5
    written = bench("export", str(run_file), "--format", "github-action-benchmark", "--output", "x.json")
    assert (written.returncode, written.stdout) == (0, "")
    assert len(json.loads((tmp_path / "x.json").read_text())) == 14
    assert [each.name for each in tmp_path.iterdir() if each.name.startswith(".")] == []


def test_what_cannot_be_exported_or_written_is_one_line(bench, tmp_path):
    cases = [builders.case()]
    empty = builders.stored(builders.run([], cases), tmp_path / "empty")
    done = bench("export", str(empty), "--format", "pytest-benchmark")
    assert done.returncode == 2
    assert "nothing to export" in done.stderr
    full = builders.stored(builders.run([builders.block(cases[0])], cases), tmp_path / "full")
    done = bench("export", str(full), "--format", "pytest-benchmark", "--output", "nowhere/x.json")
    assert done.returncode == 3
    assert done.stderr.count("\n") == 1
    assert "nowhere/x.json" in done.stderr


def test_the_command_knows_every_format():
    (option,) = (each for each in export_command.command.params if each.name == "format_")
    assert list(option.type.choices) == list(FORMATS)

"""Numbers and dates that no clock and no calendar has, in files of every kind, through every command that reads them."""

import json
import re

import pytest

from bench.cli.main import main
from tests import builders
from tests.conftest import CASES, real
from tests.store.test_store import guarded

NUMBERS = (10**400, -(10**400), 5e-324, 1e-310, 1e-13, 1e-12, 1e11, 1e308, 0)
DATES = (
    "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59.999999-23:59", "0001-01-01T00:00:00", "9999-12-31T23:59:59+00:00",
    "0001-01-01", "", "yesterday",
)  # fmt: skip
COMMANDS = (
    ("compare", "--quantity", "time,cpu,memory"),
    ("compare", "--json"),
    ("history",),
    ("history", "--json", "--quantity", "memory"),
    ("export", "--format", "pytest-benchmark"),
    ("export", "--format", "github-action-benchmark"),
)
OWN = (*COMMANDS, ("report", "--json"), ("report", "--csv"))


def filled(value, number, below=""):
    """Decoded JSON with this in place of every number below a name."""
    if isinstance(value, dict):
        return {name: filled(each, number, "" if name in below.split() else below) for name, each in value.items()}
    if isinstance(value, list):
        return [filled(each, number, below) for each in value]
    return number if isinstance(value, float) and not below else value


def with_dates(value, date):
    if isinstance(value, dict):
        return {
            name: date if name in ("date", "datetime", "time") and isinstance(each, str) else with_dates(each, date)
            for name, each in value.items()
        }
    return [with_dates(each, date) for each in value] if isinstance(value, list) else value


def foreign():
    """A file of each tool, decoded, and where in it times are."""
    for tool, times in (("pytest-benchmark", "stats extra_info"), ("pyperf", "values metadata")):
        yield tool, json.loads(min(CASES.glob(f"{tool}*/*.json")).read_text()), times


def own(path, change):
    """A run of one's own whose lines are changed so."""
    first, *lines = path.read_bytes().splitlines(keepends=True)
    return b"".join(guarded(change(each)) for each in (first, *lines))


def tried(capsys, path, good, commands):
    """Every command gives a result, or one line; none says that it is a fault of this tool."""
    for command, *options in commands:
        status = main([command, str(path), *([str(good)] if command == "compare" else []), *options])
        said = capsys.readouterr()
        assert status in (0, 1, 2, 3), said.err
        assert "fault of this tool" not in said.err + said.out, (command, said.err)
        assert "Traceback" not in said.err
        assert status != 2 or len(said.err.splitlines()) <= 3
        if "--json" in options and status != 2:
            json.loads(said.out, parse_constant=pytest.fail)


each_number = pytest.mark.parametrize("number", NUMBERS, ids=lambda number: f"{str(number)[:8]} {len(str(number))}")


@real
@each_number
def test_numbers_that_no_clock_has_in_files_of_other_tools(tmp_path, capsys, number):
    good = builders.stored(builders.typical_run(), tmp_path / "good")
    for tool, document, times in foreign():
        path = tmp_path / f"{tool}.json"
        path.write_text(json.dumps(filled(document, number, times)))
        tried(capsys, path, good, COMMANDS)
        for each in document["benchmarks"]:
            each.setdefault("extra_info", {}).update(cpu_s=number, peak_memory_bytes=number, anything=number)
            for run in each.get("runs", ()):
                run.setdefault("metadata", {})["mem_max_rss"] = number
        path.write_text(json.dumps(document))
        tried(capsys, path, good, COMMANDS)


@each_number
def test_numbers_that_no_clock_has(tmp_path, capsys, number):
    good = builders.stored(builders.typical_run(), tmp_path / "good")
    for field in (rb'"(?:wall|cpu|at|user|system)_s"', rb'"[a-z]+_bytes"', rb'"tasks"'):
        text = json.dumps(number).encode()
        path = tmp_path / "own.jsonl"
        path.write_bytes(own(good, lambda line, field=field, text=text: re.sub(
            field + rb":[0-9.e+-]+", lambda found: found[0].partition(b":")[0] + b":" + text, line)))  # fmt: skip
        tried(capsys, path, good, OWN)


@real
@pytest.mark.parametrize("date", DATES)
def test_dates_that_no_calendar_has_in_files_of_other_tools(tmp_path, capsys, date):
    good = builders.stored(builders.typical_run(), tmp_path / "good")
    for tool, document, _ in foreign():
        path = tmp_path / f"{tool}.json"
        path.write_text(json.dumps(with_dates(document, date)))
        tried(capsys, path, good, COMMANDS)


@pytest.mark.parametrize("date", DATES)
def test_dates_that_no_calendar_has(tmp_path, capsys, date):
    good = builders.stored(builders.typical_run(), tmp_path / "good")
    path = tmp_path / "own.jsonl"
    path.write_bytes(own(good, lambda line: re.sub(rb'_utc":"[^"]*"', b'_utc":"' + date.encode() + b'"', line)))
    tried(capsys, path, good, OWN)
    tried(capsys, tmp_path, good, [each for each in COMMANDS if each[0] == "history"])

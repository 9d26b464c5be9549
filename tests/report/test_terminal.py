"""Tables in any width, signs that an output cannot hold, and escape codes: by real commands at a real terminal."""

import fcntl
import io
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from bench.report.kit import terminal
from bench.report.kit.fitted_table import FittedTable, aligned, shortened
from bench.report.kit.results import load_results
from bench.report.kit.spelling import SPELLED, spelled
from bench.report.kit.table import Column, texts
from bench.report.run import cells
from bench.report.run.columns import as_csv
from bench.report.run.tables import result_tables
from tests import builders
from tests.conftest import environment

ESCAPE = "\x1b"
WIDTHS = (60, 80, 120, 160, 200)


@pytest.fixture
def stored(tmp_path):
    """A folder of two runs with everything in them."""
    folder = tmp_path / "results"
    builders.stored(builders.degraded_run(), folder / "one")
    builders.stored(builders.typical_run(), folder / "two")
    return folder


def lines(renderable, width, encoding="utf-8"):
    """What a console of this width and encoding shows."""
    file = io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors="bench.spelled")
    Console(file=file, width=width, highlight=False, markup=False, emoji=False).print(renderable)
    file.flush()
    return file.buffer.getvalue().decode(encoding).splitlines()


@given(st.text(st.characters(min_codepoint=33, max_codepoint=0x3100, categories=["L", "N"])), st.integers(8, 60))
def test_a_shortened_name_fits_and_keeps_its_ends(name, width):
    short = shortened(name, width)
    assert cell_len(short) <= width
    assert short == name or (short[0], short[-1]) == (name[0], name[-1])
    assert short == name or "…" in short


NUMBERS = st.sampled_from(["0.986×", "10.5×", "–", "900 µs", "1.00 ms", "28.2 ms", "117 ms", "≥ 12.3 ms", "1 × 2", "", "12.3 k", "812"])  # fmt: skip


@given(st.lists(NUMBERS, min_size=1))
def test_aligned_numbers_are_as_wide_as_each_other_and_whole(texts):
    made = aligned(texts)
    assert len(set(map(cell_len, made))) == 1
    assert ["".join(each.split()) for each in made] == ["".join(each.split()) for each in texts]
    points = {each.index(".") for each, text in zip(made, texts, strict=True) if "." in text}
    if all(re.fullmatch(r"[\d.]+ ms", each) for each in texts):
        assert len(points) <= 1, "decimal points stand below each other where the unit is the same"


@given(
    st.lists(st.text("abcdefgh_", min_size=1, max_size=40), min_size=1, max_size=4),
    st.lists(st.tuples(NUMBERS.filter(bool), st.integers(1, 9)), min_size=1, max_size=9),
    st.integers(40, 200),
)
def test_a_grid_never_cuts_a_number_and_leaves_out_what_matters_least(names, numbers, width):
    columns = [Column(f"h{at}", importance=importance) for at, (_, importance) in enumerate(numbers)]
    row = [text for text, _ in numbers]
    grid = FittedTable(texts([Column("name", kind="name"), *columns], [[each, *row] for each in names]))
    kept = grid.fitting(width)
    shown = lines(grid, width)
    assert all(cell_len(line) <= width for line in shown)
    for line in shown[-len(names) :]:
        told = ["".join(text.split()) for column, text in zip(columns, row, strict=True) if column in kept]
        assert "".join(line.split()).endswith("".join(told))
    assert min(columns, key=lambda each: each.importance) in kept
    assert {each.heading for each in kept} | set(grid.left_out(width)) == {each.heading for each in columns}


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("run", [builders.typical_run, builders.degraded_run])
def test_tables_keep_to_the_width_and_name_what_had_no_room(tmp_path, run, width):
    results = builders.results(run(), tmp_path)
    shown = lines(result_tables(results), width)
    assert all(cell_len(line) <= width for line in shown)
    text = " ".join(" ".join(shown).split())
    assert (f"No room in {width} columns for " in text) == (width < 160)
    for group in results.groups:
        for each in group.ranked:
            assert any(line.split()[:1] == group.labels[each.case.key].split()[:1] for line in shown)
    if width >= 200:
        for column in cells.terminal_columns(results.groups[0]):
            assert all(column.text(each) in text for each in results.groups[0].ranked), column.heading


def test_a_lower_bound_is_marked_and_a_dash_explained(tmp_path):
    told = " ".join(lines(result_tables(builders.results(builders.degraded_run(), tmp_path / "a")), 120))
    assert "≥ 990" in told
    told = " ".join(lines(result_tables(builders.results(builders.typical_run(), tmp_path / "b")), 160))
    assert "– for CPU, user and system: too little CPU time to measure reliably" in told


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_signs_that_do_not_fit_are_spelled_and_columns_stay_straight(tmp_path, encoding):
    shown = lines(result_tables(builders.results(builders.degraded_run(), tmp_path)), 160, encoding)
    rows = [line for line in shown if line.startswith("process_pool") and " MB" in line]
    assert len(rows) == 3
    assert len({line.index(" MB") for line in rows}) == 1
    assert any((">= " if encoding != "utf-8" else "≥ ") in line for line in rows)


@given(st.text())
def test_any_text_can_be_spelled_in_any_encoding(text):
    for encoding in ("ascii", "latin-1", "cp1252", "utf-8"):
        assert all(each.isascii() for each in SPELLED.values())
        spelled(text, encoding).encode(encoding, "surrogateescape")


COLOURS = [
    ({}, True, True),
    ({}, False, False),
    ({"NO_COLOR": ""}, True, True),
    ({"NO_COLOR": "0"}, True, False),
    ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, True, False),
    ({"TERM": "dumb"}, True, False),
    ({"FORCE_COLOR": "1"}, False, True),
]


@pytest.mark.parametrize(("variables", "is_terminal", "expected"), COLOURS)
def test_when_escape_codes_are_written(monkeypatch, variables, is_terminal, expected):
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    master, slave = pty.openpty()
    try:
        with os.fdopen(slave, "w") as at_terminal, open(os.devnull, "w", encoding="utf-8") as in_file:
            stream = at_terminal if is_terminal else in_file
            assert terminal.styled(stream) is expected
            assert (terminal.console(stream).color_system is not None) is expected
    finally:
        os.close(master)


def at_terminal(folder, arguments, columns=80, **variables):
    """Everything that a command writes to a terminal of so many columns, and its exit status."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    made = {name: value for name, value in environment().items() if name not in ("COLUMNS", "NO_COLOR", "FORCE_COLOR")}
    command = [sys.executable, "-m", "bench", *arguments]
    with subprocess.Popen(
        command, cwd=folder, env=made | {"TERM": "xterm"} | variables, stdin=slave, stdout=slave, stderr=slave
    ) as process:
        os.close(slave)
        text = b""
        while True:
            try:
                part = os.read(master, 65536)
            except OSError:  # Linux says so when nobody holds the other end any more
                part = b""
            if not part:
                break
            text += part
    os.close(master)
    return text.decode(), process.returncode


COMMANDS = {
    "list": (["list", "--pattern", "start"], 0, "unavailable"),
    "run": (["run", "downloads", "--strategy", "serial", "--quick", "--blocks", "1", "--rounds", "2"], 0, "few_blocks"),
    "report": (["report", "results/two", "--csv"], 0, "workload,scale"),
    "compare": (["compare", "results/one", "results/two"], None, "serial"),
    "history": (["history", "results/two"], 0, "serial"),
    "doctor": (["doctor"], None, "verdict"),
    "explain": (["explain", "unstable"], 0, "unstable"),
    "faults": (["faults", "--strategy", "serial", "--time-limit", "1s"], None, "run file"),
}


NO_COLOR, DUMB = {"NO_COLOR": "1"}, {"TERM": "dumb", "PYTHONIOENCODING": "ascii"}


@pytest.mark.many(1)
@pytest.mark.parametrize(
    ("name", "variables"),
    [
        *(pytest.param(name, DUMB, id=f"dumb-{name}") for name in COMMANDS),
        *(pytest.param(name, NO_COLOR, id=f"no_color-{name}") for name in ("list", "compare", "history")),
    ],
)
def test_no_command_writes_escape_codes_where_none_are_wanted(stored, name, variables):
    arguments, status, word = COMMANDS[name]
    known = {each: str(next((stored.parent / each).glob("*.jsonl"))) for each in ("results/one", "results/two")}
    shown, returned = at_terminal(stored.parent, [known.get(each, each) for each in arguments], **variables)
    assert status in (None, returned), shown
    assert "Traceback" not in shown
    assert word in shown
    assert ESCAPE not in shown
    assert "PYTHONIOENCODING" not in variables or shown.isascii()


def test_a_terminal_shows_the_words_in_colour_and_nothing_else(tmp_path):
    shown, _ = at_terminal(tmp_path, ["list", "--pattern", "start"])
    assert f"{ESCAPE}[33munavailable{ESCAPE}[0m: needs" in shown
    assert set(re.findall(r"\x1b\[([\d;]*)m", shown)) <= {"0", "1", "2", "1;2", "33"}


def test_csv_is_the_file_of_the_report_and_nothing_else(bench, stored, tmp_path):
    path = next((stored / "two").glob("*.jsonl"))
    done = bench("report", str(path), "--csv")
    assert done.stdout == as_csv(load_results(path))
    assert done.stdout.count("\n") == 7
    assert not (tmp_path / "reports").exists()
    for command in (["report", str(path)], ["run", "downloads"], ["all"]):
        both = bench(*command, "--json", "--csv")
        assert (both.returncode, both.stdout, both.stderr.count("\n")) == (2, "", 1)
        assert "--json and --csv both go to standard output; give one of them" in both.stderr


def test_json_loads_nothing_that_draws(stored):
    path = next((Path(stored) / "two").glob("*.jsonl"))
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "bench", "report", str(path), "--json"],
        env=environment(), capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert "matplotlib" not in done.stderr

"""One table in every format: the same cells, what they cannot hold said as each format says it."""

import io
import json

from rich.console import Console

from bench.report.kit.fitted_table import FittedTable
from bench.report.kit.folded_table import folded
from bench.report.kit.json_text import json_text
from bench.report.kit.markdown import table_text
from bench.report.kit.table import Cell, Column, Notes, Row, Table, styled, texts
from bench.report.run.page import template

COLUMNS = [Column("strategy", kind="name"), Column("round", importance=1), Column("what it|is", kind="text")]
FAILED = styled(("failed", "red"), (": a|b <c>", ""))
ROWS = [
    Row([Cell("thread_pool"), Cell("1.02 s", 1.02), Cell("", note="too short")]),
    Row([Cell("serial", is_code=True), Cell("900 ms", 0.9), Cell("–", note="too short")]),
    Row([Cell("@mine")], FAILED),
]
TABLE = Table(COLUMNS, ROWS, "Title")


def printed(renderable, width=60):
    console = Console(file=io.StringIO(), width=width, highlight=False, markup=False)
    console.print(renderable)
    return [line.rstrip() for line in console.file.getvalue().splitlines()]


def test_markdown_has_every_cell_escaped_its_note_numbered_and_one_shape():
    notes = Notes()
    assert table_text(TABLE, notes).splitlines() == [
        "| strategy | round | what it\\|is |",
        "|---|---:|---|",
        "| thread\\_pool | 1.02 s | – (1) |",
        "| `serial` | 900 ms | – (1) |",
        "| @\u200bmine | failed: a\\|b \\<c\\> | |",
    ]
    assert notes.texts == ["too short"]
    assert "(1)" not in table_text(TABLE)
    assert table_text(Table([], [])) == ""


def test_a_terminal_has_numbers_below_each_other_and_a_reason_in_place_of_them():
    assert printed(FittedTable(Table(COLUMNS[:2], [Row(each.cells[:2], each.instead) for each in ROWS]))) == [
        "strategy       round",
        "thread_pool  1.02 s",
        "serial        900 ms",
        "@mine        failed: a|b <c>",
    ]


def test_a_table_of_texts_goes_on_below_itself_and_loses_none():
    made = texts([Column("case", kind="text"), Column("n")], [("a name of several words", "12")], "Title")
    lines = printed(folded(made), 16)
    assert [line.split() for line in lines[:2]] == [["Title"], ["case", "n"]]
    assert lines[2].endswith("12")
    assert " ".join(" ".join(lines[2:]).replace("12", "").split()) == "a name of several words"


def test_html_has_the_same_cells_escaped():
    body = template("table.html.j2", autoescape=True).module.body
    made = str(body(texts([*COLUMNS[:2], COLUMNS[2]], [("a", "1.02 s", "<b>")])))
    assert made.splitlines() == [
        '<thead><tr><th scope="col">strategy</th><th scope="col">round</th><th scope="col" class="text">what it|is</th></tr></thead>',
        "<tbody>",
        '<tr><th scope="row">a</th><td>1.02 s</td><td class="text">&lt;b&gt;</td></tr>',
        "</tbody>",
    ]


def test_a_cell_has_the_value_behind_its_text_and_why_it_has_none():
    columns = [
        Column("n", str, value=float),
        Column("half", lambda n: "–" if n % 2 else str(n // 2), why=lambda n: "odd" * (n % 2)),
    ]
    first, second = ([column.cell(number) for column in columns] for number in (1, 2))
    assert first == [Cell("1", 1.0), Cell("–", note="odd")]
    assert second == [Cell("2", 2.0), Cell("1")]


def test_json_has_null_where_a_number_is_none():
    document = {"a": [float("inf"), (float("nan"), 1.5)], "b": {"c": -float("inf")}, "d": None}
    assert json.loads(json_text(document)) == {"a": [None, [None, 1.5]], "b": {"c": None}, "d": None}
    assert json_text({"a": 1}) == '{\n  "a": 1\n}'

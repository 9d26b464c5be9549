"""`python -m bench faults`: the table that comes out is the one that Python's own semantics give, and it is shown as it is."""

import csv
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from io import StringIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from rich.console import Console

from bench.analysis.faults import Kind, fault_table
from bench.measure.plan.fault_cases import SOURCES
from bench.plugins import registry, sources
from bench.records.block import Block, Outcome
from bench.records.run import Purpose, Work
from bench.report.faults.build import build_report
from bench.report.faults.chart import MOST_ROWS, fault_grids, headline
from bench.report.faults.text import COLUMNS, counts, of_alike, rows, terminal_table, workers
from bench.store.lines import to_line
from bench.store.runs import read
from bench.store.upgrades import upgrade
from bench.strategies import BUILT_IN as STRATEGIES
from tests import builders, figures
from tests.conftest import only_run

SEEN = {
    # failures.md, and what Python's documentation says of each; two workers, fork
    ("nothing", "serial"): "result",
    ("nothing", "pool_map"): "result",
    ("exits", "serial"): "died",
    ("exits", "processes"): "ChildProcessError",
    ("exits", "pool_map"): "HANG",
    ("exits", "process_pool"): "BrokenProcessPool",
    ("raises_what_does_not_unpickle", "pool_map"): "HANG",
    ("raises_what_does_not_unpickle", "process_pool"): "BrokenProcessPool",
    ("gives_a_lambda", "serial"): "result",
    ("gives_a_lambda", "pool_map"): "MaybeEncodingError",
    ("raises_system_exit", "threads"): "SystemExit",
    ("raises_system_exit", "pool_map"): "HANG",
    ("raises_system_exit", "process_pool"): "SystemExit",
    ("starts_badly", "pool_map"): "HANG",
    ("starts_badly", "process_pool"): "BrokenProcessPool",
    ("opens_a_pool", "pool_map"): "AssertionError",
    ("opens_a_pool", "process_pool"): "result",
    ("ignores_sigterm", "serial"): "HANG",
    ("ignores_sigterm", "process_pool"): "HANG",
    ("leaves_a_daemon", "threads"): "result",
    ("kills_its_group", "process_pool"): "died",
}


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    """A part of the table, measured once: its cells by fault and strategy, and the folder."""
    import subprocess
    import sys

    from tests.conftest import environment

    folder = tmp_path_factory.mktemp("faults")
    faults = ",".join(dict.fromkeys(fault for fault, _ in SEEN))
    command = [
        sys.executable,
        "-m",
        "bench",
        "faults",
        "--fault",
        faults,
        "--strategy",
        "serial,threads,processes,pool_map,process_pool",
    ]
    done = subprocess.run(
        command, cwd=folder, env=environment(), capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    return fault_table(read(only_run(folder))), folder, done.stdout


@pytest.mark.long
def test_strategies_meet_faults_as_is_known_of_them(table):
    found = {(cell.fault, cell.strategy): cell.what for cell in table[0].cells}
    assert {key: found[key] for key in SEEN} == SEEN


@pytest.mark.long
def test_what_is_noticed_comes_after_the_fault_and_before_the_limit(table):
    for cell in table[0].cells:
        if cell.kind in (Kind.RAISED, Kind.DIED):
            assert cell.noticed_s is not None, cell
            assert 0 <= cell.noticed_s < 10
        else:
            assert cell.noticed_s is None, cell


@pytest.mark.long
def test_processes_that_are_left_are_told(table):
    left = {(cell.fault, cell.strategy): cell.left for cell in table[0].cells}
    assert left["leaves_a_daemon", "threads"] == 1
    assert left["exits", "pool_map"] == 2
    assert left["nothing", "pool_map"] == 0


@pytest.mark.long
def test_a_strategy_that_cannot_meet_a_fault_has_no_cell(table):
    (fault,) = [each for each in table[0].faults if each.name == "starts_badly"]
    assert set(fault.cells) == {"pool_map", "process_pool"}


@pytest.mark.long
def test_the_command_prints_the_table_and_the_path_of_the_report_last(table):
    _, folder, printed = table
    assert "BrokenProcessPool after " in printed
    assert re.search(r"os\._exit\(1\) +† † ! H !", printed)
    report = folder / printed.strip().splitlines()[-1]
    assert {path.name for path in report.parent.iterdir()} >= {"index.html", "faults.csv", "faults.png", "faults.svg"}
    with (report.parent / "faults.csv").open() as file:
        assert len(list(csv.DictReader(file))) == len(table[0].cells)


@pytest.mark.long
def test_how_many_workers_there_were_is_told_once(table):
    run, told = read(only_run(table[1])), "workers, where a strategy takes a number: ×2"
    assert workers(run) == told
    assert told in table[2]
    assert told in (table[1] / table[2].strip().splitlines()[-1]).read_text()
    few = [replace(each, workers=1) if each.workload == "exits" else each for each in run.header.plan.cases]
    assert workers(with_cases(run, few)) == f"{told}; ×1 in exits"
    none = [replace(each, takes_workers=False) for each in run.header.plan.cases]
    assert workers(with_cases(run, none)) == ""


def with_cases(run, cases):
    return replace(run, header=replace(run.header, plan=replace(run.header.plan, cases=cases)))


@pytest.mark.long
def test_a_report_is_made_again_from_the_run_file(table, bench):
    _, folder, printed = table
    again = bench("report", cwd=folder)
    assert again.stdout == printed
    cells = json.loads(bench("report", "--json", cwd=folder).stdout)["cells"]
    assert [set(each) for each in cells] == [set(COLUMNS)] * len(cells)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--fault", "exit"), "unknown fault 'exit'; did you mean 'exits'?"),
        (("--strategy", "pol"), "unknown strategy"),
        (("--strategy", "serial", "--fault", "starts_badly"), "serial cannot meet starts_badly"),
        (("--time-limit", "soon"), "is not a duration"),
    ],
)
def test_wrong_usage_is_one_line(bench, arguments, message):
    done = bench("faults", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr


def test_faults_are_not_among_the_workloads_that_all_measures(bench):
    assert not [each for each in json.loads(bench("list", "--json").stdout)["workloads"] if each["fault"]]


def test_a_strategy_that_cannot_even_do_nothing_makes_status_3(bench, workload_file):
    workload_file(
        "from contextlib import contextmanager\n"
        "@strategy('broken', isolation='none')\n@contextmanager\ndef broken():\n    yield lambda task, inputs: [None]\n"
    )
    done = bench("faults", "--fault", "nothing", "--strategy", "mine.py", "--json")
    assert done.returncode == 3, done.stderr
    assert json.loads(done.stdout)["cells"][0]["kind"] == "wrong"


def test_what_is_unavailable_is_said_and_no_cell(bench, workload_file, tmp_path):
    workload_file(
        "from contextlib import contextmanager\n"
        "@strategy('absent', isolation='none', unavailable='no module')\n@contextmanager\ndef absent():\n    yield\n"
    )
    alone = bench("faults", "--fault", "nothing", "--strategy", "mine.py")
    assert alone.returncode == 2
    assert "absent is unavailable: no module" in alone.stderr
    beside = bench("faults", "--fault", "nothing", "--strategy", "mine.py,serial", "--json")
    assert beside.returncode == 0
    assert [cell["strategy"] for cell in json.loads(beside.stdout)["cells"]] == ["serial"]
    assert [block.reason for block in read(only_run(tmp_path)).blocks] == ["no module", ""]


@pytest.mark.long
def test_a_run_of_a_workload_that_may_go_wrong_is_shown_and_finished_as_the_run_that_it_is(
    bench, workload_file, tmp_path
):
    """Of one block each: it was taken for `faults`, which has other tables and one round a block."""
    workload_file(
        "@workload(inputs=lambda size, rng: [1, 2], scales={'standard': 1}, fault='seldom')\ndef odd(x):\n    return x\n"
    )
    words = ("run", "odd", "--workload", "mine.py", "--strategy", "serial,threads", "--blocks", "1", "--rounds", "2")
    done = bench(*words)
    assert done.returncode == 0, done.stderr
    assert "odd at scale standard · base: serial" in done.stdout
    path = only_run(tmp_path)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:2]))
    done = bench("run", "--resume", str(path), "mine.py")
    assert done.returncode == 0, done.stderr
    assert {len(block.rounds) for block in read(path).blocks} == {2}


def test_a_fault_under_several_numbers_of_workers_is_an_ordinary_run():
    run = faulty_run([OUTCOMES[0]])
    twice = [*run.header.plan.cases, replace(run.header.plan.cases[0], workers=7)]
    assert purpose_of_old(with_cases(run, twice)) is Purpose.RANKING


def purpose_of_old(run):
    """What the run is for, by a file of a version that did not say it."""
    header = json.loads(to_line(run.header))
    del header["plan"]["purpose"], header["crc32"]
    upgrade(header, header["schema"])
    return header["plan"]["purpose"]


OUTCOMES = [(Outcome.OK, ""), (Outcome.WRONG, ""), (Outcome.FAILED, "ValueError"), (Outcome.FAILED, ""),
            (Outcome.KILLED, ""), (Outcome.TIMED_OUT, ""), (Outcome.TIMED_OUT, "OSError"), (Outcome.UNAVAILABLE, "")]  # fmt: skip


def faulty_run(outcomes):
    """Strategies a to e under faults 0, 1, …, five a row."""
    cases = [
        builders.case(f"strategy_{'abcde'[number % 5]}", f"fault_{number // 5}") for number in range(len(outcomes))
    ]
    blocks = [
        Block(
            case.key,
            0,
            outcome,
            reason="said <b>so</b>",
            raised=raised,
            noticed_s=0.25 if raised else None,
            leaked_processes=number % 3,
        )
        for number, (case, (outcome, raised)) in enumerate(zip(cases, outcomes, strict=True))
    ]
    made = builders.run(blocks, cases)
    works = {case.workload: Work("map", "unknown", "serial", [], f"title <i>{case.workload}</i>") for case in cases}
    return replace(
        made, header=replace(made.header, plan=replace(made.header.plan, works=works, purpose=Purpose.FAULTS))
    )


@settings(deadline=None)
@given(some.lists(some.sampled_from(OUTCOMES), min_size=1, max_size=25))
def test_every_block_is_one_cell_of_one_kind(outcomes):
    run = faulty_run(outcomes)
    assert purpose_of_old(run) is Purpose.FAULTS
    table = fault_table(run)
    met = [outcome for outcome, _ in outcomes if outcome is not Outcome.UNAVAILABLE]
    assert len(table.cells) == len(list(rows(table))) == len(met)
    assert sum(table.of(name, kind) for name in table.strategies for kind in Kind) == len(met)
    assert [row.cells[0].text for row in counts(table).rows] == table.strategies
    assert sum(len(cells) for fault in table.faults for cells in fault.alike) == len(met)
    hangs = sum(outcome is Outcome.TIMED_OUT for outcome in met)
    assert sum(cell.kind is Kind.HANG for cell in table.cells) == hangs
    assert headline(table)


def hanging(met):
    """The table of these strategies, each with the faults by name that it hangs in, or ends well in."""
    cases = {(name, fault): builders.case(name, fault) for name, faults in met.items() for fault in faults}
    blocks = [
        Block(of.key, 0, Outcome.TIMED_OUT if met[name][fault] else Outcome.OK, reason="")
        for (name, fault), of in cases.items()
    ]
    made = builders.run(blocks, list(cases.values()))
    works = {of.workload: Work("map", "unknown", "serial", [], of.workload) for of in cases.values()}
    plan = replace(made.header.plan, works=works, purpose=Purpose.FAULTS)
    return fault_table(replace(made, header=replace(made.header, plan=plan)))


def test_the_headline_speaks_of_a_plain_loop_only_where_it_was_run():
    pool = {"one": True, "two": True, "three": False}
    assert headline(hanging({"pool_map": pool})) == "What hangs, of 3 faults: pool_map in 2"
    with_loop = hanging({"serial": {"one": True, "three": False}, "pool_map": pool})
    assert headline(with_loop) == "Of 3 faults, none makes anything hang but what a plain loop hangs in, too"
    with_loop = hanging({"serial": {"one": False, "three": False}, "pool_map": pool})
    assert headline(with_loop) == "What hangs where a plain loop does not, of 3 faults: pool_map in 1"


def test_of_one_fault_the_headline_names_it():
    bad, good = {"SIGKILL": True}, {"SIGKILL": False}
    assert headline(hanging({"pool_map": bad})) == "pool_map hangs: SIGKILL"
    assert headline(hanging({"pool_map": bad, "pool_imap": bad})) == "pool_map and pool_imap hang: SIGKILL"
    assert headline(hanging({"serial": good, "pool_map": bad})) == "pool_map hangs where a plain loop does not: SIGKILL"
    assert headline(hanging({"process_pool": good})) == "Nothing hangs: SIGKILL"


def test_a_strategy_that_raised_and_then_hung_says_both():
    (cell,) = fault_table(faulty_run([(Outcome.TIMED_OUT, "OSError")])).cells
    assert of_alike([cell]) == "OSError, then HANG after 250 ms"


def test_a_strategy_that_raised_and_then_died_is_not_one_that_raised():
    outcomes = [(Outcome.FAILED, "OSError"), (Outcome.KILLED, "OSError")]
    (fault,) = fault_table(faulty_run(outcomes)).faults
    assert [cells[0].what for cells in fault.alike] == ["OSError", "OSError, then died"]


def test_the_table_as_text(tmp_path):
    run = faulty_run(OUTCOMES)
    console = Console(file=StringIO(), width=100)
    console.print(terminal_table(tmp_path / "run.jsonl", run, fault_table(run)))
    text = console.file.getvalue()
    assert "title <i>fault_0</i> ✓ ≠ ! † †" in text
    assert "OSError, then HANG after 250 ms" in text
    assert "8 cases; HANG: no result and no exception within 60.0 s" in text


def test_the_page_escapes_what_comes_from_the_run(tmp_path):
    found = set()

    class Tags(HTMLParser):
        def handle_starttag(self, tag, attributes):
            found.add(tag)

    run = faulty_run(OUTCOMES * 6)
    page = build_report(tmp_path / "run.jsonl", run, fault_table(run), tmp_path).read_text()
    Tags().feed(page)
    assert not found & {"b", "i", "script"}
    assert "said &lt;b&gt;so&lt;/b&gt;" in page


def test_no_cell_of_the_csv_is_a_formula_of_a_spreadsheet(tmp_path):
    run = faulty_run([(Outcome.FAILED, "=raised()")])
    run = replace(run, blocks=[replace(run.blocks[0], reason=" @said=so")])
    folder = build_report(tmp_path / "run.jsonl", run, fault_table(run), tmp_path).parent
    with (folder / "faults.csv").open(newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["raised"], row["reason"], row["noticed_s"]) == ("'=raised()", "' @said=so", "0.25")
    assert tuple(row) == COLUMNS


@settings(deadline=None, max_examples=20)
@given(some.integers(1, 60))
def test_slides_show_every_row_once(faults):
    run = faulty_run([OUTCOMES[0]] * 5 * faults)
    charts = list(fault_grids(run, fault_table(run)))
    shown = [label.get_text() for chart in charts for label in chart.figure.axes[0].get_yticklabels()]
    assert sorted(shown) == sorted(work.fault for work in run.header.plan.works.values())
    assert all(len(chart.figure.axes[0].get_yticks()) <= MOST_ROWS for chart in charts)


def test_slides_are_legible_with_thirteen_columns_and_every_fault_of_ours():
    kinds = [outcome for outcome in OUTCOMES if outcome[0] is not Outcome.UNAVAILABLE]
    names = [each.name for source in STRATEGIES for each in sources.load(source)]
    names = [name for name in names if name.startswith(("pool", "process", "thread"))][:13]
    titles = {
        each.name: Work("map", "unknown", "serial", [], each.fault)
        for source in SOURCES
        for each in sources.load(source)
        if isinstance(each, registry.Workload) and each.fault
    }
    cases = [builders.case(name, work) for work in titles for name in names]
    blocks = [
        Block(case.key, 0, outcome, reason="a reason", raised=raised, noticed_s=0.25 if raised else None)
        for number, case in enumerate(cases)
        for outcome, raised in [kinds[number // 7 * number % len(kinds)]]
    ]
    made = builders.run(blocks, cases)
    run = replace(
        made, header=replace(made.header, plan=replace(made.header.plan, works=titles, purpose=Purpose.FAULTS))
    )
    charts = list(fault_grids(run, fault_table(run)))
    assert len(charts[0].figure.axes[0].get_xticks()) == len(names)
    for chart in charts:
        assert figures.too_small(chart.figure) == [] == figures.collisions(chart.figure), chart.name

"""What is said of moving from one interpreter to another: sentences, a table, and the place of both in a report."""

import json
from pathlib import Path

from bench.analysis.across import Move
from bench.report.kit.results import results_of
from bench.report.run.across_words import sentences, table
from bench.report.run.columns import as_json
from bench.report.run.page import html, markdown
from tests.builders import interpreter
from tests.interpreters import FREE, GIL, TIMES_S, compared_on, run_on, three


def test_the_sentences_say_it():
    assert sentences(three())[:3] == [
        "A plain loop on 3.13.5t gil=on takes 1.40× as long as one on 3.13.5 (1.40–1.40): 100 ms → 140 ms.",
        "On 3.13.5t gil=off, thread_pool ×2 is 2.00× as fast as the same on 3.13.5t gil=on (2.00–2.00): 151 ms → 75.3 ms.",
        (
            "The fastest on 3.13.5t gil=off, thread_pool ×2, takes 1.25× as long as the fastest on 3.13.5, process_pool ×2 (1.25–1.25): "
            "60.2 ms → 75.3 ms."
        ),
    ]
    assert "is the slowest of its kind" in sentences(three())[3]


def test_the_table_has_each_strategy_on_all_of_them():
    made = table(three())
    within = "95 % interval"
    assert made.headings == [
        "strategy",
        "3.13.5",
        "3.13.5t gil=on",
        "× 3.13.5",
        within,
        "3.13.5t gil=off",
        "× 3.13.5",
        within,
    ]
    assert [[cell.text for cell in row.cells] for row in made.rows][1] == [
        "thread_pool ×2", "100 ms", "151 ms", "1.50× slower", "1.50–1.50", "75.3 ms", "1.33×", "1.33–1.33"
    ]  # fmt: skip


def test_few_blocks_have_no_column_of_intervals():
    interpreters = [interpreter(GIL, python=GIL), interpreter(FREE, python=FREE, gil="off")]
    (found,) = compared_on({GIL: {"serial": 0.1}, FREE: {"serial": 0.2}}, interpreters, blocks=2)
    assert table(found).headings == ["strategy", "3.13.5", "3.13.5t", "× 3.13.5"]
    assert sentences(found)[0] == "A plain loop on 3.13.5t takes about 2.00× as long as one on 3.13.5: 100 ms → 200 ms."


def test_without_a_free_threaded_build_loops_and_the_fastest_are_held_against_each_other():
    interpreters = [
        interpreter(GIL, python=GIL),
        interpreter("cpython-3.14.0", python="cpython-3.14.0", compiler="Clang"),
    ]
    (found,) = compared_on({GIL: {"serial": 0.1}, "cpython-3.14.0": {"serial": 0.08}}, interpreters)
    assert [(each.move, each.differing) for each in found.steps] == [
        (Move.ALONE, ("compiler",)),
        (Move.BEST, ("compiler",)),
    ]
    assert sentences(found)[0] == (
        "A plain loop on 3.14.0 is 1.25× as fast as one on 3.13.5 (1.25–1.25): 100 ms → 80.3 ms; the builds differ in compiler, too."
    )


def test_what_a_strategy_lacks_on_one_is_a_dash():
    interpreters = [interpreter(GIL, python=GIL), interpreter(FREE, python=FREE, gil="off")]
    (found,) = compared_on({GIL: {"serial": 0.1}, FREE: {"serial": 0.1, "process_pool": 0.05}}, interpreters)
    assert [cell.text for cell in table(found).rows[1].cells] == ["process_pool ×2", "–", "50.2 ms", "–", "–"]


def test_a_report_begins_with_the_interpreters_and_names_them():
    interpreters = [interpreter(GIL, python=GIL), interpreter(FREE, python=FREE, gil="off")]
    run = run_on({GIL: TIMES_S[GIL], FREE: TIMES_S["cpython-3.13.5t,gil=off"]}, interpreters)
    results = results_of(Path("run.jsonl"), run)
    page = html(results, [])
    assert "Python 3.13.5 and 3.13.5t: what each takes" in page and "Python 3.13.5 (GIL), 3.13.5t (no GIL)" in page
    assert page.index('id="across"') < page.index('id="answers"') < page.index('id="workloads"')
    assert '<details class="workload" open' not in page  # each interpreter's tables open on demand
    assert "## primes across interpreters" in markdown(results, [])
    (told,) = json.loads(as_json(results))["across"]
    assert [each["move"] for each in told["steps"]] == ["alone", "threads", "best"]

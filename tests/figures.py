"""Whether the texts of a figure stand apart from each other and on its canvas; and runs that strain charts."""

from collections.abc import Callable, Iterator
from itertools import combinations
from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from bench.records.block import Outcome
from bench.records.run import Run, Work
from bench.report.drawing import theme
from bench.report.kit.results import Results, results_of
from tests import builders
from tests.builders import block, case, window

TOLERANCE_DOTS = 2


def collisions(figure: Figure) -> list[str]:
    """A line for each pair of visible texts that overlap by more than `TOLERANCE_DOTS`, and for each that is cut off.

    A box that only touches another is no overlap; tick labels beyond the limits of their axis are not drawn. Slanting
    texts are not compared with each other: the boxes around them overlap where they do not.
    """
    boxes = list(_boxes(figure))
    canvas = figure.bbox.padded(TOLERANCE_DOTS)
    found = [
        f"{text.get_text()!r} leaves the canvas: {box.extents.round(1)} of {figure.bbox.extents}"
        for text, box in boxes
        if box.x0 < canvas.x0 or box.y0 < canvas.y0 or box.x1 > canvas.x1 or box.y1 > canvas.y1
    ]
    for (one, first), (other, second) in combinations(boxes, 2):
        if one.get_rotation() % 90 and other.get_rotation() % 90:
            continue
        wide = min(first.x1, second.x1) - max(first.x0, second.x0)
        high = min(first.y1, second.y1) - max(first.y0, second.y0)
        if wide > TOLERANCE_DOTS and high > TOLERANCE_DOTS:
            found.append(f"{one.get_text()!r} and {other.get_text()!r} overlap by {wide:.0f} x {high:.0f} dots")
    return found


def too_small(figure: Figure) -> list[str]:
    """The texts of fewer than 14 points, which nobody reads from the last row."""
    return [each.get_text() for each in texts(figure) if each.get_fontsize() < 14]


def texts(figure: Figure) -> list[Text]:
    """The texts that a figure shows."""
    hidden = set(_hidden(figure))
    return [
        each for each in figure.findobj(Text) if each.get_visible() and each.get_text().strip() and each not in hidden
    ]


def _boxes(figure: Figure) -> Iterator[tuple[Text, Bbox]]:
    with theme.applied():
        renderer = FigureCanvasAgg(figure).get_renderer()
        figure.draw(renderer)
        for each in texts(figure):
            yield each, each.get_window_extent(renderer)


def _hidden(figure: Figure) -> Iterator[Text]:
    """Labels that belong to what is not drawn."""
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            shown = axes.get_visible() and axes.axison and axis.get_visible()
            low, high = sorted(axis.get_view_interval())
            slack = 1e-9 * (high - low)
            if not shown:
                yield from (axis.label, axis.offsetText)
            for tick in (*axis.get_major_ticks(), *axis.get_minor_ticks()):
                if not shown or not low - slack <= tick.get_loc() <= high + slack:
                    yield from (tick.label1, tick.label2)


def _results(made: Run) -> Results:
    return results_of(Path("run.jsonl"), made)


def _named(names: list[str], works: list[str], blocks: int = 6, pattern: str = "map", base: str = "serial") -> Results:
    """Every strategy on every workload, each a little slower than the one before it."""
    cases = [case(name, workload=work, workers=None) for work in works for name in names]
    made = [
        block(of, n, [0.1 + 0.01 * place + 0.001 * n] * 3, longest_task_s=0.02, total_task_s=0.1)
        for n in range(blocks)
        for place, of in enumerate(cases)
    ]
    return _results(builders.run(made, cases, works={name: Work(pattern, "cpu", base) for name in works}))


BAD = {
    "process_pool": (Outcome.FAILED, "KeyError: $x^$ <script>alert(1)</script> " + "and so on " * 40),
    "pool_map": (Outcome.UNAVAILABLE, "pip install something"),
    "asyncio": (Outcome.TIMED_OUT, "no end within 60 s"),
    "fork": (Outcome.KILLED, ""),
}


def _missing() -> Results:
    """Failed, unavailable, timed out and killed cases, unknown CPU and memory, one block each; a baseline that failed."""
    blind = [window(1.0 + n, 0.1, cpu_s=None, peak_memory_bytes=None) for n in range(3)]
    cases, blocks = [], []
    for work in ("primes", "matrix"):
        names = ("serial", "thread_pool", *BAD, "threads")
        cases += [case(name, workload=work, workers=2) for name in names]
        blocks.append(block(case("thread_pool", workload=work, workers=2), rounds=blind))
        for name, (outcome, reason) in BAD.items():
            blocks.append(block(case(name, workload=work, workers=2), 0, [], outcome=outcome, reason=reason))
    blocks.append(block(case("serial", workload="primes", workers=2)))
    blocks.append(block(case("serial", workload="matrix", workers=2), 0, [], outcome=Outcome.WRONG, reason="4 of 5"))
    return _results(builders.run(blocks, cases))


def _workers() -> Results:
    cases = [case(), *(case(name, workers=n) for name in ("process_pool", "thread_pool") for n in range(1, 21))]
    made = [
        block(of, n, [0.2 / min(of.workers, 2) + 0.01 + n / 1000] * 3, 10_000_000 + 9_000_000 * of.workers, 0.9)
        for n in range(6)
        for of in cases
    ]
    return _results(builders.run(made, cases))


def _spans() -> Results:
    cases = [case(), case("threads", workers=None), case("process_pool", workers=2)]
    return _results(
        builders.run(
            [
                block(of, n, [wall_s * (1 + n / 100)] * 3, int(memory), longest_task_s=wall_s, total_task_s=wall_s)
                for n in range(6)
                for of, wall_s, memory in zip(cases, (100.0, 0.0001, 1.0), (1e4, 3e7, 2e10), strict=True)
            ],
            cases,
        )
    )


def _serving() -> Results:
    from tests.analysis.test_summary import serving

    return _results(serving())


LONG = "a_strategy_with_quite_a_long_name_that_nobody_would_want_to_read_in_a_slide_"
STRANGE = ["serial", "並行処理のための戦略", "<script>alert(1)</script>", "$x^2$ and _y_", "&amp; \\n %s {0}", "_" * 60]
RUNS: dict[str, Callable[[], Results]] = {
    "typical": lambda: _results(builders.typical_run()),
    "degraded": lambda: _results(builders.degraded_run()),
    "one case": lambda: _named(["serial"], ["primes"]),
    "one block": lambda: _named(["serial", "threads", "pool_map"], ["primes", "matrix"], 1),
    "forty": lambda: _named(["serial", *(f"strategy_{n}" for n in range(39))], ["primes", "matrix"]),
    "many workloads": lambda: _named(["serial", "threads", "pool_map"], [f"workload_{n}" for n in range(20)], 2),
    "long names": lambda: _named(
        ["serial", *(f"{LONG}{n}" for n in range(9))], ["package.of_mine.module:function", LONG]
    ),
    "strange names": lambda: _named(STRANGE, ["素数", "<b>$\\frac$"]),
    "long servers": lambda: _named(
        ["one_after_another", *(f"a_connectionserver_{n}" for n in range(8))], ["echo", "echo_connects"], 6, "serve",
        "one_after_another",
    ),
    "missing": _missing,
    "workers": _workers,
    "spans": _spans,
    "serving": _serving,
}  # fmt: skip
"""By what is hard about them."""

"""A plugin of pytest: it runs benchmarks one by one, each when the command says so, and hands on what pytest-benchmark measured.

The interpreter of the suite runs this file, and may have nothing else of the tool: standard library, pytest and pytest-benchmark
alone. `bench.suites.process` is at the other end of its two pipes. Times are `stats.data` of the fixture
(pytest_benchmark/stats.py): seconds of a call in each round, without warm-ups and calibration.
"""

import itertools
import json
import os
import sys
from collections.abc import Generator, Sequence
from importlib import metadata
from typing import Any

import pytest
from _pytest.runner import runtestprotocol

_MOST_ROUNDS = 5
"""That are handed on; of more rounds neighbours are put together, as many to each."""
_FIXTURES = ("benchmark", "benchmark_weave")
_LONGEST = 500
"""Letters of a reason."""


def main(requests: int, answers: int, most_s: float, words: Sequence[str] | None) -> int:
    """Run pytest.

    Args:
        requests, answers: the two pipes, to read from and to write to.
        most_s: how long the rounds of a benchmark may take together, where the suite says no less, seconds.
        words: what pytest is given; None for a suite that has nothing yet.
    """
    for each in (requests, answers):
        os.set_inheritable(each, False)  # what the tests start has no part in this
    turns = Turns(requests, answers, most_s)
    if words is None:
        turns.send({"found": [], "broken": {}, "skipped": {}, "files": [], "packages": {}})
        return 0
    for name in [each for each in os.environ if each.startswith("PYTEST_XDIST")]:
        del os.environ[name]  # a command that a test runs is no worker of its own
    sys.argv = ["pytest", *words]
    return int(pytest.main(list(words), plugins=[turns]))


class Turns:
    """The conversation with the command, and the hooks of pytest that it is led from."""

    def __init__(self, requests: int, answers: int, most_s: float) -> None:
        """See `main`."""
        self._requests = os.fdopen(requests, "rb", closefd=False)
        self._answers = answers
        self._most_s = most_s
        self._broken: dict[str, str] = {}
        self._skipped: dict[str, str] = {}
        self._told: dict[str, Any] = {}

    def send(self, message: dict[str, Any]) -> None:
        """Write one message whole; where the command is gone, nobody hears it."""
        data = memoryview(json.dumps(message).encode() + b"\n")
        try:
            while data:
                data = data[os.write(self._answers, data) :]
        except BrokenPipeError:
            pass

    def receive(self) -> dict[str, Any]:
        """The command's next message; where it is gone, one that wants nothing any more."""
        line = self._requests.readline()
        message: dict[str, Any] = json.loads(line) if line else {}
        return message

    @pytest.hookimpl(tryfirst=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        """Set what would keep benchmarks from being run one by one and in this process, whatever the suite has it set to."""
        option = config.option
        if not hasattr(option, "benchmark_max_time"):
            self.send({"wrong": "has no pytest-benchmark, or the suite blocks it"})
            pytest.exit("no pytest-benchmark", returncode=1)
        given = {
            "numprocesses": None,
            "dist": "no",
            "tx": [],
            "looponfail": False,
            "maxfail": 0,
            "usepdb": False,
            "benchmark_enable": True,
            "benchmark_disable": False,
            "benchmark_skip": False,
            "benchmark_only": False,
            "benchmark_save": None,
            "benchmark_autosave": False,
            "benchmark_json": None,
            "benchmark_compare": None,
            "benchmark_compare_fail": None,
            "benchmark_cprofile": None,
            "benchmark_histogram": [False],
            "benchmark_quiet": True,
            "benchmark_verbose": False,
            "continue_on_collection_errors": True,
        }
        for name in given.keys() & vars(option).keys():
            setattr(option, name, given[name])
        own = option.benchmark_max_time
        option.benchmark_max_time = min(own, type(own)(str(self._most_s)))

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Keep which files cannot be loaded, and which skip themselves."""
        if report.failed:
            self._broken[report.nodeid] = _reason(str(report.longrepr))
        elif report.skipped:
            self._skipped[report.nodeid] = _why_it_skips(report.longrepr)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> Generator[None, object, object]:
        """Say which benchmarks there are, once all other plugins have had their way, and keep those that are wanted."""
        result = yield
        found = {}
        for each in items:
            if not set(_FIXTURES) & set(getattr(each, "fixturenames", ())):
                continue
            if (why := _why_skipped(each)) is None:
                found[each.nodeid] = each
            else:
                self._skipped[each.nodeid] = why
        kept = {"found": list(found), "broken": self._broken, "skipped": self._skipped}
        self.send({**kept, "files": _files(), "packages": _packages()})
        for each in found.values():
            self._shorten(each)
        items[:] = [found[each] for each in self.receive().get("wanted", ()) if each in found]  # each several times
        return result

    def _shorten(self, item: pytest.Item) -> None:
        """Have a marker that asks for longer rounds than are wanted ask for these."""
        marker = item.get_closest_marker("benchmark")
        own_s = None if marker is None else marker.kwargs.get("max_time")
        if marker is not None and own_s is not None and own_s > self._most_s:
            item.add_marker(pytest.mark.benchmark(**{**marker.kwargs, "max_time": self._most_s}), append=False)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> bool:
        """Wait for the turn; run nothing where it is left out, and nothing more where none comes any more."""
        self.send({"awaits": item.nodeid})
        has_turn = self.receive().get("turn")
        if has_turn is None:
            item.session.shouldstop = "no turn is left"
        if not has_turn:
            return True
        self._told = {"outcome": "unavailable", "reason": "it does not call its fixture"}
        again = None if nextitem is item else nextitem  # pytest would leave the item's own fixtures set up
        item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
        runtestprotocol(item, nextitem=again)
        item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
        return True

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Take the times of a test that went well, or the reason of one that did not."""
        report = yield
        if report.failed:
            place = "" if report.when == "call" else f" ({report.when})"
            self._told = {
                "outcome": "failed",
                "reason": _why_it_failed(call, report) + place,
            }
        elif report.skipped:
            expected = getattr(report, "wasxfail", None)
            why = _why_it_skips(report.longrepr) if expected is None else f"expected to fail: {expected}"
            self._told = {"outcome": "unavailable", "reason": why}
        elif report.when == "call":
            fixture = next(filter(None, (getattr(item, "funcargs", {}).get(each) for each in _FIXTURES)), None)
            stats = getattr(fixture, "stats", None)
            if stats is not None and stats.stats.data:
                self._told = {"outcome": "ok", "rounds": _rounds(stats.stats.data, stats.iterations)}
        return report

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        """Hand on what came of a test."""
        self.send({"ended": nodeid, **self._told})


def _rounds(call_s: Sequence[float], iterations: int) -> list[list[float]]:
    """Of each round its calls and its seconds."""
    count = min(_MOST_ROUNDS, len(call_s))
    edges = [len(call_s) * number // count for number in range(count + 1)]
    parts = [call_s[first:end] for first, end in itertools.pairwise(edges)]
    return [[iterations * len(each), iterations * sum(each)] for each in parts]


def _why_skipped(item: pytest.Item) -> str | None:
    """What a mark says that skips a test; None where none does."""
    try:
        from _pytest.skipping import evaluate_skip_marks

        skipped = evaluate_skip_marks(item)
    except Exception:  # a mark that cannot be evaluated fails its test, which says so
        return None
    return None if skipped is None else skipped.reason


def _why_it_failed(call: pytest.CallInfo[None], report: pytest.TestReport) -> str:
    """The exception, in the line that names it, or in its first."""
    if call.excinfo is None:
        return _reason(str(report.longrepr))
    lines = call.excinfo.exconly().splitlines()
    return next((each for each in lines if each.startswith(call.excinfo.typename)), lines[0])[:_LONGEST]


def _why_it_skips(told: object) -> str:
    """What it has said, such as `needs numpy`."""
    return _reason(str(told[-1] if isinstance(told, tuple) else told)).removeprefix("Skipped: ")


def _files() -> list[str]:
    """The files of all modules that collecting has loaded, but for those of Python and of what is installed with it."""
    python = tuple(os.path.realpath(each) + os.sep for each in (sys.prefix, sys.base_prefix))
    named = [getattr(each, "__file__", None) for each in list(sys.modules.values())]
    files = {os.path.realpath(each) for each in named if isinstance(each, str)}
    return sorted(each for each in files if each != os.path.realpath(__file__) and not each.startswith(python))


def _packages() -> dict[str, str]:
    """The versions of the distributions whose modules are loaded, pytest's own among them."""
    loaded = {name.partition(".")[0] for name in list(sys.modules)}
    found = {}
    for module, names in metadata.packages_distributions().items():
        if module in loaded:
            found.update({each: metadata.version(each) for each in names})
    return found


def _reason(text: str) -> str:
    """The line that says what went wrong: the last of those that pytest marks as the error's, or the last of all."""
    lines = [each.strip() for each in text.splitlines() if each.strip()]
    errors = [each[2:].strip() for each in lines if each.startswith("E ")]
    return (errors or lines or ["no reason was given"])[-1][:_LONGEST]

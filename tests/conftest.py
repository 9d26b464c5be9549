"""What tests share: the real command in a folder of its own, and runs with known numbers."""

import gc
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from bench.accounting.kernel import disown_orphans, is_subreaper

pytest.register_assert_rewrite("tests.families", "tests.commands")
settings.register_profile("loaded", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("loaded")  # how long an example takes says nothing on a machine that others use too
ROOT = Path(__file__).parent.parent
CASES = ROOT.parent / "shared" / "cases"
real = pytest.mark.skipif(
    not CASES.is_dir(), reason=f"needs real files of other tools, which lie beside the project in {CASES}"
)
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as a shell starts what is to run in the background
    signal.signal(signal.SIGINT, signal.default_int_handler)  # or no command that a test interrupts would notice
    signal.signal(signal.SIGQUIT, signal.SIG_DFL)
collect_ignore = ["patterns/test_patterns_end_to_end.py"] if "BENCH_GATE" in os.environ else []
""".ci/run has just measured every case, and looks for what is left."""
PICTURES = ROOT / "tests" / ".cache"


LARGE = {
    *("test_chart_data", "test_charts", "test_compare", "test_history", "test_hostile", "test_page", "test_report"),
    *("test_differences", "test_side_by_side", "test_store", "test_talk"),
}
"""Modules whose tests draw or read much, and leave their process large."""


@pytest.hookimpl(tryfirst=True)  # before `-m` looks
def pytest_collection_modifyitems(items):
    """What leaves a large process comes last: each fork of such a one takes it a tenth of a second, and most tests fork.

    Of a test of `many(n)` cases all behind the first n are `long`.
    """
    items.sort(key=lambda item: item.path.stem in LARGE)
    cases = Counter()
    for item in items:
        if mark := item.get_closest_marker("many"):
            test = item.nodeid.partition("[")[0]
            cases[test] += 1
            if cases[test] > mark.args[0]:
                item.add_marker("long")


def pytest_collection_finish():
    """Modules and tests stay until the end: no collection of garbage need go through them again, and hundreds are asked for."""
    gc.collect()
    gc.freeze()


@pytest.fixture
def everybodys():
    """A folder that every user may enter and write to."""
    made = Path(tempfile.mkdtemp(prefix="everybodys-"))
    made.chmod(0o777)
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture(autouse=True)
def pictures_cache(monkeypatch):
    """Pictures are made once for all tests, and not in the user's cache."""
    monkeypatch.setenv("BENCH_CACHE", str(PICTURES))


@pytest.fixture(autouse=True)
def adopts_nobody():
    """What a test orphans is init's: the layers of the accounting make whoever asks for them a subreaper."""
    yield
    if is_subreaper():
        disown_orphans()


@pytest.fixture
def bench(tmp_path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run `python -m bench …` from the source tree in an empty folder."""

    def run(*arguments: str, timeout: float = 120, cwd: Path = tmp_path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "bench", *arguments],
            cwd=cwd,
            env=environment(),
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    return run


@pytest.fixture
def begin(tmp_path):
    """Start `python -m bench …` in the background, in a folder of its own: a `tests.commands.Command`."""
    from tests.commands import beginning  # which needs what is below

    with beginning(tmp_path) as start:
        yield start


@pytest.fixture(scope="module")
def browser():
    """Chromium, for the tests of a module that open pages: others could run no event loop beside Playwright's."""
    from playwright.sync_api import sync_playwright

    from tests.browser import CHROMIUM, FLAGS

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()


@pytest.fixture
def visited(browser):
    """Open a file's page; whatever it says to the console, or asks the network for, fails the test."""
    said, asked, contexts = [], [], []

    def visit(path, state="", width=1280, **options):
        contexts.append(browser.new_context(viewport={"width": width, "height": 800}, **options))
        page = contexts[-1].new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(path.absolute().as_uri() + state)
        return page

    yield visit
    for each in contexts:
        each.close()
    assert said == []
    assert [url for url in asked if not url.startswith(("data:", "file:"))] == []


@pytest.fixture
def workload_file(tmp_path) -> Callable[[str], str]:
    """Write a file of workloads into the test's folder; gives back its name there."""

    def write(body: str, name: str = "mine.py") -> str:
        (tmp_path / name).write_text("from bench import strategy, workload\n" + body)
        return name

    return write


def environment(**more: str) -> dict[str, str]:
    """This process's variables with the source tree importable."""
    return os.environ | {"PYTHONPATH": str(ROOT), "COLUMNS": "120"} | more


def tries(quick: int) -> int:
    """How many times a fault is made: `quick`, or what BENCH_FAULT_TRIES asks for if that is more."""
    return max(quick, int(os.environ.get("BENCH_FAULT_TRIES", "0")))


def only_run(folder: Path) -> Path:
    """The one run file in `folder`/results."""
    (path,) = (folder / "results").glob("*.jsonl")
    return path


def started_by(marker: Sequence[str] | str) -> list[int]:
    """Process ids whose environment holds `marker`: all that descends from a command that was given it."""
    import psutil

    found = []
    for process in psutil.process_iter():
        try:
            if process.status() != psutil.STATUS_ZOMBIE and process.environ().get("BENCH_TEST_MARKER") == marker:
                found.append(process.pid)
        except psutil.Error:
            continue
    return found

"""A pair of pytest processes: what comes of each benchmark, whatever the suite does, and that nothing is left."""

import os
import random
import time
from itertools import pairwise

import pytest

from bench.errors import MeasurementError, UsageError
from bench.records.block import Outcome
from bench.suites import visits
from bench.suites.pair import Pair
from bench.suites.process import Place
from bench.suites.visits import PASSES
from tests.families import nothing_left

SUITE = """
import os, time
import pytest

def test_good(benchmark):
    benchmark(sum, range(100))

def test_once(benchmark):
    benchmark.pedantic(sum, (range(100),), rounds=1)

def test_wrong(benchmark):
    assert benchmark(sum, range(3)) == 4

def test_unused(benchmark):
    pass

def test_skips(benchmark):
    pytest.skip("no database here")

@pytest.mark.xfail(reason="not yet")
def test_expected(benchmark):
    raise ValueError

@pytest.fixture
def broken():
    raise OSError("no such device")

def test_without_setup(broken, benchmark):
    benchmark(sum, [])

@pytest.mark.skip(reason="later")
def test_marked(benchmark):
    benchmark(sum, [])

def test_plain():
    raise AssertionError

def test_kills(benchmark):
    os.kill(os.getpid(), 9)

def test_hangs(benchmark):
    time.sleep(1000)

def test_last(benchmark):
    benchmark(sum, [1])
"""
LIMIT_S = 60.0


def paired(folder, wanted, limit_s=LIMIT_S, words=("test_it.py",), arms=("base", "head")):
    """The outcomes, reasons and rounds of these tests in both arms, by test; nothing is left of the processes."""
    places = [Place(arm, folder=str(folder), words=[*words, "-p", "no:cacheprovider"]) for arm in arms]
    with nothing_left(), Pair(places, 7, random.Random(1), limit_s) as pair:
        both = list(pair.blocks([(each, f"test_it.py::{each}") for each in wanted]))
        assert all([one.arm, other.arm] == [*arms] and one.case == other.case for one, other in both)
        assert {each.repetition for one in both for each in one} <= {7}
        return {one.case: (one, other) for one, other in both}, pair.collected


@pytest.fixture
def suite(tmp_path):
    (tmp_path / "test_it.py").write_text(SUITE)
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --benchmark-max-time=0.01\n")
    return tmp_path


def test_only_benchmarks_are_found_and_those_that_are_skipped_by_a_mark_are_none(suite):
    _, (base, head) = paired(suite, [])
    assert base == head
    assert [each.partition("::test_")[2] for each in base.found] == [
        "good", "once", "wrong", "unused", "skips", "expected", "without_setup", "kills", "hangs", "last",
    ]  # fmt: skip
    assert base.skipped == {"test_it.py::test_marked": "later"}
    assert base.broken == {}
    assert [each for each in base.files if each.startswith(os.path.realpath(suite))] == [
        os.path.realpath(suite / "test_it.py")
    ]
    assert {"pytest", "pytest-benchmark"} <= base.packages.keys()


def test_what_comes_of_a_benchmark_is_its_block(suite):
    wanted = [
        "test_good",
        "test_once",
        "test_wrong",
        "test_unused",
        "test_skips",
        "test_expected",
        "test_without_setup",
    ]
    found, _ = paired(suite, [*wanted, "test_last"])
    for blocks in zip(*found.values(), strict=True):
        said = {each.case: (each.outcome, each.reason) for each in blocks}
        assert said == {
            "test_good": (Outcome.OK, ""),
            "test_once": (Outcome.OK, ""),
            "test_wrong": (Outcome.FAILED, "AssertionError: assert 3 == 4"),
            "test_unused": (Outcome.UNAVAILABLE, "it does not call its fixture"),
            "test_skips": (Outcome.UNAVAILABLE, "no database here"),
            "test_expected": (Outcome.UNAVAILABLE, "expected to fail: not yet"),
            "test_without_setup": (Outcome.FAILED, "OSError: no such device (setup)"),
            "test_last": (Outcome.OK, ""),
        }
        good, once = (next(each for each in blocks if each.case == name) for name in ("test_good", "test_once"))
        assert once.calls == [1] * PASSES
        assert len(good.rounds) == 5 * PASSES
        for block in (good, once):
            assert sum(each.wall_s for each in block.rounds) <= block.whole.wall_s
            begins = [each.at_s for each in block.rounds]
            assert begins == sorted(begins)


@pytest.mark.long
def test_a_process_that_dies_or_hangs_ends_the_pair_and_what_was_measured_before_is_there(suite):
    found, _ = paired(suite, ["test_good", "test_kills", "test_last"])
    assert list(found) == ["test_good", "test_kills"]
    for block in found["test_kills"]:
        assert (block.outcome, block.reason) == (Outcome.KILLED, "pytest was ended by SIGKILL")
    began_s = time.monotonic()
    found, _ = paired(suite, ["test_good", "test_hangs", "test_last"], limit_s=8.0)
    assert list(found) == ["test_good", "test_hangs"]
    for block in found["test_hangs"]:
        assert (block.outcome, block.reason) == (
            Outcome.TIMED_OUT, "it still lasted after 8 s: give it a longer --time-limit",
        )  # fmt: skip
    assert time.monotonic() - began_s > 16


@pytest.mark.parametrize(
    "options",
    [
        "-n 2", "--benchmark-skip", "--benchmark-disable", "-x --benchmark-only", "--benchmark-json=out.json",
        "--benchmark-autosave --benchmark-compare", "--benchmark-compare-fail=mean:1% --benchmark-compare",
        "--maxfail=1 --benchmark-histogram",
    ],
)  # fmt: skip
@pytest.mark.many(3)
def test_the_suites_own_options_keep_nothing_from_being_measured_and_write_nothing(suite, options):
    (suite / "pytest.ini").write_text(f"[pytest]\naddopts = --benchmark-max-time=0.01 {options}\n")
    found, _ = paired(suite, ["test_wrong", "test_good"])
    assert [each.outcome for each in found["test_good"]] == [Outcome.OK] * 2
    usual = {"__pycache__", ".benchmarks", "pytest.ini", "test_it.py"}
    assert {path.name for path in suite.iterdir()} <= usual
    assert not list(suite.glob(".benchmarks/*"))


def test_a_marker_that_asks_for_long_rounds_gets_short_ones_and_keeps_what_else_it_says(tmp_path):
    (tmp_path / "test_it.py").write_text(
        "import pytest, time\n"
        "@pytest.mark.benchmark(max_time=60, min_rounds=7, disable_gc=True, warmup=True, warmup_iterations=10**8)\n"
        "def test_a(benchmark):\n    benchmark(time.sleep, 0.001)\n    assert benchmark._disable_gc and benchmark._min_rounds == 7\n"
    )
    found, _ = paired(tmp_path, ["test_a"])
    for block in found["test_a"]:
        assert (block.outcome, block.reason) == (Outcome.OK, "")
        assert sum(each.wall_s for each in block.rounds) < 30


def test_blocks_are_there_as_soon_as_their_benchmark_is_through(tmp_path):
    (tmp_path / "test_it.py").write_text(
        "import time\n"
        "def test_long(benchmark):\n    benchmark.pedantic(time.sleep, (0.3,), rounds=1)\n"
        "def test_hangs(benchmark):\n    benchmark.pedantic(time.sleep, (1000,), rounds=1)\n"
    )
    places = [Place(arm, folder=str(tmp_path), words=["test_it.py", "-p", "no:cacheprovider"]) for arm in "ab"]
    with nothing_left(), Pair(places, 0, random.Random(1), LIMIT_S) as pair:
        both = next(pair.blocks([(each, f"test_it.py::{each}") for each in ("test_long", "test_hangs")]))
        assert [each.outcome for each in both] == [Outcome.OK] * 2
        with pytest.raises(ZeroDivisionError):  # as an interruption would
            raise ZeroDivisionError


def test_benchmarks_are_never_run_at_once(tmp_path, monkeypatch):
    monkeypatch.setattr(visits, "_AGAIN_S", LIMIT_S)  # on a busy machine a visit of 60 ms is long, too
    (tmp_path / "test_it.py").write_text(
        "import os, time\n"
        "def test_a(benchmark):\n    benchmark.pedantic(note, rounds=3)\n"
        "def test_b(benchmark):\n    benchmark.pedantic(note, rounds=3)\n"
        "def note():\n"
        "    began = time.monotonic(); time.sleep(0.02)\n"
        "    open('turns', 'a').write(f'{began} {time.monotonic()}\\n')\n"
    )
    paired(tmp_path, ["test_a", "test_b"])
    spans = sorted(tuple(map(float, line.split())) for line in (tmp_path / "turns").read_text().splitlines())
    assert len(spans) == 2 * 2 * 3 * PASSES
    assert all(one[1] <= other[0] for one, other in pairwise(spans))


def test_both_arms_of_a_pair_get_the_same_hashes_and_another_pair_others(tmp_path, monkeypatch):
    monkeypatch.delenv("PYTHONHASHSEED", raising=False)
    (tmp_path / "test_it.py").write_text(
        "import os\ndef test_a(benchmark):\n    open('seeds', 'a').write(f'{hash(\"a\")}\\n')\n    benchmark(sum, [])\n"
    )
    for seed in (1, 2):
        places = [Place(arm, folder=str(tmp_path), words=["test_it.py", "-p", "no:cacheprovider"]) for arm in "ab"]
        with Pair(places, 0, random.Random(seed), LIMIT_S) as pair:
            list(pair.blocks([("a", "test_it.py::test_a")]))
        (tmp_path / "seeds").rename(tmp_path / f"seeds of {seed}")
    one, other = ({*(tmp_path / f"seeds of {seed}").read_text().split()} for seed in (1, 2))
    assert len(one) == len(other) == len(one | other) - 1 == 1


@pytest.mark.parametrize(
    ("words", "limit_s", "kind", "said"),
    [
        (("nowhere",), LIMIT_S, UsageError, "base: pytest cannot use what it is given: file or directory not found: nowhere"),
        (("--nope",), LIMIT_S, UsageError, "base: pytest cannot use what it is given: unrecognized arguments: --nope"),
        (("-p", "no:benchmark", "-o", "addopts=", "test_it.py"), LIMIT_S, MeasurementError, "base: its Python has no pytest-benchmark, or the suite blocks it"),
        (("slow.py",), 1.5, MeasurementError, "base: collecting the tests still lasted after 1.5 s: give it a longer --time-limit"),
    ],
)  # fmt: skip
def test_a_suite_that_cannot_be_collected_is_one_line(suite, words, limit_s, kind, said):
    (suite / "slow.py").write_text("import time\ntime.sleep(1000)\n")
    with pytest.raises(kind) as caught:
        paired(suite, [], limit_s, words)
    assert str(caught.value) == said


def test_what_a_suite_starts_and_leaves_goes_with_it(tmp_path):
    (tmp_path / "test_it.py").write_text(
        "import subprocess, sys\n"
        "def test_a(benchmark):\n"
        "    child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(1000)'], start_new_session=True)\n"
        "    open('pids', 'a').write(f'{child.pid}\\n')\n"
        "    benchmark(sum, [])\n"
    )
    paired(tmp_path, ["test_a"])
    pids = [int(each) for each in (tmp_path / "pids").read_text().split()]
    assert 2 <= len(pids) <= 2 * PASSES  # fewer, where a visit was long
    assert not [each for each in pids if os.path.exists(f"/proc/{each}")]

"""Memory and time in proportion: many inputs, much that is printed, long messages and large results cost what they are, once."""

import contextlib
import gc
import json
import os
import subprocess
import sys
import time
import tracemalloc
from array import array
from collections import OrderedDict
from dataclasses import dataclass
from random import Random
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.errors import WrongResult
from bench.measure.host.inputs import read_inputs
from bench.measure.results.explain import explain, one_line, shown
from bench.measure.results.given_back import GivenBack
from bench.measure.results.plain_loop import Comparison, Pace, keep
from bench.measure.results.set_aside import LARGE_BYTES, set_aside
from bench.measure.results.short_text import beginning
from bench.measure.supervisor.deadline import why_over
from bench.processes import child, watching
from bench.processes.channel import Channel
from bench.processes.whole_lines import Lines
from tests.conftest import only_run

SIZE = 3 * LARGE_BYTES
MB = 1 << 20

TASKS = """
import atexit, os, sys, time

def note():
    with open("/proc/self/status") as status:
        (peak,) = [line.split()[1] for line in status if line.startswith("VmHWM")]
    with open("peaks", "a") as file:
        file.write(f"{int(peak) * 1024}\\n")

atexit.register(note)

def same(x):
    return x

def half(x):
    return b"x" * SIZE

def halves(x):
    return [b"x" * 1_000_000 for _ in range(SIZE // 1_000_000)]

known = []

def loading(x):
    if not known:
        time.sleep(0.5)
        known.append(True)
    return halves(x)

def shout(x):
    raise ValueError("a b " * 5_000_000)

def line(x):
    sys.stdout.write("p" * 20_000_000)
    return x

def last_words(x):
    for number in range(20_000):
        os.write(1, b"line %d\\n" % number)
    os.write(2, b"that was all\\n")
    os._exit(3)
"""
BY_HAND = """
import json, sys
def same(x):
    return x
def inputs():
    if ".." in sys.argv[1]:
        first, last = sys.argv[1].split("..")
        return range(int(first), int(last) + 1)
    return [json.loads(line) for line in open(sys.argv[1])]
for _ in range(2):
    results = given = None
    given = inputs()
    results = [same(each) for each in given]
print(*[int(line.split()[1]) * 1024 for line in open("/proc/self/status") if line.startswith("VmHWM")])
"""


@dataclass
class Holding:
    what: Any


class Pair(NamedTuple):
    left: Any
    right: Any


LARGE = {
    "bytes": lambda: b"x" * SIZE,
    "text": lambda: "é" * (SIZE // 2),
    "list of bytes": lambda: [b"x" * MB for _ in range(SIZE // MB)],
    "array of numpy's": lambda: np.ones(SIZE // 8),
    "data class": lambda: Holding(b"x" * SIZE),
    "tuple with names in a dict": lambda: {"it": Pair(1, bytearray(b"x") * SIZE)},
}


@contextlib.contextmanager
def at_most(allowed):
    """What is allocated inside, beside what was there, takes no more than so many bytes at any moment."""
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        yield
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak - before <= allowed


def run(bench, tmp_path, function, inputs, strategies="serial"):
    """The blocks of a run, and the peak memory of its largest host."""
    (tmp_path / "mine.py").write_text(TASKS.replace("SIZE", str(2 * SIZE)))
    (tmp_path / "peaks").unlink(missing_ok=True)
    given = ["--inputs", inputs, "--strategy", strategies, "--blocks", "1", "--rounds", "2", "--sample-hz", "0"]
    bench("run", f"mine.py:{function}", *given, "--budget", "10s")
    path = only_run(tmp_path)
    lines = list(map(json.loads, path.read_text().splitlines()))
    assert path.stat().st_size < 50_000
    path.unlink()
    peaks = tmp_path / "peaks"
    peak = max(map(int, peaks.read_text().split())) if peaks.exists() else 0
    return [each for each in lines if each["kind"] == "block"], peak


@pytest.mark.long
@pytest.mark.parametrize("is_file", [True, False])
def test_a_host_takes_for_many_inputs_what_a_loop_by_hand_takes(bench, tmp_path, is_file):
    grown = []
    for count in (10, 200_000):
        inputs = f"1000..{999 + count}"
        if is_file:
            inputs = f"{count}.jsonl"
            (tmp_path / inputs).write_text("\n".join(map(str, range(1000, 1000 + count))) + "\n")
        hand = subprocess.run(
            [sys.executable, "-c", BY_HAND, inputs], cwd=tmp_path, capture_output=True, text=True, check=True
        )
        ((block,), peak) = run(bench, tmp_path, "same", inputs)
        assert (block["outcome"], block["tasks"]) == ("ok", count)
        grown.append((peak, int(hand.stdout)))
    (few, few_by_hand), (many, many_by_hand) = grown
    assert many - few <= 1.5 * (many_by_hand - few_by_hand) + 5 * MB


def calls(do):
    """How many functions are called, in Python and in C: the same on every machine, whatever else it does."""
    events = []
    gc.disable()  # what it calls is not theirs
    sys.setprofile(lambda frame, event, argument: events.append(event))
    try:
        do()
    finally:
        sys.setprofile(None)
        gc.enable()
    return events.count("call") + events.count("c_call")


@pytest.mark.parametrize("value", [7, "a text", {"id": 7, "tags": ["a", "b"]}])
def test_reading_inputs_takes_fewer_calls_than_decoding_them_in_a_loop(tmp_path, value):
    path = tmp_path / "inputs.jsonl"
    path.write_text(f"{json.dumps(value)}\n" * 5_000)

    def by_hand():
        with path.open() as file:
            return [json.loads(line) for line in file]

    assert read_inputs(str(path)) == by_hand()
    assert calls(lambda: read_inputs(str(path))) < calls(by_hand)


def test_lines_with_spaces_around_their_values_are_read_all_the_same(tmp_path):
    path = tmp_path / "inputs.jsonl"
    path.write_bytes(b' 1 \n\n  \t\n[2, 3]\r\n"\xc3\xa9"\n\v\n4')
    assert read_inputs(str(path)) == [1, [2, 3], "é", 4]


@pytest.mark.parametrize(
    ("phase", "rounds", "tasks", "more"),
    [
        ("round 2 of 2", [28.4], 10, "; a round took 28.4 s: give it --time-limit 90s, or fewer inputs"),
        ("round 1 of 2", [], 10**6, "; a round has 1000000 tasks: give it a longer --time-limit, or fewer inputs"),
        ("round 1 of 2", [], 10, ""),
        ("round 2 of 2", [0.1], 10**6, ""),
        ("stopping the strategy", [40.0], 10**6, ""),
    ],
)
def test_a_block_that_is_too_long_for_its_limit_says_what_would_do(phase, rounds, tasks, more):
    record = {"rounds": [{"wall_s": each} for each in rounds], "tasks": tasks}
    assert why_over(phase, 60, record, 2) == f"{phase} still lasted after 60 s{more}"


PRINTING = (
    "import os\ndef main():\n    for number in range({lines}):\n        os.write(2, b'%06d {more}\\n' % number)\n"
)


@pytest.mark.parametrize(("lines", "more"), [(30_000, "short"), (2_000, "long" * 300), (40, "longer" * 20_000)])
def test_what_is_printed_wakes_its_reader_a_hundred_times_a_second_at_most(tmp_path, monkeypatch, lines, more):
    (tmp_path / "printing.py").write_text(PRINTING.format(lines=lines, more=more))
    read, system = [], os.read

    def counted(descriptor, most):
        data = system(descriptor, most)
        if most == child._PIPE_BYTES:
            read.append(len(data))
        return data

    monkeypatch.setattr(child.os, "read", counted)
    asked, _ = os.pipe()
    channel = Channel.__new__(Channel)
    channel._requests = asked
    began = time.monotonic()
    with child.Child("printing", path=[str(tmp_path)], errors=subprocess.PIPE) as printing:
        while printing.errors is not None:
            watching.wait(printing, channel, 0.1)
        lasted_s = time.monotonic() - began
        assert printing.tail.endswith((b"%06d %s\n" % (lines - 1, more.encode()))[-4096:])
    assert sum(read) == lines * (8 + len(more))
    assert len(read) <= lasted_s / child._REST_S + sum(read) / (child._PIPE_BYTES // 4) + 5


def test_the_last_words_of_a_host_that_has_printed_much_are_kept(bench, tmp_path):
    ((block,), _) = run(bench, tmp_path, "last_words", "1..2")
    assert block["outcome"] == "failed"
    assert block["reason"].endswith("it said: that was all")


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("", ""),
        ("one\n  two \n\n", "; it said: two"),
        ("Traceback (most recent call last):\n  File 'x'\nValueError: no\n", "; it said: ValueError: no"),
        ("Traceback (most recent call last):\n", ""),
        ("before\nTraceback (most recent call last):\n  File 'x', line 1\n    call(", "; it said: before"),
    ],
)
def test_last_words_are_a_line_that_says_something(said, told):
    assert watching.last_words(said.encode()) == told


@pytest.mark.long
@pytest.mark.parametrize(("function", "outcome"), [("shout", "failed"), ("line", "ok")])
def test_a_message_and_a_line_of_20_mb_leave_a_short_record(bench, tmp_path, function, outcome):
    ((block,), peak) = run(bench, tmp_path, function, "1..1")
    assert block["outcome"] == outcome
    assert len(block["reason"]) < 700
    assert peak < 120 * MB


@pytest.mark.parametrize(("piece", "end"), [("x", ""), ("a b ", ""), (" ", "end"), ("\n", "")])
def test_a_long_message_is_looked_at_as_far_as_it_is_shown(piece, end):
    text = piece * (32 * MB // len(piece)) + end
    error = ValueError(text)
    with at_most(MB):
        assert len(one_line(error)) <= 500
        assert len(explain(error)) <= 550
    assert one_line(ValueError(text[-40:])) == " ".join(text[-40:].split())


@pytest.mark.parametrize("make", LARGE.values(), ids=LARGE)
def test_a_large_result_is_shown_and_digested_without_another_copy(make):
    results = [make()]
    given_back = GivenBack(None, is_stated=False)
    with at_most(SIZE / 8):
        given_back.add(results)
        told = given_back.told(results)
    assert told["digest"]
    assert len(told["shown"]) <= 60


@pytest.mark.parametrize("make", LARGE.values(), ids=LARGE)
def test_a_large_result_is_compared_with_a_plain_loops_one_at_a_time(make, tmp_path):
    path, told = str(tmp_path / "plain"), []
    with at_most(2.2 * SIZE):  # the first of the plain loop's takes the place of the strategy's
        made = [make() for _ in range(2)]
        keep(path, made, 30)
        comparison = Comparison(lambda _: make(), lambda: [0, 1], made, Pace(600), told.append, may_release=True)
        comparison.run(path)
    assert told[-1] == 2


@pytest.mark.parametrize("make", LARGE.values(), ids=LARGE)
def test_a_large_result_that_differs_at_its_end_is_found(make):
    other = make()
    inner = other
    while not isinstance(inner, str | bytes):
        if isinstance(inner, np.ndarray | bytearray):
            inner[-1] = 3
            break
        match inner:
            case list():
                inner[-1] = inner[-1][:-1] + b"y"
                break
            case Holding():
                inner.what = inner.what[:-1] + b"y"
                break
            case dict():
                inner = inner["it"].right
    else:
        other = inner[:-1] + inner[:1] * 2
    comparison = Comparison(lambda _: make(), lambda: [0], [other], Pace(600), lambda *_: None, may_release=True)
    with pytest.raises(WrongResult, match="input 0"):
        comparison.run(None)


@pytest.mark.parametrize(
    "make",
    [
        lambda: b"small",
        lambda: array("d", [0.0]) * (SIZE // 8),
        lambda: [object(), b"x" * SIZE],
        lambda: OrderedDict(a=b"x" * SIZE),
    ],
    ids=["small", "array", "object", "own kind of dict"],
)
def test_only_what_a_digest_tells_apart_exactly_is_set_aside(make):
    what = make()
    results = [what]
    assert set_aside(results, 0) is None
    assert results == [what]


@pytest.mark.long
@pytest.mark.parametrize("function", ["half", "halves", "loading"])
def test_a_host_holds_a_large_result_once(bench, tmp_path, function):
    blocks, peak = run(bench, tmp_path, function, "1..1", "serial,thread_pool")
    assert [each["outcome"] for each in blocks] == ["ok", "ok"]
    assert sorted(str(each["compared"]) for each in blocks) == ["1", "None"]
    assert function != "loading" or blocks[0]["repeats"], "a cache was looked for"
    assert peak < 1.5 * 2 * SIZE


VALUES = st.recursive(
    st.none() | st.integers() | st.floats() | st.text() | st.binary() | st.binary().map(bytearray),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(st.text() | st.integers(), inner)
        | st.tuples(inner)
        | st.builds(Pair, inner, inner)
        | st.builds(Holding, inner)
        | st.frozensets(st.integers())
    ),
)


@given(value=VALUES, most=st.integers(1, 80))
def test_the_beginning_of_a_text_is_that_of_the_whole(value, most):
    assert beginning(value, most) == repr(value)[:most]
    assert len(shown(value)) <= 60


@pytest.mark.parametrize("quote", ["'", '"', "'\"", "\\", "\n", "x"])
def test_a_long_text_is_quoted_as_the_whole_would_be(quote):
    for text in (quote + "a" * 300, "a" * 300 + quote, quote * 300):
        for value in (text, text.encode(), bytearray(text.encode())):
            assert beginning(value, 70) == repr(value)[:70]


def test_what_holds_itself_is_shown_as_python_shows_it():
    inside: list = [1]
    inside.append(inside)
    assert beginning(inside, 100) == repr(inside)
    held = Holding(None)
    held.what = held
    assert beginning(held, 100) == repr(held)


def test_lines_are_put_together_whatever_pieces_they_come_in():
    rng, text = Random(1), b"\n".join(b"x" * each for each in (0, 5, 300, 0, 0, 7, 1000)) + b"\nrest"
    for _ in range(200):
        lines, begin, found = Lines(), 0, []
        while begin < len(text):
            end = begin + rng.randrange(1, 200)
            found += lines.add(text[begin:end])
            begin = end
        assert found == text.split(b"\n")[:-1]

"""Messages arrive whole and once, whatever they go through; and what loses them is found out."""

import subprocess
import sys
from collections import deque
from dataclasses import replace
from random import Random

import pytest

from bench import WrongResult
from bench.patterns.stream import PATTERN, Arrived, Stream, digest, message
from bench.plugins import registry
from bench.strategies.stream_actors import END, Way, consume, converse, produce
from tests.conftest import environment
from tests.families import each_start_method, fitting, load, named, nothing_left, opened

load(["streams"], ["messages"])

SMALL = {"messages_1mib": 9}
BETWEEN_TWO = Stream(200, 64)
ODD_SHAPES = [Stream(10, 16, 3, 2), Stream(1, 16, 3, 1), Stream(2, 16, 1, 4), Stream(1, 16, 2, 2)]
BETWEEN_MANY = [name for name in named("stream") if "many_producers" in registry.strategies[name].provides]


@pytest.fixture(autouse=True)
def leaves_nothing(monkeypatch):
    with nothing_left():
        yield


def number_of(message):
    return int.from_bytes(message[:8], "big") + len(message)


def fail_at_seven(message):
    if int.from_bytes(message[:8], "big") == 7:
        raise LookupError("seven")
    return 1


def leave(message):
    raise SystemExit(5)


def test_the_strategies_are_there_and_only_locked_ones_are_for_many():
    assert set(named("stream")) == {
        "queue", "simple_queue", "joinable_queue", "bounded_queue", "pipe", "manager_queue", "shared_ring",
        "thread_queue", "thread_simple_queue", "socketpair",
    }  # fmt: skip
    assert set(named("stream")) - set(BETWEEN_MANY) == {"pipe", "socketpair", "shared_ring"}


@pytest.mark.many(21)
@pytest.mark.parametrize(("name", "workload_name"), fitting("stream"))
def test_every_message_arrives_whole_and_once_round_after_round(name, workload_name):
    workload = registry.workloads[workload_name]
    job = workload.inputs(SMALL.get(workload_name, 100), Random(1))
    with opened(name) as call:
        for _ in range(2):
            arrived = call(workload.task, job)
            PATTERN.check(workload.task, job, arrived)
    assert len(arrived.round_trips_s) == (job.messages if job.round_trips else 0)


@pytest.mark.many(6)
@pytest.mark.parametrize(("name", "method"), each_start_method("stream"))
def test_it_works_however_processes_start(name, method):
    with opened(name, start_method=method) as call:
        PATTERN.check(number_of, BETWEEN_TWO, call(number_of, BETWEEN_TWO))


@pytest.mark.parametrize("name", BETWEEN_MANY)
def test_more_producers_or_consumers_than_messages_and_jobs_of_another_shape(name):
    with opened(name) as call:
        for job in ODD_SHAPES:
            PATTERN.check(number_of, job, call(number_of, job))


@pytest.mark.many(5)
@pytest.mark.parametrize("name", named("stream"))
def test_more_than_a_pipe_or_a_ring_holds_goes_through_and_back(name):
    with opened(name) as call:
        for job in (Stream(300, 5_000), Stream(3, 9 * 2**20), replace(BETWEEN_TWO, round_trips=True),
                    Stream(2, 300_000, round_trips=True)):  # fmt: skip
            PATTERN.check(number_of, job, call(number_of, job))


@pytest.mark.parametrize("name", named("stream"))
@pytest.mark.parametrize("round_trips", [False, True], ids=["one way", "round trips"])
def test_an_exception_in_the_task_reaches_the_caller_and_the_next_round_is_right(name, round_trips):
    job = Stream(300, 5_000, round_trips=round_trips)
    with opened(name) as call:
        with pytest.raises(LookupError, match="seven"):
            call(fail_at_seven, job)
        PATTERN.check(number_of, job, call(number_of, job))


@pytest.mark.parametrize("name", ["queue", "pipe", "shared_ring", "manager_queue", "simple_queue", "bounded_queue"])
def test_a_consumer_that_ends_is_reported_and_nothing_is_left(name):
    with opened(name) as call, pytest.raises(ChildProcessError, match="exit code 5"):
        call(leave, Stream(300, 5_000))


def test_a_bounded_queue_holds_no_more_than_its_option_says():
    with opened("bounded_queue", maxsize="1") as call:
        PATTERN.check(number_of, BETWEEN_TWO, call(number_of, BETWEEN_TWO))


def test_a_pipe_sends_objects_or_plain_bytes():
    for sending in registry.strategies["pipe"].choices["sending"]:
        with opened("pipe", sending=sending) as call:
            for job in (BETWEEN_TWO, replace(BETWEEN_TWO, round_trips=True)):
                PATTERN.check(number_of, job, call(number_of, job))


def in_one_thread(job, task, spoil):
    """A stream whose messages `spoil` may change between producer and consumer."""
    sent = deque()
    way = Way(sent.append, sent.popleft)
    for producer in range(job.producers):
        produce((way, way), job, producer)
    messages = spoil([each for each in sent if each != END])
    sent = deque([*messages, *[END] * job.producers])
    way = Way(sent.append, sent.popleft)
    return Arrived(*consume((way, way), task, job))


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda sent: sent[1:], "19 messages arrived of 20"),
        (lambda sent: [*sent, sent[0]], "21 messages arrived of 20"),
        (lambda sent: [sent[1], *sent[1:]], "digest differs"),
        (lambda sent: [sent[0][:-1], *sent[1:]], "digest differs"),
        (lambda sent: [sent[0][:20] + sent[1][20:], sent[1][:20] + sent[0][20:], *sent[2:]], "digest differs"),
        (lambda sent: [sent[1] if n == 0 else sent[2] if n == 3 else each for n, each in enumerate(sent)], "differs"),
    ],
    ids=["lost", "doubled", "one instead of another", "cut", "mixed up", "two instead of others"],
)
@pytest.mark.parametrize("workload_name", ["messages_16b", "messages_4kib", "three_to_one"])
def test_messages_that_are_lost_doubled_cut_or_mixed_up_are_found_out(workload_name, spoil, said):
    task = registry.workloads[workload_name].task
    job = Stream(20, 40, 2)
    PATTERN.check(task, job, in_one_thread(job, task, lambda sent: sent))
    with pytest.raises(WrongResult, match=said):
        PATTERN.check(task, job, in_one_thread(job, task, spoil))


def test_an_answer_that_is_not_what_was_sent_is_found_out():
    back = Way(None, lambda: message(0, 16))
    with pytest.raises(WrongResult, match="message 1 did not come back"):
        converse((Way(lambda _: None, None), back), Stream(3, 16, round_trips=True))


def test_a_round_trip_that_is_missing_is_found_out():
    job = Stream(3, 16, round_trips=True)
    with pytest.raises(WrongResult, match="2 messages came back of 3"):
        PATTERN.check(number_of, job, Arrived(3, digest(number_of, job), [0.1, 0.1]))


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_the_digest_of_a_message_is_the_same_in_any_kind_of_bytes(kind):
    task = registry.workloads["messages_16b"].task
    assert task(kind(message(300, 16))) == task(message(300, 16)) != task(message(301, 16))


QUIET = """
import pytest
from bench.patterns.share import Sharing
from bench.patterns.stream import Stream
from tests.strategies import test_sharing
from tests.strategies import test_streams
from tests.families import METHODS, opened
if __name__ == "__main__":
    for method in METHODS:
        for task, error in ((test_streams.fail_at_seven, LookupError), (test_streams.leave, ChildProcessError)):
            with opened("shared_ring", start_method=method) as call, pytest.raises(error):
                call(task, Stream(200, 64))
        with opened("shared_memory_lock", start_method=method) as call:
            call(test_sharing.by_turns, Sharing(60, 3))
"""


@pytest.mark.long
def test_shared_memory_is_given_back_without_a_word(tmp_path):
    """The resource tracker, and a process that ends while it still looks at shared memory, complain to stderr only."""
    (tmp_path / "quiet.py").write_text(QUIET)
    done = subprocess.run(
        [sys.executable, tmp_path / "quiet.py"], env=environment(), capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")

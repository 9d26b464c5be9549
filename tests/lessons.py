"""Runs of the tour's lessons with known numbers, in which the lessons show what they are for, or do not."""

from dataclasses import replace
from pathlib import Path

from bench.analysis.tour.lessons import LESSONS
from bench.analysis.tour.taught import Taught, of_run
from bench.errors import WrongResult
from bench.patterns.share import Sharing, check
from bench.records.block import Block, Outcome
from bench.records.run import Purpose, Work
from tests import builders
from tests.builders import block, case

BLOCKS = 8
SHARE = Work("share", "cpu", "value")
DEMONSTRATIONS = {"demonstrations": ["threads_unlocked", "value_unlocked"]}
KILLED = Work("map", "unknown", "serial", [], "SIGKILL, as when memory runs out")
FREE_THREADED = replace(builders.ENVIRONMENT, gil=False, python="3.14.0t")


def pool(start_method="fork"):
    return case("process_pool", workers=2, start_method=start_method)


def one(of):
    """An update."""
    return 0, 1


def said_of(lost, updates=3000):
    """What the pattern says of a state that lacks so many updates."""
    try:
        check(one, Sharing(updates), [updates - lost])
    except WrongResult as error:
        return str(error)
    raise AssertionError


def blocks_of(times, *, spread=0.01, count=BLOCKS):
    """Blocks of cases, by what a warm round takes, or a first and a warm one; others differ by up to `spread`, each in its own way."""
    for number, (of, took) in enumerate(times):
        first_s, warm_s = took if isinstance(took, tuple) else (took, took)
        for n in range(count):
            luck = (1 + spread) ** (((n * (number + 2) + 3 * number) % 5 - 2) / 2)
            yield block(of, n, [first_s * luck, warm_s * luck, warm_s * luck])


def timed(name, times, lost=(), **more):
    """A lesson by the times of its cases, and by updates that cases lost in their only block."""
    plan = {key: more.pop(key) for key in ("works", "demonstrations", "environment") if key in more}
    blocks = list(blocks_of(times, **more))
    blocks += [Block(of.key, 0, Outcome.WRONG, reason=said_of(count)) for of, count in lost]
    return of_run(LESSONS[name], Path(f"{name}.jsonl"), builders.run(blocks, [of for of, _ in (*times, *lost)], **plan))


def gil(threads_s=0.101, processes_s=0.055, **more):
    return timed("gil", [(case(), 0.1), (case("thread_pool", workers=2), threads_s), (pool(), processes_s)], **more)


def waiting(threads_s=0.016, asyncio_s=0.0158, **more):
    name = "downloads_even"
    threads, loop = (case(each, workload=name, workers=None) for each in ("threads", "asyncio"))
    return timed("waiting", [(case(workload=name), 0.135), (threads, threads_s), (loop, asyncio_s)], **more)


def locks(lost=(1444, 54), unlocked_s=0.001, value_s=0.0016, **more):
    """Where nothing is lost, the demonstrations have times."""
    names = ("threads_unlocked", "value_unlocked")
    times = [(case("value", workload="counter", workers=n), value_s) for n in (1, 2)]
    times += [(case("locked_threads", workload="counter", workers=n), 0.0009) for n in (1, 2)]
    times += [(case(name, workload="counter", workers=1), unlocked_s) for name in names]
    unlocked = [(case(name, workload="counter", workers=2), count) for name, count in zip(names, lost, strict=True)]
    times += [(of, unlocked_s) for of, count in unlocked if not count]
    lossy = [(of, count) for of, count in unlocked if count]
    return timed("locks", times, lossy, works={"counter": SHARE}, **DEMONSTRATIONS, **more)


def messages(pipe_s=0.06, **more):
    name = "messages_4kib"
    ways = [(case(each, workload=name, workers=None), s) for each, s in (("queue", 0.1), ("pipe", pipe_s))]
    return timed("messages", ways, works={name: Work("stream", "cpu", "queue")}, **more)


def state(manager_s=0.12, array_s=0.0021, **more):
    took = {"value": 0.002, "array": array_s, "manager_dict": manager_s}
    times = [(case(each, workload="counter", workers=2), s) for each, s in took.items()]
    return timed("state", times, works={"counter": SHARE}, **more)


def hang(pool_map=(Outcome.TIMED_OUT, ""), executor=(Outcome.FAILED, "BrokenProcessPool")):
    met = {"pool_map": pool_map, "process_pool": executor}
    cases = {name: case(name, workload="is_killed", workers=2) for name in met}
    blocks = [
        Block(
            cases[name].key, 0, outcome, reason="said", raised=raised, noticed_s=0.0016 if raised else None, leaked_processes=2
        )
        for name, (outcome, raised) in met.items()
    ]  # fmt: skip
    run = builders.run(blocks, list(cases.values()), works={"is_killed": KILLED}, purpose=Purpose.FAULTS)
    plan = replace(run.header.plan, conditions=replace(run.header.plan.conditions, time_limit_s=4.0))
    return of_run(LESSONS["hang"], Path("hang.jsonl"), replace(run, header=replace(run.header, plan=plan)))


def cold(forked_s=(0.08, 0.055), spawned_s=(0.25, 0.055), **more):
    return timed("cold", [(case(), 0.1), (pool(), forked_s), (pool("spawn"), spawned_s)], **more)


def shown() -> list[Taught]:
    """All lessons, as they are on a machine that has two idle CPUs and a Python with a GIL."""
    return [gil(), waiting(), locks(), messages(), state(), hang(), cold()]


def not_shown() -> list[Taught]:
    """All lessons where the numbers do not tell, or tell something else."""
    return [
        gil(spread=2.0, count=6, processes_s=0.09),
        waiting(threads_s=0.13, asyncio_s=0.134, spread=0.9),
        locks(lost=(0, 0), value_s=0.00101, spread=0.9),
        messages(pipe_s=0.098, spread=0.9),
        state(manager_s=0.00205, array_s=0.0019),
        hang(pool_map=(Outcome.FAILED, "BrokenPipeError"), executor=(Outcome.TIMED_OUT, "")),
        cold(forked_s=(0.055, 0.055), spawned_s=(0.056, 0.055)),
    ]

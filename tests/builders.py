"""Runs with known numbers, made by hand where a test needs the analysis and not the measuring."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from bench.model import (
    Block,
    Case,
    Ending,
    Environment,
    Header,
    Outcome,
    Plan,
    Round,
    Run,
    Samples,
    Sampling,
    Work,
)
from bench.report.results import Results, load_results
from bench.store.runs import RunWriter

PYTHON = "cpython-3.11.7"

ENVIRONMENT = Environment(
    os="Linux",
    kernel="6.1",
    machine="x86_64",
    cpu_model="Example CPU",
    logical_cores=2,
    physical_cores=2,
    affinity_cores=2,
    quota_cores=None,
    usable_cores=2,
    usable_cores_from="logical cores",
    governor=None,
    memory_bytes=8_000_000_000,
    python="3.11.7",
    python_implementation="CPython",
    python_build="main",
    python_compiler="GCC",
    gil=True,
    start_method="fork",
    packages={"numpy": "2.0"},
    git_commit="0123456789abcdef",
    git_dirty=False,
    load_1m=0.1,
    clock_resolution_s=1e-9,
)


def case(strategy="serial", workload="primes", workers=1, scale="quick", **options) -> Case:
    return Case(workload, scale, strategy, workers, PYTHON, options)


def block(of: Case, repetition=0, walls: Sequence[float] = (0.2, 0.1, 0.1), **changes) -> Block:
    """An `ok` block with these rounds, half a core used, 10 MB held, and a sample at each round's ends."""
    rounds, at_s = [], 1.0
    for wall_s in walls:
        rounds.append(Round(at_s, wall_s, wall_s / 2, 10_000_000))
        at_s += wall_s
    ends = [1.0, *(each.at_s + each.wall_s for each in rounds)]
    made = Block(
        case=of.key,
        repetition=repetition,
        outcome=Outcome.OK,
        tasks=4,
        setup_s=0.05,
        start_s=0.01,
        stop_s=0.002,
        rounds=rounds,
        samples=Samples(ends, [at / 2 for at in ends], [10_000_000] * len(ends), [1] * len(ends)),
        sampling=Sampling(20.0, len(ends), 0, 0.0001, 0.003, "a way to read CPU", 0.01, "a way to read memory"),
    )
    return replace(made, **changes)


def run(blocks: Sequence[Block], cases: Sequence[Case], **plan) -> Run:
    """A complete run of these blocks."""
    repetitions = 1 + max((each.repetition for each in blocks), default=0)
    header = Header(
        schema=2,
        id="20260102T030405Z-abcdef",
        tool="0.1.0",
        started_utc="2026-01-02T03:04:05+00:00",
        command="python -m bench all",
        environment=plan.pop("environment", ENVIRONMENT),
        plan=Plan(
            cases=list(cases),
            repetitions=repetitions,
            rounds={each.key: 3 for each in cases},
            works={each.workload: Work("map", "cpu", "serial") for each in cases} | plan.pop("works", {}),
            seed=1,
            budget_s=240.0,
            time_limit_s=60.0,
            sample_hz=20.0,
            **plan,
        ),
    )
    return Run(header, list(blocks), Ending("2026-01-02T03:08:05+00:00", "complete", 240.0, 120.0))


def typical_run() -> Run:
    """Two workloads under three strategies, six repetitions: threads gain nothing on one and half on the other, and
    one case failed."""
    serial, threads = case(), case("threads", workers=None, at_once="100")
    pool = case("process_pool", workers=2, chunk_size="1", start_method="fork")
    sleeping = case(workload="downloads")
    waiting = case("threads", workload="downloads", workers=None, at_once="100")
    broken = case("process_pool", workload="downloads", workers=2, chunk_size="1", start_method="fork")
    blocks = []
    for number in range(6):
        drift = 1 + number / 100
        blocks += [
            block(serial, number, [0.21 * drift, 0.2 * drift, 0.2 * drift], longest_task_s=0.06, total_task_s=0.2),
            block(threads, number, [0.22 * drift, 0.204 * drift, 0.204 * drift]),
            block(pool, number, [0.15 * drift, 0.11 * drift, 0.11 * drift], start_s=0.0005),
            block(sleeping, number, [0.1, 0.1, 0.1], longest_task_s=0.06, total_task_s=0.1, bound_stated=True),
            block(waiting, number, [0.062, 0.0605, 0.0605], longest_task_s=0.06, total_task_s=0.1, bound_stated=True),
        ]
    blocks.append(block(broken, 0, [], outcome=Outcome.FAILED, reason="ValueError: a|b <script>alert(1)</script>"))
    return run(blocks, [serial, threads, pool, sleeping, waiting, broken])


def stored(made: Run, folder: Path) -> Path:
    """The run in a file of `folder`."""
    with RunWriter(folder, made.header) as writer:
        for each in made.blocks:
            writer.append(each)
        if made.ending is not None:
            writer.append(made.ending)
    return writer.path


def results(made: Run, folder: Path) -> Results:
    """The run stored, read again and summarised."""
    return load_results(stored(made, folder))

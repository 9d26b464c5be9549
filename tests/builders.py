"""Runs with known numbers, made by hand where a test needs the analysis and not the measuring."""

from collections.abc import Sequence
from dataclasses import fields, replace
from pathlib import Path

from bench.records.block import Block, Outcome
from bench.records.case import Case
from bench.records.conditions import Conditions
from bench.records.interpreter import Interpreter
from bench.records.machine import Environment
from bench.records.run import SCHEMA_VERSION, Ending, Header, Plan, Purpose, Run, Work
from bench.records.use import Accounting, Difference, Method, Samples, Sampling, Window
from bench.report.kit.results import Results, load_results
from bench.store.runs import RunWriter
from bench.store.upgrades import IN_THE_CALLER

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
    takes_workers = workers is not None and strategy not in IN_THE_CALLER
    return Case(workload, scale, strategy, workers, PYTHON, options, takes_workers)


def interpreter(name=PYTHON, asked="3.11", **facts) -> Interpreter:
    """One that differs from others in these facts."""
    known = {
        "python": PYTHON,
        "build": "main",
        "compiler": "GCC",
        "configured": "--enable-optimizations",
        "gil": "on",
        "jit": "none",
    }
    return Interpreter(name, asked, known | facts)


CPU_METHOD = Method("cgroup v2", "all processes of the control group, however they end; exact to 1 ms", 0.001, 0.001)
MEMORY_METHOD = Method("cgroup v2", "peak of the control group", 4_194_304, 5_000_000)
LEDGER = Method("ledger", "living processes to the nanosecond; children in ticks; a lower bound", None, 0.001)
ORPHANED = "orphans ended, and the kernel keeps no count of their bytes"
SAMPLING = Sampling("proc", 20.0, 19.9, None, 100, 0, 0.0001, 0.003, 0.00002)
INTERVAL_S = 0.05


def accounting(**changes) -> Accounting:
    """By control group, with all layers there; bytes are unknown."""
    made = Accounting(
        cpu=CPU_METHOD,
        whole_cpu=CPU_METHOD,
        memory=MEMORY_METHOD,
        cpu_by_layer={"cgroup v2": 0.2, "wait4": 0.2, "ledger": 0.2},
        absent={},
        unknown=dict.fromkeys(("read_bytes", "written_bytes", "whole read_bytes", "whole written_bytes"), ORPHANED),
    )
    return replace(made, **changes)


def window(at_s=1.0, wall_s=0.1, memory_bytes=10_000_000, cores=0.5, **changes) -> Window:
    """So many cores used, a fifth of it in the kernel, and 10 MB held; bytes are unknown."""
    made = Window(
        at_s=at_s,
        wall_s=wall_s,
        cpu_s=cores * wall_s,
        user_s=0.8 * cores * wall_s,
        system_s=0.2 * cores * wall_s,
        peak_memory_bytes=memory_bytes,
        file_cache_bytes=100_000,
        rss_bytes=2 * memory_bytes,
        pss_bytes=memory_bytes * 9 // 10,
        uss_bytes=memory_bytes * 7 // 10,
        voluntary_switches=12,
        involuntary_switches=3,
        minor_faults=250,
        major_faults=0,
        processes_started=0,
        threads_started=1,
        started_at_most=4,
    )
    return replace(made, **changes)


def block(
    of: Case,
    repetition=0,
    walls: Sequence[float] = (0.2, 0.1, 0.1),
    memory_bytes=10_000_000,
    cores=0.5,
    **changes,
) -> Block:
    """An `ok` block with these rounds of a call each, so many cores used, 10 MB held, and samples at equal distances."""
    rounds, at_s = [], 1.0
    for wall_s in walls:
        rounds.append(window(at_s, wall_s, memory_bytes, cores))
        at_s += wall_s
    seen_s = [number * INTERVAL_S for number in range(int(at_s / INTERVAL_S) + 1)] if "samples" not in changes else []
    made = Block(
        case=of.key,
        repetition=repetition,
        outcome=Outcome.OK,
        tasks=4,
        setup_s=0.05,
        start=window(0.05, 0.01, memory_bytes // 2, 0.8),
        rounds=rounds,
        stop=window(at_s, 0.002, memory_bytes),
        whole=window(0.0, at_s + 0.1, memory_bytes + 1_000_000),
        samples=Samples(
            at_s=seen_s,
            cpu_s=[cores * each for each in seen_s],
            memory_bytes=[memory_bytes] * len(seen_s),
            rss_bytes=[2 * memory_bytes] * len(seen_s),
            processes=[1] * len(seen_s),
        ),
        sampling=SAMPLING,
        accounting=accounting(),
    )
    made = replace(made, **changes)
    return made if "calls" in changes else replace(made, calls=[1] * len(made.rounds))


def run(blocks: Sequence[Block], cases: Sequence[Case], **plan) -> Run:
    """A complete run of these blocks."""
    repetitions = 1 + max((each.repetition for each in blocks), default=0)
    conditions = {each.name: plan.pop(each.name) for each in fields(Conditions) if each.name in plan}
    header = Header(
        schema=SCHEMA_VERSION,
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
            conditions=Conditions(seed=1, budget_s=240.0, time_limit_s=60.0, sample_hz=20.0, **conditions),
            purpose=plan.pop("purpose", Purpose.CHECK if "gate" in plan else Purpose.RANKING),
            **plan,
        ),
    )
    return Run(header, list(blocks), Ending("2026-01-02T03:08:05+00:00", "complete", 240.0, 120.0))


def typical_run() -> Run:
    """Two workloads under three strategies, six repetitions: threads gain nothing on one and half on the other, where
    they use next to no CPU, and one case failed."""
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
            block(pool, number, [0.15 * drift, 0.11 * drift, 0.11 * drift], start=window(0.05, 0.0005)),
            block(sleeping, number, [0.1, 0.1, 0.1], longest_task_s=0.06, total_task_s=0.1, bound_stated=True),
            block(
                waiting,
                number,
                [0.062, 0.0605, 0.0605],
                cores=0.004,
                longest_task_s=0.06,
                total_task_s=0.1,
                bound_stated=True,
            ),
        ]
    blocks.append(block(broken, 0, [], outcome=Outcome.FAILED, reason="ValueError: a|b <script>alert(1)</script>"))
    return run(blocks, [serial, threads, pool, sleeping, waiting, broken])


def degraded_run() -> Run:
    """Two strategies on one to four workers, 12 MB each under one and 0.1 MB under the other; counted without control
    groups, and everything that can be said against the numbers holds."""
    absent = {"cgroup": "cannot make a group in …/cgroup: Permission denied"}
    added = Method("ledger", "sum of resident sets less what was shared", None, 3_000_000)
    no_sets = dict.fromkeys(("pss_bytes", "uss_bytes"), "proportional sets were not read near the peak")
    kept = accounting(
        cpu=LEDGER,
        memory=added,
        absent=absent,
        cpu_by_layer={"wait4": 1.0, "ledger": 0.9},
        unknown=accounting().unknown | no_sets,
        differences=[Difference("round 2", "wait4", 0.9, "ledger", 0.8)],
    )
    slowed = replace(SAMPLING, hz_lowered_to=10.0, missed=20)
    cases = [case()]
    blocks = [block(cases[0], n, [1.0] * 3, cores=0.98, accounting=accounting(), sampling=slowed) for n in range(6)]
    for strategy, step in (("process_pool", 12_000_000), ("threads", 100_000)):
        for workers in (1, 2, 4):
            cases.append(case(strategy, workers=workers))
            for n in range(6):
                memory = 10_000_000 + workers * step + 40_000 * ((n * 7 + workers) % 5 - 2)
                made = block(cases[-1], n, [1.1 / workers] * 3, memory, 0.9 * workers, accounting=kept, sampling=slowed)
                rounds = [replace(each, pss_bytes=None, uss_bytes=None, file_cache_bytes=memory // 4)
                          for each in made.rounds]  # fmt: skip
                samples = made.samples
                gap = slice(6, 12)
                columns = {
                    name: [*getattr(samples, name)]
                    for name in ("at_s", "cpu_s", "memory_bytes", "rss_bytes", "processes")
                }
                for each in columns.values():
                    del each[gap]
                blocks.append(replace(made, rounds=rounds, samples=Samples(**columns)))
    return run(blocks, cases)


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

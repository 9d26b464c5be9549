"""Any stored run as a `StoredRun`: the format is told by the content, and this tool's own runs are reduced here."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path

from bench import caching, cpu_known
from bench.analysis import other_tools
from bench.analysis.stored import StoredCase, StoredRun
from bench.errors import RunFileError
from bench.model import Block, Case, Environment, Outcome, Run
from bench.store import json_files, pyperf_file, pytest_benchmark_file, runs

_OWN_TOOL = "concurrency-bench"
_OWN_BEGINNING = b'{"kind":'
_UNMEASURED = f"{Outcome.UNAVAILABLE}: "
_CACHED = "results come from a cache: in warm rounds some or all are only looked up"


def load(path: Path) -> StoredRun:
    """The run in a file: of this tool, of pytest-benchmark (JSON) or of pyperf (JSON, also compressed by gzip).

    Raises:
        RunFileError: in one line, if it is none of these, or damaged, cut, or holds what is no measurement.
    """
    name = str(path)
    read = json_files.content(path)
    if read.startswith(_OWN_BEGINNING):
        return own_run(runs.read(path), path)
    document = json_files.decoded(read, name)
    if pytest_benchmark_file.fits(document):
        return other_tools.from_pytest_benchmark(pytest_benchmark_file.read(document, name), path)
    if pyperf_file.fits(document):
        return other_tools.from_pyperf(pyperf_file.read(document, name), path)
    raise RunFileError(f"{name} is no stored run: JSON, but neither of this tool nor of pytest-benchmark or pyperf")


def is_unmeasured(case: StoredCase) -> bool:
    """Whether it was planned and could not run there, which is no failure: something it needs is not installed."""
    return case.trouble.startswith(_UNMEASURED)


def workload_and_strategy(run: StoredRun, case: StoredCase) -> tuple[str, str] | None:
    """What the case is of, by its key; None where another tool measured it, which knows neither."""
    parts = case.key.split("/")
    return (parts[0], parts[2]) if run.tool.startswith(f"{_OWN_TOOL} ") and len(parts) > 2 else None


def chosen(
    run: StoredRun, cases: Sequence[str] = (), workloads: Sequence[str] = (), strategies: Sequence[str] = ()
) -> StoredRun:
    """The run with those of its cases that fit a name or pattern of each kind; where none of a kind is given, all fit.

    Args:
        cases: fit a case's key or name.
        workloads, strategies: fit only cases that this tool measured.
    """
    kept = []
    for case in run.cases:
        of = workload_and_strategy(run, case)
        told = ((cases, (case.key, case.name)), (workloads, of and of[:1]), (strategies, of and of[1:]))
        if all(not wanted or _fits(texts or (), wanted) for wanted, texts in told):
            kept.append(case)
    return replace(run, cases=kept)


def _fits(texts: Sequence[str], wanted: Sequence[str]) -> bool:
    return any(text == each or fnmatchcase(text, each) for text in texts for each in wanted)


def own_run(run: Run, path: Path) -> StoredRun:
    """A run of this tool. Of a gate's run, which has two arms, it is the head."""
    header = run.header
    environment, gate = header.environment, header.plan.gate
    facts = own_facts(environment)
    commit = (environment.git_commit or "") + ("+" if environment.git_commit and environment.git_dirty else "")
    blocks, broken = run.blocks, {}
    if gate is not None:
        head, broken = gate.arms[-1], gate.broken
        facts |= {name: value for name, value in head.facts.items() if name in facts}
        commit = head.commit or commit
        blocks = [each for each in blocks if each.arm == head.name]
    of_case: dict[str, list[Block]] = {case.key: [] for case in header.plan.cases}
    for each in blocks:
        of_case[each.case].append(each)
    names = names_of(header.plan.cases)
    own = "fresh inputs" if header.plan.fresh_rounds else ""  # a round is then another amount of work
    return StoredRun(
        label=path.name,
        path=path,
        tool=f"{_OWN_TOOL} {header.tool}",
        at_utc=header.started_utc,
        commit=commit,
        facts=facts,
        cases=[
            _stored_case(
                "/".join(filter(None, (key, own))),
                " ".join(filter(None, (names[key], own))),
                mine,
                broken.get(key, ""),
                run.notes,
            )
            for key, mine in of_case.items()
            if mine or gate is None or gate.one_sided.get(key, head.name) == head.name
        ],
    )


def own_facts(environment: Environment) -> dict[str, str]:
    """The facts of `StoredRun` as this tool's environment has them."""
    cores, allowed = environment.logical_cores, environment.affinity_cores
    known = {
        "cpu": environment.cpu_model,
        "cores": f"{allowed} of {cores}" if allowed is not None and allowed < cores else str(cores),
        "quota": "none" if environment.quota_cores is None else f"{environment.quota_cores:g} cores",
        "python": f"{environment.python_implementation.lower()}-{environment.python}",
        "build": environment.python_build,
        "gil": "on" if environment.gil else "off",
        "start method": environment.start_method,
        "governor": environment.governor or "",
        "os": f"{environment.os} {environment.kernel}",
    }
    return {name: value for name, value in known.items() if value}


def _stored_case(key: str, name: str, blocks: Sequence[Block], broken: str, notes: Sequence[str]) -> StoredCase:
    values, trouble = _values(blocks, broken)
    limits = [*notes, *([_CACHED] if caching.is_cached(blocks) else [])]
    return StoredCase(key, name, values, trouble, "; ".join(limits), _unknown(blocks, values))


def _values(blocks: Sequence[Block], broken: str) -> tuple[dict[str, list[list[float]]], str]:
    """The values of a case by quantity, and its trouble. One block that went wrong and it has no time, as in reports.

    `broken` is why an arm of a gate could not run it; empty elsewhere.
    """
    bad = next((each for each in blocks if each.outcome is not Outcome.OK), None)
    if bad is not None:
        return {}, f"{bad.outcome}: {bad.reason}"
    if not blocks:
        return {}, f"{Outcome.FAILED}: {broken}" if broken else f"{_UNMEASURED}the run ended before it was measured"
    found = _told(blocks)
    return (found, "") if "time" in found else ({}, f"{Outcome.FAILED}: no warm round was measured")


def _told(blocks: Sequence[Block]) -> dict[str, list[list[float]]]:
    """The values of blocks by quantity; CPU only where the tables of a report have it, too."""
    found: dict[str, list[list[float]]] = {}
    knows_cpu = not cpu_known.of_warm_rounds(blocks).why_unknown
    for block in blocks:
        walls = [each.wall_s / block.calls for each in block.warm_rounds]
        cpu = [each.cpu_s / block.calls for each in block.warm_rounds if each.cpu_s is not None]
        memory = [float(each.peak_memory_bytes) for each in block.warm_rounds if each.peak_memory_bytes is not None]
        if walls:
            found.setdefault("time", []).append(walls)
        if cpu and knows_cpu:
            found.setdefault("cpu", []).append([sum(cpu) / len(cpu)])
        if memory:
            found.setdefault("memory", []).append([max(memory)])
    return found


def _unknown(blocks: Sequence[Block], values: Mapping[str, object]) -> dict[str, str]:
    """Why quantities that a case has not are unknown, by name; those whose reason nobody recorded are left out."""
    found = {}
    for quantity, name in (("cpu", "cpu_s"), ("memory", "peak_memory_bytes")):
        recorded = (each.accounting.unknown.get(name, "") for each in blocks if each.accounting is not None)
        why = next(filter(None, recorded), "")
        if quantity == "cpu" and any(each.cpu_s is not None for block in blocks for each in block.warm_rounds):
            why = cpu_known.of_warm_rounds(blocks).why_unknown
        if "time" in values and quantity not in values and why:
            found[quantity] = why
    return found


def names_of(cases: Sequence[Case]) -> dict[str, str]:
    """For each case, by key: workload and strategy, and of the rest what differs between cases of these two.

    No two have the same name: the key stands for it where this would not tell them apart.
    """
    told = {case.key: _facts(case) for case in cases}
    values: dict[tuple[str, str, str], set[str]] = {}
    for case in cases:
        for name, value in told[case.key].items():
            values.setdefault((case.workload, case.strategy, name), set()).add(value)
    names = {
        case.key: " ".join(
            [case.workload, case.strategy]
            + [
                f"×{value}" if name == "workers" else value if name in _SAY_WHAT_THEY_ARE else f"{name}={value}"
                for name, value in told[case.key].items()
                if len(values[case.workload, case.strategy, name]) > 1
            ]
        )
        for case in cases
    }
    told_apart = Counter(names.values())
    return {key: name if told_apart[name] == 1 else key for key, name in names.items()}


_SAY_WHAT_THEY_ARE = {"scale", "start_method", "python"}


def _facts(case: Case) -> dict[str, str]:
    workers = "–" if case.workers is None else str(case.workers)
    return {"scale": case.scale, "workers": workers, **case.options, "python": case.python}

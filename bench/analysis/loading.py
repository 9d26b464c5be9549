"""Any stored run as a `StoredRun`: the format is told by the content, and this tool's own runs are reduced here."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from bench.analysis.case_values import UNMEASURED, CaseValues
from bench.analysis.other_tools.asv import from_asv
from bench.analysis.other_tools.google_benchmark import from_google_benchmark
from bench.analysis.other_tools.hyperfine import from_hyperfine
from bench.analysis.other_tools.pyperf import from_pyperf
from bench.analysis.other_tools.pytest_benchmark import from_pytest_benchmark
from bench.analysis.stored import StoredCase, StoredRun
from bench.errors import RunFileError
from bench.facts.suite_rounds import all_warm
from bench.naming import CaseName, named
from bench.records.block import Block
from bench.records.gate import Arm
from bench.records.machine import Environment
from bench.records.run import Run
from bench.store import (
    asv_file,
    google_benchmark_file,
    hyperfine_file,
    json_files,
    pyperf_file,
    pytest_benchmark_file,
)
from bench.store.reading import Reading

_OWN_TOOL = "concurrency-bench"
_OWN_BEGINNING = b'{"kind":'


def load(path: Path) -> StoredRun:
    """The run in a file: of this tool, or JSON, also compressed by gzip, of one of the others in `_OTHERS`.

    Raises:
        RunFileError: in one line, if it is none of these, or damaged, cut, or holds what is no measurement.
    """
    name = str(path)
    if json_files.beginning(path, len(_OWN_BEGINNING)) == _OWN_BEGINNING:
        return own_run(Reading(path), path)
    document = json_files.decoded(json_files.content(path), name)
    for fits, stored in _OTHERS:
        if fits(document):
            found = stored(document, path)
            if not found.cases:
                raise RunFileError(f"{name} holds no benchmark")
            return found
    tools = "pytest-benchmark, pyperf, hyperfine, asv or Google Benchmark"
    raise RunFileError(f"{name} is no stored run: JSON, but neither of this tool nor of {tools}")


def _pytest_benchmark(document: Any, path: Path) -> StoredRun:
    return from_pytest_benchmark(pytest_benchmark_file.read(document, str(path)), path)


def _google_benchmark(document: Any, path: Path) -> StoredRun:
    return from_google_benchmark(google_benchmark_file.read(document, str(path)), path)


def _pyperf(document: Any, path: Path) -> StoredRun:
    return from_pyperf(pyperf_file.read(document, str(path)), path)


def _hyperfine(document: Any, path: Path) -> StoredRun:
    return from_hyperfine(hyperfine_file.read(document, str(path)), path)


def _asv(document: Any, path: Path) -> StoredRun:
    return from_asv(
        asv_file.read(document, _described(path.resolve().parent.parent / asv_file.BENCHMARKS), str(path)), path
    )


def _described(path: Path) -> dict[str, Any]:
    """What asv wrote about its benchmarks; nothing where there is no such file."""
    if not path.is_file():
        return {}
    found = json_files.decoded(json_files.content(path), str(path))
    return found if isinstance(found, dict) else {}


_OTHERS: tuple[tuple[Callable[[Any], bool], Callable[[Any, Path], StoredRun]], ...] = (
    (pytest_benchmark_file.fits, _pytest_benchmark),
    (google_benchmark_file.fits, _google_benchmark),
    (pyperf_file.fits, _pyperf),
    (hyperfine_file.fits, _hyperfine),
    (asv_file.fits, _asv),
)
"""How a file of each of them is told, and read; the first that fits."""


def is_unmeasured(case: StoredCase) -> bool:
    """Whether it was planned and could not run there, which is no failure: something it needs is not installed."""
    return case.trouble.startswith(UNMEASURED)


def own_run(run: Run | Reading, path: Path) -> StoredRun:
    """A run of this tool. Of a gate's run, which has two arms, it is the head. No block is kept."""
    environment, gate = run.header.environment, run.header.plan.gate
    facts = own_facts(environment)
    commit = _commit(environment)
    of_case: dict[str, CaseValues] = defaultdict(CaseValues)
    head, one_sided, broken = None, {}, {}
    if gate is not None:
        head, one_sided, broken = gate.arms[-1], gate.one_sided, gate.broken
        facts |= {name: value for name, value in head.facts.items() if name in facts}
        commit = head.commit or commit
    for each in _blocks_of(run, head):
        of_case[each.case].add(each)
    header = run.header  # only now: cases that the run took on are in its plan once all blocks are read
    cases = named(header.plan.cases)
    own = "fresh inputs" if header.plan.conditions.fresh_rounds else ""  # a round is then another amount of work
    return StoredRun(
        label=path.name,
        path=path,
        tool=f"{_OWN_TOOL} {header.tool}",
        at_utc=header.started_utc,
        commit=commit,
        facts=facts,
        cases=[
            mine.stored(_also(each, own), broken.get(each.key, ""), run.notes)
            for each, mine in ((each, of_case[each.key]) for each in cases)
            if mine.blocks or head is None or one_sided.get(each.key, head.name) == head.name
        ],
    )


def _blocks_of(run: Run | Reading, head: Arm | None) -> Iterator[Block]:
    """The blocks of a run, of a gate's those of the head; of a suite's benchmarks no round is a cold one."""
    gate = run.header.plan.gate
    for each in run.blocks:
        if head is None or each.arm == head.name:
            yield all_warm(each) if gate is not None and gate.suite else each


def _also(case: CaseName, what: str) -> CaseName:
    """A case whose key and name say something of all cases of its run; as it is where that is empty."""
    return replace(case, key=f"{case.key}/{what}", name=f"{case.name} {what}") if what else case


def _commit(environment: Environment) -> str:
    """The commit of the code that was measured, as `StoredRun` has it."""
    if not environment.git_commit:
        return ""
    return environment.git_commit + ("+" if environment.git_dirty else "")


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

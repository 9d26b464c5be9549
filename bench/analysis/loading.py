"""Any stored run as a `StoredRun`: the format is told by the content, and this tool's own runs are reduced here."""

from collections import defaultdict
from dataclasses import replace
from pathlib import Path

from bench.analysis import other_tools
from bench.analysis.case_values import UNMEASURED, CaseValues
from bench.analysis.stored import StoredCase, StoredRun
from bench.errors import RunFileError
from bench.naming import CaseName, named
from bench.records.machine import Environment
from bench.records.run import Run
from bench.store import json_files, pyperf_file, pytest_benchmark_file
from bench.store.reading import Reading

_OWN_TOOL = "concurrency-bench"
_OWN_BEGINNING = b'{"kind":'


def load(path: Path) -> StoredRun:
    """The run in a file: of this tool, of pytest-benchmark (JSON) or of pyperf (JSON, also compressed by gzip).

    Raises:
        RunFileError: in one line, if it is none of these, or damaged, cut, or holds what is no measurement.
    """
    name = str(path)
    if json_files.beginning(path, len(_OWN_BEGINNING)) == _OWN_BEGINNING:
        return own_run(Reading(path), path)
    read = json_files.content(path)
    document = json_files.decoded(read, name)
    if pytest_benchmark_file.fits(document):
        return other_tools.from_pytest_benchmark(pytest_benchmark_file.read(document, name), path)
    if pyperf_file.fits(document):
        return other_tools.from_pyperf(pyperf_file.read(document, name), path)
    raise RunFileError(f"{name} is no stored run: JSON, but neither of this tool nor of pytest-benchmark or pyperf")


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
    for each in run.blocks:
        if head is None or each.arm == head.name:
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

"""Finds all workloads and strategies in a process of its own, and describes them as plain records.

So the command line loads neither numpy nor anything else that a workload's module brings, and a module of the user's
that prints, exits or crashes harms nothing.
"""

import contextlib
import importlib.metadata
import os
import sys
import sysconfig
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from bench.errors import AbsentSourceError, BenchError, MeasurementError, UnknownNameError, UsageError
from bench.machine import interpreter
from bench.measure.plan.site import here
from bench.measure.wire.requests import Site
from bench.plugins import sources
from bench.plugins.names import LONGEST_NAME, sanitized
from bench.plugins.registry import Strategy, Workload
from bench.plugins.signatures import is_coroutine_function
from bench.processes import interruption
from bench.processes.channel import Channel, ParentGone
from bench.records.catalogue import Catalogue, OptionInfo, StrategyInfo, WorkloadInfo

_LIMIT_S = 60.0
_POINT_LIMIT_S = 15.0
"""For what somebody else's package brings, which the user did not ask for."""
ENTRY_POINTS = ("bench.workloads", "bench.strategies")


@interruption.held()
def find(user_sources: Sequence[str], site: Site | None = None) -> Catalogue:
    """All workloads and strategies: built in, from entry points, and from `user_sources`, as they are at `site`, by default here.

    An entry point that does not load is left out with a warning, also where it ends Python or takes longer than 15 s.

    Raises:
        AbsentSourceError: if one of `user_sources` is not there.
        UsageError: if one of `user_sources` cannot be loaded, or still is after a minute.
        MeasurementError: if one ends the process that looks.
        Interrupted: if the command is.
    """
    import msgspec

    from bench.machine.guardian import adopting

    left_out: dict[str, str] = {}
    with adopting():  # a module may kill its guardian
        while (answer := _answer_of(user_sources, left_out, site or here())) is None:
            pass
    if "absent" in answer:
        raise AbsentSourceError(answer["absent"])
    if "error" in answer:
        raise UsageError(answer["error"])
    try:
        return msgspec.convert(answer, Catalogue)
    except msgspec.ValidationError as error:
        raise UsageError(f"what {', '.join(user_sources)} registers is not as it should be: {error}") from None


def _answer_of(user_sources: Sequence[str], left_out: dict[str, str], site: Site) -> Any | None:
    """What a process says that loads everything; None if an entry point ended or held it, which is then in `left_out`.

    Args:
        user_sources: what the user names.
        left_out: what entry points load that is not loaded again, and why.
        site: where and with what Python it looks.
    """
    from bench.machine.guardian import guard
    from bench.processes.child import Child
    from bench.processes.watching import ended_how

    with Child(
        "bench.measure.plan.catalogue",
        python=site.python,
        folder=site.folder,
        path=site.path,
        environment={**os.environ, **site.environment},
        before_exec=guard,
    ) as child:
        child.send({"sources": list(user_sources), "left_out": left_out})
        loaded = {"loading": "the workloads"}
        kind: type[BenchError] = MeasurementError
        why = ""
        try:
            while answer := child.receive(_POINT_LIMIT_S if "point" in loaded else _LIMIT_S):
                if "loading" not in answer:
                    return answer
                loaded = answer
        except TimeoutError:
            child.process.terminate()
            kind = UsageError
            why = f"still lasted after {_POINT_LIMIT_S if 'point' in loaded else _LIMIT_S:g} s"
        except BaseException:  # it has no reason to leave by itself
            child.process.terminate()
            raise
    code = child.process.returncode
    why = why or ("ended Python itself" if code >= 0 else ended_how(code))
    if "point" not in loaded:
        raise kind(f"loading {loaded['loading']} {why}; what does it do when imported?")
    left_out[loaded["point"]] = f"loading it {why}"
    return None


def main() -> None:
    """The child: load everything, say before each of the user's and of others what it is, answer with the catalogue."""
    channel = Channel()
    request = channel.receive()
    if request is None:
        return
    with contextlib.suppress(ParentGone):
        _answer(channel, request["sources"], request["left_out"])


def _answer(channel: Channel, user_sources: Sequence[str], left_out: Mapping[str, str]) -> None:
    import dataclasses

    try:
        channel.send(dataclasses.asdict(describe(user_sources, left_out, channel.send)))
    except (AbsentSourceError, UnknownNameError) as error:
        channel.send({"absent": str(error)})
    except BenchError as error:
        channel.send({"error": str(error)})


def describe(
    user_sources: Iterable[str], left_out: Mapping[str, str], say: Callable[[dict[str, str]], None]
) -> Catalogue:
    """Load and describe. What is built in or installed but does not load is listed as unavailable, with the reason.

    Args:
        user_sources: what the user names.
        left_out: what entry points load that is not loaded here, and why.
        say: gets `loading`, and what an entry point loads as `point`, before each of them.
    """
    from bench.strategies import BUILT_IN as STRATEGIES
    from bench.workloads import built_in

    found = Catalogue([], [])
    gil = interpreter.gil()  # before anything that may turn it on is loaded
    for source in STRATEGIES:
        _add(source, found)
    for source in built_in():
        try:
            _add(source, found)
        except BenchError as error:  # a package it needs is not installed
            name = source.rpartition(".")[2]
            found.workloads.append(WorkloadInfo(name, source, "map", "cpu", [], "", unavailable=str(error)))
    for group in ENTRY_POINTS:
        for point in importlib.metadata.entry_points(group=group):
            _add_point(point, found, left_out, say)
    for source in user_sources:
        say({"loading": source})
        _add(source, found)
        found.origins[source] = sources.file_of(source)
    found.modules.update(own_modules())
    found.packages.update(package_versions())
    found.interpreter.update(interpreter.facts() | {"gil": gil})
    return found


def _add_point(
    point: importlib.metadata.EntryPoint,
    found: Catalogue,
    left_out: Mapping[str, str],
    say: Callable[[dict[str, str]], None],
) -> None:
    whose = f" of {point.dist.name}" if point.dist else ""
    named = f"entry point {sanitized(f'{point.name}{whose}', LONGEST_NAME)} ({point.group})"
    why = left_out.get(point.value, "")
    if not why:
        say({"loading": named, "point": point.value})
        try:
            _add(point.value, found)
        except BenchError as error:
            why = sanitized(str(error))
    if why:
        found.warnings.append(f"{named} is left out: {why}")


def _add(source: str, found: Catalogue) -> None:
    """Load a source and describe what it defines, once each."""
    for each in sources.load(source):
        if isinstance(each, Workload):
            if each.name not in {known.name for known in found.workloads}:
                found.workloads.append(describe_workload(each, source))
        elif each.name not in {known.name for known in found.strategies}:
            found.strategies.append(describe_strategy(each, source))


def describe_workload(workload: Workload, source: str) -> WorkloadInfo:
    """The workload as a record."""
    return WorkloadInfo(
        name=workload.name,
        source=source,
        pattern=workload.pattern,
        bound=workload.bound,
        scales=list(workload.scales),
        summary=workload.summary,
        options={
            name: OptionInfo(next(iter(values)), list(values), {each: dict(values[each]) for each in values})
            for name, values in workload.options.items()
        },
        prepares=workload.prepare is not None,
        needs=sorted(workload.requires),
        coroutine=workload.coroutine is not None or is_coroutine_function(workload.task),
        needs_inputs=workload.inputs is None,
        fault=workload.fault,
        under=dict(workload.fault_settings),
    )


def describe_strategy(strategy: Strategy, source: str) -> StrategyInfo:
    """The strategy as a record."""
    return StrategyInfo(
        name=strategy.name,
        source=source,
        pattern=strategy.pattern,
        isolation=strategy.isolation,
        summary=strategy.summary,
        takes_workers=strategy.takes_workers,
        per_task=strategy.per_task,
        options={
            name: OptionInfo(str(default), list(strategy.choices.get(name, ())))
            for name, default in strategy.options.items()
        },
        offers=sorted(strategy.provides),
        showcase=list(strategy.default_workloads),
        aliases=list(strategy.aliases),
        demonstration=strategy.demonstration,
        unavailable=strategy.unavailable,
    )


def own_modules() -> dict[str, str]:
    """The files of the modules in this process that are neither Python's nor the tool's nor installed, by name."""
    python = [os.path.realpath(sysconfig.get_path(name)) + os.sep for name in ("stdlib", "platstdlib")]
    found = {}
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if not isinstance(file, str) or name.partition(".")[0] in {"bench", "__main__"} or not os.path.isfile(file):
            continue
        full = os.path.realpath(file)
        if not sources.is_installed(full) and not full.startswith(tuple(python)):
            found[sanitized(name, LONGEST_NAME)] = full
    return found


def package_versions() -> dict[str, str]:
    """Distributions of the modules that the workloads and strategies brought into this process."""
    top_level = {name.partition(".")[0] for name in sys.modules} - set(sys.stdlib_module_names) - {"bench"}
    return {name: version for module in sorted(top_level) for name, version in _distribution(module).items()}


def _distribution(module: str) -> dict[str, str]:
    known: dict[str, Any] = {"PIL": "pillow"}
    name = known.get(module, module)
    try:
        return {name: importlib.metadata.version(name)}
    except (importlib.metadata.PackageNotFoundError, ValueError):
        return {}

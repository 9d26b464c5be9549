"""Finds all workloads and strategies in a process of its own, and describes them as plain records.

So the command line loads neither numpy nor anything else that a workload's module brings, and a module of the user's
that prints, exits or crashes harms nothing.
"""

import contextlib
import importlib.metadata
import inspect
import os
import sys
import sysconfig
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from bench import interruption, sources
from bench.catalogue import Catalogue, OptionInfo, StrategyInfo, WorkloadInfo
from bench.errors import AbsentSourceError, BenchError, MeasurementError, UnknownNameError, UsageError
from bench.measure import interpreter
from bench.measure.channel import Channel, ParentGone
from bench.measure.place import Place, here
from bench.names import LONGEST_NAME, plain
from bench.registry import Strategy, Workload

if TYPE_CHECKING:
    from bench.measure.child import Child

_LIMIT_S = 60.0
ENTRY_POINTS = ("bench.workloads", "bench.strategies")


@interruption.held()
def find(user_sources: Sequence[str], place: Place | None = None) -> Catalogue:
    """All workloads and strategies: built in, from entry points, and from `user_sources`, as they are at `place`, by default here.

    Raises:
        AbsentSourceError: if one of `user_sources` is not there.
        UsageError: if one of `user_sources` cannot be loaded.
        MeasurementError: if the process that looks ends without an answer.
        Interrupted: if the command is.
    """
    import msgspec

    from bench.accounting.descendants import descendants, end_descendants
    from bench.accounting.kernel import adopt_orphans
    from bench.measure.child import Child
    from bench.measure.guardian import guard
    from bench.measure.watching import ended_how

    place = place or here()
    not_ours = [each.pid for each in descendants()]
    adopt_orphans()  # what a module starts that kills its guardian
    try:
        with Child(
            "bench.measure.catalogue",
            python=place.python,
            folder=place.folder,
            path=place.path,
            environment={**os.environ, **place.environment},
            before_exec=guard,
        ) as child:
            child.send({"sources": list(user_sources)})
            try:
                answer = _answer_of(child)
            except TimeoutError:
                shown = ", ".join(user_sources) or "the workloads"
                raise UsageError(
                    f"loading {shown} still lasted after {_LIMIT_S:g} s; what does it do when imported?"
                ) from None
    finally:
        end_descendants(not_ours)
    if answer is None:
        how = "ended Python itself" if child.process.returncode >= 0 else ended_how(child.process.returncode)
        raise MeasurementError(f"loading {', '.join(user_sources) or 'the workloads'} {how}")
    if "absent" in answer:
        raise AbsentSourceError(answer["absent"])
    if "error" in answer:
        raise UsageError(answer["error"])
    try:
        return msgspec.convert(answer, Catalogue)
    except msgspec.ValidationError as error:
        raise UsageError(f"what {', '.join(user_sources)} registers is not as it should be: {error}") from None


def _answer_of(child: "Child") -> Any:
    try:
        return child.receive(_LIMIT_S)
    except BaseException:  # it has no reason to leave by itself
        child.process.terminate()
        raise


def main() -> None:
    """The child: load everything, answer with the catalogue."""
    channel = Channel()
    request = channel.receive()
    if request is None:
        return
    with contextlib.suppress(ParentGone):
        _answer(channel, request["sources"])


def _answer(channel: Channel, user_sources: Sequence[str]) -> None:
    import dataclasses

    try:
        channel.send(dataclasses.asdict(describe(user_sources)))
    except (AbsentSourceError, UnknownNameError) as error:
        channel.send({"absent": str(error)})
    except BenchError as error:
        channel.send({"error": str(error)})


def describe(user_sources: Iterable[str]) -> Catalogue:
    """Load and describe. What is built in or installed but does not load is listed as unavailable, with the reason."""
    from bench.strategies import BUILT_IN as STRATEGIES
    from bench.workloads import BUILT_IN as WORKLOADS

    found = Catalogue([], [])
    for source in STRATEGIES:
        _add(source, found)
    for source in WORKLOADS:
        try:
            _add(source, found)
        except BenchError as error:  # a package it needs is not installed
            name = source.rpartition(".")[2]
            found.workloads.append(WorkloadInfo(name, source, "map", "cpu", [], "", unavailable=str(error)))
    for group in ENTRY_POINTS:
        for point in importlib.metadata.entry_points(group=group):
            try:
                _add(point.value, found)
            except BenchError as error:
                whose = f" of {point.dist.name}" if point.dist else ""
                named = plain(f"{point.name}{whose}", LONGEST_NAME)
                found.warnings.append(f"entry point {named} ({group}) is left out: {plain(str(error))}")
    for source in user_sources:
        _add(source, found)
        found.origins[source] = sources.file_of(source)
    found.modules.update(own_modules())
    found.packages.update(package_versions())
    found.interpreter.update(interpreter.facts())
    return found


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
        needs=sorted(workload.needs),
        coroutine=workload.coroutine is not None or inspect.iscoroutinefunction(workload.task),
        needs_inputs=workload.inputs is None,
        fault=workload.fault,
        under=dict(workload.under),
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
        offers=sorted(strategy.offers),
        showcase=list(strategy.showcase),
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
        is_installed = any(folder.endswith("-packages") for folder in os.path.dirname(full).split(os.sep))
        if not is_installed and not full.startswith(tuple(python)):
            found[plain(name, LONGEST_NAME)] = full
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

"""Workloads and strategies of this process, and the two decorators that register them.

A decorator notes the function and gives it back unchanged, so that the function pickles by its name under every start
method. Nothing here finds or imports modules (`bench.plugins.sources` does), runs or measures.
"""

from __future__ import annotations

from bench.errors import SourceError
from bench.patterns import PATTERNS
from bench.plugins import names, signatures
from bench.records.lean import NOTHING, record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager
    from random import Random
    from typing import Any, TypeVar

    Function = TypeVar("Function", bound=Callable[..., Any])


@record
class Workload:
    """What is done: a task, its inputs at a scale, and how the results are checked."""

    name: str
    task: Callable[..., Any]
    module: str
    pattern: str
    bound: str
    scales: Mapping[str, Any]
    summary: str
    inputs: Callable[..., Any] | None = None
    combine: Callable[[list[Any]], Any] | None = None
    expect: Mapping[str, Any] | Callable[[Sequence[Any]], Any] | None = None
    check: Callable[[Any, Any], None] | None = None
    prepare: Callable[[Any, Random], AbstractContextManager[Any]] | None = None
    min_task_s: Callable[[Any], float] | None = None
    coroutine: Callable[[Any], Awaitable[Any]] | None = None
    requires: frozenset[str] = frozenset()
    options: Mapping[str, Mapping[str, Mapping[str, str | None]]] = NOTHING
    strategy_options: Mapping[str, Any] = NOTHING
    fault: str = ""
    fault_settings: Mapping[str, str] = NOTHING


@record
class Strategy:
    """How work is executed: a context manager that yields a callable with its pattern's signature."""

    name: str
    open: Callable[..., AbstractContextManager[Callable[..., Any]]]
    module: str
    pattern: str
    isolation: str
    summary: str
    takes_workers: bool
    per_task: bool
    provides: frozenset[str]
    default_workloads: tuple[str, ...]
    demonstration: bool
    unavailable: str
    options: Mapping[str, Any]
    choices: Mapping[str, Sequence[str]]
    aliases: tuple[str, ...] = ()

    def bind(
        self, workers: int | None, options: Mapping[str, str], asked: Mapping[str, Any] | None = None
    ) -> AbstractContextManager[Callable[..., Any]]:
        """The context manager for one block; options the strategy does not know are left out.

        Args:
            workers: how many to start; ignored where the strategy takes no number.
            options: values as text, converted to the type of the option's default.
            asked: what the workload asks for, such as an initializer.
        """
        chosen = {
            name: type(default)(options[name]) if name in options else default for name, default in self.options.items()
        }
        chosen |= asked or {}
        return self.open(workers, **chosen) if self.takes_workers else self.open(**chosen)


workloads: dict[str, Workload] = {}
strategies: dict[str, Strategy] = {}


@signatures.also_as(needs="requires", asks="strategy_options", under="fault_settings", least_s="min_task_s")
def workload(
    *,
    inputs: Callable[..., Any],
    scales: Mapping[str, Any],
    name: str | None = None,
    pattern: str = "map",
    bound: str = "cpu",
    combine: Callable[[list[Any]], Any] | None = None,
    expect: Mapping[str, Any] | Callable[[Sequence[Any]], Any] | None = None,
    check: Callable[[Any, Any], None] | None = None,
    prepare: Callable[[Any, Random], AbstractContextManager[Any]] | None = None,
    min_task_s: Callable[[Any], float] | None = None,
    coroutine: Callable[[Any], Awaitable[Any]] | None = None,
    requires: Collection[str] = (),
    options: Mapping[str, Mapping[str, Mapping[str, str | None]]] | None = None,
    strategy_options: Mapping[str, Any] | None = None,
    fault: str = "",
    fault_settings: Mapping[str, str] | None = None,
) -> Callable[[Function], Function]:
    """Register the decorated task function as a workload. The function itself is given back unchanged.

    Args:
        inputs: `inputs(size, rng)` gives the job: for the pattern `map` the list of inputs, one a task, for the others
            the record that `bench.patterns` has for them. `size` is the scale's value and `rng` a `random.Random` with
            the run's seed. With `prepare`, what that yielded is the third argument.
        scales: the sizes by name; `quick` and `standard` are what the commands use by default.
        name: the function's name unless given.
        pattern: the shape of the work, which decides the strategies that fit.
        bound: `cpu` or `io`: whether more workers than cores can help; `unknown`: decided by whether the baseline kept a
            core at work.
        combine: makes one value of the results, to be compared with what is expected.
        expect: the expected value for each scale, or a function of the inputs that gives it. Without it (and without
            `check`) the results are compared with those of a serial execution.
        check: `check(inputs, results)` raises `WrongResult`, or gives back False, where the results are not right.
        prepare: `prepare(size, rng)`, a context manager entered in a process of its own before anything is measured
            and left after the run; yields plain JSON data.
        min_task_s: the least seconds a task can take for an input, where the input decides that (a sleep).
        coroutine: a coroutine function that does the same as the task, for strategies that run an event loop.
        requires: what a strategy has to provide to fit, such as `many_producers`.
        options: choices of environment variables for the measured process: option name, its values, and for each
            value the variables to set (or to remove, where None). The first value is the default.
        strategy_options: what the strategy gets for keyword-only parameters, such as an `initializer`; only strategies
            that have them fit.
        fault: what goes wrong, in a few words, where the workload is there to do that (`bench.workloads.faults`).
        fault_settings: the settings under which the fault happens: `workers` and options of strategies.
    """

    def register(task: Function) -> Function:
        known_name = name or task.__name__
        _claim(workloads, "workload", known_name, task, pattern)
        _check_names(f"workload {known_name!r}", [bound, *requires, *(scales or [""])], options or {})
        workloads[known_name] = Workload(
            name=known_name,
            task=task,
            module=task.__module__,
            pattern=pattern,
            bound=bound,
            scales=dict(scales),
            summary=_first_line(task),
            inputs=inputs,
            combine=combine,
            expect=expect,
            check=check,
            prepare=prepare,
            min_task_s=min_task_s,
            coroutine=coroutine,
            requires=_required(task, {*requires, *(strategy_options or {})}),
            options=options or {},
            strategy_options=strategy_options or {},
            fault=names.sanitized(fault),
            fault_settings=fault_settings or {},
        )
        return task

    return register


@signatures.also_as(offers="provides", showcase="default_workloads")
def strategy(
    name: str,
    *,
    pattern: str = "map",
    isolation: str,
    per_task: bool = False,
    provides: Collection[str] = (),
    default_workloads: Collection[str] = (),
    demonstration: bool = False,
    unavailable: str = "",
    choices: Mapping[str, Sequence[str]] | None = None,
    aliases: Collection[str] = (),
) -> Callable[[Function], Function]:
    """Register the decorated context manager as a strategy. The function itself is given back unchanged.

    Entering it is the start, the callable it yields is called once a round, leaving it is the stop. A first parameter
    `workers` receives their number; keyword-only ones receive what a workload asks for, and are thereby provided (with
    `**asked`, state them as `provides`); every other parameter is an option and needs a default.

    Args:
        name: what the strategy is called in commands and reports.
        pattern: the shape of work it executes: `call(task, inputs)` of a `map` gives the results in order; for the
            others see `bench.patterns`.
        isolation: where the work runs: `none`, `thread`, `process`, `interpreter`.
        per_task: it starts a worker for each task and so takes no number.
        provides: what workloads may require that not every strategy of the pattern can do.
        default_workloads: those on which it is measured when the user names neither; empty: all that fit. For variants
            that would tell the same story on each; a function of the user's own is not measured with them.
        demonstration: it shows what goes wrong; measured only when named, and never ranked.
        unavailable: why it cannot run here, in a few words; empty where it can.
        choices: the values an option takes, where they are few.
        aliases: what else it is asked for by, whatever the case: the names of the classes and functions it uses.
    """

    def register(function: Function) -> Function:
        _claim(strategies, "strategy", name, function, pattern)
        taken, for_workloads = signatures.parameters(function)
        takes_workers = taken.pop("workers", None) is not None
        options = _defaults(name, taken)
        texts = {each: [default] for each, default in options.items() if type(default) is str} | dict(choices or {})
        _check_names(f"strategy {name!r}", [isolation, *provides, *default_workloads, *aliases, *options], texts)
        strategies[name] = Strategy(
            name=name,
            open=function,
            module=function.__module__,
            pattern=pattern,
            isolation=isolation,
            summary=_first_line(function),
            takes_workers=takes_workers,
            per_task=per_task,
            provides=frozenset(provides) | for_workloads,
            default_workloads=tuple(default_workloads),
            demonstration=demonstration,
            unavailable=names.sanitized(unavailable),
            options=options,
            choices=choices or {},
            aliases=tuple(aliases),
        )
        return function

    return register


def _defaults(strategy_name: str, options: Mapping[str, Any]) -> Mapping[str, Any]:
    for name, default in options.items():
        if type(default) not in (int, str):
            raise SourceError(f"strategy {strategy_name!r}: option {name!r} needs a default, a number or a text")
    return options


def plain_workload(name: str, function: Callable[[Any], Any], module: str) -> Workload:
    """A workload of a user's bare function, whose inputs are given with the request; not registered.

    Args:
        name, module: as sources name it, and where it was found.
        function: of one argument; what is built in has no module of its own.
    """
    names.check("function", [name])
    return Workload(
        name=name,
        task=function,
        module=module,
        pattern="map",
        bound="unknown",
        scales={"given": None},
        summary=_first_line(function),
        requires=_required(function, ()),
    )


def coroutine_of(task: Callable[..., Any]) -> Callable[[Any], Awaitable[Any]] | None:
    """The coroutine function that does the same as `task`: itself if it is one, or what its workload says."""
    if signatures.is_coroutine_function(task):
        return task
    return next((each.coroutine for each in workloads.values() if each.task is task), None)


def missing(*modules: str, extra: str) -> str:
    """Why a strategy that needs these modules is unavailable; empty where they are all installed."""
    from importlib.util import find_spec

    absent = any(find_spec(each) is None for each in modules)
    return f"pip install 'concurrency-bench[{extra}]'" if absent else ""


def defined_in(module: str) -> Iterator[Workload | Strategy]:
    """The workloads and strategies that the module of that name registered."""
    yield from (each for each in workloads.values() if each.module == module)
    yield from (each for each in strategies.values() if each.module == module)


def _claim(registered: Mapping[str, Workload | Strategy], kind: str, name: str, function: Any, pattern: str) -> None:
    """The name is one and free, and the pattern is known."""
    names.check(kind, [name])
    earlier = registered.get(name)
    if earlier is not None and earlier.module != function.__module__:
        again = f"is defined in {earlier.module} and again in {function.__module__}"
        raise SourceError(f"{kind} {name!r} {again}; rename one")
    if pattern not in PATTERNS:
        raise SourceError(f"{name!r} has the pattern {pattern!r}; it must be one of {', '.join(PATTERNS)}")


def _required(task: Callable[..., Any], stated: Collection[str]) -> frozenset[str]:
    """What a strategy has to provide; the tasks of a coroutine function run in an event loop only."""
    return frozenset(stated) | ({"coroutines"} if signatures.is_coroutine_function(task) else set())


def _check_names(whose: str, stated: Collection[Any], options: Mapping[str, Collection[Any]]) -> None:
    names.check(f"{whose}:", [*stated, *options])
    names.check(f"{whose}:", [each for values in options.values() for each in values], may_be_empty=True)


def _first_line(function: Any) -> str:
    return names.sanitized(signatures.first_line(function), names.LONGEST_NAME)

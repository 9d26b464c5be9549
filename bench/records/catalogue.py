"""Workloads and strategies as they are listed and planned with: plain records, without the functions themselves.

Their fields are those of `list --json`, which keeps former names of arguments: `needs`, `under`, `offers`, `showcase`.
The functions stay in the processes that load them (`bench.measure.plan.catalogue`, hosts).
"""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class OptionInfo:
    """An option of a strategy or a workload."""

    default: str
    choices: list[str] = field(default_factory=list)
    """The values it takes; empty where any whole number does."""
    environment: dict[str, dict[str, str | None]] = field(default_factory=dict)
    """For an option of a workload: the environment variables that each value sets, or removes where None."""


@dataclass(frozen=True, slots=True)
class WorkloadInfo:
    """A workload as the catalogue shows it; the functions stay in the process that loaded them."""

    name: str
    source: str
    """What to load it from: a module, a file, or `module:function`."""
    pattern: str
    bound: str
    scales: list[str]
    summary: str
    options: dict[str, OptionInfo] = field(default_factory=dict)
    needs: list[str] = field(default_factory=list)
    """What a strategy has to provide: `requires` of the decorator."""
    coroutine: bool = False
    """Whether event loops can run it natively."""
    prepares: bool = False
    needs_inputs: bool = False
    """A plain function that was given no inputs of its own."""
    fault: str = ""
    """What goes wrong in it, where that is what it is for."""
    under: dict[str, str] = field(default_factory=dict)
    """The settings under which that happens, `workers` and options of strategies: `fault_settings` of the decorator."""
    unavailable: str = ""


@dataclass(frozen=True, slots=True)
class StrategyInfo:
    """A strategy as the catalogue shows it."""

    name: str
    source: str
    pattern: str
    isolation: str
    summary: str
    takes_workers: bool = False
    per_task: bool = False
    options: dict[str, OptionInfo] = field(default_factory=dict)
    offers: list[str] = field(default_factory=list)
    """What workloads may require: `provides` of the decorator."""
    showcase: list[str] = field(default_factory=list)
    """The workloads on which it is measured where the user names neither, `default_workloads` of the decorator; empty: all that fit."""
    aliases: list[str] = field(default_factory=list)
    """What else it is asked for by, in whatever case: `ThreadPoolExecutor`."""
    demonstration: bool = False
    """It shows what goes wrong: measured only when named, and never ranked."""
    unavailable: str = ""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All workloads and strategies that were found, and the packages their modules brought."""

    workloads: list[WorkloadInfo]
    strategies: list[StrategyInfo]
    packages: dict[str, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    """What was found and had to be left out."""
    interpreter: dict[str, str] = field(default_factory=dict)
    """The facts of the interpreter that looked (`bench.machine.interpreter`)."""
    origins: dict[str, str] = field(default_factory=dict)
    """By the user's source, the file that it was loaded from."""
    modules: dict[str, str] = field(default_factory=dict)
    """The files of all modules that are neither Python's nor the tool's nor installed, by the modules' names."""

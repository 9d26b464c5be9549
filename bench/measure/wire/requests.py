"""What the command asks a supervisor for, and the supervisor a host: records, declared once for all of them.

A host gets them as objects with these very attributes (`bench.measure.host.inputs.opened`): it loads none of the classes, and has none
of their properties.
"""

import os
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from bench.records.conditions import Conditions

_MOST_SHIFT_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Site:
    """An interpreter, a folder, and what is added to the environment. By default those of the command."""

    python: str | None = None
    folder: str | None = None
    path: list[str] = field(default_factory=list)
    """Folders of modules, to be found before what is installed and after the standard library."""
    environment: dict[str, str] = field(default_factory=dict)
    top: str | None = None
    """The user's working tree, from which nothing may be loaded; None where it may."""
    root: str | None = None
    """The checkout whose code is to be loaded instead."""
    gil: str = ""
    """`off` where a block counts only if the GIL stays off."""


@dataclass(frozen=True, slots=True)
class BlockSettings:
    """How a block is measured that is not alone: its turns, its CPUs, its layout, and what is wanted of it."""

    turns: bool = False
    """Whether each window waits until the command grants it, so that two hosts never measure at the same time."""
    cpus: list[int] = field(default_factory=list)
    """Where the host stays; anywhere if empty."""
    layout: int | None = None
    """The seed of the memory's layout and of the hashes of strings, the same for all hosts of an ensemble."""
    digest: bool = False
    """Whether a digest of the results is wanted."""
    is_first: bool = True
    """Whether it is the first block of its case, whose results are compared with those of a plain loop."""
    errand: str = ""
    """What the host does in place of a block (`bench.measure.host.errands`)."""

    @property
    def environment(self) -> dict[str, str]:
        """All of an ensemble get the same hashes of strings, unless the user has chosen them, and the same place of the stack.

        The environment lies above the stack and moves it (Mytkowicz et al., ASPLOS 2009).
        """
        if self.layout is None:
            return {}
        hashes = {} if "PYTHONHASHSEED" in os.environ else {"PYTHONHASHSEED": str(self.layout)}
        return hashes | {"BENCH_LAYOUT": "x" * (self.layout % _MOST_SHIFT_BYTES)}


ALONE = BlockSettings()


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkRequest:
    """A workload at a scale, and what its inputs are made of."""

    workload: str
    workload_source: str
    scale: str
    conditions: Conditions
    inputs: str | None = None
    """The user's, a file or a range, for a plain function."""
    prepared: Any = None
    """What its preparation gave."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparationRequest(WorkRequest):
    """The preparation of a workload, which lives from now on."""

    id: str
    site: Site
    environment: dict[str, str | None]
    """What is changed in the environment; None removes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockRequest(WorkRequest):
    """A block."""

    case: str
    """Its key."""
    arm: str
    repetition: int
    rounds: int
    """How many, where the command does not grant one after another."""
    strategy: str
    strategy_source: str
    workers: int | None
    options: dict[str, str]
    """Of the case: those of the workload and of the strategy."""
    site: Site
    environment: dict[str, str | None]
    """What is changed in the environment, that of the site and the settings included; None removes."""
    settings: BlockSettings
    fault: bool
    """Whether its workload is there to go wrong."""
    plain: str | None
    """Where results of a plain loop over this work are kept."""
    keeps: bool
    """Whether its results are those of a plain loop, to be kept there."""
    verifies: bool
    """Whether its results are held against those."""
    compare_s: float
    """How long that may take."""
    times_alone: bool
    """Whether its tasks are timed one by one."""
    alone_s: float
    """How long that may take."""


@dataclass(frozen=True, slots=True)
class FileRequest:
    """A place for a file that lasts as long as the supervisor."""

    name: str


Request = PreparationRequest | BlockRequest | FileRequest
_KINDS: dict[str, type[Request]] = {"prepare": PreparationRequest, "block": BlockRequest, "file": FileRequest}
_PARTS = {"conditions": Conditions, "settings": BlockSettings, "site": Site}


def message_of(request: Request) -> dict[str, Any]:
    """What JSON has of a request; `do` says which it is. What was prepared is in it as it is: it may be thousands of paths."""
    do = next(name for name, kind in _KINDS.items() if type(request) is kind)
    values = {each.name: getattr(request, each.name) for each in fields(request)}
    return {"do": do} | {name: asdict(value) if name in _PARTS else value for name, value in values.items()}


def request_of(message: dict[str, Any]) -> Request:
    """The request that a message was made of."""
    fields = {name: _PARTS[name](**value) if name in _PARTS else value for name, value in message.items()}
    return _KINDS[fields.pop("do")](**fields)

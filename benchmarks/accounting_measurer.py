"""Real blocks of the burning workload, by the supervisor as it is or by one of the two that stand in for it here."""

import functools
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from unittest import mock

from bench.machine import environment
from bench.machine.interpreter import python_name
from bench.measure.engine.runner import Measurer
from bench.measure.plan import catalogue
from bench.measure.plan.cases import PlannedCase, Selection, expand
from bench.processes.child import Child
from bench.records.conditions import Conditions
from benchmarks.accounting_peers import FOLDER

SUPERVISOR = "bench.measure.supervisor.main"
_LIMIT_S = 60.0


def burning(
    strategies: Sequence[str], scale: str, options: Mapping[str, Sequence[str]] | None = None
) -> list[PlannedCase]:
    """The cases of the burning workload under strategies; all process strategies that take any task, if none is named."""
    found = catalogue.find([str(FOLDER / "accounting_burning.py")])
    names = strategies or [
        each.name
        for each in found.strategies
        if each.pattern == "map" and each.isolation == "process" and not each.demonstration and not each.unavailable
    ]
    workers = environment.default_workers()[0]
    return expand(found, Selection(["burn"], names, scale, options=options or {}), python_name(), workers)


@contextmanager
def measuring(hz: float, module: str = SUPERVISOR) -> Iterator[Measurer]:
    """A measurer whose supervisor is another module's `main`."""
    with (
        mock.patch.dict(os.environ, {"PYTHONPATH": str(FOLDER.parent)}),
        mock.patch("bench.measure.engine.supervision.Child", functools.partial(_child, module)),
        Measurer(Conditions(1, None, _LIMIT_S, hz), lambda _: None) as measurer,
    ):
        yield measurer


def _child(module: str, _: str, **given: Any) -> Child:
    """A child that runs another module than the one that is asked for."""
    return Child(module, **given)

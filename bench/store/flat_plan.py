"""A plan as a run file has it: what holds for every block is beside the other fields there, and in a record of its own here."""

from dataclasses import fields
from typing import Any

import msgspec

from bench.records.conditions import Conditions
from bench.records.run import Header

_FIELD = "conditions"
_NAMES = [each.name for each in fields(Conditions)]


def flat(header: Header) -> dict[str, Any]:
    """A header as what JSON has, with the conditions among the fields of its plan, where they have their place."""
    found: dict[str, Any] = msgspec.to_builtins(header)
    parts = [value.items() if name == _FIELD else [(name, value)] for name, value in found["plan"].items()]
    return found | {"plan": dict(each for part in parts for each in part)}


def nested(plan: Any) -> Any:
    """The plan of a decoded header with the conditions in one field, as the records have it; what is no plan stays as it is."""
    if not isinstance(plan, dict):
        return plan
    conditions = {name: plan[name] for name in _NAMES if name in plan}
    return {name: value for name, value in plan.items() if name not in conditions} | {_FIELD: conditions}


def place(error: str) -> str:
    """What is said of a value that does not fit, with the place where the file has it."""
    return error.replace(f"$.plan.{_FIELD}", "$.plan")

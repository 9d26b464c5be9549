"""The options that fields of records declare (`bench.records.option`), as `click` has them."""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from typing import Any, get_type_hints

import click

from bench.records.conditions import Conditions
from bench.records.option import Option, option_of


def declared(kinds: Mapping[str, Mapping[str, Any]], *, of_cases: bool) -> list[Callable[[Any], Any]]:
    """The options of the fields of `Conditions`, in their order; a unit at the end of a field's name is none of the option's.

    Args:
        kinds: what `click` is told of each kind of value that has a name of its own.
        of_cases: those that every command has which measures cases, or the others.
    """
    types = get_type_hints(Conditions)
    found = []
    for each in fields(Conditions):
        option = option_of(each.metadata)
        if option is not None and option.is_of_cases is of_cases:
            default = option.default if each.default is MISSING else each.default
            own = kinds[option.kind] if option.kind else _of_type(types[each.name])
            found.append(_made(each.name.removesuffix("_s"), option, default, own))
    return found


def given_conditions(given: dict[str, Any]) -> dict[str, Any]:
    """Those of the options that a command was given which are fields of `Conditions`, as they were given; they are taken out."""
    return {each.name: given.pop(each.name) for each in fields(Conditions) if each.name in given}


def _of_type(type_: Any) -> Mapping[str, Any]:
    return {"is_flag": True} if type_ is bool else {"type": type_}


def _made(name: str, option: Option, default: Any, own: Mapping[str, Any]) -> Callable[[Any], Any]:
    flag = f"--{name.replace('_', '-')}"
    said = {"help": option.help, "metavar": option.metavar, "default": default, "show_default": option.shows_default}
    return click.option(flag, name, **said, **own)

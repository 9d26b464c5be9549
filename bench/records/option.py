"""An option of the command line, declared where the field is that it sets: its words are here, and `bench.cli.declared` makes it of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_KEY = "option"


@dataclass(frozen=True, slots=True)
class Option:
    """How the user sets a field."""

    help: str
    kind: str = ""
    """What its value is, by a name in `bench.cli.options`; by default what the field's type says."""
    metavar: str | None = None
    default: Any = None
    """Where the field has none itself."""
    shows_default: bool = False
    is_of_cases: bool = True
    """Whether every command that measures cases has it; else those alone that measure a run."""


def option(help: str, **more: Any) -> Mapping[str, Option]:  # noqa: A002 - as `click` has it
    """The metadata of a field that the user sets; see `Option`."""
    return {_KEY: Option(help, **more)}


def option_of(metadata: Mapping[Any, Any]) -> Option | None:
    """The option of a field with this metadata; None where nobody sets it by one."""
    found: Option | None = metadata.get(_KEY)
    return found

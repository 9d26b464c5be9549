"""A record as it may be written: every text in it goes through `bench.publishing`, whatever field it is in.

Left as they are: cases, by whose names records refer to each other, and which a run that is finished later is measured by.
"""

import re
from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from typing import Any, TypeVar

from bench.errors import UsageError
from bench.publishing import HIDDEN, is_secret, publishable
from bench.records.run import Header

Kind = TypeVar("Kind")
_AS_NAMED = frozenset({"case", "cases", "works", "demonstrations"})
"""Fields that hold the names that the user's code has given."""
_BY_CASE = frozenset({"rounds", "tolerances", "one_sided", "broken"})
"""Fields whose keys are cases."""
_WORDS = frozenset(
    {"id", "tool", "started_utc", "finished_utc", "status", "outcome", "arm", "name", "sampler", "layer", "quantities"}
    | {"accepted", "start_method", "usable_cores_from", "scheduling", "git_commit", "digest"}
    | {"packages", "sources", "inputs", "modules", "one_sided"}
)
"""Fields that hold words of this tool's, versions and digests: a word may be somebody's name, too."""
_NAME = re.compile(r"[\w.-]+")
_NUMBERS = frozenset({int, float, bool, type(None)})


def published(record: Kind, *, identified: bool) -> Kind:
    """The record without what must not be published.

    Args:
        record: a dataclass.
        identified: whether the user wants to be found, and only secrets are taken out.
    """

    def walked(value: Any, field: str) -> Any:
        if isinstance(value, str) and not isinstance(value, Enum):
            return publishable(value, names=field not in _WORDS, identified=identified)
        if is_dataclass(value) and not isinstance(value, type):
            return _replaced(value, walked)
        if isinstance(value, dict):
            return {_key(key, field, identified): _entry(key, each, field, walked) for key, each in value.items()}
        if isinstance(value, list | tuple) and not set(map(type, value)) <= _NUMBERS:
            return type(value)(walked(each, field) for each in value)
        return value

    made: Kind = walked(record, "")
    return made


def _replaced(record: Any, walked: Callable[[Any, str], Any]) -> Any:
    changed = {}
    for each in fields(record):
        if each.name not in _AS_NAMED:
            was = getattr(record, each.name)
            now = walked(was, each.name)
            if now is not was and now != was:
                changed[each.name] = now
    return replace(record, **changed) if changed else record


def _key(key: Any, field: str, identified: bool) -> Any:
    is_text = isinstance(key, str) and field not in _BY_CASE
    return publishable(key, names=False, identified=identified) if is_text else key


def _entry(key: Any, value: Any, field: str, walked: Callable[[Any, str], Any]) -> Any:
    """What stands under a name; hidden where the name says so, but for versions and digests."""
    is_text = isinstance(key, str) and isinstance(value, str) and field not in _WORDS
    return HIDDEN if is_text and value and _NAME.fullmatch(key) and is_secret(key) else walked(value, field)


def check_options(header: Header) -> None:
    """No option's value, which is part of its case's name in every file and table, holds what must not be published.

    Raises:
        UsageError: if one does; cases are not written otherwise than they are measured.
    """
    if header.environment.identity is not None:
        return
    for case in header.plan.cases:
        for name, value in case.options.items():
            if publishable(told := f"{name}={value}") != told:
                raise UsageError(
                    f"--option {publishable(told)}: the value would be in every file and table, and it holds an absolute path, a "
                    "name or a secret; give a relative path or an environment variable that your code reads, or --identify"
                )

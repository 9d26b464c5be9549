"""What the values' own `==` tells, where that can be believed.

A container's is true where that of its members is *true in a condition*, and an array of one element is: `[False] == [array([0.0])]`.
So it is believed of containers that hold nothing but plain values.
"""

from collections import OrderedDict, deque
from collections.abc import Iterable
from contextlib import suppress
from itertools import chain
from typing import Any

from bench.measure.results.parts import is_array

_PLAIN = frozenset((int, float, complex, bool, str, bytes, bytearray, type(None)))
_BY_MEMBERS: frozenset[Any] = frozenset(kind.__eq__ for kind in (list, tuple, dict, deque, OrderedDict))
_DEEPEST = 50
"""Containers in containers that are looked into; those that contain themselves have no end."""


def has_own_equality(value: Any) -> bool:
    """Whether its class says which are equal."""
    return type(value).__eq__ is not object.__eq__  # type: ignore[comparison-overlap]


def say_so_themselves(found: Any, expected: Any) -> bool:
    """Whether `==` calls the two equal, where that is one word: arrays have one for each element."""
    if is_array(found) or is_array(expected):
        return False
    with suppress(Exception):  # any type may refuse to be compared
        if _is_yes(found == expected):
            return not (_compares_members(type(found)) and _compares_members(type(expected))) or (
                _is_plain(found) and _is_plain(expected)
            )
    return False


def is_settled(one: Any, other: Any) -> bool:
    """Whether two plain values are equal, as nearly all are: they are passed over without being taken apart."""
    if type(one) not in _PLAIN or type(other) not in _PLAIN:
        return False
    return bool(one == other or (one != one and other != other))  # noqa: PLR0124 - NaN


def compares_by_fields(kind: type) -> bool:
    """Whether a class has the equality that `dataclass` makes."""
    return getattr(getattr(kind.__eq__, "__code__", None), "co_filename", "") == "<string>"


def _is_yes(answer: Any) -> bool:
    """Whether it is the one word, numpy's included."""
    return answer is True or (is_array(answer) and answer.shape == () and answer.dtype.kind == "b" and bool(answer))


def _compares_members(kind: type) -> bool:
    return kind.__eq__ in _BY_MEMBERS or compares_by_fields(kind)


def _is_plain(value: Any) -> bool:
    """Whether it holds nothing but plain values, however deep, as far as it is looked into."""
    level: Iterable[Any] = [value]
    for _ in range(_DEEPEST):
        kinds = set(map(type, level)) - _PLAIN
        if not all(map(_compares_members, kinds)):
            return False
        if not kinds:
            return True
        within = {id(each): each for each in level if type(each) in kinds}.values()
        level = list(chain.from_iterable(map(_members, within)))
    return False


def _members(container: Any) -> Iterable[Any]:
    """What its `==` compares, but for keys, which are no arrays."""
    if isinstance(container, dict):
        return container.values()
    if compares_by_fields(type(container)):
        return [getattr(container, name) for name, each in container.__dataclass_fields__.items() if each.compare]
    found: Iterable[Any] = container
    return found

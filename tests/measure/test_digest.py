"""Digests of results: equal for what compares equal, whatever process made it and in whatever order."""

import array
import subprocess
import sys
from collections import OrderedDict, deque
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.measure.results.digest import Incomparable, digest
from tests.conftest import environment

ATOMS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary()
VALUES = st.recursive(
    ATOMS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(st.text(max_size=3) | st.integers(), inner, max_size=4)
        | st.frozensets(ATOMS, max_size=4)
    ),
    max_leaves=12,
)
QUICK = settings(max_examples=150, deadline=None)


@dataclass
class Plain:
    """A result of a class of the user's."""

    number: int
    parts: list = field(default_factory=list)


class Slotted:
    __slots__ = ("inner",)

    def __init__(self, inner):
        self.inner = inner


class Unpicklable:
    def __reduce_ex__(self, protocol):
        raise TypeError("not this one")


def turned(value):
    """An equal value that was put together the other way round, with numbers of the other type where they are equal."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int) and value == float(value) and abs(value) < 2**53:
        return float(value)
    if isinstance(value, float) and value == 0:
        return -value
    if isinstance(value, list | tuple):
        return type(value)(map(turned, value))
    if isinstance(value, dict):
        return {key: turned(each) for key, each in reversed(value.items())}
    if isinstance(value, frozenset):
        return {turned(each) for each in sorted(value, key=repr, reverse=True)}
    return value


@QUICK
@given(VALUES)
def test_what_compares_equal_has_one_digest(value):
    other = turned(value)
    assert value == other
    assert digest(value) == digest(other)


@QUICK
@given(VALUES, VALUES)
def test_what_differs_has_another_digest(one, other):
    assert (digest(one) == digest(other)) == (one == other)


@QUICK
@given(st.lists(VALUES, min_size=1, max_size=4))
def test_the_order_and_the_number_of_a_lists_elements_count(values):
    assert digest(values) != digest([*values, values[-1]])
    assert (digest(values[::-1]) == digest(values)) == (values[::-1] == values)


@QUICK
@given(st.integers(-9, 9), st.integers(-9, 9), st.integers(1, 5), st.integers(1, 9))
def test_ranges_are_equal_by_their_elements(first, end, step, other_end):
    one, other = range(first, end, step), range(first, other_end, step)
    assert (digest(one) == digest(other)) == (one == other)


def test_a_long_range_takes_no_time():
    assert digest(range(10**15)) != digest(range(10**15 + 1))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Plain(1, [2]), Plain(1, [2.0])),
        (Slotted({1, 2}), Slotted({2, 1})),
        (float("nan"), float("nan")),
        (1, 1 + 0j),
        (memoryview(b"ab"), b"ab"),
        (bytearray(b"ab"), b"ab"),
        (OrderedDict(a=1, b=2), {"b": 2, "a": 1}),
        (10**5000, 10**5000),
        (2.0**1000, 2**1000),
        (lambda: 0, digest),
        (np.array([0.0, 1.0]), np.array([-0.0, 1.0])),
        (np.array([{1: 2}, "a"], dtype=object), np.array([{1.0: 2}, "a"], dtype=object)),
        (np.arange(6).reshape(2, 3)[:, ::2], np.array([[0, 2], [3, 5]])),
        (ValueError("x"), ValueError("x")),
    ],
    ids=lambda each: type(each).__name__,
)
def test_equal_results_of_every_kind(one, other):
    if callable(one):
        one = other
    assert digest([one]) == digest([other])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Plain(1), Plain(2)),
        (Slotted(1), Slotted(2)),
        ([1, 2], (1, 2)),
        ("1", 1),
        ("a", b"a"),
        (None, "None"),
        ([["a"], "b"], [["a", "b"]]),
        ({"a": 1}, {"a": 2}),
        (10**5000, 10**5000 + 1),
        (Fraction(1, 3), Fraction(2, 3)),
        (deque([1, 2]), deque([2, 1])),
        (array.array("i", [1]), array.array("i", [2])),
        (np.array([1.0]), np.array([1.0 + 2**-52])),
        (np.array([1, 2]), np.array([[1, 2]])),
        (np.array(["a"], dtype=object), np.array(["b"], dtype=object)),
        (ValueError("x"), ValueError("y")),
    ],
    ids=lambda each: type(each).__name__,
)
def test_other_results_of_every_kind(one, other):
    assert digest(one) != digest(other)


def test_what_contains_itself_has_one_by_its_shape():
    endless, longer = [], [1]
    endless.append(endless)
    longer.append([longer])
    other = [1]
    other.append([other])
    assert digest(longer) == digest(other) != digest(endless)


@pytest.mark.parametrize("value", [Unpicklable(), lambda: 0, iter([1])], ids=type)
def test_what_only_an_address_tells_from_others_has_none(value):
    with pytest.raises(Incomparable) as error:
        digest([1, {"inner": value}])
    assert error.value.path == [1, "['inner']"]


PROGRAM = """
import json, sys
from bench.measure.results.digest import Incomparable, digest
words = [str(each) for each in range(40)]
class Own:
    def __init__(self):
        self.words, self.shown = set(words), object()
print(digest([set(words), {each: each for each in set(words)}, Own(), json.loads, Own]))
"""


def test_it_is_the_same_in_every_process():
    found = {
        subprocess.run(
            [sys.executable, "-c", PROGRAM],
            env=environment(PYTHONHASHSEED=seed),
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(found) == 1
    assert len(found.pop().strip()) == 32

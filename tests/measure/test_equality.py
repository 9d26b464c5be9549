"""Whether results are equal: by what they hold, whoever made them; and where they differ first."""

import array
import contextlib
import copy
import itertools
import math
import pickle
import sqlite3
import tracemalloc
from collections import OrderedDict, deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.measure.results.digest import digest
from bench.measure.results.equality import difference, same

QUICK = settings(max_examples=120, deadline=None)
ATOMS = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary()
NAN = float("nan")
KEYS = st.text(max_size=3) | st.integers() | st.tuples(st.integers())


@dataclass
class Record:
    """A result of a class of the user's, with what `==` of its own cannot compare."""

    inner: object
    names: frozenset = frozenset()
    noise: object = field(default=None, compare=False)


class Plain:
    def __init__(self, inner):
        self.inner = inner


class Slotted:
    __slots__ = ("inner", "unset")

    def __init__(self, inner):
        self.inner = inner


class Refusing:
    """As many classes of C are: it does not pickle, and does not show what it holds."""

    __slots__ = ("__inner",)

    def __init__(self, inner=None):
        self.__inner = inner

    def __reduce_ex__(self, protocol):
        raise TypeError("cannot pickle this")


class Agreeing(Refusing):
    """It has an equality of its own."""

    def __eq__(self, other):
        return self._Refusing__inner == other._Refusing__inner

    __hash__ = None


class Elementwise(Refusing):
    """Its equality gives numpy's word."""

    def __init__(self, *values):
        self.values = np.array(values)

    def __eq__(self, other):
        return (self.values == other.values).all()

    __hash__ = None


class Point(NamedTuple):
    x: float
    y: float


def arrays(leaf):
    return st.lists(leaf, min_size=1, max_size=4).map(np.array)


def nested(atoms):
    return st.recursive(
        atoms | arrays(st.floats()) | arrays(st.integers(-9, 9)),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.lists(inner, max_size=3).map(tuple)
            | st.dictionaries(KEYS, inner, max_size=4)
            | st.frozensets(atoms, max_size=4)
            | st.builds(Record, inner, st.frozensets(st.text(max_size=2), max_size=3))
            | inner.map(Plain)
            | inner.map(Slotted)
            | inner.map(lambda each: deque([each]))
        ),
        max_leaves=10,
    )


VALUES = nested(ATOMS)


@QUICK
@given(VALUES)
def test_a_value_equals_its_copies_and_has_their_digest(value):
    for other in (copy.deepcopy(value), pickle.loads(pickle.dumps(value))):
        assert difference(value, other) is None
        assert difference(other, value, close=1e-9) is None
        assert digest(value) == digest(other)


@QUICK
@given(VALUES, VALUES)
def test_equality_has_no_direction_and_is_that_of_digests(one, other):
    assert same(one, other) == same(other, one)
    assert same(one, other) == (digest(one) == digest(other))


WRAPPINGS = {
    "list": lambda each: [1, each],
    "tuple": lambda each: (each, NAN),
    "dict": lambda each: {"a": 1, "b": each},
    "deque": lambda each: deque([each]),
    "array": lambda each: np.array([None, [each]], dtype=object),
    "class": Plain,
    "slots": Slotted,
    "dataclass": Record,
}


@QUICK
@given(ATOMS, ATOMS, st.lists(st.sampled_from(sorted(WRAPPINGS)), max_size=5))
def test_another_leaf_makes_another_value_however_deep_it_lies(one, other, layers):
    are_equal = one == other or all(isinstance(each, float) and math.isnan(each) for each in (one, other))
    for each in layers:
        one, other = WRAPPINGS[each](one), WRAPPINGS[each](other)
    assert same(one, other) == are_equal
    assert (digest(one) == digest(other)) == are_equal


ONE_ELEMENT = [0, np.array([0]), np.array([0.0]), np.array([[0]])]


@pytest.mark.parametrize("around", WRAPPINGS)
@pytest.mark.parametrize(("one", "other"), [*itertools.permutations(ONE_ELEMENT, 2)], ids=range(12))
def test_an_array_of_one_element_is_what_it_is_in_a_container_too(around, one, other):
    """`[0] == [array([0])]` is true: a list asks what its members' `==` is in a condition."""
    for wrapped in (
        WRAPPINGS[around],
        lambda each: [WRAPPINGS[around](each)],
        lambda each: {"a": WRAPPINGS[around](each)},
    ):
        assert same(one, other) == same(wrapped(one), wrapped(other)) == (digest(one) == digest(other))


def masked(values, mask):
    return np.ma.masked_array(np.array(values, dtype=float), mask=mask)


def row(*values):
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        connection.row_factory = sqlite3.Row
        return connection.execute("select ? as a, ? as b", values).fetchone()


def looped(value):
    found = [value]
    found.append({"again": found})
    return found


RECORDS = [("a", "i4"), ("b", "f8"), ("c", "U3")]


@pytest.mark.parametrize(
    "make",
    [
        lambda: [NAN, {str(each) for each in range(30)}],
        lambda: Record(np.arange(3.0), frozenset("abcdef")),
        lambda: Plain({Record(1).inner, "x", NAN}),
        lambda: masked([1, np.random.default_rng().random()], [False, True]),
        lambda: masked([NAN, 2], np.False_),
        lambda: np.array([(1, NAN, "a"), (2, 0.0, "bc")], dtype=RECORDS),
        lambda: np.array([NAN, {1, 2}, None], dtype=object),
        lambda: np.array(["2020-01-01", "NaT"], dtype="datetime64[D]"),
        lambda: np.array([NAN + 1j, 1], dtype=complex),
        lambda: np.longdouble("0.1") * np.ones(3, dtype=np.longdouble),
        lambda: {float("nan"): 1, float("nan"): 2},
        lambda: looped(NAN),
        lambda: row(1, NAN),
        {"a": 1}.values,
        lambda: array.array("d", [NAN, 0.0]),
        lambda: datetime(2020, 1, 1, tzinfo=UTC),
    ],
    ids=range(16),
)
def test_what_is_made_the_same_way_is_equal(make):
    assert difference(make(), make()) is None
    assert digest(make()) == digest(make())


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, np.int64(1)),
        (0.5, Fraction(1, 2)),
        (0.5, Decimal("0.50")),
        (OrderedDict(a=1), {"a": True}),
        (Point(1, 2), (1, 2.0)),
        (np.array([1, 2], dtype="i2"), np.array([1, 2], dtype=">i8")),
        (np.array([-0.0], dtype="f4"), np.array([0.0])),
        (np.array(["a"], dtype="U1"), np.array(["a"], dtype="U9")),
        (np.asfortranarray(np.eye(3)[:2]), np.eye(3)[:2]),
        (memoryview(b"ab"), bytearray(b"ab")),
        (Record(1, noise=object()), Record(1.0)),
    ],
)
def test_what_holds_the_same_is_equal(one, other):
    assert same([one], [other])
    assert digest([one]) == digest([other])


@pytest.mark.parametrize(
    ("found", "expected", "said"),
    [
        ({"scores": [1, 2, Record(1.25)]}, {"scores": [1, 2, Record(1.5)]}, ("['scores'][2].inner", "1.25", "1.5")),
        ([Point(1, 2)], [Point(1, 3)], ("[0].y", "2", "3")),
        ([[1]], [[1, 2]], ("[0]", "list of length 1", "list of length 2")),
        (np.eye(300), np.eye(300) + (np.arange(90000).reshape(300, 300) == 70001), ("[233, 101]", "0.0", "1.0")),
        (np.array([1]), np.array([1.0]), ("", "an array of i (1,)", "an array of f (1,)")),
        (masked([1, 2], [0, 1]), masked([1, 2], [0, 0]), ("[0]", "False", "False")),
        ({"a", "b"}, {"a", "c"}, ("", "a set with 'b'", "a set with 'c'")),
        (Fraction(1, 3), Fraction(2, 3), ("", "Fraction(1, 3)", "Fraction(2, 3)")),
        (deque([1, 2]), deque([2, 1]), ("", "deque([1, 2])", "deque([2, 1])")),
        (looped(1), looped(2), ("[0]", "1", "2")),
        (row(1, 2), row(1, 3), None),
        ([1, 2], (1, 2), ("", "[1, 2]", "(1, 2)")),
        ("1", 1, ("", "'1'", "1")),
        (Plain([1]), Plain([2]), (".inner[0]", "1", "2")),
        (np.array([{1: 2}], dtype=object), np.array([{1: 3}], dtype=object), ("[0][1]", "2", "3")),
    ],
    ids=range(15),
)
def test_the_first_difference_is_named_with_the_way_to_it(found, expected, said):
    different = difference(found, expected)
    assert different is not None
    if said is not None and not isinstance(found, np.ma.MaskedArray):
        assert (different.path, different.found, different.expected) == said
    assert digest(found) != digest(expected)


@pytest.mark.parametrize("make", [Refusing, lambda: lambda: 0, lambda: memoryview], ids=["class", "lambda", "type"])
def test_what_nothing_tells_apart_is_said_to_be_that(make):
    found = difference([make()], [make()])
    assert (found is None) == (make() is make())
    if found is not None:
        assert found.path == "[0]"
        assert found.why


@pytest.mark.parametrize("around", [lambda each: each, lambda each: [each]], ids=["alone", "in a list"])
def test_an_equality_whose_word_is_numpys_counts_too(around):
    assert same(around(Elementwise(1, 2)), around(Elementwise(1, 2)))
    assert not same(around(Elementwise(1, 2)), around(Elementwise(1, 3)))


def test_an_equality_of_ones_own_counts():
    assert same([Agreeing(1)], [Agreeing(1)])
    different = difference([Agreeing(1)], [Agreeing(2)])
    assert different is not None
    assert not different.why


@pytest.mark.parametrize(
    ("one", "other", "is_close"),
    [
        (1.0, 1 + 0.9e-6, True),
        (1.0, 1 + 1.1e-6, False),
        (1e9, 1e9 + 900, True),
        (1, 1.0000001, True),
        (10**12, 10**12 + 1, False),
        (0.0, 0.9e-12, True),
        (0.0, 1.1e-12, False),
        (math.inf, 1e308, False),
        (NAN, NAN, True),
        (NAN, 1.0, False),
        (1 + 1j, 1 + 1.0000001j, True),
        ({1.0, 2.0}, {1.0000001, 2.0}, True),
        ({1.0, 2.0}, {1.0000001, 2.1}, False),
        ({"a": [Record(0.3)]}, {"a": [Record(0.1 + 0.2)]}, True),
        (np.array([1.0, NAN, math.inf]), np.array([1.0000001, NAN, math.inf]), True),
        (np.array([1.0, math.inf]), np.array([1.0, -math.inf]), False),
        (np.array([1e308, -1e308]), np.array([-1e308, 1e308]), False),
        (np.array([1 + 1j]), np.array([1.0000001 + 1j]), True),
        (np.array([10**12]), np.array([10**12 + 1]), False),
        ([1.0, "a"], [1.0000001, "b"], False),
    ],
    ids=range(20),
)
def test_floats_may_be_apart_as_far_as_asked(one, other, is_close):
    assert same(one, other, close=1e-6) == same(other, one, close=1e-6) == is_close
    assert same(one, other) == (one is other or digest(one) == digest(other))


@pytest.mark.parametrize("walk", [same, lambda one, _: digest(one)], ids=["same", "digest"])
def test_large_results_are_not_copied(walk):
    one, other = ([np.arange(2_000_000.0).reshape(1000, -1)[:, ::2], "x" * 8_000_000] for _ in range(2))
    one[0][0, 0] = other[0][0, 0] = NAN
    walk(one, other)  # what is imported is no copy
    tracemalloc.start()
    walk(one, other)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 9_000_000  # of 16 MB: a text has to be encoded


def test_a_deep_result_is_compared_all_the_same():
    one, other = 1, 1
    for _ in range(5000):
        one, other = [one, NAN], [other, NAN]
    assert same(one, other)

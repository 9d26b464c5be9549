"""Whether two results are equal, part by part, and where they first differ: the one comparison of run, check and tests.

Both are walked side by side as `bench.measure.results.parts` takes them apart; what their own `==` calls equal is not taken apart
(`bench.measure.results.own_equality`), and nothing is copied but pieces of arrays.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from bench.measure.results import arrays
from bench.measure.results.closeness import Closeness
from bench.measure.results.explain import shown
from bench.measure.results.own_equality import has_own_equality, is_settled, say_so_themselves
from bench.measure.results.parts import (
    Array,
    Atom,
    Keyed,
    Number,
    Opaque,
    Ordered,
    Parts,
    Raw,
    Unordered,
    exact,
    parts_of,
    real_and_imaginary,
)

_MOST_TRIED = 300
"""Members of sets that are tried with each other, where those that are close are looked for."""


@dataclass(frozen=True, slots=True)
class Difference:
    """The first part that is not equal."""

    path: str
    """From the value to the part, such as `['scores'][2].mean`; empty for the whole."""
    found: str
    expected: str
    """Both shortened."""
    why: str = ""
    """Why the two cannot be compared, where that is it."""


@dataclass(frozen=True, slots=True)
class _Step:
    """Two parts that are compared, and the way to them."""

    label: str
    found: Any
    expected: Any
    inner: Iterator[tuple[str, Any, Any]]


class _Unequal(Exception):  # noqa: N818 - a fact
    """Two parts are not equal."""

    def __init__(self, why: str = "", found: str | None = None, expected: str | None = None, label: str = "") -> None:
        """Texts in place of the two parts, where those would not tell; the label of the part of theirs that it is about."""
        super().__init__(why)
        self.why = why
        self.found = found
        self.expected = expected
        self.label = label


def difference(found: Any, expected: Any, close: float | None = None) -> Difference | None:
    """Where two values first differ; None where they are equal.

    Args:
        found, expected: anything.
        close: how far floats may be apart, as `bench.measure.results.closeness` has it; None where they have to be equal.
    """
    comparison = _Comparison(None if close is None else Closeness(close))
    steps: list[_Step] = [_Step("", None, None, iter([("", found, expected)]))]
    while steps:
        child = None
        try:
            if (child := next(steps[-1].inner, None)) is None:
                comparison.left(steps.pop())
                continue
            inner = comparison.compare(child[1], child[2])
        except _Unequal as unequal:
            return _told([*steps, *([_Step(*child, iter(()))] if child else ())], unequal)
        if inner is not None:
            steps.append(comparison.entered(_Step(*child, inner)))
    return None


def same(found: Any, expected: Any, close: float | None = None) -> bool:
    """Whether there is no difference."""
    return difference(found, expected, close) is None


def _told(steps: list[_Step], unequal: _Unequal) -> Difference:
    """A part without a name of its own, as an argument of a class, is shown as the whole it belongs to."""
    texts = unequal.found, unequal.expected
    while len(steps) > 2 and not steps[-1].label and not unequal.label and not unequal.why:
        steps.pop()
        texts = None, None
    last = steps[-1]
    found, expected = (
        shown(value) if text is None else text for text, value in zip(texts, (last.found, last.expected), strict=True)
    )
    return Difference("".join(each.label for each in steps) + unequal.label, found, expected, unequal.why)


class _Comparison:
    """Compares two parts at a time."""

    def __init__(self, closeness: Closeness | None) -> None:
        self._closeness = closeness
        self._around: tuple[dict[int, int], dict[int, int]] = {}, {}
        """Of the containers that both parts lie in, the depth by address."""

    def entered(self, step: _Step) -> _Step:
        for around, value in zip(self._around, (step.found, step.expected), strict=True):
            around[id(value)] = len(around)
        return step

    def left(self, step: _Step) -> None:
        for around, value in zip(self._around, (step.found, step.expected), strict=True):
            around.pop(id(value), None)

    def compare(self, found: Any, expected: Any) -> Iterator[tuple[str, Any, Any]] | None:
        """The parts of the two, to be compared; None where they are equal.

        Raises:
            _Unequal: where they are not.
        """
        if found is expected or say_so_themselves(found, expected):
            return None
        depths = [around.get(id(value)) for around, value in zip(self._around, (found, expected), strict=True)]
        if depths != [None, None]:  # they contain themselves
            if depths[0] == depths[1]:
                return None
            raise _Unequal
        one, other = parts_of(found), parts_of(expected)
        if isinstance(one, Opaque):
            raise _Unequal("" if has_own_equality(found) else one.why)
        if type(one) is not type(other):
            raise _Unequal
        return self._inside(found, one, other)

    def _inside(self, whole: Any, one: Parts, other: Parts) -> Iterator[tuple[str, Any, Any]] | None:
        """The parts of two of one form; None where they are equal."""
        match one, other:
            case Number(number), Number(with_it) if self._are_near(number, with_it):
                return None
            case (Raw(), Raw()) | (Atom(), Atom()) if one == other:
                return None
            case Array(array), Array(with_it):
                return self._of_arrays(array, with_it)
            case Ordered(), Ordered() if one.kind == other.kind:
                return _of_ordered(whole, one, other)
            case Keyed(mapping), Keyed(with_it) if len(mapping) == len(with_it):
                return _of_mappings(mapping, with_it)
            case Unordered(members), Unordered(with_them):
                return self._of_sets([*members], [*with_them])
        raise _Unequal

    def _are_near(self, one: Any, other: Any) -> bool:
        for part, with_it in zip(real_and_imaginary(one), real_and_imaginary(other), strict=True):
            if exact(part) == exact(with_it):
                continue
            if self._closeness is None or not (abs(part) < float("inf") and abs(with_it) < float("inf")):
                return False
            if not self._closeness.between(part, with_it):
                return False
        return True

    def _of_arrays(self, one: Any, other: Any) -> Iterator[tuple[str, Any, Any]] | None:
        forms = [arrays.form(each) for each in (one, other)]
        if forms[0] != forms[1]:
            raise _Unequal("", *(f"an array of {each}" for each in forms))
        if one.dtype.kind in arrays.OBJECTS:
            return (
                (_index(one, number), part, with_it)
                for number, (part, with_it) in enumerate(zip(one.flat, other.flat, strict=True))
            )
        place = arrays.first_difference(one, other, self._closeness)
        if place is None:
            return None
        here, there = (shown(each.flat[place : place + 1].tolist()[0]) for each in (one, other))
        raise _Unequal("", here, there, _index(one, place))

    def _of_sets(self, one: list[Any], other: list[Any]) -> Iterator[tuple[str, Any, Any]] | None:
        """Members are equal by their digests; what is left may be close."""
        from bench.measure.results.left_over import left_over  # only for sets that are not equal at once

        try:
            only_one, only_other = left_over(one, other)
        except ValueError as error:
            raise _Unequal(str(error)) from None
        if self._closeness is not None and len(only_one) == len(only_other) <= _MOST_TRIED:
            for each in list(only_one):
                near = (number for number, it in enumerate(only_other) if same(each, it, self._closeness.relative))
                if (number := next(near, None)) is not None:
                    only_one.remove(each)
                    del only_other[number]
        if not only_one and not only_other:
            return None
        texts = [f"a set with {shown(each[0])}" if each else "a set without it" for each in (only_one, only_other)]
        raise _Unequal("", *texts)


def _of_ordered(whole: Any, one: Ordered, other: Ordered) -> Iterator[tuple[str, Any, Any]]:
    if len(one.values) != len(other.values):
        raise _Unequal("", *(f"{each.kind} of length {len(each.values)}" for each in (one, other)))
    if one.names != other.names:
        raise _Unequal("", *(f"{each.kind} with {', '.join(each.names or ())}" for each in (one, other)))
    names: Sequence[str] | None = one.names if one.names is not None else getattr(whole, "_fields", None)
    for number, (part, with_it) in enumerate(zip(one.values, other.values, strict=True)):
        if part is with_it or is_settled(part, with_it):
            continue
        if names is None:
            yield f"[{number}]", part, with_it
        else:
            yield f".{names[number]}" if names[number] else "", part, with_it


def _of_mappings(one: Any, other: Any) -> Iterator[tuple[str, Any, Any]]:
    """Keys that are not found by `==`, such as NaN, are found by their digests."""
    if absent := [key for key in one if key not in other]:
        yield from _of_keys_by_digest(one, other, absent)
    for key, value in one.items():
        if key in other and not is_settled(value, with_it := other[key]):
            yield f"[{shown(key)}]", value, with_it


def _of_keys_by_digest(one: Any, other: Any, absent: list[Any]) -> Iterator[tuple[str, Any, Any]]:
    """The values of keys of the one that the other mapping has not, each with that of the key there which has its digest."""
    from bench.measure.results.digest import digest
    from bench.measure.results.left_over import left_over

    try:
        theirs = [key for key in other if key not in one]
        only_one, only_other = left_over(absent, theirs)
    except ValueError as error:
        raise _Unequal(str(error)) from None
    if only_one or only_other:
        texts = [
            f"a mapping with {shown(each[0])}" if each else "a mapping without it" for each in (only_one, only_other)
        ]
        raise _Unequal("", *texts)
    theirs.sort(key=lambda key: (digest(key), digest(other[key])))
    absent.sort(key=lambda key: (digest(key), digest(one[key])))
    for key, with_it in zip(absent, theirs, strict=True):
        yield f"[{shown(key)}]", one[key], other[with_it]


def _index(array: Any, place: int) -> str:
    return f"[{', '.join(map(str, arrays.index_of(array, place)))}]"

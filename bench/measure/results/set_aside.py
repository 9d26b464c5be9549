"""Large results beside a plain loop's without both being there at once: the strategy's is taken a digest of and released first.

Only what its digest tells apart exactly as its comparison does is set aside: plain data, arrays, and data classes of these.
Hosts load this where a result is large; standard library only.
"""

from dataclasses import dataclass
from sys import getsizeof
from typing import Any

from bench.measure.results.digest import Incomparable, digest
from bench.measure.results.equality import Difference
from bench.measure.results.explain import shown
from bench.measure.results.own_equality import compares_by_fields, has_own_equality
from bench.measure.results.parts import is_array
from bench.measure.results.short_text import field_names

LARGE_BYTES = 16 << 20
"""Two copies of anything smaller are no matter."""
_ATOMS = frozenset((int, float, complex, bool, str, bytes, bytearray, type(None)))
_MOST_PARTS = 10_000
"""Containers that are looked into, beside those of nothing but atoms."""


@dataclass(frozen=True, slots=True)
class Aside:
    """What stays of a result that was released."""

    digest: str
    shown: str

    def difference(self, expected: Any) -> Difference | None:
        """Where it differs from another value, as far as that is still known; None where the two are equal."""
        try:
            theirs = digest(expected)
        except Incomparable as error:
            return Difference("", self.shown, shown(expected), str(error))
        if theirs == self.digest:
            return None
        texts = self.shown, shown(expected)
        if texts[0] == texts[1]:
            texts = f"{texts[0]} of digest {self.digest[:8]}", f"{texts[1]} of digest {theirs[:8]}"
        return Difference("", *texts)


def set_aside(results: Any, position: int) -> Aside | None:
    """Take a large result out of a list; None where it has to stay for its comparison, or is small."""
    if type(results) is not list or plain_bytes_of(results[position]) < LARGE_BYTES:
        return None
    try:
        made = Aside(digest(results[position]), shown(results[position]))
    except Incomparable:
        return None
    results[position] = None
    return made


def plain_bytes_of(value: Any) -> int:
    """About how much memory a value takes; 0 for what is not plain data throughout."""
    waiting, size = [value], 0
    for number, each in enumerate(waiting):
        if number >= _MOST_PARTS:
            return 0
        kind = type(each)
        if kind in _ATOMS:
            size += getsizeof(each)
        elif is_array(each):
            if each.dtype.kind not in "biufcmM":
                return 0
            size += int(each.nbytes)
        elif kind in (list, tuple, dict):
            for values in (each.keys(), each.values()) if kind is dict else (each,):
                if _ATOMS.issuperset(map(type, values)):
                    size += getsizeof(each) + sum(map(getsizeof, values))
                else:
                    waiting += values
        elif has_own_equality(each) and (names := field_names(each)) is not None and _is_usual(each, names):
            waiting += [getattr(each, name) for name in names]
        else:
            return 0
    return size


def _is_usual(value: Any, names: tuple[str, ...]) -> bool:
    """Whether a data class compares by the fields that it shows, or a tuple with names as a tuple."""
    equality: Any = type(value).__eq__
    if isinstance(value, tuple):
        return bool(equality is tuple.__eq__)
    compared = tuple(name for name, each in value.__dataclass_fields__.items() if each.compare)
    return compared == names and compares_by_fields(type(value))

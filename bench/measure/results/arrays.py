"""Arrays of numpy's kind, piece by piece: neither comparing two nor taking the digest of one copies them.

Two are equal where the kind of their elements, their shape and their elements are; the width of a number does not matter.
numpy itself is never imported: an array brings all that is needed.
"""

import math
from collections.abc import Iterator
from typing import Any

from bench.measure.results.closeness import Closeness

_PIECE = 1 << 16
"""Elements."""
_WIDE = {"b": "?", "i": "<i8", "u": "<u8", "f": "<f8", "c": "<c16"}
"""By kind, the type that all of it are cast to; a longer float is kept in two parts."""
FLOATS = "fc"
OBJECTS = "OSUT"
"""Whose bytes do not tell: addresses, and texts of any width."""


def form(array: Any) -> str:
    """What has to be equal before elements are compared, as text."""
    kind = array.dtype.kind
    unit = array.dtype.str[2:] if kind in "mMV" else ""
    return f"{kind}{unit} {tuple(array.shape)!r}"


def pieces(array: Any) -> Iterator[Any]:
    """The elements in the order of rows, some thousand at a time, each time copied."""
    for begin in range(0, array.size, _PIECE):
        yield array.flat[begin : begin + _PIECE]


def plain_bytes(piece: Any) -> Iterator[bytes]:
    """The elements of a piece as bytes that are equal for equal ones, but for the kinds in `OBJECTS`."""
    kind = piece.dtype.kind
    if kind not in _WIDE:
        yield (piece.astype(piece.dtype.newbyteorder("<")) if kind in "mM" else piece).tobytes()
        return
    wide = piece.astype(_WIDE[kind])
    if kind in FLOATS:
        _settle(wide)
    yield wide.tobytes()
    if piece.dtype.itemsize > wide.dtype.itemsize:
        finite = abs(wide) < math.inf
        rest = (piece[finite] - wide[finite]).astype(_WIDE[kind])
        _settle(rest)
        yield rest.tobytes()


def _settle(floats: Any) -> None:
    """Have one kind of 0 and one of NaN, of which there are many by their bits."""
    floats += 0
    for part in (floats.real, floats.imag) if floats.dtype.kind == "c" else (floats,):
        part[_is_none(part)] = math.nan


def _is_none(numbers: Any) -> Any:
    """Which are NaN, or no date (NaT)."""
    return numbers != numbers  # noqa: PLR0124 - what tells them


def first_difference(one: Any, other: Any, closeness: Closeness | None) -> int | None:
    """The place of the first elements that differ, in the order of rows; None where none do. Both have one form."""
    for number, (part, with_it) in enumerate(zip(pieces(one), pieces(other), strict=True)):
        alike = part == with_it
        if not alike.all() and part.dtype.kind in "fcmM":
            alike = alike | _near(part, with_it, closeness)
        if not alike.all():
            return number * _PIECE + int((alike == 0).argmax())
    return None


def _near(part: Any, with_it: Any, closeness: Closeness | None) -> Any:
    """Which are equal, none in both, or close."""
    if part.dtype.kind == "c":
        return _near(part.real, with_it.real, closeness) & _near(part.imag, with_it.imag, closeness)
    near = (part == with_it) | (_is_none(part) & _is_none(with_it))
    if closeness is None or part.dtype.kind != "f":
        return near
    finite = (abs(part) < math.inf) & (abs(with_it) < math.inf)
    near[finite] |= closeness.between_pieces(part[finite], with_it[finite])
    return near


def index_of(array: Any, place: int) -> tuple[int, ...]:
    """The index of an element by its place in the order of rows."""
    found: list[int] = []
    for length in reversed(array.shape):
        place, here = divmod(place, length)
        found.insert(0, here)
    return tuple(found)

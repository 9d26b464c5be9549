"""A digest of what a round gave back: equal for results that compare equal, in whatever process they were made.

The bytes of a pickle would not do: they depend on which parts are one object, and sets have an order of their own in
each process. Hosts load this, and hashlib, only where results of two processes have to be compared, or sets of one.
"""

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

from bench.measure.results import arrays
from bench.measure.results.explain import shown
from bench.measure.results.parts import (
    Array,
    Atom,
    Keyed,
    Number,
    Opaque,
    Ordered,
    Raw,
    Unordered,
    exact,
    parts_of,
    real_and_imaginary,
)

_LENGTH = 32
_BUFFER = 1 << 16
_EXACT_FLOATS = 1 << 53
"""Whole numbers up to it are floats, too."""


class Incomparable(Exception):  # noqa: N818 - a fact
    """Nothing tells the value from others of its class; the message says why."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.path: list[int | str] = []
        """From the value to the part that it is about: indices, attributes as `.name`, keys as `['key']`."""


class Numbers:
    """The numbers that are taken out of a digest, to be compared with a tolerance, in an order that their digest fixes."""

    def __init__(self, most: int) -> None:
        """So many are kept; more are only counted."""
        self.most = most
        self.kept: list[int | float] = []
        self.count = 0

    def add(self, numbers: list[Any]) -> None:
        """Note the next ones."""
        self.kept += numbers[: self.most - len(self.kept)]
        self.count += len(numbers)


def digest(value: Any, numbers: Numbers | None = None) -> str:
    """The start of a SHA-256, in hexadecimal.

    Args:
        value: anything.
        numbers: gets the floats and the whole numbers that may be floats elsewhere; the digest is then that of the rest.

    Raises:
        Incomparable: for what only its address tells from others.
    """
    return sized_digest(value, numbers)[0]


def sized_digest(value: Any, numbers: Numbers | None = None) -> tuple[str, int]:
    """The digest, and about how many bytes the value was taken apart into."""
    walk = _Walk({}, numbers)
    try:
        walk.feed(value)
    except RecursionError:
        raise Incomparable("it is nested too deeply") from None
    return walk.result().hex()[:_LENGTH], walk.size


class _Walk:
    """Feeds a hash with a value's parts, one after another."""

    def __init__(self, around: dict[int, int], numbers: Numbers | None) -> None:
        self._hash = hashlib.sha256()
        self._buffer = bytearray()
        self._around = around
        """The depth of each container that the value lies in, by its address."""
        self._numbers = numbers
        self.size = 0

    def result(self) -> bytes:
        self._flush()
        return self._hash.digest()

    def feed(self, value: Any) -> None:
        kind = type(value)
        if kind is str:
            self._text(b"s", value)
        elif (kind is int or kind is float) and self._numbers is None:  # most results consist of these
            is_whole = kind is int or value.is_integer()
            self._data(b"r", b"%x" % int(value) if is_whole else value.hex().encode())
        else:
            self._taken_apart(value)

    def _taken_apart(self, value: Any) -> None:
        match parts_of(value):
            case Atom(name, text):
                self._text(b"s" if name == "text" else b"a", text if name == "text" else f"{name} {text}")
            case Number(number):
                self._number(number)
            case Raw(view):
                self._data(b"b", view)
            case Opaque(why):
                raise Incomparable(why)
            case Array(array):
                self._array(array)
            case parts:
                self._container(value, parts)

    def _container(self, value: Any, parts: Ordered | Keyed | Unordered) -> None:
        depth = self._around.get(id(value))
        if depth is not None:  # it contains itself
            self._text(b"c", str(len(self._around) - depth))
            return
        self._around[id(value)] = len(self._around)
        match parts:
            case Ordered(kind, values, names):
                self._text(b"o", f"{kind} {len(values)}")
                self._ordered(values, names)
            case Keyed(mapping):
                self._text(b"k", str(len(mapping)))
                entries = [(self._apart(key, None)[0], key, each) for key, each in mapping.items()]
                for key_digest, key, each in self._settled(entries):
                    self._data(b"n", key_digest)
                    self._part(key, each, is_key=True)
            case Unordered(values):
                members = [self._apart(each, self._numbers) for each in values]
                self._text(b"u", str(len(members)))
                for found, numbers in sorted(members, key=lambda member: (member[0], member[1])):
                    self._data(b"n", found)
                    if self._numbers is not None:
                        self._numbers.add(numbers)
        del self._around[id(value)]

    def _ordered(self, values: Sequence[Any], names: tuple[str, ...] | None) -> None:
        number = 0
        try:
            if names is None:
                for number, each in enumerate(values):  # noqa: B007 - for the path
                    self.feed(each)
                return
            for number, each in enumerate(values):
                self._text(b"n", names[number])
                self.feed(each)
        except Incomparable as error:
            error.path.insert(0, f".{names[number]}" if names and names[number] else number)
            raise

    def _settled(self, entries: list[tuple[bytes, Any, Any]]) -> Iterator[tuple[bytes, Any, Any]]:
        """Entries in the order of their keys' digests; of values where keys are alike, as several NaN are."""
        if len({each[0] for each in entries}) == len(entries):
            return iter(sorted(entries, key=lambda entry: entry[0]))
        return iter(sorted(entries, key=lambda entry: (entry[0], self._apart(entry[2], None)[0])))

    def _part(self, label: Any, value: Any, *, is_key: bool = False) -> None:
        try:
            self.feed(value)
        except Incomparable as error:
            error.path.insert(0, f"[{shown(label)}]" if is_key else label)
            raise

    def _apart(self, value: Any, numbers: Numbers | None) -> tuple[bytes, list[Any]]:
        """The digest of a part by itself, and the numbers that were taken out of it."""
        own = None if numbers is None else Numbers(numbers.most)
        walk = _Walk(self._around, own)
        walk.feed(value)
        return walk.result(), own.kept if own else []

    def _number(self, number: Any) -> None:
        real, imaginary = real_and_imaginary(number)
        is_both = imaginary != 0 or (self._numbers is not None and isinstance(number, complex))
        for part in (real, imaginary) if is_both else (real,):
            if self._numbers is not None and _may_be_near(part):
                self._text(b"f", "")
                self._numbers.add([part if type(part) in (int, float) else float(part)])
            else:
                self._text(b"r", exact(part))

    def _array(self, array: Any) -> None:
        self._text(b"y", arrays.form(array))
        kind = array.dtype.kind
        for piece in arrays.pieces(array):
            if kind in arrays.OBJECTS or (kind in arrays.FLOATS and self._numbers is not None):
                for number, each in enumerate(piece.tolist()):
                    self._part(number, each)
            else:
                for data in arrays.plain_bytes(piece):
                    self._data(b"p", data)

    def _text(self, tag: bytes, text: str) -> None:
        if len(text) > _BUFFER:
            self._long_text(tag, text)
            return
        self._data(tag, text.encode(errors="surrogatepass"))

    def _long_text(self, tag: bytes, text: str) -> None:
        """Piece by piece: as bytes the whole would be there once more."""
        self._buffer += b"%b~%d:" % (tag, len(text))
        self._flush()
        self.size += 9 + len(text)
        for begin in range(0, len(text), _BUFFER):
            self._hash.update(text[begin : begin + _BUFFER].encode(errors="surrogatepass"))

    def _data(self, tag: bytes, data: bytes | memoryview) -> None:
        length = len(data)
        self.size += 9 + length
        if length > _BUFFER:
            self._buffer += b"%b%d:" % (tag, length)
            self._flush()
            self._hash.update(data)
            return
        self._buffer += b"%b%d:%b" % (tag, length, bytes(data))
        if len(self._buffer) > _BUFFER:
            self._flush()

    def _flush(self) -> None:
        self._hash.update(self._buffer)
        self._buffer = bytearray()


def _may_be_near(number: Any) -> bool:
    """Whether it is a float, or what may be one elsewhere."""
    if isinstance(number, float):
        return abs(number) <= 1.7976931348623157e308
    return isinstance(number, int) and -_EXACT_FLOATS <= number <= _EXACT_FLOATS

"""The beginning of what `repr` gives for a value, made without the rest: a result may be half a gigabyte, its text four times that.

Containers, texts and bytes of Python's own, tuples with names and data classes are taken apart as far as there is room. What has a
`__repr__` of its own is asked, and what that gives is cut. Hosts load this; standard library only.
"""

from __future__ import annotations

from itertools import islice

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    _How = Callable[[Any, int, frozenset[int]], Iterator[str]]

_LONG_BITS = 14_000
"""A number with more is refused by `repr` (4300 digits)."""


def beginning(value: Any, most: int) -> str:
    """The first characters of `repr(value)`, at most so many.

    Raises:
        Exception: what the `__repr__` of a part raises.
    """
    kept: list[str] = []
    length = 0
    for piece in _pieces(value, most, frozenset()):
        kept.append(piece[: most - length])
        length += len(kept[-1])
        if length >= most:
            break
    return "".join(kept)


def _pieces(value: Any, most: int, around: frozenset[int]) -> Iterator[str]:
    how = _HOW.get(_shows(value))
    if how is None and type(value).__module__ == "array" and hasattr(value, "typecode"):
        how = _array
    if how is None:
        names = field_names(value)
        if names is None:
            yield _whole(value)
            return
        how = _named(names)
    if id(value) in around:
        yield _AROUND.get(_shows(value), "...")
        return
    yield from how(value, most, around | {id(value)})


def _shows(value: Any) -> Any:
    """What makes its text: the class's, or that of a class it is made from."""
    return type(value).__repr__


def _whole(value: Any) -> str:
    if isinstance(value, int) and value.bit_length() > _LONG_BITS:
        raise ValueError("a number of more than 4300 digits")
    return repr(value)


def _text(value: str, most: int, _: frozenset[int]) -> Iterator[str]:
    yield _quoted(value, most, "'", '"')


def _bytes(value: bytes, most: int, _: frozenset[int]) -> Iterator[str]:
    yield _quoted(value, most, b"'", b'"')


def _bytearray(value: bytearray, most: int, _: frozenset[int]) -> Iterator[str]:
    yield repr(value) if len(value) <= most else f"{type(value).__name__}(" + _quoted(value, most, b"'", b'"')


def _array(value: Any, most: int, around: frozenset[int]) -> Iterator[str]:
    if len(value) <= most or value.typecode == "u":
        yield repr(value)
        return
    yield f"array({value.typecode!r}, "
    yield from _pieces(value[:most].tolist(), most, around)
    yield ")"


def _quoted(value: Any, most: int, one: Any, two: Any) -> str:
    """The beginning in the quotes that the whole would have."""
    if len(value) <= most:
        return repr(value)
    quotes = one if one in value and two not in value else two if one not in value else one + two
    said = repr(value[:0] + quotes + value[:most])
    if isinstance(value, bytearray):  # which shows some quotes in another way than bytes
        said = said[said.index("(") + 1 : -1]
    first = said.index(said[-1]) + 1
    for _ in quotes:
        first += 2 if said[first] == "\\" else 1
    return said[: said.index(said[-1]) + 1] + said[first:-1] + "…"


def _sequence(opened: str, closed: str) -> _How:
    def pieces(value: Any, most: int, around: frozenset[int]) -> Iterator[str]:
        yield opened
        yield from _separated((_pieces(each, most, around) for each in value), most)
        yield ",)" if closed == ")" and len(value) == 1 else closed

    return pieces


def _mapping(value: Any, most: int, around: frozenset[int]) -> Iterator[str]:
    yield "{"
    yield from _separated((_entry(key, each, most, around) for key, each in value.items()), most)
    yield "}"


def _entry(key: Any, value: Any, most: int, around: frozenset[int]) -> Iterator[str]:
    yield from _pieces(key, most, around)
    yield ": "
    yield from _pieces(value, most, around)


def _set(value: Any, most: int, around: frozenset[int]) -> Iterator[str]:
    if not value or type(value) is not set:
        name = type(value).__name__
        yield f"{name}(" if value else f"{name}()"
        if not value:
            return
    yield "{"
    yield from _separated((_pieces(each, most, around) for each in value), most)
    yield "}" if type(value) is set else "})"


def _named(names: tuple[str, ...]) -> _How:
    def pieces(value: Any, most: int, around: frozenset[int]) -> Iterator[str]:
        kind = type(value)
        yield f"{kind.__name__ if isinstance(value, tuple) else kind.__qualname__}("
        yield from _separated((_field(name, value, most, around) for name in names), most)
        yield ")"

    return pieces


def _field(name: str, value: Any, most: int, around: frozenset[int]) -> Iterator[str]:
    yield f"{name}="
    yield from _pieces(getattr(value, name), most, around)


def _separated(parts: Iterable[Iterator[str]], most: int) -> Iterator[str]:
    """No more parts than there is room for: each takes a character at the least."""
    for number, part in enumerate(islice(parts, most)):
        if number:
            yield ", "
        yield from part


def field_names(value: Any) -> tuple[str, ...] | None:
    """Of a data class or a tuple with names that shows itself as those do; None for anything else."""
    kind = type(value)
    code = getattr(getattr(kind.__repr__, "__wrapped__", kind.__repr__), "__code__", None)
    if code is None:
        return None
    if isinstance(value, tuple):
        is_usual = code.co_names[:2] == ("__class__", "__name__") and "repr_fmt" in code.co_freevars
        return getattr(kind, "_fields", None) if is_usual else None
    fields = getattr(kind, "__dataclass_fields__", None)
    if fields is None or code.co_filename != "<string>":
        return None
    return tuple(
        name
        for name, each in fields.items()
        if each.repr and getattr(each._field_type, "name", "") == "_FIELD"  # noqa: SLF001
    )


_HOW: dict[Any, _How] = {
    str.__repr__: _text,
    bytes.__repr__: _bytes,
    bytearray.__repr__: _bytearray,
    list.__repr__: _sequence("[", "]"),
    tuple.__repr__: _sequence("(", ")"),
    dict.__repr__: _mapping,
    set.__repr__: _set,
    frozenset.__repr__: _set,
}
_AROUND = {list.__repr__: "[...]", tuple.__repr__: "(...)", dict.__repr__: "{...}"}
"""What stands for a container inside of itself."""

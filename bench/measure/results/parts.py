"""How a value falls into parts: the one reading of results that their comparison and their digest share.

What a value is decides, not where its class comes from: numbers by value, arrays by kind, shape and elements, sets without
an order, plain objects by their class and what pickle would keep of them. What can only be told apart by its address,
and what has not been worked out yet, is opaque. Hosts load this where results are compared, and nothing heavy with it.
"""

import copyreg
import math
import sys
from collections.abc import Iterable, Mapping, Sequence, ValuesView
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import chain
from typing import Any

from bench.measure.results.lazy import laziness

_REAL = "biuf"
"""The kinds of numpy's that one number of Python's has room for; `c` beside them."""


@dataclass(frozen=True, slots=True)
class Atom:
    """What has no parts: equal where both texts are."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Number:
    """A number, equal to others by value: 1, 1.0 and True are, and so are 0.0 and -0.0, and NaN and NaN."""

    value: Any


@dataclass(frozen=True, slots=True)
class Raw:
    """Bytes, whoever holds them."""

    view: bytes | memoryview


@dataclass(frozen=True, slots=True)
class Array:
    """An array of numpy's kind: with `dtype`, `shape`, `flat`."""

    value: Any


@dataclass(frozen=True, slots=True)
class Ordered:
    """Parts in an order: the elements of a list, the state of an object."""

    kind: str
    values: Sequence[Any]
    names: tuple[str, ...] | None = None
    """Of the parts, where they have some: the attributes."""


@dataclass(frozen=True, slots=True)
class Keyed:
    """Parts by key, in no order."""

    value: Mapping[Any, Any]


@dataclass(frozen=True, slots=True)
class Unordered:
    """Parts in no order."""

    values: Iterable[Any]


@dataclass(frozen=True, slots=True)
class Opaque:
    """What cannot be compared with what another call gave."""

    why: str
    """Such as `it does not pickle, and has no equality of its own`."""


Parts = Atom | Number | Raw | Array | Ordered | Keyed | Unordered | Opaque


def parts_of(value: Any) -> Parts:
    """What a value consists of."""
    if (found := _of_builtin(value)) is not None:
        return found
    if is_array(value):
        return _of_array(value)
    if isinstance(value, Mapping):
        return Keyed(value)
    if isinstance(value, AbstractSet):
        return Unordered(value)
    if isinstance(value, ValuesView):
        return Ordered("values", list(value))
    if why := laziness(type(value)):
        return Opaque(f"it is {why}")
    return _of_object(value)


def _of_builtin(value: Any) -> Parts | None:
    """Of the types that have a notation in Python, and those made from them."""
    match value:
        case None:
            return Atom("None", "")
        case str():
            return Atom("text", str.__str__(value))
        case int() | float() | complex():
            return Number(value)
        case bytes() | bytearray() | memoryview():
            return Raw(_bytes_of(value))
        case list() | tuple():
            return Ordered("tuple" if isinstance(value, tuple) else "list", value)
        case range():
            return Ordered("range", (len(value), *value[:2]))  # equal where their elements are
    return None


def is_array(value: Any) -> bool:
    """Whether it is of numpy's kind, scalars included."""
    return all(hasattr(value, each) for each in ("tobytes", "shape", "dtype", "flat"))


def class_name(value: Any) -> str:
    """With the module, as pickle would find the class."""
    return f"{type(value).__module__}.{type(value).__qualname__}"


def _of_array(value: Any) -> Parts:
    """The number that it holds alone, or the fields of its records, or the array."""
    if value.dtype.names:
        names = tuple(value.dtype.names)
        return Ordered("records", [value[each] for each in names], names)
    if hasattr(value, "mask") and hasattr(value, "filled"):
        return Ordered("masked array", _mask_and_shown(value))
    if value.shape == () and value.dtype.kind in f"{_REAL}c":
        number = value.item()
        if isinstance(number, int | float | complex):  # a longer float has no number of Python's
            return Number(number)
    return Array(value)


def _mask_and_shown(value: Any) -> tuple[Any, Any]:
    """Which elements are hidden, and the others; what is hidden is nobody's business, and the type's zero here."""
    shown = value.data.copy()
    mask = value.mask if value.mask.shape == shown.shape else _whole(shown, value.mask)
    shown[mask] = None if shown.dtype.kind == "O" else shown.dtype.type()
    return mask, shown


def _whole(shown: Any, mask: Any) -> Any:
    """The one word for all elements as a mask of their shape."""
    every = shown.astype("?") if shown.dtype.kind in "biuf" else shown.astype("O") == 0
    every[...] = mask
    return every


def _bytes_of(value: bytes | bytearray | memoryview) -> bytes | memoryview:
    """Without a copy where that is possible."""
    view = memoryview(value)
    return view.cast("B") if view.c_contiguous and view.nbytes else view.tobytes()


def _of_object(value: Any) -> Parts:
    """By its class and what pickle would keep of it."""
    if name := _global_name(value):
        return Atom("name", name)
    if hasattr(value, "as_integer_ratio"):  # a fraction or a decimal number, equal to a float of its value
        return Number(value)
    if type(value).__module__ == "array" and getattr(value, "typecode", "u") != "u":
        return Ordered(class_name(value), (value.typecode, memoryview(value).cast("B")))  # its state would be a copy
    fields = _compared_fields(value)
    if fields is not None:
        return Ordered(class_name(value), [getattr(value, each) for each in fields], fields)
    try:
        reduce = copyreg.dispatch_table.get(type(value))
        state = reduce(value) if reduce else value.__reduce_ex__(4)
    except Exception as error:  # what refuses to be pickled may do so in any way
        return _of_unpicklable(value, error)
    if isinstance(state, str):
        return Atom(class_name(value), state)
    return _of_state(value, *state[1:])


def _global_name(value: Any) -> str:
    """The name under which a class or a function is found in its module; empty for what is none, or is not found."""
    module, name = getattr(value, "__module__", None), getattr(value, "__qualname__", None)
    if isinstance(value, type):
        return f"{module}.{name}"
    if not isinstance(module, str) or not isinstance(name, str):
        return ""
    found: Any = sys.modules.get(module)
    for each in name.split("."):
        found = getattr(found, each, None)
    return f"{module}.{name}" if found is value else ""


def _compared_fields(value: Any) -> tuple[str, ...] | None:
    """Those of a dataclass that count in its comparison; None for what is no dataclass that compares."""
    fields = getattr(type(value), "__dataclass_fields__", None)
    parameters = getattr(type(value), "__dataclass_params__", None)
    if not isinstance(fields, dict) or not getattr(parameters, "eq", False):
        return None
    kept = [name for name, each in fields.items() if each.compare and "KW_ONLY" not in str(each.type)]
    return tuple(name for name in kept if hasattr(value, name))


def _of_state(value: Any, arguments: Any = (), state: Any = None, items: Any = None, entries: Any = None) -> Parts:
    """The last four of the five that a reduction has: see `object.__reduce__`."""
    named: dict[str, Any] = {}
    for each in state if isinstance(state, tuple) and len(state) == 2 else (state,):  # of __dict__ and of __slots__
        if isinstance(each, dict):
            named |= {str(key): part for key, part in each.items()}
        elif each is not None:
            named[""] = state
    plain = [each for each in arguments if each is not type(value)]
    if items is not None:
        plain += items
    if entries is not None:
        plain.append(dict(entries))
    names = sorted(named)
    every = [*plain, *(named[each] for each in names)]
    return Ordered(class_name(value), every, (*[""] * len(plain), *names))


def _of_unpicklable(value: Any, error: Exception) -> Parts:
    """Its elements where it is a sequence that compares by them, with the keys where it has some."""
    if isinstance(value, Sequence) and type(value).__eq__ is not object.__eq__:
        keys = getattr(value, "keys", None)
        return Ordered(class_name(value), list(chain(value, keys() if callable(keys) else ())))
    if hasattr(value, "__qualname__") and callable(value):
        return Opaque("it is a function that is not found by a name in its module")
    try:
        said = " ".join(str(error)[:1000].split())[:100]
    except Exception:
        said = type(error).__name__
    return Opaque(f"it does not pickle ({said}), and nothing else tells what it holds")


def real_and_imaginary(number: Any) -> tuple[Any, Any]:
    """The two parts of a number; the second is 0 for what is real."""
    return (number.real, number.imag) if isinstance(number, complex) else (number, 0)


def exact(number: Any) -> str:
    """A real number as text that is equal for equal numbers: 1, 1.0 and True are equal, and so are 0.0 and -0.0."""
    if isinstance(number, int):
        return f"{int(number):x}"  # repr() refuses more than 4300 digits
    if not isinstance(number, float):
        try:
            above, below = number.as_integer_ratio()
        except (ValueError, OverflowError):  # a decimal number may be none, or endless
            return exact(math.nan if number.is_nan() else float(number))
        if below & (below - 1) == 0 and abs(above) < 1 << 53 and below < 1 << 1000:  # as a float has it
            return exact(above / below)
        return f"{above:x}/{below:x}" if below != 1 else f"{above:x}"
    if not math.isfinite(number):
        return repr(float(number))
    return f"{int(number):x}" if float(number).is_integer() else float(number).hex()

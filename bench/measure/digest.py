"""A digest of what a round gave back: equal for results that compare equal, in whatever process they were made.

The bytes of a pickle would not do: they depend on which parts are one object, and sets have an order of their own in
each process. Hosts load this, and hashlib, only where results of two processes have to be compared.
"""

import hashlib
import math
import re
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from typing import Any

_LENGTH = 32
_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")


def digest(value: Any) -> str:
    """The start of a SHA-256, in hexadecimal.

    Raises:
        RecursionError: for what contains itself.
    """
    return _bytes(value).hex()[:_LENGTH]


def _bytes(value: Any) -> bytes:
    if value is None or isinstance(value, str):
        return _hash(type(value).__name__, repr(value))
    if isinstance(value, int | float | complex):
        return _hash("number", *map(_real, (value.real, value.imag)))
    if isinstance(value, bytes | bytearray | memoryview):
        return _hash("bytes", bytes(value))
    if isinstance(value, list | tuple):
        return _hash("tuple" if isinstance(value, tuple) else "list", *map(_bytes, value))
    if isinstance(value, range):
        return _hash("range", *map(_real, (len(value), *value[:2])))  # equal where their elements are
    if isinstance(value, Mapping):
        return _unordered("mapping", (_hash("item", _bytes(key), _bytes(each)) for key, each in value.items()))
    if isinstance(value, AbstractSet):
        return _unordered("set", map(_bytes, value))
    return _of_object(value)


def _of_object(value: Any) -> bytes:
    """By its class and what pickle would keep of it; by how it shows itself, without its address, where that is nothing."""
    name = f"{type(value).__module__}.{type(value).__qualname__}"
    if hasattr(value, "tobytes") and hasattr(value, "shape") and hasattr(value, "dtype"):  # of numpy's kind
        return _hash("array", str(value.dtype), repr(value.shape), _elements(value))
    try:
        _, *state = value.__reduce_ex__(4)
    except Exception:  # what cannot be pickled
        return _hash(name, _ADDRESS.sub("", repr(value)))
    if isinstance(state, list) and state:
        state = [list(each) if hasattr(each, "__next__") else each for each in state]
        return _hash(name, *map(_bytes, state))
    return _hash(name, repr(value))


def _elements(array: Any) -> bytes:
    """The bytes of an array; those of objects would be addresses, and those of 0.0 and -0.0 differ."""
    if array.dtype.kind == "O":
        return _bytes(array.tolist())
    data: bytes = (array + 0 if array.dtype.kind in "fc" else array).tobytes()
    return data


def _real(number: float) -> str:
    """1, 1.0 and True are equal, and so are 0.0 and -0.0."""
    if isinstance(number, int):
        return f"{int(number):x}"  # repr() refuses more than 4300 digits
    if not math.isfinite(number):
        return repr(float(number))
    return f"{int(number):x}" if float(number).is_integer() else float(number).hex()


def _unordered(kind: str, parts: Iterable[bytes]) -> bytes:
    return _hash(kind, *sorted(parts))


def _hash(kind: str, *parts: str | bytes) -> bytes:
    found = hashlib.sha256(kind.encode())
    for each in parts:
        data = each.encode(errors="surrogatepass") if isinstance(each, str) else each
        found.update(len(data).to_bytes(8) + data)
    return found.digest()

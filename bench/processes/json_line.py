"""A message as a line of JSON: what `json.dumps` and `json.loads` make of it, by what they have in C.

The package around that imports `re` and `enum`, which take a host longer than all else that its channel needs, and it is what
libraries put other encoders into. Standard library only: hosts use it.
"""

from __future__ import annotations

from types import SimpleNamespace

from bench.processes.pristine import json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn

_CONSTANTS = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}


def dumps(message: Any) -> bytes:
    """The line, without its end.

    Raises:
        TypeError, ValueError: if it is nothing that JSON has, or holds itself.
    """
    # by position: objects inside of which it is, what is asked for other types, how texts are written, the indentation,
    # separators; whether keys are sorted, whether others than texts are left out, whether there may be infinity
    encode = json.make_encoder({}, _refuse, json.encode_basestring_ascii, None, ": ", ", ", False, False, True)
    return "".join(encode(message, 0)).encode()


def loads(line: bytes) -> Any:
    """The message.

    Raises:
        ValueError: if the line is no JSON.
    """
    text = line.decode().strip(" \t\r\n")
    try:
        message, end = _SCAN(text, 0)
    except StopIteration:
        end = -1
    if end != len(text):
        raise ValueError(f"no JSON: {text[:60]!r}")
    return message


def _refuse(value: object) -> NoReturn:
    raise TypeError(f"no JSON: {type(value).__name__}")


_SCAN = json.make_scanner(
    SimpleNamespace(  # type: ignore[arg-type]
        strict=True,
        object_hook=None,
        object_pairs_hook=None,
        parse_float=float,
        parse_int=int,
        parse_constant=_CONSTANTS.__getitem__,
    )
)

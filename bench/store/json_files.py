"""JSON files of other tools: their content, decoded, and taken as records. Nothing read is ever executed.

Every error is one line that names the file and the field.
"""

import codecs
import contextlib
import json
import zlib
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from bench import bounds
from bench.errors import RunFileError
from bench.facts.validity import SHORTEST_S
from bench.plugins.names import sanitized
from bench.store.lines import check_values, most_of, shown

Record = TypeVar("Record")
_GZIP = b"\x1f\x8b"
_PIECE_BYTES = 1 << 12
"""Decompressed at a time: what is left of a piece behind each member is copied, and there may be millions of them."""


def beginning(path: Path, length: int) -> bytes:
    """The first bytes of a file, a mark of their order not counted; fewer where it has no more.

    Raises:
        RunFileError: if it is no file, or cannot be read.
    """
    return _read(path, length + len(codecs.BOM_UTF8)).removeprefix(codecs.BOM_UTF8)[:length]


def content(path: Path) -> bytes:
    """The bytes of a file, decompressed where it is compressed by gzip, whatever its name.

    Raises:
        RunFileError: if it is no file, cannot be read, is empty, cut, or too long.
    """
    name = sanitized(str(path))
    read = _read(path, bounds.LONGEST_FILE_BYTES + 1)
    if read.startswith(_GZIP):
        read = _decompressed(read, name)
    read = read.removeprefix(codecs.BOM_UTF8)
    if len(read) > bounds.LONGEST_FILE_BYTES:
        raise RunFileError(bounds.said_of_length(name, "file of measurements"))
    if not read.strip():
        raise RunFileError(f"{name} is empty")
    return read


def _read(path: Path, length: int) -> bytes:
    """So many bytes of a file from its beginning, or all."""
    try:
        with bounds.opened(path) as file:
            return file.read(length)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise RunFileError(f"cannot read {sanitized(str(path))}: {why}") from error


def _decompressed(read: bytes, name: str) -> bytes:
    """All members of a gzip file one after another (RFC 1952, 2.2), up to one byte too many."""
    whole = bytearray()
    machine = None
    for begin in range(0, len(read), _PIECE_BYTES):
        piece = read[begin : begin + _PIECE_BYTES]
        while piece and len(whole) <= bounds.LONGEST_FILE_BYTES:
            if machine is None and not (piece := piece.lstrip(b"\0")):  # a file may be padded
                break
            machine = machine or zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
            try:
                whole += machine.decompress(piece, bounds.LONGEST_FILE_BYTES + 1 - len(whole))
            except zlib.error as error:
                raise RunFileError(f"{name}: damaged: {error}") from None
            piece = machine.unused_data
            machine = None if machine.eof else machine
    if machine is not None and len(whole) <= bounds.LONGEST_FILE_BYTES:
        raise RunFileError(f"{name} is cut: its compressed content has no end")
    return bytes(whole)


def decoded(read: bytes, name: str) -> Any:
    """JSON as Python's own values.

    Raises:
        RunFileError: if it is none, or holds more values than fit in memory.
    """
    check_values(read, name)
    try:
        return msgspec.json.decode(read)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        with contextlib.suppress(ValueError, RecursionError):
            return json.loads(read)  # takes NaN and Infinity, which other tools write where a test gives them
        raise RunFileError(f"{name}: not JSON ({sanitized(str(error), 200)})") from None


def taken(value: Any, kind: type[Record], name: str, field: str = "") -> Record:
    """Decoded JSON as a record; `field` is where in the file it stands.

    Raises:
        RunFileError: naming the field that does not fit.
    """
    try:
        return msgspec.convert(value, kind)
    except OverflowError:
        raise RunFileError(
            f"{name}: a number below `{field}` is too large to be one"
            if field
            else f"{name}: a number is too large to be one"
        ) from None
    except (msgspec.ValidationError, RecursionError, UnicodeEncodeError) as error:
        said = sanitized(str(error), 300).replace("`$", f"`{field}").replace("`.", "`")
        said += f" - at `{field}`" if field and " - at " not in said else ""
        raise RunFileError(f"{name}: {said}") from None


def check_number(value: float, name: str, field: str, quantity: str, *, above_zero: bool = False) -> None:
    """It is an amount of the quantity, such as `wall_s`: not below 0, and not so large that it can be none.

    Raises:
        RunFileError: if not; NaN is none either.
    """
    least = SHORTEST_S if quantity == "wall_s" else 0.0  # what is divided by less than that overflows
    if (value > 0 and least <= value < most_of(quantity)) or (value == 0 and not above_zero):
        return
    wanted = f"at least {least:g}" if least else "above 0"
    wanted = wanted if above_zero else f"0, or {wanted},"
    raise RunFileError(
        f"{name}: field `{field}` is {shown(value)}; it must be {wanted} and below {most_of(quantity):g}"
    )

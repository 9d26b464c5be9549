"""A line of a run file: a record as JSON that ends with a checksum of itself.

Knows nothing of files and of what lines have to do with each other. Nothing read is ever executed.
"""

import json
import re
import zlib
from typing import Any

import msgspec

from bench.bounds import MOST_VALUES, values_in
from bench.errors import RunFileError
from bench.plugins.names import LONGEST_TEXT, sanitized
from bench.records.block import Block
from bench.records.run import SCHEMA_VERSION, Addition, Ending, Header
from bench.store import flat_plan
from bench.store.upgrades import upgrade

Record = Header | Addition | Block | Ending
GUARDED_SINCE = 4
"""From this version on every line has a checksum."""
LARGEST = 2.0**63
"""Bytes and counts are below this: what any field of numbers has room for."""
LONGEST_S = 1e12
"""Seconds are: thirty thousand years."""
_AS_ASKED = {"seed", "budget_s", "time_limit_s"}
"""What a user may have asked for is no amount of anything that happened."""
_KINDS: dict[str, type[Record]] = {"header": Header, "addition": Addition, "block": Block, "ending": Ending}
_NUMBERS_ONLY = {"rounds", "samples"}
_NAMES = {"id", "plan", "case", "cases"}
"""Fields whose text is not made plain: `bench.store.checks` refuses what is none."""
_GUARD = re.compile(rb',"crc32":"([0-9a-f]{8})"\}\n')
_GUARD_BYTES = len(b',"crc32":"00000000"}\n')
_BLOCK = msgspec.json.Decoder(Block)
_PRINTABLE = bytes(set(range(0x20, 0x7F)) - {ord("\\")})
_NUMBERS = bytes(
    ord("0") if chr(each).isdecimal() else ord("e") if chr(each) in "eE" else each if chr(each) in ".+" else ord(" ")
    for each in range(0x100)
)
"""Translates a line so that only numbers are left of it, with every digit as 0."""
_LARGE = (b" " + b"0" * len(f"{min(LONGEST_S, LARGEST):.0f}"), b"0e0", b"0e+")
"""What is in a line so translated where a number may be larger than any amount is."""


def to_line(record: Record) -> bytes:
    """The record as one line of a run file."""
    kind = next(name for name, type_ in _KINDS.items() if isinstance(record, type_))
    written = flat_plan.flat(record) if isinstance(record, Header) else record
    try:
        encoded = msgspec.json.encode(written)
    except UnicodeEncodeError:  # half a character, which no file can hold
        encoded = msgspec.json.encode(_sanitized_texts(msgspec.to_builtins(written)))
    body = b'{"kind":"' + kind.encode() + b'",' + encoded[1:-1]
    return body + b',"crc32":"%08x"}\n' % zlib.crc32(body)


def from_line(line: bytes, place: str, schema: int | None) -> Record:
    """A whole line as a record; text in it that is for reading is made plain.

    Args:
        line: ends with a line feed.
        place: the file and the line's number, for errors.
        schema: the version that the file's header named; None for the header itself.

    Raises:
        RunFileError: if it is damaged, or not as the model has it.
    """
    guard = _GUARD.fullmatch(line, max(0, len(line) - _GUARD_BYTES))
    if guard is not None and zlib.crc32(line[: guard.start()]) != int(guard[1], 16):
        raise RunFileError(f"{place}: damaged: its checksum is not that of its content")
    if guard is not None and schema == SCHEMA_VERSION and (block := _ordinary_block(line)) is not None:
        return block
    fields = _decoded(line, place)
    if schema is None:
        schema = fields.get("schema", SCHEMA_VERSION)
    if isinstance(schema, int):
        _check_version(schema, place, is_guarded=guard is not None)
    _check_amounts(fields, place)
    try:
        upgrade(fields, schema)
    except (TypeError, ValueError, LookupError, AttributeError, ArithmeticError, RecursionError) as error:
        raise RunFileError(f"{place}: not as version {shown(schema)} has it ({sanitized(str(error), 200)})") from None
    made = {name: _sanitized_texts(value) for name, value in fields.items() if name not in _NAMES | _NUMBERS_ONLY}
    if "plan" in fields:
        made["plan"] = flat_plan.nested(fields["plan"])
    try:
        record: Record = msgspec.convert(fields | made, _KINDS[fields["kind"]])
    except (msgspec.ValidationError, RecursionError) as error:
        raise RunFileError(f"{place}: {sanitized(flat_plan.place(str(error)), 200)}") from None
    return record


def _check_version(schema: int, place: str, *, is_guarded: bool) -> None:
    """The version is one that is known, and its lines have checksums from where on all have them.

    Raises:
        RunFileError: if not.
    """
    if schema > SCHEMA_VERSION:
        raise RunFileError(
            f"{place}: schema version {shown(schema)} is newer than {SCHEMA_VERSION}; update concurrency-bench"
        )
    if schema >= GUARDED_SINCE and not is_guarded:
        raise RunFileError(f"{place}: damaged: it does not end with its checksum")


def _ordinary_block(line: bytes) -> Block | None:
    """The block of a line in which nothing has to be made plain and no number is large; None where a closer look is due.

    A run may have a million of such lines, and the closer look takes ten times as long.
    """
    if (
        line.translate(None, _PRINTABLE) != b"\n"
        or not line.startswith(b'{"kind":"block",')
        or line.count(b'"kind"') > 1
    ):
        return None
    if _may_have_long_text(line) and any(len(text) > LONGEST_TEXT for text in line.split(b'"')[1::2]):
        return None
    numbers = line.translate(_NUMBERS)
    if any(each in numbers for each in _LARGE):
        return None
    try:
        return _BLOCK.decode(line)
    except (msgspec.DecodeError, RecursionError):
        return None


def _may_have_long_text(line: bytes) -> bool:
    """Whether there are so many bytes without a quotation mark as a text that is too long has."""
    half = LONGEST_TEXT // 2
    return any(line.find(b'"', begin, begin + half) < 0 for begin in range(0, len(line) - half, half))


def check_values(read: bytes, place: str) -> None:
    """What is to be decoded fits in memory as Python's own values.

    Raises:
        RunFileError: if not.
    """
    if values_in(read) > MOST_VALUES:
        raise RunFileError(f"{place}: it holds more than {MOST_VALUES} values, the most that are read at once")


def _decoded(line: bytes, place: str) -> dict[str, Any]:
    check_values(line, place)
    try:
        fields = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise RunFileError(f"{place}: not JSON ({sanitized(str(error), 200)})") from None
    kind = fields.get("kind") if isinstance(fields, dict) else None
    if not isinstance(kind, str) or kind not in _KINDS:
        raise RunFileError(f"{place}: field `kind` is {shown(kind)}; it must be one of {', '.join(_KINDS)}")
    return fields  # type: ignore[no-any-return]


def _check_amounts(fields: dict[str, Any], place: str) -> None:
    """No number is one that its quantity cannot have: time beyond `LONGEST_S`, or an amount beyond `LARGEST`.

    A field's name says its quantity; what stands below it in lists and tables is of the same.
    """
    left: list[tuple[str, str, Any]] = [(name, name, value) for name, value in fields.items()]
    while left:
        path, name, value = left.pop()
        if isinstance(value, dict):
            left += [(f"{path}.{key}", key if key.isidentifier() else name, each) for key, each in value.items()]
        elif isinstance(value, list):
            left += [(f"{path}[{number}]", name, each) for number, each in enumerate(value)]
        elif isinstance(value, int | float) and not abs(value) < (most := most_of(name)):
            raise RunFileError(f"{place}: field `{sanitized(path, 100)}` is {shown(value)}; it must be below {most:g}")


def most_of(name: str) -> float:
    """What an amount of this name stays below: seconds where it ends as such names do."""
    if name in _AS_ASKED:
        return 1e24
    return LONGEST_S if name.endswith("_s") else LARGEST


def _sanitized_texts(value: Any) -> Any:
    """Decoded JSON with every text and every key in it made plain."""
    if isinstance(value, str):
        return sanitized(value)
    if isinstance(value, list):
        return [_sanitized_texts(each) for each in value]
    if isinstance(value, dict):
        return {sanitized(name): _sanitized_texts(each) for name, each in value.items()}
    return value


def shown(value: Any) -> str:
    """A value as an error shows it: JSON, on one line, cut where it is long."""
    if isinstance(value, str):
        value = value[:60]
    try:
        text = json.dumps(value, default=str)
    except (ValueError, RecursionError):
        text = f"of type {type(value).__name__}"
    return text if len(text) <= 60 else text[:59] + "…"

"""One run is one file of JSON lines: a header, a line for each block, and an ending.

A line is written whole, flushed and synchronised when its block ends, so a run that is killed leaves a file that reads
up to its last whole line. Reading checks every line against `bench.model`; nothing read is ever executed.
"""

import dataclasses
import json
import math
import os
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec

from bench.errors import RunFileError, StorageError
from bench.model import SCHEMA_VERSION, Block, Ending, Header, Run
from bench.patterns import LATENCY_PROBABILITIES
from bench.store.upgrades import upgrade
from bench.usage import Samples

_SUFFIX = ".jsonl"
_COLUMNS = tuple(each.name for each in dataclasses.fields(Samples))
_KINDS = {"header": Header, "block": Block, "ending": Ending}


def new_run_id(now: datetime | None = None) -> str:
    """An identifier that sorts by time and that no two runs share."""
    return f"{now or datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"


def to_line(record: Header | Block | Ending) -> bytes:
    """The record as one line of a run file."""
    kind = next(name for name, type_ in _KINDS.items() if isinstance(record, type_))
    return b'{"kind":"' + kind.encode() + b'",' + msgspec.json.encode(record)[1:] + b"\n"


class RunWriter:
    """Appends records to the file of one run. The file appears with its header."""

    def __init__(self, folder: Path, header: Header) -> None:
        """Create the file and write the header.

        Raises:
            StorageError: if the folder or the file cannot be written.
        """
        self.path = folder / f"{header.id}{_SUFFIX}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._file = self.path.open("xb", buffering=0)  # x: never into a file that is there
        except OSError as error:
            raise StorageError(_cannot_write(folder, error, "--results")) from error
        try:
            self.append(header)
        except StorageError:
            self._file.close()
            self.path.unlink()  # an empty file is no run
            raise

    def append(self, record: Header | Block | Ending) -> None:
        """Write one record, whole and safe on disk, or nothing of it.

        Raises:
            StorageError: if that fails; what was written before is still there.
        """
        line = to_line(record)
        end = self._file.tell()
        try:
            while line:
                line = line[self._file.write(line) :]
            os.fsync(self._file.fileno())
        except OSError as error:
            self._cut(end)
            raise StorageError(f"cannot write {self.path}: {error.strerror}; the lines before are safe") from error

    def _cut(self, end: int) -> None:
        """Take back what was half written."""
        try:
            os.ftruncate(self._file.fileno(), end)
        except OSError:
            return

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._file.close()
        except OSError:  # a rest that could not be written; append has said so
            return


def check_writable(folder: Path, option: str = "--results") -> None:
    """Find out before measuring whether a folder can be written to; `option` is what names another.

    Raises:
        StorageError: if they cannot.
    """
    probe = folder / f".probe-{secrets.token_hex(4)}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise StorageError(_cannot_write(folder, error, option)) from error


def _cannot_write(folder: Path, error: OSError, option: str) -> str:
    return f"cannot write to {folder}: {error.strerror}; give another folder with {option}"


def read(path: Path) -> Run:
    """The run in a file, checked line by line. A last line that was cut is left out and noted.

    Raises:
        RunFileError: naming file, line and field, if anything else is not valid.
    """
    header: Header | None = None
    blocks: list[Block] = []
    ending: Ending | None = None
    notes: list[str] = []
    for number, line in _lines(path):
        place = f"{path}, line {number}"
        if not line.endswith(b"\n"):
            notes.append(f"line {number} is cut and was left out")
            break
        record = _decode(line, place, None if header is None else header.schema)
        if isinstance(record, Header) != (header is None):
            raise RunFileError(f"{place}: a run file has one header, on its first line")
        if isinstance(record, Header):
            header = record
        elif isinstance(record, Block):
            _check_numbers(record, place)
            blocks.append(record)
        else:
            ending = record
    if header is None:
        raise RunFileError(f"{path} holds no run: its first line is empty or cut")
    _check_cases(path, header, blocks)
    if ending is None:
        notes.append(f"the run was cut: {len(blocks)} of {header.plan.blocks} planned blocks are there")
    return Run(header, blocks, ending, notes)


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    try:
        with path.open("rb") as file:
            yield from enumerate(file, start=1)
    except OSError as error:
        raise RunFileError(f"cannot read {path}: {error.strerror}") from error


def _decode(line: bytes, place: str, schema: int | None) -> Header | Block | Ending:
    """A line as a record; `schema` is the version that the file's header named, None for the header itself."""
    try:
        fields = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise RunFileError(f"{place}: not JSON ({error})") from None
    kind = fields.get("kind") if isinstance(fields, dict) else None
    if not isinstance(kind, str) or kind not in _KINDS:
        raise RunFileError(f"{place}: field `kind` is {_shown(kind)}; it must be one of {', '.join(_KINDS)}")
    if schema is None:
        schema = fields.get("schema", SCHEMA_VERSION)
    if isinstance(schema, int) and schema > SCHEMA_VERSION:
        raise RunFileError(f"{place}: schema version {schema} is newer than {SCHEMA_VERSION}; update concurrency-bench")
    try:
        upgrade(fields, schema)
    except (TypeError, LookupError, AttributeError) as error:
        raise RunFileError(f"{place}: not as version {schema} has it ({error})") from None
    try:
        record: Header | Block | Ending = msgspec.convert(fields, _KINDS[kind])
    except msgspec.ValidationError as error:
        raise RunFileError(f"{place}: {error}") from None
    return record


def _check_cases(path: Path, header: Header, blocks: list[Block]) -> None:
    for case in header.plan.cases:
        if case.workload not in header.plan.works:
            raise RunFileError(f"{path}, line 1: field `works` lacks the workload {_shown(case.workload)}")
    known = {case.key for case in header.plan.cases}
    for number, block in enumerate(blocks, start=2):
        if block.case not in known:
            raise RunFileError(f"{path}, line {number}: field `case` is {_shown(block.case)}, which the plan has not")


def _check_numbers(block: Block, place: str) -> None:
    """Every round took time, because things are divided by it later; quantiles are all there, and columns alike."""
    for timed in block.latencies:
        if len(timed.quantiles_s) != len(LATENCY_PROBABILITIES):
            raise RunFileError(
                f"{place}: field `latencies` has {len(timed.quantiles_s)} quantiles of {_shown(timed.what)}; "
                f"it must have {len(LATENCY_PROBABILITIES)}"
            )
    lengths = {name: len(getattr(block.samples, name)) for name in _COLUMNS}
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{name} {length}" for name, length in lengths.items())
        raise RunFileError(f"{place}: field `samples` has columns of different lengths: {told}")
    for number, each in enumerate(block.rounds):
        if not 0 < each.wall_s < math.inf:
            raise RunFileError(f"{place}: field `rounds[{number}].wall_s` is {each.wall_s!r}; it must be above 0")


def _shown(value: Any) -> str:
    text = json.dumps(value, default=str)
    return text if len(text) <= 60 else text[:59] + "…"


def find(folder: Path, name: str | None) -> Path:
    """The file of a run: a path, a run's id or the start of one, or the latest of `folder` where `name` is None.

    Raises:
        RunFileError: if there is none, or several begin with `name`.
    """
    if name is not None and Path(name).is_file():
        return Path(name)
    there = sorted(folder.glob(f"*{_SUFFIX}"))
    matching = [path for path in there if name is None or path.name.startswith(name)]
    if not matching:
        wanted = "no run" if name is None else f"no run {name!r}"
        raise RunFileError(f"{wanted} in {folder}; make one with: python -m bench run")
    if name is not None and len(matching) > 1:
        raise RunFileError(f"{len(matching)} runs in {folder} begin with {name!r}; give more of the id")
    return matching[-1]

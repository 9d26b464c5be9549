"""The results of a plain loop in a file, so that one loop is enough for all strategies of a run.

Each goes there as soon as it is made. What does not pickle, or has no room, is noted as not kept. Hosts load this once all is measured.
"""

from collections.abc import Iterator
from contextlib import suppress
from typing import IO, Any, Self

from bench.processes.pristine import os, time

_MOST_BYTES = 32 << 20
"""Of a file of results. What there is no room for is made anew by each strategy, while there is time."""
_FLUSH_S = 0.25
_HEAD_BYTES = 16
NUMBERS = frozenset((int, float, bool))
"""Kinds of results that have no parts and leave no copies."""
_SHORT = 1 << 62
"""A number below it is as short as a head; a pickler of its own for each would take most of the time for a million."""


class _TooMuch(Exception):  # noqa: N818 - a fact
    """A result is larger than what is left of the file."""


class _Sink:
    """What a pickler writes to: it takes no more than so many bytes."""

    def __init__(self, most: int) -> None:
        self._left = most
        self.parts: list[bytes] = []

    def write(self, data: Any) -> None:
        self._left -= len(data)
        if self._left < 0:
            raise _TooMuch
        self.parts.append(bytes(data))


class Keeper:
    """Writes results into a file, for as long as the context lasts; one that ends with an exception leaves no file.

    Where none can be made, or the disk is full, it keeps nothing: others make the results themselves.
    """

    def __init__(self, path: str | None) -> None:
        """Begin the file, unless there is one; None for no file."""
        self._path = path
        self._file: IO[bytes] | None = None
        self._left = _MOST_BYTES
        self._flushed_s = time.perf_counter()
        with suppress(OSError):
            self._file = None if path is None else open(path, "xb")  # noqa: SIM115 - closed by `__exit__`

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if self._file is None or self._path is None:
            return
        with suppress(OSError):
            self._file.close()
        if kind is not None:
            with suppress(OSError):
                os.unlink(self._path)

    def add(self, position: int, result: Any) -> None:
        """Keep the result of an input, or that it cannot be kept."""
        if self._file is None:
            return
        data = _pickled(result, self._left)
        self._left -= len(data)
        try:
            self._file.write(position.to_bytes(8) + len(data).to_bytes(8) + data)
            if time.perf_counter() - self._flushed_s >= _FLUSH_S:
                self._file.flush()  # whoever is killed in the next call leaves what it has made
                self._flushed_s = time.perf_counter()
        except OSError:
            self.__exit__(OSError)
            self._file = None


def _pickled(result: Any, most: int) -> bytes:
    """A result as bytes; none where it does not pickle or takes more than `most`."""
    import pickle  # only where it is needed: a fork copies what its parent has loaded

    if type(result) in NUMBERS and abs(result) < _SHORT:
        return pickle.dumps(result, 5) if most > _HEAD_BYTES else b""
    if _is_larger(result, most):
        return b""
    sink = _Sink(most)
    try:
        pickle.Pickler(sink, 5).dump(result)
    except Exception:  # whatever the user's objects raise
        return b""
    return b"".join(sink.parts)


def _is_larger(result: Any, most: int) -> bool:
    """Whether it is seen without making a copy that a result takes more: texts and buffers are copied before a byte is written."""
    from bench.measure.results.set_aside import plain_bytes_of

    with suppress(TypeError, BufferError):
        return memoryview(result).nbytes > most
    return plain_bytes_of(result) > most // 4  # of text, which may take four times as much as UTF-8, and keeps that


def kept(path: str) -> Iterator[tuple[int, bytes]] | None:
    """The records of a file, as far as they are whole: a position and its bytes, none where the result was not kept.

    None where there is no file.
    """
    try:
        file = open(path, "rb")  # noqa: SIM115 - closed by the generator
    except OSError:
        return None
    return _records(file)


def _records(file: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    with file:
        while len(head := file.read(_HEAD_BYTES)) == _HEAD_BYTES:
            length = int.from_bytes(head[8:])
            data = file.read(length)
            if len(data) < length:
                return
            yield int.from_bytes(head[:8]), data


def unpickled(data: bytes) -> tuple[bool, Any]:
    """Whether a result is known, and which it is."""
    if not data:
        return False, None
    import pickle

    try:
        return True, pickle.loads(data)  # noqa: S301 - bytes of this run
    except Exception:  # of a class that this process cannot find, say
        return False, None

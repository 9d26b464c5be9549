"""The inputs that a file of the user's holds, a JSON value on each line."""

import json
import os
from collections.abc import Callable, Iterable, Iterator
from io import TextIOWrapper
from typing import Any, BinaryIO

from bench import bounds
from bench.errors import UsageError
from bench.measure.results.explain import shortened


def read(path: str) -> list[Any]:
    """The value of each line that is not empty.

    Raises:
        UsageError: naming the file, the line and what is wrong with it, or the limit that it is beyond.
    """
    try:
        with TextIOWrapper(bounds.opened(path), encoding="utf-8-sig") as file:
            _check_bounds(path, file.buffer)
            values = list(_values(path, file))
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not UTF-8 text ({error.reason})") from None
    except ValueError as error:
        raise UsageError(f"--inputs {shortened(path)} names no file: {error}") from None
    except OSError as error:
        raise UsageError(
            f"--inputs {path}: {error.strerror}; give a file of JSON lines, a range such as 1..100, values such as 1,2,3, or - "
            "for standard input"
        ) from None
    if not values:
        raise UsageError(f"{path} holds no inputs; write one JSON value a line")
    return values


def _check_bounds(path: str, file: BinaryIO) -> None:
    """Its values fit in memory: every process of the measurement holds them."""
    size, shown = os.fstat(file.fileno()).st_size, shortened(path, 200, str)
    if size > bounds.LONGEST_FILE_BYTES:
        raise UsageError(f"--inputs {bounds.said_of_length(shown, 'file of inputs')}; give a part of it")
    if size > bounds.MOST_VALUES:  # each takes a byte at the least
        content = file.read(size)
        if bounds.values_in(content) + content.count(b"\n") > bounds.MOST_VALUES:
            raise UsageError(f"--inputs {shown} holds more than {bounds.MOST_VALUES} values; give a part of it")
        file.seek(0)


def _values(file: str, lines: Iterable[str]) -> Iterator[Any]:
    """The value of each line that is not empty, as fast as a loop can: there may be millions, and every round reads them anew."""
    scan: Callable[[str, int], tuple[Any, int]] = DECODER.scan_once  # type: ignore[attr-defined]
    for number, line in enumerate(lines, start=1):
        try:
            value, end = scan(line, 0)
        except (StopIteration, ValueError, RecursionError):
            if line.strip():
                yield _slowly(file, number, line)
            continue
        yield value if line[end:] == "\n" else _slowly(file, number, line)


def _slowly(file: str, number: int, line: str) -> Any:
    """The value of a line with spaces around it or no end, or what is wrong with it."""
    try:
        return DECODER.decode(line)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{file}, line {number}: not JSON ({error}); write one JSON value a line") from None


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


DECODER = json.JSONDecoder(parse_constant=_no_constant)
"""One for all lines: `json.loads` with an option makes a decoder each time, which is nine tenths of reading a short line."""

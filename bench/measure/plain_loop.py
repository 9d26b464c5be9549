"""What a plain loop gives for the inputs of a workload: made once a run, and kept for the comparison of every strategy.

The first block that needs the results makes them, or `serial` gives its own: each goes into a file as soon as it is there, so that
one input which never ends takes none of the others away. Inputs are taken evenly spread, because there may be no time
for all; what there was no time for is not compared, and is no failure. A result that the file does not hold (it does not pickle, or
the file has grown large) or that differs from the strategy's is asked of a plain call in the process that compares: the
process may be what it depends on.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from math import gcd
from typing import IO, Any, Self

from bench.errors import WrongResult
from bench.measure import judge
from bench.pristine import os, time

Task = Callable[..., Any]
Tell = Callable[..., None]
_GOLDEN = 0.618
_MOST_BYTES = 32 << 20
"""Of a file of results. What there is no room for is made anew by each strategy, while there is time."""
_TELL_S = 0.25
_HEAD_BYTES = 16
_SHORT = 1 << 62
"""A number below it is as short as a head; a pickler of its own for each would take most of the time for a million."""


class _TooMuch(Exception):  # noqa: N818 - a fact
    """A result is larger than what is left of the file."""


class Pace:
    """How much time a comparison has, and what a call takes."""

    def __init__(self, limit_s: float) -> None:
        """From now on."""
        self.ends_s = time.perf_counter() + limit_s
        self._longest_s = 0.0

    def is_over(self) -> bool:
        """Whether the time is over."""
        return bool(time.perf_counter() >= self.ends_s)

    def has_room(self) -> bool:
        """Whether one more call ends in time, if it takes as long as the longest did."""
        return bool(time.perf_counter() + self._longest_s < self.ends_s)

    def timed(self, results: Iterator[Any]) -> Iterator[Any]:
        """The same results, each taken as one call."""
        while True:
            began = time.perf_counter()
            try:
                result = next(results)
            except StopIteration:
                return
            self._longest_s = max(self._longest_s, time.perf_counter() - began)
            yield result


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
            if time.perf_counter() - self._flushed_s >= _TELL_S:
                self._file.flush()  # whoever is killed in the next call leaves what it has made
                self._flushed_s = time.perf_counter()
        except OSError:
            self.__exit__(OSError)
            self._file = None


def _pickled(result: Any, most: int) -> bytes:
    """A result as bytes; none where it does not pickle or takes more than `most`."""
    import pickle  # only where it is needed: a fork copies what its parent has loaded

    if type(result) in (int, float, bool) and abs(result) < _SHORT:
        return pickle.dumps(result, 5) if most > _HEAD_BYTES else b""
    sink = _Sink(most)
    try:
        pickle.Pickler(sink, 5).dump(result)
    except Exception:  # whatever the user's objects raise
        return b""
    return b"".join(sink.parts)


def spread(count: int) -> Iterator[int]:
    """All numbers below `count`, each once, so that the first of them lie evenly between 0 and `count`."""
    stride = max(1, int(count * _GOLDEN))
    while gcd(stride, count) != 1:
        stride += 1
    position = 0
    for _ in range(count):
        yield position
        position = (position + stride) % count


def keep(path: str, results: Sequence[Any], limit_s: float) -> None:
    """Write what `serial` gave into the file, unless somebody has made one; as much as there is time for."""
    pace = Pace(limit_s)
    with Keeper(path) as keeper:
        for position in spread(len(results)):
            if pace.is_over():
                return
            keeper.add(position, results[position])


class Comparison:
    """The results of a round beside those of a plain loop."""

    def __init__(
        self,
        task: Task,
        make_inputs: Callable[[], Sequence[Any]],
        results: Sequence[Any],
        pace: Pace,
        tell: Tell,
        close: float | None = None,
    ) -> None:
        """Compare nothing yet.

        Args:
            task: the workload's.
            make_inputs: gives fresh ones.
            results: of one round.
            pace: how much time there is.
            close: how far floats may be apart, as `--close` has it.
            tell: called with how many were compared, and what is wrong with the one that is looked at again.
        """
        self._task = task
        self._make_inputs = make_inputs
        self._inputs: Sequence[Any] | None = None
        self._results = results
        self._pace = pace
        self._tell = tell
        self._close = close
        self._told_s = 0.0
        self.compared = 0

    def run(self, path: str | None) -> None:
        """Compare as many as there is time for.

        Args:
            path: of the file with the results of a plain loop, which is made where it is not there; None for no file.

        Raises:
            WrongResult: at the first that differs.
            Exception: what the task raises.
        """
        self._tell(0)
        records = None if path is None else kept(path)
        if records is None:
            self._with_a_loop(path)
        else:
            self._with_what_is_kept(records)
        self._tell(self.compared)

    def _with_a_loop(self, path: str | None) -> None:
        with Keeper(path) as keeper:
            for position, expected in self._called(spread(len(self._results))):
                keeper.add(position, expected)
                if why := judge.unlike_plain(position, self._results[position], expected, self._close):
                    raise WrongResult(why)
                self._count()

    def _with_what_is_kept(self, records: Iterator[tuple[int, Any]]) -> None:
        for position, data in records:
            if self._pace.is_over() or position >= len(self._results):
                return
            found = self._results[position]
            known, expected = _unpickled(data) if self.compared else (False, None)  # one is always called again here
            why = judge.unlike_plain(position, found, expected, self._close) if known else ""
            if why:
                self._tell(self.compared, why)
            if why or not known:
                if not why and not self._pace.has_room():
                    continue
                ((_, expected),) = self._called(iter([position]), anyway=True)
                if why := judge.unlike_plain(position, found, expected, self._close):
                    raise WrongResult(why)
                self._tell(self.compared)
            self._count()

    def _called(self, positions: Iterator[int], *, anyway: bool = False) -> Iterator[tuple[int, Any]]:
        """What the task gives for these inputs now, one after another, while there is time."""
        from bench.strategies.serial import one_after_another

        self._inputs = self._make_inputs() if self._inputs is None else self._inputs
        inputs, taken = self._inputs, []

        def next_inputs() -> Iterator[Any]:
            for position in positions:
                if not anyway and not self._pace.has_room():
                    return
                taken.append(position)
                yield inputs[position]

        for result in self._pace.timed(one_after_another(self._task, next_inputs())):
            yield taken.pop(), result

    def _count(self) -> None:
        self.compared += 1
        now_s = time.perf_counter()
        if now_s - self._told_s >= _TELL_S:
            self._told_s = now_s
            self._tell(self.compared)


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


def _unpickled(data: bytes) -> tuple[bool, Any]:
    """Whether a result is known, and which it is."""
    if not data:
        return False, None
    import pickle

    try:
        return True, pickle.loads(data)  # noqa: S301 - bytes of this run
    except Exception:  # of a class that this process cannot find, say
        return False, None

"""What a plain loop gives for the inputs of a workload: made once a run, and kept for the comparison of every strategy.

The first block that needs the results makes them, or `serial` gives its own: each goes into a file as soon as it is there, so that
one input which never ends takes none of the others away. Inputs are taken evenly spread, because there may be no time
for all; what there was no time for is not compared, and is no failure. A result that the file does not hold (it does not pickle, or
the file has grown large) or that differs from the strategy's is asked of a plain call in the process that compares: the
process may be what it depends on.
"""

from collections.abc import Callable, Iterator, Sequence
from math import gcd
from typing import TYPE_CHECKING, Any

from bench.errors import WrongResult
from bench.measure.results import judge
from bench.measure.results.kept_results import NUMBERS, Keeper, kept, unpickled
from bench.processes.pristine import time

if TYPE_CHECKING:
    from bench.measure.results.set_aside import Aside

Task = Callable[..., Any]
Tell = Callable[..., None]
_GOLDEN = 0.618
_TELL_S = 0.25


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
            del result  # before the next one is made


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
        *,
        may_release: bool = False,
    ) -> None:
        """Compare nothing yet.

        Args:
            task: the workload's.
            make_inputs: gives fresh ones.
            results: of one round.
            pace: how much time there is.
            close: how far floats may be apart, as `--close` has it.
            may_release: whether nobody else needs the results: large ones are then taken out of the list one by one.
            tell: called with how many were compared, and what is wrong with the one that is looked at again.
        """
        self._task = task
        self._make_inputs = make_inputs
        self._inputs: Sequence[Any] | None = None
        self._results = results
        self._pace = pace
        self._tell = tell
        self._close = close
        self._may_release = may_release and close is None  # floats that may be close are both needed
        self._told_s = 0.0
        self._aside: dict[int, Aside] = {}
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
                self._demand(position, expected)
                del expected
                self._count()

    def _demand(self, position: int, expected: Any) -> None:
        """Raise `WrongResult` where the result is not the one of a plain loop."""
        if (aside := self._aside.pop(position, None)) is None:
            why = judge.unlike_plain(position, self._results[position], expected, self._close)
        else:
            why = judge.differently(position, different) if (different := aside.difference(expected)) else ""
        if why:
            raise WrongResult(why)

    def _with_what_is_kept(self, records: Iterator[tuple[int, Any]]) -> None:
        for position, data in records:
            if self._pace.is_over() or position >= len(self._results):
                return
            found = self._results[position]
            known, expected = unpickled(data) if self.compared else (False, None)  # one is always called again here
            why = judge.unlike_plain(position, found, expected, self._close) if known else ""
            if why:
                self._tell(self.compared, why)
            if why or not known:
                if not why and not self._pace.has_room():
                    continue
                found = None  # it may be set aside
                for _, again in self._called(iter([position]), anyway=True):
                    self._demand(position, again)
                    del again
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
                self._make_room(position)
                yield inputs[position]

        for result in self._pace.timed(one_after_another(self._task, next_inputs())):
            yield taken.pop(), result
            del result

    def _make_room(self, position: int) -> None:
        """Have a large result leave its digest, before a plain loop makes another one."""
        if self._may_release and type(self._results[position]) not in NUMBERS:
            from bench.measure.results.set_aside import set_aside

            if (aside := set_aside(self._results, position)) is not None:
                self._aside[position] = aside

    def _count(self) -> None:
        self.compared += 1
        now_s = time.perf_counter()
        if now_s - self._told_s >= _TELL_S:
            self._told_s = now_s
            self._tell(self.compared)

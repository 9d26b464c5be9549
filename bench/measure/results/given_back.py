"""What the rounds of a block gave back, for the comparison of two arms: a digest, and whether it is the same each time.

Hosts load this where results of two processes have to be compared.
"""

from contextlib import suppress
from typing import Any

from bench.measure.results.digest import Incomparable, Numbers, digest, sized_digest
from bench.measure.results.explain import shown

MOST_NUMBERS = 10_000
"""Of a result that are kept, where floats may be close to those of the other arm."""
_SHORT = 20_000
"""Bytes that results are taken apart into, in a millisecond or two; of longer ones only the first and the last round's are."""


class GivenBack:
    """The results of a block, of which one round after another is told."""

    def __init__(self, close: float | None, *, is_stated: bool) -> None:
        """Nothing is known yet.

        Args:
            close: how far floats may be apart; None where they have to be equal.
            is_stated: whether somebody says what must come out, so that what cannot be compared need not be.
        """
        self._close = close
        self._is_stated = is_stated
        self._first: tuple[str, str] | None = None
        self._is_short = True
        self._varies = ""

    def add(self, results: Any) -> None:
        """Note the results of a round: the first is remembered, and any other one shows whether they stay the same."""
        if self._is_short and not self._varies:
            with suppress(Incomparable):  # `told` has the reason
                self._note(results)

    def told(self, results: Any) -> dict[str, Any] | None:
        """The fields of `bench.records.result.Result`, of the last round's results; None where nothing is to be compared."""
        try:
            made = {"digest": self._note(results), "shown": shown(results), "varies": self._varies}
            return made if self._close is None else made | _with_numbers(results)
        except Incomparable as error:
            if self._is_stated:
                return None
            return {"digest": "", "shown": shown(results), "incomparable": _said(error, results)}

    def _note(self, results: Any) -> str:
        found, size = sized_digest(results)
        self._is_short = size <= _SHORT
        if self._first is None:
            self._first = found, shown(results)
        elif found != self._first[0] and not self._varies:
            self._varies = f"{self._first[1]}, then {shown(results)}"
        return found


def _with_numbers(results: Any) -> dict[str, Any]:
    numbers = Numbers(MOST_NUMBERS)
    frame = digest(results, numbers)
    return {"frame": frame, "numbers": numbers.kept, "count": numbers.count}


def _said(error: Incomparable, results: Any) -> str:
    """Which part cannot be compared, and why not."""
    first, *path = error.path or ["", ""]
    where = "".join(each if isinstance(each, str) else f"[{each}]" for each in path)
    part = results
    try:
        part = results[first]
    except Exception:
        return str(error)
    return f"input {first}: result{where}: {error}" if where else f"input {first} gave {shown(part)}, and {error}"

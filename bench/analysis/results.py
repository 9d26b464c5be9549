"""Whether the two arms of a gate gave back equal results, as far as their first pair of blocks tells."""

from bench.analysis.comparison import Verdict
from bench.records.block import Block
from bench.records.result import Result

_FLOOR = 1e-6
"""As in `bench.measure.results.closeness`, whose rule this is for numbers that were stored."""


def unequal_results(base: Block, head: Block, close: float | None) -> tuple[Verdict, str] | None:
    """The verdict on a case whose arms gave other results; None where they are equal, or where nobody knows.

    Where each arm gives other results from call to call, that the two differ says nothing of the revisions: see `varying`.
    """
    one, other = base.result, head.result
    if one is None or other is None:
        return None
    if why := one.incomparable or other.incomparable:
        return Verdict.INCOMPARABLE, (
            f"the results of the two sides cannot be compared: {why}; give back plain data, or state with `check` what must hold"
        )
    if one.digest == other.digest or _are_close(one, other, close) or (one.varies and other.varies):
        return None
    if close is not None and _may_be_close(one, other, close):
        return Verdict.INCOMPARABLE, (
            f"the results of the two sides are not equal, and of {one.count} numbers {len(one.numbers)} are kept, too few to "
            "say whether all are close: compare fewer, or a part of them"
        )
    return Verdict.FAILED, _said(one, other)


def varying(base: Block, head: Block, close: float | None) -> str:
    """That the results were not compared, because in each arm two calls gave other ones; empty where they were."""
    one, other = base.result, head.result
    if one is None or other is None or not (one.varies and other.varies):
        return ""
    if one.digest == other.digest or _are_close(one, other, close):
        return ""
    return (
        f"results differ from call to call on both sides ({one.varies}), so those of the two were not compared; state with "
        "`check` what must hold"
    )


def _said(one: Result, other: Result) -> str:
    if one.varies or other.varies:
        which, varies, steady = ("head", other.varies, one) if other.varies else ("base", one.varies, other)
        return f"the {which} gives other results from call to call ({varies}), and the other side always {steady.shown}"
    if one.shown == other.shown:
        return f"the sides give different results, which both look like {one.shown}"
    return f"the base gives {one.shown}, and the head {other.shown}"


def _are_close(one: Result, other: Result, close: float | None) -> bool:
    """Whether the numbers are, and all else is equal."""
    return close is not None and one.count == len(one.numbers) and _may_be_close(one, other, close)


def _may_be_close(one: Result, other: Result, close: float) -> bool:
    """Whether all is equal or close that was kept."""
    if not one.frame or (one.frame, one.count, len(one.numbers)) != (other.frame, other.count, len(other.numbers)):
        return False
    return all(_is_close(here, there, close) for here, there in zip(one.numbers, other.numbers, strict=True))


def _is_close(one: float, other: float, close: float) -> bool:
    if isinstance(one, int) and isinstance(other, int):
        return one == other
    return abs(one - other) <= close * max(abs(one), abs(other), _FLOOR)

"""Whether a host's clock says what the supervisor's does: all processes of a machine share the monotonic clock.

A window lies between the moment at which the host was let go and the moment at which the supervisor heard of its end. A clock
that measured code has frozen, moved or slowed down says something else at the latest one window later, because it is read
as an absolute time; that holds however busy the machine is, so nothing is allowed for messages that are late.
"""

from math import isfinite

_RESOLUTION_S = 1e-6
"""What two readings of one clock may differ by, on two cores."""


class ClocksDisagree(Exception):  # noqa: N818 - a fact
    """The host's clock is none that can be measured with."""


def check_clock(window: str, began_s: float, took_s: float, seen_s: tuple[float, float]) -> None:
    """A window lies where it was seen.

    Args:
        window: its name, such as `round 2`.
        began_s, took_s: as the host says, by `time.perf_counter`.
        seen_s: when the host was let go, and when it was heard of again, by this process's clock.

    Raises:
        ValueError: where it says what is no time.
        ClocksDisagree: where it does not, with the reason in one line.
    """
    if not (isfinite(began_s) and isfinite(took_s)):
        raise ValueError(f"no time: {began_s!r}, {took_s!r}")
    first_s, last_s = seen_s
    if first_s - _RESOLUTION_S <= began_s <= began_s + took_s <= last_s + _RESOLUTION_S:
        return
    behind_s = first_s - began_s
    away = f"{behind_s:.4g} s behind" if behind_s > 0 else f"{began_s + took_s - last_s:.4g} s ahead"
    raise ClocksDisagree(
        f"the clock of the measured process is wrong: by it the {window} took {took_s:.4g} s, it is {away}, and {last_s - first_s:.4g} s "
        "passed outside; does the code, or what it imports, freeze or replace the clock?"
    )

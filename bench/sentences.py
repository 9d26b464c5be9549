"""Names as they stand in a sentence: all of them, or the first ones and how many more there are."""

from collections.abc import Sequence


def listed(names: Sequence[str], most: int | None = None) -> str:
    """All names: `a`, `a and b`, `a, b and c`; of more than `most`, one fewer and how many are left: `a, b and 3 more`."""
    if most is not None and len(names) > most:
        return first_of(names, most - 1)
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def first_of(names: Sequence[str], most: int) -> str:
    """The first names, and how many more there are: `a, b`, `a, b and 3 more`."""
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")

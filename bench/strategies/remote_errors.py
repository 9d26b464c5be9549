"""What a child process raised, for its parent to raise: with the lines it came from, as pools send it."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def with_traceback(error: BaseException) -> Any:
    """What pickles as the error; where it is read, its cause has the text of the child's traceback."""
    from multiprocessing.pool import ExceptionWithTraceback  # type: ignore[attr-defined]  # typeshed lacks it

    return ExceptionWithTraceback(error, error.__traceback__)

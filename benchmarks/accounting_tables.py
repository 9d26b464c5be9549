"""A table of figures as markdown, with a sentence under it that names the worst of them."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Table:
    """What a benchmark found, ready to be shown."""

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str

    @property
    def markdown(self) -> str:
        """The first column to the left, all others to the right."""
        lines = [self.columns, ["---", *["---:"] * (len(self.columns) - 1)], *self.rows]
        return "\n".join(f"| {' | '.join(line)} |" for line in lines) + f"\n\n{self.note}\n"


def per_cent(share: float | None, digits: int = 1) -> str:
    """A share of one with its sign, as per cent; a dash where there is none."""
    return "–" if share is None else f"{100 * share:+.{digits}f} %".replace("-", "−")


def signed(number: float | None, digits: int = 1) -> str:
    """A number with its sign; a dash where there is none."""
    return "–" if number is None else f"{number:+.{digits}f}".replace("-", "−")

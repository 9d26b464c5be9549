"""What is said of a check while its pairs come: which cases are decided, and whether there is time for the rest."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from bench import units
from bench.records.block import Block
from bench.records.run import Addition
from bench.sessions.again import to_finish, to_see
from bench.sessions.checking import Checking
from bench.units import counted


class CheckNews:
    """Of a check, or of the rest of one."""

    planned: int | None = None
    has_failed = False
    """The verdicts say so."""

    def __init__(self, checking: Checking, again: Sequence[str], earlier: Sequence[Block] = ()) -> None:
        """At the beginning.

        Args:
            checking: the check.
            again: what the user has to name to finish it.
            earlier: what is in the file already.
        """
        self._referee = checking.referee
        self._session = checking.session
        self._again = again
        self._told = self._referee.decided()  # what no pair can say anything about
        self._is_warned = False
        self.kept = len(earlier)

    def take_on(self, addition: Addition) -> None:
        """A check has the cases of its plan and no others."""

    def add(self, block: Block) -> Iterator[str]:
        """Count a block that was stored; the lines that are said of it."""
        self.kept += 1
        if (decided := self._referee.decided()) > self._told:
            self._told = decided
            yield f"{self._said(block.case)}; {decided} of {self._referee.cases} cases decided"
        if not self._is_warned and (short := self._session.shortage) is not None:
            self._is_warned = True
            yield (
                f"warning: there is time for about {counted(short.pairs, 'pair')} of each case, and at least {self._referee.fewest} "
                f"are needed to decide; give the whole command {units.seconds(round(short.needed_s))} or more with --budget"
            )

    def stands(self, block: Block) -> str:
        """Where the case stands that was measured last."""
        ratio, pairs = self._referee.so_far(block.case)
        told = "no pair yet" if ratio is None else f"{ratio - 1:+.1%} after {counted(pairs, 'pair')}"
        return f"{self._referee.name(block.case)}: {told}"

    def _said(self, case: str) -> str:
        """The verdicts on a case in a line."""
        told = [
            f"{each.verdict}{'' if each.ratio is None else f' ({each.ratio.centre - 1:+.1%})'}{each.reason and ': '}{each.reason}"
            for each in self._referee.comparisons_of(case)
        ]
        return f"{self._referee.name(case)}: {', '.join(told)}"

    @property
    def counted(self) -> str:
        """How many pairs are kept."""
        return counted(self.kept // 2, "pair")

    def what_now(self, path: Path) -> str:
        """How to finish it, or to see it where all is decided."""
        return to_see(path) if self._told == self._referee.cases else to_finish("check", self._again, path)

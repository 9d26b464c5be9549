"""What the user sees on the error stream while a run measures. Nothing is drawn but when it is told to."""

import os
import sys
import time
from typing import Self

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from bench import units
from bench.processes import interruption
from bench.report.kit.fitted_table import shortened
from bench.report.kit.terminal import console, styled

_QUIET_S = 15.0
"""How long the error stream stays silent at the least, where it is no terminal."""
_CASE_WIDTH, _BAR_WIDTH, _NARROW = 48, 24, 100
"""Columns of a line of progress, and below which width of the terminal there is less room for names and no bar."""
_COUNTS_WIDTH = 34
"""Of the blocks done and the time left."""
_WIPE = b"\r\x1b[2K\x1b[?25h"
"""Clears the bar's line and shows the cursor again."""


class RunProgress:
    """A bar that is redrawn only between rounds; plain lines where the error stream is no terminal, or takes no escapes."""

    def __init__(self) -> None:
        self._console = console(sys.stderr)
        self._drawn = sys.stderr.isatty() and styled(sys.stderr)
        narrow = self._console.width < _NARROW
        self._case_width = min(max(self._console.width - _COUNTS_WIDTH, 8), _CASE_WIDTH)
        self._bar = Progress(
            TextColumn("{task.description}", markup=False),  # names are text
            *([] if narrow else [BarColumn(bar_width=_BAR_WIDTH)]),
            MofNCompleteColumn(),
            TextColumn("{task.fields[left]}"),
            console=self._console,
            auto_refresh=False,
            transient=True,
        )
        self._task = self._bar.add_task("starting", total=None, left="")
        self._began_s = self._last_line_s = time.monotonic()
        self._blocks = self._done = 0
        self._total: int | None = None
        self._is_measuring = False
        self._case = ""
        if self._drawn:
            interruption.before_leaving(_wipe)
            self._bar.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def say(self, text: str) -> None:
        """Where the run stands now, in a few words."""
        if self._is_measuring:
            text = f"{self._case}: {text}"
        self._show(text)
        if not self._is_measuring and not self._drawn and time.monotonic() - self._last_line_s > _QUIET_S:
            self.line(text)

    def planned(self, blocks: int | None, done: int = 0) -> None:
        """Measuring begins, of so many blocks where that is known; so many are done already."""
        self._total = blocks
        self._is_measuring = True
        self._blocks = self._done = done
        self._began_s = time.monotonic()
        self._bar.update(self._task, total=blocks, completed=done)

    def taken_on(self, why: str, blocks: int | None) -> None:
        """There are more cases, for a reason that stays to be read, and then so many blocks in all where that is known."""
        self._total = blocks
        self._bar.update(self._task, total=blocks)
        self.line(why)

    def measuring(self, case: str, left_s: float | None) -> None:
        """A block of this case is done, of which it may be said where it stands, and there are so many seconds left at the most, where that is known."""
        self._blocks += 1
        self._case = case
        if self._total is not None:
            spent_s = time.monotonic() - self._began_s
            left_s = spent_s / (self._blocks - self._done) * (self._total - self._blocks)
        left = "" if left_s is None else f"{units.seconds(max(0, round(left_s)))} left"
        done = self._blocks if self._total is None else min(self._blocks, self._total)
        self._bar.update(self._task, completed=done, left=left)
        self._show(case)
        if not self._drawn and time.monotonic() - self._last_line_s > _QUIET_S:
            of = "" if self._total is None else f" of {self._total}"
            self.line(", ".join(filter(None, [f"{case}: {self._blocks}{of} blocks", left])))

    def line(self, text: str) -> None:
        """A line that stays."""
        self._last_line_s = time.monotonic()
        self._bar.console.print(text, highlight=False, markup=False, soft_wrap=True)

    def close(self) -> None:
        """Take the bar away, and say so if it was interrupted."""
        if self._drawn:
            self._bar.stop()
            interruption.before_leaving(None)
        interruption.say_if_it_came()

    def _show(self, text: str) -> None:
        self._bar.update(self._task, description=self._fitted(text))
        if self._drawn:
            self._bar.refresh()

    def _fitted(self, text: str) -> str:
        """As wide as every other, so that the bar stands still."""
        return f"{shortened(text, self._case_width, self._console.encoding):<{self._case_width}}"


def _wipe() -> None:
    os.write(2, _WIPE)

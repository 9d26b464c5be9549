"""Charts as files: drawn by as many processes as there are cores, light and dark, with their data and their alt text."""

import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bench.machine import parallel
from bench.report.drawing import theme
from bench.report.drawing.chart import Chart
from bench.report.kit import csv_rows

_FEW_JOBS = 4
"""Fewer are drawn faster than other processes are started."""
Job = Callable[[], Chart | None]


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart as a page shows it."""

    name: str
    title: str
    description: str
    svg: str
    kinds: tuple[str, ...]
    """The endings of its files, after its name: `.png`, `-dark.svg`, …"""

    @property
    def data_uri(self) -> str:
        """The picture inside the page, so that the page is one file; it follows the reader's choice of light or dark."""
        adaptive = re.sub(r"(?<=<defs>)", f"<style>{theme.dark_css()}</style>", self.svg, count=1)
        lean = re.sub(r"<metadata>.*?</metadata>|<\?xml.*?\?>|<!DOCTYPE.*?>", "", adaptive, flags=re.DOTALL)
        return "data:image/svg+xml," + _escaped(re.sub(r"\s*\n\s*", " ", lean).strip())


def draw(jobs: Sequence[Job], folder: Path, *, png: bool) -> list[Picture]:
    """Draw the charts and write the files of each into `folder`; the pictures come in the jobs' order.

    Args:
        png: whether PNGs are written as well, which take three times as long as all else.
    """
    found = parallel.each_of(partial(_drawn, jobs, folder, png), len(jobs), _FEW_JOBS)
    return [each for each in found if each is not None]


def _drawn(jobs: Sequence[Job], folder: Path, png: bool, number: int) -> Picture | None:
    with theme.applied():
        chart = jobs[number]()
        return None if chart is None else save_chart(chart, folder, png=png)


def save_chart(chart: Chart, folder: Path, *, png: bool = True) -> Picture:
    """Write a chart as SVG and PNG, light and dark, its data as CSV and its alt text; give back what a page needs of it."""
    stem = os.fspath(folder / chart.name)
    Path(f"{stem}.txt").write_text(f"{chart.title}\n\n{chart.description}\n", encoding="utf-8")
    kinds = [".svg", "-dark.svg"] + ([".png", "-dark.png"] if png else [])
    if chart.data:
        csv_rows.write_rows(Path(f"{stem}.csv"), list(chart.data[0]), chart.data)
        kinds.append(".csv")
    with theme.applied():
        light = theme.svg(chart.figure)
        Path(f"{stem}.svg").write_text(light, encoding="utf-8")
        Path(f"{stem}-dark.svg").write_text(theme.dark_svg(light), encoding="utf-8")
        if png:
            chart.figure.savefig(f"{stem}.png", **theme.save_options("png"))  # type: ignore[arg-type]
            theme.darken(chart.figure)
            chart.figure.savefig(f"{stem}-dark.png", **theme.save_options("png"))  # type: ignore[arg-type]
    return Picture(chart.name, chart.title, chart.description, light, (*kinds, ".txt"))


def _escaped(text: str) -> str:
    """Text as it may stand in a data URI in an attribute."""
    return "".join(_ESCAPES.get(each, each) for each in text)


_ESCAPES = {each: f"%{ord(each):02x}" for each in "%#\"<>&'{}`^|\\"} | dict.fromkeys("\t\r\n", " ")

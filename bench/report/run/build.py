"""Writes a report's folder: the charts, the page, the summaries."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench.records.run import Run
from bench.report.charts import jobs
from bench.report.drawing import pictures
from bench.report.drawing.pictures import Picture
from bench.report.kit.folder import fresh_folder
from bench.report.kit.results import Results
from bench.report.run import columns, page

INDEX = "index.html"
FEW_GROUPS = 4
"""Workloads whose charts are PNGs at once; those of more take longer than anyone waits who did not ask for them."""


def build_report(results: Results, folder: Path, *, png: bool | None = None) -> Path:
    """Make `folder/<run>/` with index.html, the charts' files, summary.csv and summary.md.

    Args:
        png: whether charts become PNGs too; by default where the run has at most `FEW_GROUPS` workloads.

    Returns:
        The path of index.html.

    Raises:
        StorageError: if the folder cannot be written.
    """
    with report_folder(results.run, folder) as target:
        few = len(results.groups) <= FEW_GROUPS
        drawn = pictures.draw(list(jobs(results)), target, png=few if png is None else png)
        write_pages(results, drawn, target)
    return index_of(results.run, folder)


def write_pages(results: Results, drawn: Sequence[Picture], folder: Path) -> None:
    """Write index.html, summary.md and summary.csv into a folder, which holds such files of the pictures as they name.

    Raises:
        OSError: if one cannot be written.
    """
    columns.write_csv(folder / "summary.csv", results.summaries)
    (folder / "summary.md").write_text(page.markdown(results, drawn), encoding="utf-8")
    (folder / INDEX).write_text(page.html(results, drawn), encoding="utf-8")


def index_of(run: Run, folder: Path) -> Path:
    """The page of a run's report; `folder` holds the reports of all runs."""
    return folder / safe(run.header.id) / INDEX


@contextmanager
def report_folder(run: Run, folder: Path) -> Iterator[Path]:
    """A folder to write a run's report into, as `fresh_folder` of `folder/<run>/`."""
    with fresh_folder(index_of(run, folder).parent) as fresh:
        yield fresh


def safe(name: str) -> str:
    """A run's id as a folder's name; an id from a file that somebody made up cannot leave the reports folder."""
    kept = "".join(each if each.isascii() and (each.isalnum() or each in "-_") else "-" for each in name)
    return kept[:100] or "run"

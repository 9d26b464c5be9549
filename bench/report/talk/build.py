"""Writes the folder for a talk: the chosen charts numbered as they are told, as files for slides, and what it takes to cite each."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.records.run import Purpose, Run
from bench.report.kit.folder import fresh_folder
from bench.report.kit.results import results_of
from bench.report.run.build import index_of
from bench.report.talk import cite
from bench.report.talk.choice import Choice
from bench.report.talk.faulty import fault_slides
from bench.report.talk.ranked import ranked_slides
from bench.report.talk.slides import Slide

FOLDER = "talk"


@dataclass(frozen=True, slots=True)
class Talk:
    """The slides that were made."""

    folder: Path
    slides: Sequence[Slide]


def build_talk(path: Path, run: Run, folder: Path, choice: Choice) -> Talk:
    """Make `folder/<run>/talk/`: of each chart PNG and SVG, light and dark, CSV, alt text and a CITE.md; and a README.md.

    Args:
        path: the run's file.
        run: one whose cases are ranked, or of faults.
        folder: of all reports.
        choice: what to make slides of.

    Raises:
        StorageError: if the folder cannot be written, or the run file not be read again.
        UnknownNameError: for what is chosen and is not there.
        UsageError: where there is nothing to show.
    """
    target = index_of(run, folder).with_name(FOLDER)
    with fresh_folder(target) as fresh:
        if run.header.plan.purpose is Purpose.FAULTS:
            slides = fault_slides(run, choice, fresh)
        else:
            slides = ranked_slides(results_of(path, run), choice, fresh)
        of = cite.source(path)
        for each in slides:
            text = cite.citation(each, run, of, choice)
            (fresh / f"{each.picture.name}.CITE.md").write_text(text, encoding="utf-8")
        (fresh / "README.md").write_text(cite.index(slides, run, of, choice), encoding="utf-8")
    return Talk(target, slides)

"""Writes the folder for a talk: every chart numbered by importance, as files for slides, and what it takes to cite each."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bench.analysis.groups import Group
from bench.report.charts import GROUP_CHARTS, file_name, jobs
from bench.report.charts.overview import chart_name
from bench.report.charts.throughput import families
from bench.report.drawing import pictures
from bench.report.drawing.pictures import Picture
from bench.report.kit.folder import fresh_folder
from bench.report.kit.results import Results
from bench.report.run import page
from bench.report.run.build import index_of
from bench.report.talk import cite

FOLDER = "talk"


@dataclass(frozen=True, slots=True)
class Slide:
    """A chart of the talk."""

    picture: Picture
    groups: list[Group]
    """The work that it shows."""


def build_talk(results: Results, folder: Path) -> Path:
    """Make `folder/<run>/talk/`: of each chart PNG and SVG, light and dark, CSV, alt text and a CITE.md; and a README.md.

    Returns:
        The path of the folder.

    Raises:
        StorageError: if the folder cannot be written, or the run file not be read again.
    """
    target = index_of(results.run, folder).with_name(FOLDER)
    with fresh_folder(target) as fresh:
        drawn = pictures.draw(list(jobs(results)), fresh, png=True)
        slides = list(_numbered(by_importance(results, drawn), fresh))
        of = cite.source(results.path)
        for each in slides:
            text = cite.citation(results, each.picture, each.groups, of)
            (fresh / f"{each.picture.name}.CITE.md").write_text(text, encoding="utf-8")
        (fresh / "README.md").write_text(_index(results, slides, of), encoding="utf-8")
    return target


def by_importance(results: Results, drawn: Sequence[Picture]) -> list[Slide]:
    """The charts, the most telling first: of the whole run, then kind by kind, where the choice of strategy counts most."""
    of_group = {f"{kind}-{file_name(group)}": (kind, group) for group in results.groups for kind in GROUP_CHARTS}
    of_several = _groups_of_several(results.groups)
    kinds = list(GROUP_CHARTS)

    def place(picture: Picture) -> tuple[int, float]:
        if picture.name not in of_group:
            return -1, 0.0
        kind, group = of_group[picture.name]
        return kinds.index(kind), -_spread(group)

    return [
        Slide(each, [of_group[each.name][1]] if each.name in of_group else of_several[each.name])
        for each in sorted(drawn, key=place)
    ]


def _spread(group: Group) -> float:
    """How much the choice of a strategy matters: the logarithm of the slowest over the fastest case."""
    walls = [each.wall.centre for each in group.ranked if each.wall is not None]
    return math.log(walls[-1] / walls[0]) if walls else 0.0


def _groups_of_several(groups: Sequence[Group]) -> dict[str, list[Group]]:
    """The groups that a chart of several shows, by its name."""
    found = {f"throughput-{file_name(family)}": list(family.groups) for family in families(groups)}
    for each in groups:
        found.setdefault(chart_name(each.pattern), []).append(each)
    return found


def _numbered(slides: Sequence[Slide], folder: Path) -> Iterator[Slide]:
    """Rename the files so that they sort by importance."""
    digits = len(str(len(slides)))
    for number, each in enumerate(slides, start=1):
        name = f"{number:0{digits}}-{each.picture.name}"
        for kind in each.picture.kinds:
            (folder / f"{each.picture.name}{kind}").rename(folder / f"{name}{kind}")
        yield replace(each, picture=replace(each.picture, name=name))


def _index(results: Results, slides: Sequence[Slide], of: cite.Source) -> str:
    return page.template("talk.md.j2", autoescape=False).render(
        header=results.run.header,
        slides=[(each.picture, cite.claim(each.groups[0]) if len(each.groups) == 1 else "") for each in slides],
        conditions=list(cite.conditions(results.run, results.groups)),
        again=cite.again(results.run, of),
        source=of,
    )

"""The slides of a run whose cases are ranked: which are chosen, and what each claims."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from bench import units
from bench.analysis.estimates import INTERVAL
from bench.analysis.findings.rule import Finding
from bench.analysis.groups import Group
from bench.analysis.summary import Summary
from bench.analysis.telling import Candidate, by_telling, candidate
from bench.errors import UsageError
from bench.report.charts import KINDS, Drawing, drawings
from bench.report.drawing import pictures
from bench.report.drawing.pictures import Picture
from bench.report.kit import words
from bench.report.kit.headline import headline
from bench.report.kit.results import Results
from bench.report.talk import kinds
from bench.report.talk.choice import Choice
from bench.report.talk.cite import conditions
from bench.report.talk.slides import Slide
from bench.selection import chosen
from bench.sentences import listed


def ranked_slides(results: Results, choice: Choice, folder: Path) -> list[Slide]:
    """Draw the chosen charts into a folder, the most telling first; their names begin with their number.

    Raises:
        UnknownNameError: for a workload or a kind of chart that is not there.
        UsageError: where nothing of what is chosen can be drawn.
    """
    known = {group.workload: group.workload for group in results.groups}
    works = chosen("workload", known, choice.workloads)
    wanted = chosen("kind of chart", dict(zip(KINDS, KINDS, strict=True)), choice.charts)
    narrowed = replace(results, groups=[each for each in results.groups if each.workload in works])
    possible = {each.name: each for each in drawings(narrowed)}
    found = {name: each for name, each in possible.items() if each.kind in wanted}
    slides = [_slide(narrowed, found[each.name], each) for each in _drawn(narrowed, found, choice.top, folder)]
    if not slides:
        raise UsageError(_nothing(results, choice, possible))
    return _numbered(slides, folder)


def _nothing(results: Results, choice: Choice, possible: Collection[str]) -> str:
    """Why there are no slides."""
    run = results.run.header.id
    what = f" of {listed(choice.workloads)}" if choice.workloads else ""
    if choice.charts and possible:
        return f"run {run} has no chart of kind {listed(choice.charts)}{what}; leave out --chart to see which it has"
    return f"run {run} has nothing to show on slides{what}: no case has a time"


def _drawn(results: Results, found: Mapping[str, Drawing], top: int | None, folder: Path) -> list[Picture]:
    """The pictures of the most telling drawings, in that order; others come forward where one has nothing to show."""
    charts = {name: candidate(each.kind, each.groups, results.run) for name, each in found.items()}
    drawn: dict[str, Picture] = {}
    order = _order(charts)[:top]
    while missing := [name for name in order if name not in drawn]:
        made = pictures.draw([found[name].draw for name in missing], folder, png=True)
        drawn |= {each.name: each for each in made}
        for name in missing:
            if name not in drawn:
                del charts[name]
        order = _order(charts)[:top]
    for name in set(drawn).difference(order):
        _remove(drawn[name], folder)
    return [drawn[name] for name in order]


def _order(charts: Mapping[str, Candidate]) -> list[str]:
    """Their names, the most telling first."""
    names = {id(each): name for name, each in charts.items()}
    return [names[id(each)] for each in by_telling(list(charts.values()))]


def _remove(picture: Picture, folder: Path) -> None:
    for kind in picture.kinds:
        (folder / f"{picture.name}{kind}").unlink()


def _slide(results: Results, drawing: Drawing, picture: Picture) -> Slide:
    kind, groups = drawing.kind, drawing.groups
    works = ", ".join(f"{group.name} at scale {group.scale}" for group in groups)
    return Slide(
        picture,
        kinds.kind_of(kind).shows,
        [claim(group) for group in groups] if kind == "ranking" else [],
        kinds.numbers(kind, results, groups),
        [f"{group.name}: {group.left_out}" for group in groups if group.left_out],
        list(conditions(results.run, works, words.amount(results.run))),
        caveats(results.findings, groups),
    )


def _numbered(slides: Sequence[Slide], folder: Path) -> list[Slide]:
    """The slides under names that sort as they are told; their files are renamed."""
    digits = len(str(len(slides)))
    found = []
    for number, each in enumerate(slides, start=1):
        name = f"{number:0{digits}}-{each.picture.name}"
        for kind in each.picture.kinds:
            (folder / f"{each.picture.name}{kind}").rename(folder / f"{name}{kind}")
        found.append(each.named(name))
    return found


def claim(group: Group) -> str:
    """What the times of a group say, with each number's interval and what it is relative to, in a sentence."""
    if not group.ranked:
        return f"{group.name} at scale {group.scale}: {headline(group)}."
    best = group.ranked[0]
    assert best.wall is not None
    who = f"{group.name} at scale {group.scale}: {group.labels[best.case.key]} has the lowest time, "
    told = [f"{who}{units.seconds(best.wall.centre)} a round ({_interval_of_time(best)}, {_n(best)})"]
    if not best.is_base and best.speedup is not None:
        told.append(
            f"{units.ratio(best.speedup.centre)} as fast as {best.base_name}, which takes "
            f"{units.seconds(best.base_wall_s)} ({_interval_of_ratio(best)})"
        )
    if best.bound is not None:
        told.append(words.bound_sentence(best.bound) + (", which no schedule can beat" if best.bound.stated else ""))
    return f"{'; '.join(told)}."


def _interval_of_time(summary: Summary) -> str:
    known = summary.wall is not None and summary.wall.low is not None
    return (
        f"{INTERVAL} {words.interval(summary.wall)}" if known else f"no interval: {words.interval(summary.wall)} blocks"
    )


def _interval_of_ratio(summary: Summary) -> str:
    shown = words.ratio_interval(summary.speedup)
    return f"{INTERVAL} of the ratio {shown}" if shown else "too few pairs of blocks for an interval"


def _n(summary: Summary) -> str:
    return f"n = {units.counted(summary.blocks, 'block')}, {units.counted(summary.rounds, 'warm round')} in all"


def caveats(findings: Sequence[Finding], groups: Sequence[Group]) -> list[Finding]:
    """The findings about the run, and about cases of these groups."""
    keys = {each.case.key for group in groups for each in group.cases}
    return [each for each in findings if not each.cases or keys.intersection(each.cases)]

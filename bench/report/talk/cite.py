"""What it takes to cite a chart: the claim with its numbers, the conditions, what to be careful about, and references.

Everything from a run file is untrusted: text in paragraphs and tables is escaped by the template, what stands in code is
one indented line, and BibTeX has its own escapes.
"""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import bench
from bench import units
from bench.analysis.estimates import INTERVAL
from bench.analysis.findings.rule import Finding
from bench.analysis.groups import Group
from bench.analysis.summary import Summary
from bench.plugins.names import sanitized
from bench.records.run import Run
from bench.report.drawing.pictures import Picture
from bench.report.explanations import COMMAND
from bench.report.kit import words
from bench.report.kit.column import cpu_text
from bench.report.kit.headline import headline
from bench.report.kit.results import Results
from bench.report.kit.table import Column, texts
from bench.report.run import page

TOOL = "concurrency-bench"


@dataclass(frozen=True, slots=True)
class Source:
    """The run file that charts were made from, as it can be found and checked."""

    name: str
    sha256: str
    """Of the whole file, in hexadecimal digits."""


def source(path: Path) -> Source:
    """The file's name and hash.

    Raises:
        OSError: if it cannot be read.
    """
    with path.open("rb") as file:
        return Source(sanitized(path.name), hashlib.file_digest(file, "sha256").hexdigest())


def citation(results: Results, picture: Picture, groups: Sequence[Group], of: Source) -> str:
    """The markdown beside a chart.

    Args:
        results: the run.
        picture: the chart.
        groups: the work that it shows.
        of: the run file.
    """
    header = results.run.header
    several = len(groups) > 1
    return page.template("cite.md.j2", autoescape=False).render(
        title=picture.title,
        name=picture.name,
        kinds=[kind for kind in picture.kinds if kind != ".txt"],
        description=picture.description,
        claims=[claim(group) for group in groups],
        numbers=texts(
            [Column(each, kind="text") for each in HEADINGS],
            (row(group, each) for group in groups for each in (group.ranked[:1] if several else group.ranked)),
        ),
        of_many=several,
        left_out=[f"{group.name}: {group.left_out}" for group in groups if group.left_out],
        conditions=list(conditions(results.run, groups)),
        caveats=caveats(results.findings, groups),
        explain=COMMAND,
        again=again(results.run, of),
        source=of,
        bibtex=bibtex(results.run, of).splitlines(),
        run=header.id,
    )


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


HEADINGS = (
    "work", "strategy", "round", INTERVAL, "× baseline", "its interval", "baseline", "its round", "bound", "blocks",
    "rounds", "CPU", "memory",
)  # fmt: skip
"""Of the table of numbers."""


def row(group: Group, summary: Summary) -> list[str]:
    """A case in the table of numbers."""
    return [
        f"{group.name} {group.scale}",
        group.labels[summary.case.key],
        units.seconds(summary.wall.centre if summary.wall else None),
        words.interval(summary.wall),
        units.ratio(summary.speedup.centre if summary.speedup else None),
        words.ratio_interval(summary.speedup) or "–",
        summary.base_name,
        units.seconds(summary.base_wall_s),
        words.bound(summary),
        str(summary.blocks),
        str(summary.rounds),
        cpu_text(summary),
        units.size(summary.cost.peak_memory_bytes),
    ]


def conditions(run: Run, groups: Sequence[Group]) -> Iterator[tuple[str, str]]:
    """Under which the numbers hold: a name and a value each."""
    header = run.header
    environment = header.environment
    yield "machine", words.machine(environment)
    yield "Python", words.python(environment)
    yield "build", f"{environment.python_build}; {environment.python_compiler}"
    yield "work", ", ".join(f"{group.name} at scale {group.scale}" for group in groups)
    yield "amount", f"{words.amount(run)}; seed {header.plan.conditions.seed}"
    yield "measured", header.started_utc
    yield "code", words.commit(environment)
    yield "tool", f"measured by {TOOL} {header.tool}, drawn by {bench.__version__}"


def caveats(findings: Sequence[Finding], groups: Sequence[Group]) -> list[Finding]:
    """The findings about the run, and about cases of these groups."""
    keys = {each.case.key for group in groups for each in group.cases}
    return [each for each in findings if not each.cases or keys.intersection(each.cases)]


def again(run: Run, of: Source) -> list[tuple[str, str]]:
    """The commands that make the chart from the run file, and that measure anew; what each does, and itself."""
    return [
        (f"Draws it from the run file ({TOOL} {bench.__version__})", f"python -m bench report {of.name} --talk"),
        (f"Measures it anew, with seed {run.header.plan.conditions.seed}", sanitized(run.header.command)),
    ]


def bibtex(run: Run, of: Source) -> str:
    """Entries for the tool and for the run."""
    header = run.header
    environment = header.environment
    year, month = _tex(header.started_utc[:4]), _tex(header.started_utc[5:7])
    entries = (
        (
            f"@software{{{_key(TOOL, header.tool)},",
            {
                "author": f"{{The {TOOL} authors}}",
                "title": f"{{{TOOL}}}",
                "version": _tex(header.tool),
                "year": year,
            },
        ),
        (
            f"@misc{{{_key('run', header.id)},",
            {
                "author": f"{{The {TOOL} authors}}",
                "title": f"Run {_tex(header.id)} of {TOOL} {_tex(header.tool)}",
                "year": year,
                "month": month,
                "howpublished": f"Run file {_tex(of.name)}, SHA-256 {of.sha256}",
                "note": _tex(f"{environment.cpu_model}; {words.python(environment)}; {words.commit(environment)}"),
            },
        ),
    )
    return "\n".join(
        "\n".join([begin, *(f"  {name} = {{{value}}}," for name, value in fields.items()), "}"])
        for begin, fields in entries
    )


def _key(*parts: str) -> str:
    return re.sub(r"[^A-Za-z0-9.:-]", "-", "-".join(parts))


_TEX = {each: f"\\{each}" for each in "%&#$_"} | {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "{": r"\textbraceleft{}",  # BibTeX counts braces, escaped ones too
    "}": r"\textbraceright{}",
}


def _tex(text: str) -> str:
    """Text as it may stand in a field of BibTeX, on one line."""
    return "".join(_TEX.get(each, each) for each in sanitized(text))

"""What it takes to cite a slide: the claim with its numbers, the conditions, what to be careful about, and references.

Everything from a run file is untrusted: text in paragraphs and tables is escaped by the template, what stands in code is
one indented line, and BibTeX has its own escapes.
"""

import hashlib
import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import bench
from bench.plugins.names import sanitized
from bench.records.run import Run
from bench.report.explanations import COMMAND
from bench.report.kit import words
from bench.report.run import page
from bench.report.talk.choice import Choice
from bench.report.talk.slides import Slide

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


def citation(slide: Slide, run: Run, of: Source, choice: Choice) -> str:
    """The markdown beside a chart.

    Args:
        slide: the chart.
        run: what it is of.
        of: the run file.
        choice: what slides were asked for.
    """
    return page.template("cite.md.j2", autoescape=False).render(
        slide=slide,
        picture=slide.picture,
        kinds=[kind for kind in slide.picture.kinds if kind != ".txt"],
        explain=COMMAND,
        again=again(run, of, choice),
        source=of,
        bibtex=bibtex(run, of).splitlines(),
    )


def index(slides: Sequence[Slide], run: Run, of: Source, choice: Choice) -> str:
    """The README of the folder."""
    return page.template("talk.md.j2", autoescape=False).render(
        run=run.header.id, slides=slides, conditions=machine_of(run), again=again(run, of, choice), source=of
    )


def conditions(run: Run, work: str, amount: str = "") -> Iterator[tuple[str, str]]:
    """Under which numbers hold: a name and a value each.

    Args:
        run: where they come from.
        work: what was done.
        amount: how often, where that is not one of each.
    """
    yield "work", work
    yield "amount", f"{amount or 'once each'}; seed {run.header.plan.conditions.seed}"
    yield from machine_of(run)


def machine_of(run: Run) -> Iterator[tuple[str, str]]:
    """The conditions that hold of all charts of a run."""
    header = run.header
    environment = header.environment
    yield "machine", words.machine(environment)
    yield "Python", words.python(header)
    yield "build", f"{environment.python_build}; {environment.python_compiler}"
    yield "measured", header.started_utc
    yield "code", words.commit(environment)
    yield "tool", f"measured by {TOOL} {header.tool}, drawn by {bench.__version__}"


def again(run: Run, of: Source, choice: Choice) -> list[tuple[str, str]]:
    """The commands that make the chart from the run file, and that measure anew; what each does, and itself."""
    draw = f"python -m bench report {shlex.quote(of.name)} --talk {choice.options}".rstrip()
    return [
        (f"Draws it from the run file ({TOOL} {bench.__version__})", sanitized(draw, len(draw))),
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
                "note": _tex(f"{environment.cpu_model}; {words.python(header)}; {words.commit(environment)}"),
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

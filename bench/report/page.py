"""The report as one HTML file that opens from disk, and as markdown. Everything from a run file is escaped."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import jinja2

from bench import units
from bench.analysis.groups import Group
from bench.names import plain
from bench.report import article, cells, costs, methods, words
from bench.report.charts import GROUP_CHARTS, file_name
from bench.report.pictures import Picture
from bench.report.results import Results
from bench.report.sheets import Notes, costs_sheet, results_sheet


def html(results: Results, pictures: Sequence[Picture]) -> str:
    """The page."""
    return template("index.html.j2", autoescape=True).render(_context(results, pictures))


def markdown(results: Results, pictures: Sequence[Picture]) -> str:
    """The same in short, for a pull request or a README."""
    return template("summary.md.j2", autoescape=False).render(_context(results, pictures))


def template(name: str, *, autoescape: bool) -> jinja2.Template:
    """A template of this package with its filters."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("bench.report"),
        autoescape=autoescape,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters["cell"] = _markdown_cell
    environment.filters["unbroken"] = _unbroken
    return environment.get_template(name)


def _markdown_cell(text: str) -> str:
    """Text that can neither break a table nor become markup."""
    for character in "\\`*_[]<>|~$&":
        text = text.replace(character, f"\\{character}")
    return " ".join(text.split())


def _unbroken(heading: str) -> str:
    """A heading that may go on in a second line, but not between a number and its unit."""
    return re.sub(r"(?<=\d) (?=\w+\))", "\u00a0", heading)


def _context(results: Results, pictures: Sequence[Picture]) -> dict[str, Any]:
    by_name = {each.name: each for each in pictures}
    header = results.run.header
    sections = [_section(results, group, by_name) for group in results.groups]
    return {
        "header": header,
        "overviews": [each for each in pictures if each.name.startswith("speedup")],
        "sections": sections,
        "article_headings": article.HEADINGS,
        "article": article.lines(results.summaries),
        "findings": results.findings,
        "machine": words.machine(header.environment),
        "python": words.python(header.environment),
        "commit": words.commit(header.environment),
        "amount": words.amount(results.run),
        "share": words.share(results.run),
        "environment": _environment(results),
        "methods": methods.of_run(results.run),
        "file": plain(results.path.name),
    }


def _section(results: Results, group: Group, pictures: Mapping[str, Picture]) -> dict[str, Any]:
    """All that the page shows of a group."""
    notes = Notes()
    keys = {each.case.key for each in group.ranked}
    table = results_sheet(group, cells.columns(group), notes)
    use = costs_sheet(group, costs.use_columns(group), notes)
    notes_of_two = list(notes.texts)
    return {
        "group": group,
        "table": table,
        "use": use,
        "counts": costs_sheet(group, costs.count_columns(), notes),
        "notes": notes.texts,
        "notes_of_two": notes_of_two,
        "per_worker": costs.memory_per_worker(group),
        "method": methods.in_short(block for block in results.run.blocks if block.case in keys),
        "ranking": pictures.get(f"ranking-{file_name(group)}"),
        "charts": [
            (heading, pictures[name])
            for kind, (heading, _) in GROUP_CHARTS.items()
            if heading and (name := f"{kind}-{file_name(group)}") in pictures
        ],
    }


def _environment(results: Results) -> list[tuple[str, str]]:
    facts = asdict(results.run.header.environment)
    packages = facts.pop("packages")
    identity = facts.pop("identity") or {}
    shown = [(name.replace("_", " "), _fact(value)) for name, value in facts.items()]
    return [
        *shown,
        ("packages", ", ".join(f"{name} {version}" for name, version in packages.items())),
        *identity.items(),
    ]


def _fact(value: Any) -> str:
    if value is None:
        return "–"
    return units.significant(value) if isinstance(value, float) and value > 1e-3 else str(value)

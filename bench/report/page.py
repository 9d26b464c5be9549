"""The report as one HTML file that opens from disk, and as markdown. Everything from a run file is escaped."""

import base64
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import jinja2

from bench import units
from bench.analysis.groups import Group
from bench.report import article, cells, words
from bench.report.charts import file_name
from bench.report.results import Results


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart as the page shows it."""

    name: str
    title: str
    description: str
    svg: str

    @property
    def data_uri(self) -> str:
        """The picture inside the page, so that the page is one file."""
        return "data:image/svg+xml;base64," + base64.b64encode(self.svg.encode()).decode()


def html(results: Results, pictures: Sequence[Picture]) -> str:
    """The page."""
    return _template("index.html.j2", autoescape=True).render(_context(results, pictures))


def markdown(results: Results, pictures: Sequence[Picture]) -> str:
    """The same in short, for a pull request or a README."""
    return _template("summary.md.j2", autoescape=False).render(_context(results, pictures))


def _template(name: str, *, autoescape: bool) -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("bench.report"),
        autoescape=autoescape,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters["cell"] = _markdown_cell
    return environment.get_template(name)


def _markdown_cell(text: str) -> str:
    """Text that can neither break a table nor become markup."""
    for character in "\\`*_[]<>|":
        text = text.replace(character, f"\\{character}")
    return " ".join(text.split())


def _context(results: Results, pictures: Sequence[Picture]) -> dict[str, Any]:
    by_name = {each.name: each for each in pictures}
    header = results.run.header
    sections = [
        {
            "group": group,
            "headings": ["strategy", *(column.heading for column in cells.columns(group))],
            "rows": _rows(group),
            "ranking": by_name.get(f"ranking-{file_name(group)}"),
            "phases": by_name.get(f"phases-{file_name(group)}"),
            "latencies": by_name.get(f"latencies-{file_name(group)}"),
            "over_time": by_name.get(f"over-time-{file_name(group)}"),
        }
        for group in results.groups
    ]
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
        "sampling": _sampling(results),
        "file": results.path.name,
    }


def _rows(group: Group) -> list[dict[str, Any]]:
    """Finished cells, fastest first, then the cases without a time and why."""
    return [
        {
            "name": group.labels[each.case.key],
            "ok": each.wall is not None,
            "cells": [column.text(each) for column in cells.columns(group)],
            "why": f"{each.outcome}: {each.reason}",
        }
        for each in (*group.ranked, *group.unranked)
    ]


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


def _sampling(results: Results) -> dict[str, str]:
    """How the numbers were made, as the blocks recorded it."""
    kept = [block.sampling for block in results.run.blocks if block.sampling is not None]
    if not kept:
        return {}
    due, missed = sum(each.due for each in kept), sum(each.missed for each in kept)
    return {
        "asked": f"{kept[0].hz:g} samples a second",
        "got": f"{due - missed} of {due} samples were taken",
        "cost": f"the supervisor used {units.seconds(sum(each.cpu_s for each in kept))} of CPU",
        "cpu": kept[0].cpu_method,
        "cpu_tick": units.seconds(kept[0].cpu_tick_s),
        "memory": kept[0].memory_method,
    }

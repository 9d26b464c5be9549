"""The report as one HTML file that opens from disk, and as markdown. Everything from a run file is escaped."""

import base64
import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import jinja2
from markupsafe import Markup, escape

from bench.analysis import glossary
from bench.analysis.across import Across
from bench.analysis.estimates import INTERVAL
from bench.analysis.findings.rule import Finding
from bench.analysis.groups import Group
from bench.plugins.names import sanitized
from bench.report.charts import GROUP_CHARTS, file_name
from bench.report.charts.overview import OVERVIEW
from bench.report.drawing.pictures import Picture
from bench.report.kit import markdown as gfm
from bench.report.kit import words
from bench.report.kit.column import has_intervals
from bench.report.kit.results import Results
from bench.report.kit.table import Cell, Column, Notes, Table, texts
from bench.report.run import across_words, answer_words, article, cells, costs, methods, winners
from bench.report.run.case_tables import costs_table, results_table
from bench.report.run.matrix import matrices

MOST_PICTURE_BYTES = 3_500_000
"""Inside the page, so that it stays under 5 MB with the tables of a default run; other pictures are linked files."""
FEW_WORKLOADS = 3
"""Up to so many are open from the beginning, with all their figures; of more, each opens on demand."""
_WORDS = (
    "workload", "strategy", "worker", "case", "base", "block", "round", "cold", "interval", "level", "bound", "CPU time",
    "peak memory", "I/O-bound", "CPU-bound", "GIL", "pickling",
)  # fmt: skip
"""Of the glossary, those that the page uses and does not explain where it does."""
_FIRST = "ranking"
"""The kind of chart that is open wherever its workload is."""


def html(results: Results, pictures: Sequence[Picture]) -> str:
    """The page."""
    style, script = (_text_of(name) for name in ("run.css.j2", "script.js.j2"))
    context = _context(results, pictures) | {
        "inline": _inline(pictures),
        "style": Markup(style),  # noqa: S704 - both are this package's own
        "script": Markup(script),  # noqa: S704
        "policy": _policy(style, script),
    }
    return template("index.html.j2", autoescape=True).render(context)


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
    environment.filters |= {
        "escaped": gfm.escaped,
        "as_markdown": gfm.table_text,
        "unbroken": _unbroken,
        "breakable": _breakable,
        "coded": _coded,
    }
    return environment.get_template(name)


def _text_of(name: str) -> str:
    return template(name, autoescape=False).render()


def _policy(style: str, script: str) -> str:
    """A Content-Security-Policy under which nothing is loaded, and nothing runs but this page's own script."""
    return (
        f"default-src 'none'; img-src data:; style-src {_hash(style)}; script-src {_hash(script)}; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _unbroken(heading: str) -> str:
    """A heading that may go on in a second line, but not between a number and its unit."""
    return re.sub(r"(?<=\d) (?=\w+\))", "\u00a0", heading)


def _breakable(name: str) -> Markup:
    """A name that may go on in the next line behind an underscore."""
    return escape(name).replace("_", Markup("_<wbr>"))


def _coded(sentence: str) -> Markup:
    """A sentence of the glossary, in which names of Python and of commands stand in backticks."""
    return Markup(re.sub(r"`([^`]*)`", r"<code>\1</code>", str(escape(sentence))))  # noqa: S704 - escaped before


def _context(results: Results, pictures: Sequence[Picture]) -> dict[str, Any]:
    by_name = {each.name: each for each in pictures}
    header = results.run.header
    sections = [_section(results, group, by_name) for group in results.groups]
    tables = [each for each in matrices(results.groups) if each.strategies]
    placed = {name for section in sections for name in section["pictures"]} | {each.picture for each in tables}
    return {
        "header": header,
        "title": answer_words.title(results),
        "lines": answer_words.lines(results),
        "reading": answer_words.reading(results),
        "rule_of_answers": answer_words.RULE,
        "has_intervals": has_intervals(results.summaries),
        "across": [_across(each) for each in results.across],
        "winners": winners.winners(results.groups),
        "winner_notes": Notes(),
        "matrices": tables,
        "by_name": by_name,
        "more_overviews": [each for each in pictures if each.name not in placed],
        "sections": sections,
        "scales": list(dict.fromkeys(each.scale for each in results.groups)),
        "few_workloads": len(sections) <= FEW_WORKLOADS and not results.across,
        "choices": _choices(sections),
        "standings": list(dict.fromkeys(row.standing for section in sections for row in section["table"].rows)),
        "article": article.table(results.summaries),
        "findings": results.findings,
        "finding_table": _findings(results.findings),
        "interval": INTERVAL,
        "commit": words.commit(header.environment),
        "amount": words.amount(results.run),
        "share": words.share(results.run),
        "machine": words.machine(header.environment),
        "python": words.python(header),
        "environment": _environment(results),
        "times": list(methods.of_times(header.plan)),
        "methods": methods.of_run(results.run),
        "terms": glossary.terms(*_WORDS),
        "file": sanitized(results.path.name),
    }


def _inline(pictures: Sequence[Picture]) -> dict[str, Markup]:
    """The pictures that are in the page, by name, as the addresses of their images: the more important ones first."""
    kinds = [OVERVIEW, *GROUP_CHARTS]
    found, left = {}, MOST_PICTURE_BYTES
    for each in sorted(pictures, key=lambda one: _rank(one.name, kinds)):
        uri = each.data_uri
        if len(uri) <= left:
            left -= len(uri)
            found[each.name] = Markup(uri)  # noqa: S704 - all that could end an attribute is escaped there
    return found


def _rank(name: str, kinds: Sequence[str]) -> int:
    return next((place for place, kind in enumerate(kinds) if name.startswith(kind)), 0)


def _section(results: Results, group: Group, pictures: Mapping[str, Picture]) -> dict[str, Any]:
    """All that the page shows of a group."""
    keys = {each.case.key for each in group.ranked}
    mine = {kind: pictures[name] for kind in GROUP_CHARTS if (name := f"{kind}-{file_name(group)}") in pictures}
    return {
        "group": group,
        "line": answer_words.line_of(results, group),
        "table": results_table(group, cells.columns(group)),
        "use": costs_table(group, costs.use_columns(group)),
        "counts": costs_table(group, costs.count_columns()),
        "notes": Notes(),
        "per_worker": costs.memory_per_worker(group),
        "method": methods.in_short(block for block in results.run.blocks if block.case in keys),
        "pictures": [each.name for each in mine.values()],
        "ranking": mine.get(_FIRST),
        "charts": [(GROUP_CHARTS[kind][0], each) for kind, each in mine.items() if kind != _FIRST],
    }


def _across(found: Across) -> dict[str, Any]:
    """A work on several interpreters."""
    return {
        "name": found.name,
        "sentences": across_words.sentences(found),
        "table": across_words.table(found),
        "notes": Notes(),
    }


def _choices(sections: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """The columns that a reader can hide, by key."""
    tables: Iterator[Table] = (section[kind] for section in sections for kind in ("table", "use", "counts"))
    return {each.key: each.label for table in tables for each in table.columns if each.kind != "name"}


def _findings(findings: Sequence[Finding]) -> Table:
    following = (Column(each, kind="text") for each in ("about", "what was found", "what to do"))
    rows = ((Cell(each.code, is_code=True), each.subject, each.message, each.hint) for each in findings)
    return texts([Column("code", kind="name"), *following], rows)


def _environment(results: Results) -> Table:
    facts = asdict(results.run.header.environment)
    packages = facts.pop("packages")
    identity = facts.pop("identity") or {}
    shown = [(name.replace("_", " "), words.fact(value)) for name, value in facts.items()]
    known = ("packages", ", ".join(f"{name} {version}" for name, version in packages.items()))
    columns = Column("fact", kind="name"), Column("value", kind="text")
    return texts(columns, [*shown, known, *identity.items()])

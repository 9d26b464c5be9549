"""The explanations of codes and the glossary as text: for the terminal, and as the pages of the docs."""

from collections.abc import Sequence

from rich.console import Group as Stack
from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from bench.analysis.explanations import EXPLANATIONS, Explanation, Kind
from bench.analysis.glossary import TERMS, Term, Topic
from bench.report.kit.folded_table import folded
from bench.report.kit.table import Column, texts
from bench.sentences import listed

_HEADINGS = {
    Kind.FINDING: "Findings: warnings about a measurement",
    Kind.OUTCOME: "Outcomes: how the blocks of a case ended",
    Kind.VERDICT: "Verdicts of `check` and `compare`",
}
_PARTS = ("what", "why", "do")
_NAMES = {"what": "What", "why": "Why", "do": "What to do"}
COMMAND = "python -m bench explain"
"""What reports tell a reader to type, with a code behind it."""


def listing() -> Stack:
    """All codes in a line each, and the terms of the glossary by name."""
    parts: list[RenderableType] = []
    width = max(len(each.code) for each in EXPLANATIONS)
    columns = Column("code", kind="name", least=width), Column("what", kind="text")
    for kind, heading in _HEADINGS.items():
        rows = ((each.code, each.what) for each in EXPLANATIONS if each.kind is kind)
        table = folded(texts(columns, rows), headings=False)
        parts += [Text(heading.replace("`", ""), style="bold"), table, Text()]
    for topic in Topic:
        names = ", ".join(each.name for each in TERMS if each.topic is topic)
        parts += [Text(f"Glossary: {topic[0].lower()}{topic[1:]}", style="bold"), Text(names), Text()]
    return Stack(*parts, Text(f"more of each: {COMMAND} WORD", style="dim"))


def details(found: Sequence[Explanation | Term]) -> Stack:
    """All that is known of a word."""
    parts: list[Text | Padding] = []
    for each in found:
        if isinstance(each, Term):
            parts.append(Text.assemble((each.name, "bold"), _others(each)))
            parts.append(Padding(Text(each.meaning.replace("`", "")), (0, 0, 0, 2)))
            continue
        parts.append(Text.assemble((each.code, "bold"), f" ({each.kind})"))
        for name in _PARTS:
            parts += [
                Text(_NAMES[name], style="dim"),
                Padding(Text(getattr(each, name).replace("`", "")), (0, 0, 0, 2)),
            ]
    return Stack(*parts)


def as_markdown() -> str:
    """`docs/findings.md`."""
    lines = [
        "# What the words in reports mean",
        "",
        f"    {COMMAND}            all of them, in a line each",
        f"    {COMMAND} unstable   what is below, of one",
        "",
        "This page is made by `python -m bench explain --markdown`; its thresholds are the ones in the code.",
    ]
    for kind, heading in _HEADINGS.items():
        lines += ["", f"## {heading}"]
        for each in EXPLANATIONS:
            if each.kind is kind:
                lines += ["", f"### `{each.code}`", "", f"{_sentence(each.what)}", ""]
                lines += [f"- **{_NAMES[name]}:** {getattr(each, name)}" for name in _PARTS[1:]]
    return "\n".join(lines)


def glossary_as_markdown() -> str:
    """`docs/glossary.md`."""
    lines = [
        "# Glossary",
        "",
        f"The words that the tool, its reports and these pages use. `{COMMAND} GIL` shows one in a terminal. What the codes of",
        "findings, outcomes and verdicts mean is in [What the words in reports mean](findings.md).",
        "",
        f"This page is made by `{COMMAND} --markdown glossary`.",
    ]
    for topic in Topic:
        lines += ["", f"## {topic}"]
        for each in TERMS:
            if each.topic is topic:
                lines += ["", f"### {each.name}", "", f"{each.meaning}"]
                lines += [f"Also called {listed(each.also)}."] if each.also else []
    return "\n".join(lines)


def _others(found: Term) -> str:
    """The other words for a term, in brackets."""
    return f" (also {listed(found.also)})" if found.also else ""


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."

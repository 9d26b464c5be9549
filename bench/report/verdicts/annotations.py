"""Verdicts as GitHub's workflow commands, which its runner turns into annotations of the checked commit.

Escaped as `packages/core/src/command.ts` of github.com/actions/toolkit does. The runner also takes commands from text
that only happens to look like one, so what is shown beside them is fenced (`fence`).
"""

import secrets
from collections.abc import Sequence

from bench.analysis.comparison import GOOD, Comparison, Comparisons, Outcome, Verdict, worst_first
from bench.plugins.names import sanitized
from bench.report.verdicts import verdict_words as words

MOST_OF_A_LEVEL = 10
"""GitHub shows so many errors and warnings of a step, and drops the rest without a word (actions/toolkit#734)."""
_ERRORS = frozenset({Verdict.REGRESSED, Verdict.FAILED, Verdict.MISSING, Verdict.INCOMPARABLE})


def annotations(found: Sequence[Comparisons]) -> list[str]:
    """A workflow command a line for each comparison that is neither equivalent nor improved, the worst first.

    Where nothing was decided, a warning says so and what to do. Past `MOST_OF_A_LEVEL` of a level, the last says how many more there are.
    """
    by_level: dict[str, list[str]] = {"error": [], "warning": [], "notice": []}
    for one in found:
        for each in worst_first(one.cases):
            if each.verdict not in GOOD:
                level = level_of(one, each)
                by_level[level].append(command(level, words.title(one, each), words.sentence(one, each)))
        if not one.cases:
            by_level["error"].append(command("error", "concurrency-bench", words.headline(one)))
        elif one.outcome is Outcome.UNDECIDED and not one.decided:
            by_level["warning"].insert(0, command("warning", "concurrency-bench", words.headline(one)))
    lines: list[str] = []
    for level, commands in by_level.items():
        if len(commands) > MOST_OF_A_LEVEL:
            more = f"and {len(commands) - MOST_OF_A_LEVEL + 1} more: see the job summary"
            commands[MOST_OF_A_LEVEL - 1 :] = [command(level, "concurrency-bench", more)]
        lines += commands
    return lines


def level_of(found: Comparisons, each: Comparison) -> str:
    """How a verdict that is not good is told: `error`, `warning`, or `notice` where it is accepted."""
    if found.lets_pass(each.verdict):
        return "notice"
    return "error" if each.verdict in _ERRORS else "warning"


def command(level: str, title: str, message: str) -> str:
    """One workflow command."""
    return f"::{level} title={_property(sanitized(title))}::{_data(sanitized(message))}"


def fence() -> tuple[str, str]:
    """A line before and one after text between which the runner takes no commands."""
    token = secrets.token_hex(16)  # nobody can have it in a name
    return f"::stop-commands::{token}", f"::{token}::"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")

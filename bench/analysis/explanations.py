"""What the coded words of reports mean: every finding, outcome and verdict; why it is said, and what to do about it.

What findings mean stands with their rules, in `bench.analysis.findings`; what other words mean, in `bench.analysis.glossary`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from bench.analysis import glossary
from bench.analysis.comparison import Verdict
from bench.analysis.findings import RULES
from bench.analysis.glossary import Term
from bench.analysis.stored import MUST_BE_EQUAL
from bench.errors import UnknownNameError
from bench.records.block import Outcome


class Kind(StrEnum):
    """Where a code is met."""

    FINDING = "finding"
    """Below the tables of a report: a warning about a measurement."""
    OUTCOME = "outcome"
    """In place of a time: how a block of the case ended."""
    VERDICT = "verdict"
    """In `check` and `compare`: what is said of a case on two sides."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """One code, in three sentences or so each."""

    code: str
    kind: Kind
    what: str
    """What it says; begins with a small letter and ends without a full stop, to stand in a list."""
    why: str
    """How it is found, with the threshold."""
    do: str  # what a user can do about it, or conclude from it


def look_up(word: str) -> list[Explanation | Term]:
    """What a word means: a code, of each kind that has it, or else a term; capitals and dashes do not matter.

    Raises:
        UnknownNameError: if it is neither; it names a near one.
    """
    wanted = word.strip().lower().replace("-", "_").replace(" ", "_")
    codes = [each for each in EXPLANATIONS if each.code == wanted]
    found = glossary.term(word)
    if not codes and found is None:
        known = {each.code for each in EXPLANATIONS}.union(glossary.all_words())
        raise UnknownNameError("word", word, known, listed_by="python -m bench explain")
    return [*codes, *([] if found is None else [found])]


def _of(kind: Kind, *entries: tuple[str, str, str, str]) -> Iterable[Explanation]:
    return (Explanation(str(code), kind, what, why, do) for code, what, why, do in entries)


_LEFT_OUT = "The case is in no ranking and no ratio. The reason stands beside it"

_OUTCOMES = (
    (
        Outcome.OK,
        "all blocks ended well, and every result was right",
        "Each round's result is checked against what the workload expects.",
        "Nothing: the case has a time.",
    ),
    (
        Outcome.WRONG,
        "a result differs from what the workload expects",
        "Each round's result is checked; one wrong result in one block is enough.",
        f"{_LEFT_OUT}: lost, repeated or reordered results are a bug of the strategy, or of a task that has to run alone.",
    ),
    (
        Outcome.FAILED,
        "a block raised an exception, or gave no warm round",
        "The strategy or a task raised in the measured process.",
        f"{_LEFT_OUT}, with the exception. Run the case alone with `run WORKLOAD --strategy NAME` to see it again.",
    ),
    (
        Outcome.TIMED_OUT,
        "a block was not over at the time limit, and was ended",
        "The limit is for the whole block and was given by `--time-limit`, or follows from the scale.",
        f"{_LEFT_OUT}. If the work is just slow give more with `--time-limit`; else it is a deadlock.",
    ),
    (
        Outcome.KILLED,
        "the measured process died",
        "It ended by a signal or an exit status of its own, without a word: out of memory, a crash in C, `os._exit`.",
        f"{_LEFT_OUT}, with the signal. After SIGKILL look whether the kernel ran out of memory.",
    ),
    (
        Outcome.UNAVAILABLE,
        "the case could not run here",
        "A package, a start method or a feature of the system is missing, or the run ended before the case's turn.",
        f"{_LEFT_OUT} and what would help, such as a package to install; `list` shows all that is unavailable.",
    ),
)
_VERDICTS = (
    (
        Verdict.REGRESSED,
        "the head is slower (or uses more) than the base by more than the tolerance",
        "The whole interval of head / base lies above 1 + tolerance; `check` confirms it on fresh pairs of blocks.",
        "The change did it: `check` measured both sides now. `compare` cannot tell the change from drift of the machine.",
    ),
    (
        Verdict.IMPROVED,
        "the head is faster (or uses less) than the base by more than the tolerance",
        "The whole interval of head / base lies below 1 / (1 + tolerance).",
        "It passes.",
    ),
    (
        Verdict.EQUIVALENT,
        "a change, if there is one, is smaller than the tolerance",
        "The whole interval of head / base lies within the tolerance.",
        "It passes. A smaller `--tolerance` asks for more.",
    ),
    (
        Verdict.INCONCLUSIVE,
        "the blocks cannot tell",
        "The interval of head / base reaches across an edge of the tolerance, or there are too few blocks for one.",
        (
            "It says nothing of the code, neither good nor bad, and passes unless `--accept` is given without it. Beside it stands the "
            "smallest change that could have been seen, and about how many blocks would decide: give `check` a larger `--budget` or "
            "`--tolerance`, or a quieter machine; give `compare` several files a side, `--base 'a*.json' --head 'b*.json'`."
        ),
    ),
    (
        Verdict.INCOMPARABLE,
        "the two sides ran in unequal environments, or nothing tells whether their results are equal",
        (
            f"Both state one of these, and it differs: {', '.join(MUST_BE_EQUAL)}. Or their results do not pickle, and have "
            "nothing else to be told apart by."
        ),
        (
            "Measure both on one machine with one interpreter. Where the difference is the question: `report RUN RUN`, or "
            "`check --across`. Of results: give back plain data, or state with `check` what must hold."
        ),
    ),
    (
        Verdict.FAILED,
        "one side has no time because its blocks went wrong, or the sides gave different results",
        "A block of either side raised, died, hung or gave a wrong result, or equal inputs gave unequal results.",
        "It never passes. The reason stands beside it.",
    ),
    (
        Verdict.NEW,
        "the case is not in the base",
        "Only the head has it, or has this quantity of it.",
        "There is nothing to compare it with; it passes unless `--accept` is given without it.",
    ),
    (
        Verdict.MISSING,
        "the case is not in the head any more",
        "Only the base has it, or has this quantity of it.",
        "A benchmark that vanishes must not pass silently; if it was meant, `--accept missing`.",
    ),
)
EXPLANATIONS = (
    *(Explanation(each.code, Kind.FINDING, each.what, each.why, each.do) for each in RULES),
    *_of(Kind.OUTCOME, *_OUTCOMES),
    *_of(Kind.VERDICT, *_VERDICTS),
)
"""All codes: findings, outcomes, and verdicts."""

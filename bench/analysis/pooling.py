"""Several stored runs as one sample: the files of one side of a comparison, whose blocks are all its own.

A block stays what it was in its file, a process. So files of a tool that measures in one process, such as pytest-benchmark,
are a block each, and files of one that starts several bring all of theirs.
"""

from collections import ChainMap, Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import chain

from bench import units
from bench.analysis.stored import MUST_BE_EQUAL, StoredCase, StoredRun
from bench.errors import UsageError
from bench.quantities import COMPARED, TIME

_TIME = next(asked for asked, each in COMPARED.items() if each is TIME)


def pooled(runs: Sequence[StoredRun]) -> StoredRun:
    """One run that has the blocks of all, in the order of their cases' first appearance; of one it is that itself.

    Facts in which they differ are of none of them: they make the sample unequal where they decide how fast code is, and are
    noted otherwise.

    Raises:
        UsageError: if two of them hold the same measurements, which would count twice.
    """
    first, *others = runs
    if not others:
        return first
    _check_different(runs)
    facts = _facts(runs)
    by_key: dict[str, list[StoredCase]] = {}
    for each in (case for run in runs for case in run.cases):
        by_key.setdefault(each.key, []).append(each)
    return StoredRun(
        label=f"{len(runs)} files, {first.label} to {runs[-1].label}",
        path=first.path,
        tool=" and ".join(dict.fromkeys(each.tool for each in runs)),
        at_utc=min((each.at_utc for each in runs), key=_moment),
        commit=first.commit if len({each.commit for each in runs}) == 1 else "",
        facts={name: values[0] for name, values in facts.items() if len(values) == 1},
        cases=[_case(same) for same in by_key.values()],
        unequal="; ".join(
            f"{name}: {' and '.join(facts[name])}" for name in MUST_BE_EQUAL if len(facts.get(name, ())) > 1
        ),
        notes=list(_notes(runs, by_key, facts)),
    )


def _check_different(runs: Sequence[StoredRun]) -> None:
    """No two are one measurement, such as a file and its copy."""
    for number, run in enumerate(runs):
        for other in runs[:number]:
            if (run.at_utc, run.tool, run.cases) == (other.at_utc, other.tool, other.cases):
                raise UsageError(
                    f"{other.path} and {run.path} hold the same measurements, which would count twice: name one of them"
                )


def _moment(text: str) -> float:
    """A moment for putting moments in order; what is unknown comes last."""
    try:
        return datetime.fromisoformat(text).timestamp()
    except (ValueError, OverflowError):
        return float("inf")


def _facts(runs: Sequence[StoredRun]) -> dict[str, list[str]]:
    """What is stated of each fact, by its name."""
    found: dict[str, list[str]] = {}
    for name, value in (fact for run in runs for fact in run.facts.items()):
        if value not in found.setdefault(name, []):
            found[name].append(value)
    return found


def _case(same: Sequence[StoredCase]) -> StoredCase:
    """A case of several files; it failed where it failed in one of them."""
    by_the_clock = not all(each.elapsed_s for each in same if each.values.get(_TIME))
    values = _joined(_clocked(each) if by_the_clock else each.values for each in same)
    return replace(
        same[0],
        values=values,
        trouble="; ".join(_distinct(each.trouble for each in same)[:1]),
        limits="; ".join(_distinct(each.limits for each in same)),
        unknown={
            quantity: why
            for quantity, why in ChainMap(*(each.unknown for each in same)).items()
            if quantity not in values
        },
        elapsed_s=[] if by_the_clock else list(chain.from_iterable(each.elapsed_s for each in same)),
        version=" and ".join(sorted(_distinct(each.version for each in same))),
    )


def _clocked(case: StoredCase) -> dict[str, list[list[float]]]:
    """The values of a case, with times by the clock as other files of its side have them."""
    return case.values | ({_TIME: case.elapsed_s} if case.elapsed_s else {})


def _joined(values: Iterable[Mapping[str, list[list[float]]]]) -> dict[str, list[list[float]]]:
    """The blocks of all, by quantity."""
    found: dict[str, list[list[float]]] = {}
    for quantity, blocks in (each for one in values for each in one.items()):
        found.setdefault(quantity, []).extend(blocks)
    return found


def _distinct(texts: Iterable[str]) -> list[str]:
    """Those that say something, each once."""
    return list(dict.fromkeys(filter(None, texts)))


def _notes(
    runs: Sequence[StoredRun], by_key: dict[str, list[StoredCase]], facts: dict[str, list[str]]
) -> Iterator[str]:
    """What a reader has to know of several files as one sample."""
    commits = _distinct(each.commit for each in runs)
    if len(commits) > 1:
        yield f"its files are of {units.counted(len(commits), 'commit')}, such as {commits[0]} and {commits[-1]}"
    for name, values in facts.items():
        if len(values) > 1 and name not in MUST_BE_EQUAL:
            yield f"its files differ in {name}: {' and '.join(values)}"
    times = Counter(key for key, same in by_key.items() for _ in same)
    partly = [key for key, n in times.items() if n < len(runs)]
    if partly:
        name = by_key[partly[0]][0].name
        yield (
            f"{units.counted(len(partly), 'case')} not in all of its {len(runs)} files, such as {name}, which is in {times[partly[0]]}"
        )

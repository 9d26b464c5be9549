"""A check of a suite of pytest-benchmark, from the user's request to a finished run file: both arms are collected and measured now."""

import hashlib
import os
import random
import shlex
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from bench.analysis.gate import GateReferee
from bench.errors import UsageError
from bench.machine import environment
from bench.measure.engine.contest import ARMS
from bench.measure.engine.time_limit import TimeLimit
from bench.measure.plan import catalogue
from bench.measure.plan.version import Version
from bench.plugins.names import LONGEST_NAME, name_problem, sanitized
from bench.processes import interruption
from bench.records.case import Case
from bench.records.run import Plan, Work
from bench.sessions.absent import explained
from bench.sessions.arms import Side, from_here, opened
from bench.sessions.busy import Watch
from bench.sessions.check import sides_again
from bench.sessions.check_news import CheckNews
from bench.sessions.checking import Checking
from bench.sessions.gate_plan import CheckRequest, with_gate
from bench.sessions.progress import Progress
from bench.sessions.recording import Measured, header_of, record
from bench.store.runs import RunWriter, check_readable, check_writable
from bench.suites.pair import Pair
from bench.suites.process import Collected, Place
from bench.suites.session import SuiteSession

_SECONDS_A_CASE = 30.0
_SCALE = "standard"
_DIGITS = 8
_OWN = ("-p", "no:cacheprovider")
"""What pytest is given besides."""


@dataclass(frozen=True, slots=True)
class SuiteMatch:
    """What can be compared of a suite's two arms."""

    tests: dict[str, str]
    """The ids of the benchmarks that both have, by the keys of their cases."""
    cases: list[Case]
    """All of them, in the head's order and then the base's."""
    one_sided: dict[str, str]
    broken: dict[str, str]
    notes: list[str]


@interruption.held()
def check_suite(request: CheckRequest, progress: Progress) -> Measured:
    """Measure both arms; every pair is in the run file as soon as it is measured, whatever happens then.

    Raises:
        BenchError: for a wrong request, where an arm cannot be checked out, built or collected, or where results cannot be stored.
        Interrupted: if the command is, before the first pair.
    """
    began_s = time.monotonic()
    check_writable(request.results)
    with opened(request.sides, progress.say) as (sides, notes):
        watch = Watch()
        places = places_of(sides, request.suite)
        rng = random.Random()
        limit_s = request.conditions.time_limit_s
        progress.say("collecting the benchmarks")
        with Pair(places, 0, rng, limit_s) as first:
            look(sides, first.collected)
            matched = match(sides, first.collected)
            check_worth(request.suite, matched)
            version = version_of(sides, first.collected)
            default_s = time.monotonic() - began_s + _SECONDS_A_CASE * len(matched.tests)
            limit = TimeLimit(began_s, request.budget_s or round(default_s))
            works = {each.workload: Work("map", "unknown", "") for each in matched.cases}
            plan = Plan(matched.cases, 0, {}, works, request.conditions)
            plan = with_gate(plan, request, sides, matched, [*notes, *matched.notes], version.modules, limit.budget_s)
            header = header_of(plan, environment.describe(sides[1].found.packages, identify=False))
            check_readable(header)
            watch.say_if_busy(progress.line)
            with RunWriter(request.results, header) as writer:
                referee = GateReferee(plan)
                session = SuiteSession(first, places, matched.tests, limit, referee, rng, version, limit_s)
                checking = Checking(referee, session, limit)
                return record(writer, checking, CheckNews(checking, words_again(request)), progress)


def places_of(sides: Sequence[Side], words: Sequence[str]) -> list[Place]:
    """Where a suite's processes run in each arm, and what pytest is given there: what the arm does not have yet is left out.

    Raises:
        UsageError: where neither arm has anything of it.
    """
    folders = [each.site.folder or os.getcwd() for each in sides]
    given = [from_here(each) if sides[0].checkout is not None else each for each in words]
    paths = [each for each in given if any(_has(folder, each) for folder in folders)]
    return [
        _place(
            side,
            None
            if paths and not any(_has(folder, each) for each in paths)
            else [each for each in given if each not in paths or _has(folder, each)],
        )
        for side, folder in zip(sides, folders, strict=True)
    ]


def _place(side: Side, words: Sequence[str] | None) -> Place:
    site = side.site
    return Place(side.name, site.python, site.folder, site.path, site.environment, words and [*words, *_OWN])


def _has(folder: str, word: str) -> bool:
    """Whether what pytest is given names a file or a folder that is there."""
    return not word.startswith("-") and os.path.exists(os.path.join(folder, word.partition("::")[0]))


def look(sides: Sequence[Side], collected: Sequence[Collected]) -> None:
    """Note of each arm its interpreter and packages.

    Raises:
        UsageError: where one loads the user's working tree and not its own checkout: that would compare it with itself.
    """
    are_both_there = all(each.found for each in collected)
    for side, each in zip(sides, collected, strict=True):
        side.found = replace(catalogue.find([], side.site), packages=each.packages if are_both_there else {})
        if strayed := _strayed(side, each):
            raise UsageError(
                f"{side.name}: {strayed} was loaded from the working tree and not from the checkout; it is the same on "
                "both sides: install the package in each, with --setup and --python, or put it at the top or in src"
            )


def _strayed(side: Side, collected: Collected) -> str:
    """A file of the user's working tree that an arm has loaded, from its top; empty where there is none."""
    if side.checkout is None:
        return ""
    top, root = (os.path.realpath(each) + os.sep for each in (side.checkout.top, side.checkout.root))
    return next(
        (each.removeprefix(top) for each in collected.files if each.startswith(top) and not each.startswith(root)), ""
    )


def version_of(sides: Sequence[Side], collected: Sequence[Collected]) -> Version:
    """What every pair has to be of: the user's modules in both arms, as far as collecting the tests loads them."""
    files: dict[str, str] = {}
    for side, each in zip(sides, collected, strict=True):
        top = os.path.realpath(os.getcwd() if side.checkout is None else side.checkout.root)
        own = (file for file in each.files if file.startswith(top + os.sep))
        files |= {f"{side.name} {sanitized(os.path.relpath(file, top))}": file for file in own}
    return Version(files)


def match(sides: Sequence[Side], collected: Sequence[Collected]) -> SuiteMatch:
    """What can be compared of the suite in two arms, as `ARMS` has them."""
    base, head = collected
    python = sides[1].found.interpreter["python"]
    found = SuiteMatch({}, [], {}, {}, list(_notes(sides, collected)))
    for test in dict.fromkeys([*head.found, *base.found]):
        case = Case(_named(test), _SCALE, "", None, python, takes_workers=False)
        found.cases.append(case)
        lacking = [name for name, each in zip(ARMS, collected, strict=True) if test not in each.found]
        if not lacking:
            found.tests[case.key] = test
            continue
        (lacks,) = lacking
        side, there = next(each for each in zip(sides, collected, strict=True) if each[0].name == lacks)
        if (why := _of_file(test, there.broken)) is not None:
            found.broken[case.key] = f"{lacks}: {explained(sanitized(why), side.checkout)}"
        else:
            found.one_sided[case.key] = next(name for name in ARMS if name != lacks)
    return found


def _named(test: str) -> str:
    """What a benchmark is called: the id of its test, which is shortened where it is no name."""
    if not name_problem(test):
        return test
    digest = hashlib.sha256(test.encode(errors="surrogateescape")).hexdigest()[:_DIGITS]
    return f"{sanitized(test, LONGEST_NAME - _DIGITS - 1)} {digest}"


def _of_file(test: str, told: Mapping[str, str]) -> str | None:
    """What is told of a test's file, of a folder above it or of a class in it."""
    return next((why for place, why in told.items() if test.startswith((f"{place}::", f"{place}/"))), None)


def _notes(sides: Sequence[Side], collected: Sequence[Collected]) -> Iterator[str]:
    """What a reader has to know of the suite."""
    base, head = collected
    for place in sorted(base.skipped.keys() & head.skipped.keys()):
        yield f"{sanitized(place)} is skipped on both sides: {sanitized(head.skipped[place])}"
    for place in sorted(base.broken.keys() & head.broken.keys()):
        yield f"{sanitized(place)} cannot be loaded on either side: {explained(sanitized(head.broken[place]), sides[1].checkout)}"


def check_worth(words: Sequence[str], matched: SuiteMatch) -> None:
    """There are benchmarks.

    Raises:
        UsageError: where neither arm has one.
    """
    if matched.cases:
        return
    why = f" ({matched.notes[0]})" if matched.notes else ""
    raise UsageError(f"no test of {' '.join(words)} uses pytest-benchmark's fixture, on neither side{why}")


def words_again(request: CheckRequest) -> list[str]:
    """What has to be given to finish it."""
    return [*suite_again(request.suite), *sides_again(request.sides)]


def suite_again(words: Sequence[str]) -> list[str]:
    """The words that name this suite; none where there is none."""
    return ["--pytest", shlex.join(words)] if words else []

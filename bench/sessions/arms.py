"""The two arms of a gate: where each is, what of the selection it has, and what keeps it from being compared."""

import contextlib
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from bench.checkouts.worktrees import WORKING_TREE, Checkout, Worktrees
from bench.errors import AbsentSourceError, SourceError, UnknownNameError, UsageError
from bench.measure.engine.contest import ARMS, Contest
from bench.measure.plan import catalogue, discovery
from bench.measure.plan.cases import PlannedCase, Selection, expand
from bench.measure.plan.site import here, project_folders
from bench.measure.wire.requests import Site
from bench.patterns import PATTERNS
from bench.plugins import sources
from bench.records.case import Case
from bench.records.catalogue import Catalogue, WorkloadInfo
from bench.records.gate import Arm
from bench.selection import chosen
from bench.sessions.absent import explained
from bench.sessions.run import names_for


@dataclass(frozen=True, slots=True)
class Sides:
    """What the user wants compared."""

    base: str | None
    """A revision; None where only interpreters differ."""
    head: str | None
    """Another; None for the working tree as it is."""
    setup: str | None
    pythons: tuple[str | None, str | None]
    """The interpreters of base and head; None for this one."""
    written: Sequence[str] = ()
    """Files that the command writes."""


@dataclass(slots=True)
class Side:
    """One arm as it was found."""

    name: str
    label: str
    site: Site
    checkout: Checkout | None = None
    python: str = ""
    """The interpreter, as the user named it; empty for the command's own."""
    found: Catalogue = field(default_factory=lambda: Catalogue([], []))
    planned: dict[str, PlannedCase] = field(default_factory=dict)
    """By what the cases of both arms have in common."""
    troubles: dict[str, UsageError] = field(default_factory=dict)
    """Why a source cannot be loaded, by source; of all of them under the empty text."""

    @property
    def record(self) -> Arm:
        """As the run file has it."""
        commit = None if self.checkout is None else self.checkout.commit + ("+" if self.checkout.dirty else "")
        return Arm(self.name, self.label, commit, self.found.interpreter, self.found.packages, self.python)


@dataclass(frozen=True, slots=True)
class Match:
    """What both arms have, what only one has, and what is broken; by case key."""

    paired: list[Contest]
    cases: list[Case]
    """All of them, in the head's order and then the base's."""
    one_sided: dict[str, str]
    broken: dict[str, str]


@contextlib.contextmanager
def opened(sides: Sides, progress: Callable[[str], object]) -> Iterator[tuple[list[Side], list[str]]]:
    """The two arms, for as long as the context lasts, and what a reader has to know of them; `progress` is told what takes long.

    Raises:
        UsageError: where there is no such revision or interpreter.
        MeasurementError: where they cannot be checked out or built.
    """
    if sides.base is None:
        labels = [_label_of_python(each) for each in sides.pythons]
        own = {"PYTHONDONTWRITEBYTECODE": "1"}  # in the user's own working tree
        sites = [Site(_interpreter(each, None), path=here().path, environment=own) for each in sides.pythons]
        yield (
            [
                Side(name, label, site, python=label if python else "")
                for name, label, site, python in zip(ARMS, labels, sites, sides.pythons, strict=True)
            ],
            [],
        )
        return
    trees = Worktrees(sides.base, sides.head, sides.setup, sides.written, progress)
    try:
        checkouts = (trees.base, trees.head)
        labels = [sides.base, WORKING_TREE if sides.head is None else sides.head]
        arms = []
        for name, label, checkout, python in zip(ARMS, labels, checkouts, sides.pythons, strict=True):
            named = _label_of_python(python) if python else ""
            where = f"{label}, {named}" if named else label
            arms.append(Side(name, where, _site(checkout, python), checkout, named))
        is_same = trees.base.tree == trees.head.tree and len(set(sides.pythons)) == 1
        yield arms, [*(["base and head have the same code"] if is_same else []), *trees.notes]
    finally:
        trees.close()


def _site(checkout: Checkout, python: str | None) -> Site:
    """Code is found in the checkout before what is installed, unless the checkout has an interpreter of its own."""
    interpreter = _interpreter(python, checkout)
    own = interpreter is not None and Path(interpreter).is_relative_to(checkout.root)
    folders = [] if own else project_folders(checkout.folder)
    given = os.environ.get("PYTHONPATH", "")
    moved = os.pathsep.join(_moved(each, checkout) for each in given.split(os.pathsep))
    own_path = {"PYTHONPATH": moved} if given else {}
    return Site(interpreter, checkout.folder, folders, own_path, checkout.top, checkout.root)


def _moved(folder: str, checkout: Checkout) -> str:
    """A folder of the user's working tree as it is in the checkout, where it is there; another one as it is."""
    full, top = os.path.realpath(folder), os.path.realpath(checkout.top)
    if full != top and not full.startswith(top + os.sep):
        return os.path.abspath(folder)
    there = os.path.normpath(os.path.join(checkout.root, os.path.relpath(full, top)))
    return there if os.path.isdir(there) else full


def _interpreter(python: str | None, checkout: Checkout | None) -> str | None:
    """The path of an interpreter that can run hosts. A relative one is that of the checkout, where there is one.

    Raises:
        UsageError: if it is none.
    """
    return None if python is None else discovery.found(python, checkout.folder if checkout else None).path


def _label_of_python(python: str | None) -> str:
    return "this Python" if python is None else os.path.join(*Path(python).parts[-3:])


def look(side: Side, words: Sequence[str], selection: Selection, default_workers: int) -> None:
    """Find out what of a selection an arm has, and what is wrong with the rest."""
    load(side, [each for each in (*words, *selection.strategies) if sources.is_source(each)])
    there = [each for each in words if each not in side.troubles]
    strategies = [each for each in selection.strategies if each not in side.troubles]
    if not there or (selection.strategies and not strategies):
        return
    try:
        workloads = names_for(there, "workload", side.found.workloads)
        patterns = {each.pattern for each in chosen("workload", _by_name(side.found), workloads)}
        plain = [PATTERNS[each].baseline for each in sorted(patterns)]
        named = names_for(strategies, "strategy", side.found.strategies)
        wanted = replace(selection, workloads=workloads, strategies=named or plain)
        python = side.found.interpreter["python"]
        for each in expand(side.found, wanted, python, default_workers):
            side.planned[replace(each.case, python="").key] = of_side(each, side)
    except UsageError as error:
        side.troubles[""] = error


def from_here(source: str) -> str:
    """A source as each checkout has it, by its own path: relative."""
    place, function = sources.split(source)
    if not os.path.isabs(place):
        return source
    return os.path.relpath(place) + (f":{function}" if function is not None else "")


def load(side: Side, named: Sequence[str]) -> None:
    """Load sources in an arm; of those that cannot be loaded it is noted why not."""
    try:
        side.found = catalogue.find(named, side.site)
    except UsageError:
        side.found = catalogue.find(list(_loadable(side, named)), side.site)


def of_side(case: PlannedCase, side: Side) -> PlannedCase:
    """A case as it runs in an arm."""
    return replace(case, site=side.site, arm=side.name)


def _by_name(found: Catalogue) -> dict[str, WorkloadInfo]:
    return {each.name: each for each in found.workloads}


def _loadable(side: Side, named: Sequence[str]) -> Iterator[str]:
    """The sources that can be loaded in an arm; of the others it is noted why not."""
    for source in dict.fromkeys(named):
        try:
            catalogue.find([source], side.site)
            yield source
        except UsageError as error:
            reason = explained(str(error), side.checkout)
            side.troubles[source] = error if reason == str(error) else SourceError(reason)


def match(base: Side, head: Side) -> Match:
    """What can be compared of two arms.

    Args:
        base, head: as `look` left them.

    Raises:
        UsageError: where neither arm has anything.
    """
    if not base.planned and not head.planned:
        raise next(iter((*head.troubles.values(), *base.troubles.values())), UsageError("there is nothing to check"))
    found = Match([], [], {}, {})
    for common, case in (head.planned | base.planned | head.planned).items():
        mine, other = head.planned.get(common), base.planned.get(common)
        found.cases.append(case.case)
        if mine is not None and other is not None:
            found.paired.append(Contest(replace(other, case=mine.case), mine))
        else:
            has, lacks = (head, base) if mine is not None else (base, head)
            trouble = _trouble(lacks, case)
            if trouble is None or isinstance(trouble, AbsentSourceError | UnknownNameError):
                found.one_sided[case.case.key] = has.name
            else:
                found.broken[case.case.key] = f"{lacks.name}: {trouble}"
    for pair in list(found.paired):
        if reason := strayed(base, pair.base) or strayed(head, pair.head):
            found.paired.remove(pair)
            found.broken[pair.key] = reason
    return found


def _trouble(side: Side, case: PlannedCase) -> UsageError | None:
    for source in (case.workload.source, case.strategy.source, ""):
        if source in side.troubles:
            return side.troubles[source]
    return None


def strayed(side: Side, case: PlannedCase) -> str:
    """Why an arm would not run its own code: that would compare something with itself. Empty where it does."""
    if side.checkout is None:
        return ""
    root = os.path.realpath(side.checkout.root) + os.sep
    for source in {case.workload.source, case.strategy.source} & side.found.origins.keys():
        if not side.found.origins[source].startswith(root):
            place = os.path.dirname(side.found.origins[source])
            return (
                f"{side.name}: {source} was loaded from {place} and not from the checkout; it is the same on both sides"
            )
    return ""

"""The interpreters of a run: the command's own, or those that the user names, each with what it finds of workloads and strategies."""

import itertools
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from bench.errors import UsageError
from bench.machine.interpreter import python_name
from bench.measure.plan import catalogue, discovery, provenance
from bench.measure.plan.site import here
from bench.measure.wire.requests import Site
from bench.plugins.names import sanitized
from bench.records.catalogue import Catalogue, WorkloadInfo
from bench.records.interpreter import Interpreter, suffix
from bench.sentences import listed
from bench.sessions.progress import Progress

SWITCHES = ("gil", "jit")
OWN = "python"
"""How the command's own interpreter is asked for."""
_VARIABLES = {"gil": "PYTHON_GIL", "jit": "PYTHON_JIT"}
_CALLED = re.compile(r"[A-Za-z][\w.+-]{0,39}")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the user asks for of interpreters; nothing, where the command's own is meant."""

    words: Sequence[str] = ()
    """Each `3.13t`, a path, or either with a name: `old=/opt/old/bin/python`."""
    gil: Sequence[str] = ()
    """Of `on` and `off`."""
    jit: Sequence[str] = ()

    def __bool__(self) -> bool:
        """Whether anything is asked for."""
        return bool(self.words or self.gil or self.jit)

    @property
    def again(self) -> list[str]:
        """The words of a command that asks for it."""
        given = (("--python", self.words), ("--gil", self.gil), ("--jit", self.jit))
        return [word for option, values in given if values for word in (option, ",".join(values))]


@dataclass(frozen=True, slots=True)
class Installed:
    """An interpreter with what it finds."""

    name: str
    """As cases name it."""
    found: Catalogue
    site: Site | None = None
    """None for the command's own, where none is named."""
    record: Interpreter | None = None
    """None likewise."""


def opened(wanted: Wanted, sources: Sequence[str], progress: Progress) -> list[Installed]:
    """All of them, in the user's order.

    Args:
        wanted: what the user asks for.
        sources: of the user's own, loaded in each.
        progress: told what takes long, and which entry points are left out.

    Raises:
        UsageError: where there is no such interpreter, two have one name, or a source cannot be loaded.
    """
    if not wanted:
        return [Installed(python_name(), _looked_for(sources, progress))]
    places = [place for word in wanted.words or [OWN] for place in _places(word, wanted)]
    made = [_installed(each, sources, progress) for each in places]
    names = [each.name for each in made]
    for each in made:
        if names.count(each.name) > 1:
            raise UsageError(f"two interpreters are {each.name}; tell them apart: --python one=…,other=…")
    return list(_shared(made))


@dataclass(frozen=True, slots=True)
class _Place:
    """An interpreter with what is set for it."""

    asked: str
    called: str
    path: str
    settings: Mapping[str, str]


def _places(word: str, wanted: Wanted) -> Iterator[_Place]:
    """An interpreter as often as it has values of switches that are asked for.

    Raises:
        UsageError: where there is none, or it has none of the values.
    """
    called, equals, asked = word.rpartition("=")
    if equals and not (asked and _CALLED.fullmatch(called)):
        raise UsageError(
            f"--python {word}: an interpreter's name is of letters, digits, dots and dashes, such as new=/path/to/python"
        )
    found = discovery.found(asked)
    shown = os.path.basename(asked) if os.sep in asked else asked
    who = "this Python" if asked == OWN else sanitized(asked, 200)
    gils = _values("gil", wanted.gil, "" if found.is_free_threaded else f"{who} always has the GIL", "off")
    jits = _values("jit", wanted.jit, "" if found.has_jit else f"{who} has no JIT", "on")
    for gil, jit in itertools.product(gils, jits):
        yield _Place(shown, called, found.path, gil | jit)


def _values(switch: str, wanted: Sequence[str], why_one: str, other: str) -> list[dict[str, str]]:
    """The settings of a switch that an interpreter gets.

    Args:
        switch: its name.
        wanted: the values; all interpreters are measured as they are where there are none.
        why_one: why this one has but one of them, and is measured as it is where that is wanted; empty where it has both.
        other: the value that it lacks then.

    Raises:
        UsageError: where only that is wanted.
    """
    if not wanted or (why_one and set(wanted) != {other}):
        return [{}]
    if why_one:
        raise UsageError(f"{why_one}: leave it out, or leave --{switch} {other} out")
    return [{switch: each} for each in dict.fromkeys(wanted)]


def _installed(place: _Place, sources: Sequence[str], progress: Progress) -> Installed:
    site = replace(
        here(), python=place.path, environment=_environment(place.settings), gil=place.settings.get("gil", "")
    )
    found = _looked_for(sources, progress, site)
    name = (place.called or found.interpreter["python"]) + suffix(place.settings)
    record = Interpreter(name, place.asked, found.interpreter, found.packages, dict(place.settings))
    return Installed(
        name, replace(found, workloads=[_with_advice(each, place.path) for each in found.workloads]), site, record
    )


def _environment(settings: Mapping[str, str]) -> dict[str, str]:
    """The variables of settings. The GIL that is to stay off is not held off: what turns it on is to show, and not to run without."""
    values = {"on": "1", "off": "0"}
    return {
        _VARIABLES[name]: "" if (name, value) == ("gil", "off") else values[value] for name, value in settings.items()
    }


def _with_advice(workload: WorkloadInfo, path: str) -> WorkloadInfo:
    """What is lacking is installed where it is lacking."""
    there = workload.unavailable.replace("pip install it", f"install it there: {path} -m pip install")
    return replace(workload, unavailable=there)


def _shared(made: Sequence[Installed]) -> Iterator[Installed]:
    """Each with all that is known of a workload where it cannot be loaded itself, and why it cannot."""
    known = {work.name: work for each in made for work in each.found.workloads if not work.unavailable}
    for each in made:
        works = [
            replace(known[work.name], unavailable=work.unavailable) if work.unavailable and work.name in known else work
            for work in each.found.workloads
        ]
        yield replace(each, found=replace(each.found, workloads=works))


def _looked_for(sources: Sequence[str], progress: Progress, site: Site | None = None) -> Catalogue:
    """The workloads and strategies that there are; says which entry points are left out, and why."""
    progress.say("looking for workloads and strategies")
    found = catalogue.find(sources, site)
    for warning in found.warnings:
        progress.line(f"warning: {warning}")
    return found


def wanted_again(interpreters: Sequence[Interpreter]) -> Wanted:
    """What asked for those of a run; folders are not known any more."""
    words: dict[str, None] = {}
    for each in interpreters:
        words[each.asked if each.binary == each.facts["python"] else f"{each.binary}={each.asked}"] = None
    values = {
        switch: list(dict.fromkeys(each.settings[switch] for each in interpreters if switch in each.settings))
        for switch in SWITCHES
    }
    return Wanted(list(words), values["gil"], values["jit"])


def changed(then: Sequence[Interpreter], now: Sequence[Interpreter]) -> Iterator[str]:
    """Where the interpreters of a run differ from those that are there now, a few words each."""
    there, here = ({each.name: each for each in some} for some in (then, now))
    if missing := [name for name in (*there, *here) if name not in there or name not in here]:
        yield f"the interpreters were {listed(list(there))}, and {missing[0]} is not among both"
        return
    for each in then:
        other = here[each.name]
        for before, after in ((each.facts, other.facts), (each.packages, other.packages)):
            yield from provenance.changed_facts(before, after, f" of {each.name}")


def told_once(lines: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Lines of several interpreters, by their names: what not all of them say is said with who says it."""
    named: dict[str, list[str]] = {}
    for name, mine in lines.items():
        for each in mine:
            named.setdefault(each, []).append(name)
    for line, names in named.items():
        yield line if len(names) == len(lines) else f"{listed(names)}: {line}"

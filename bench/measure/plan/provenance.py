"""What a run was measured with and on, so that the rest of it can be measured with and on the same."""

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict

from bench.measure.plan.version import digest_of
from bench.plugins import sources
from bench.records.machine import Environment

_LONGEST = 200
"""Characters of a source that are recorded; a path has fewer, but for the folders that are left out."""
_PASSING = ("load_1m", "identity", "git_dirty")
"""What of an environment may differ between two parts of a run."""


def fingerprints(named: Iterable[str]) -> dict[str, str]:
    """Files, functions in files, modules and ranges, each with the SHA-256 of its file; empty where it is none.

    Absolute paths are kept without their folders, because people publish run files.
    """
    return {without_folder(each): fingerprint(each) for each in named}


def fingerprint(source: str) -> str:
    """The SHA-256 of the file that a source lies in; empty where it is no file, or none that can be read."""
    place, _ = sources.split(source)
    return digest_of(place)


def without_folder(source: str) -> str:
    """A source as a run file has it; inputs that are written out at length by their beginning and a digest."""
    if len(source) > _LONGEST:
        return f"{source[:_LONGEST]}… {hashlib.sha256(source.encode(errors='surrogateescape')).hexdigest()}"
    leads_away = os.path.isabs(source) or os.path.normpath(source).startswith("..")
    return os.path.basename(source) if leads_away else source


def found_again(recorded: Mapping[str, str], given: Iterable[str]) -> tuple[list[str], list[str]]:
    """The sources or inputs of a run among those that are given now.

    Returns:
        Those given that are the recorded ones; and what is wrong with the others, a few words each.
    """
    by_name = {without_folder(each): each for each in given}
    wrong = [f"{name} was not measured" for name in by_name if name not in recorded]
    for name, then in recorded.items():
        now = fingerprint(by_name.get(name, ""))
        if name in by_name and now != then:
            wrong.append(f"the file of {name} has changed" if now else f"{name} is not here")
    return [by_name[name] for name in recorded if name in by_name], wrong


def changed_modules(recorded: Mapping[str, str], now: Mapping[str, str]) -> Iterator[str]:
    """Where the user's modules differ from those of a run, a few words each.

    Args:
        recorded, now: digests by the modules' names; a file of an earlier version has none.
    """
    for name in sorted({*recorded, *now}) if recorded else ():
        if name not in now:
            yield f"the module {name} is not loaded any more"
        elif name not in recorded:
            yield f"the module {name} was not loaded then"
        elif recorded[name] != now[name]:
            yield f"the file of the module {name} has changed"


def differences(then: Environment, now: Environment) -> Iterator[str]:
    """Where two environments differ, a few words each; what passes, such as the load, is not compared."""
    earlier, today = asdict(then), asdict(now)
    for name, value in earlier.items():
        if name not in _PASSING and value != today[name]:
            if isinstance(value, dict):
                yield from changed_facts(value, today[name])
            else:
                yield f"{name.replace('_', ' ')} was {value} and is {today[name]}"


def changed_facts(then: Mapping[str, str], now: Mapping[str, str], of: str = "") -> Iterator[str]:
    """Where facts differ, a few words each; `of` says after each name whose they are."""
    for name in sorted({*then, *now}):
        if then.get(name) != now.get(name):
            yield f"{name}{of} was {then.get(name, 'absent')} and is {now.get(name, 'absent')}"

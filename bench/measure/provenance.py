"""What a run was measured with and on, so that the rest of it can be measured with and on the same."""

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict

from bench import sources
from bench.model import Environment

_PASSING = ("load_1m", "identity", "git_dirty")
"""What of an environment may differ between two parts of a run."""


def fingerprints(named: Iterable[str]) -> dict[str, str]:
    """Files, functions in files, modules and ranges, each with the SHA-256 of its file; empty where it is none.

    Absolute paths are kept without their folders, because people publish run files.
    """
    return {_without_folder(each): _fingerprint(each) for each in named}


def _fingerprint(source: str) -> str:
    place, _ = sources.split(source)
    try:
        with open(place, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def _without_folder(source: str) -> str:
    leads_away = os.path.isabs(source) or source.startswith("..")
    return os.path.basename(source) if leads_away else source


def changed(recorded: Mapping[str, str]) -> Iterator[str]:
    """What of the recorded files is not as it was, a few words each."""
    for name, then in recorded.items():
        now = _fingerprint(name)
        if then and not now:
            yield f"{name} is not here"
        elif then != now:
            yield f"{name} has changed"


def differences(then: Environment, now: Environment) -> Iterator[str]:
    """Where two environments differ, a few words each; what passes, such as the load, is not compared."""
    earlier, today = asdict(then), asdict(now)
    for name, value in earlier.items():
        if name not in _PASSING and value != today[name]:
            if isinstance(value, dict):
                yield from _in_detail(name, value, today[name])
            else:
                yield f"{name.replace('_', ' ')} was {value} and is {today[name]}"


def _in_detail(what: str, then: Mapping[str, str], now: Mapping[str, str]) -> Iterator[str]:
    for name in sorted({*then, *now}):
        if then.get(name) != now.get(name):
            yield f"{name} was {then.get(name, 'absent')} and is {now.get(name, 'absent')}"

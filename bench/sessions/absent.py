"""Why an arm of a gate lacks what the user's working tree has: git does not keep it, so no checkout can have it.

A generated module, an extension built in place, a data file, what is in a submodule: that is no package to install.
"""

import glob
import os
import re
from collections.abc import Iterator
from contextlib import suppress

from bench.checkouts.git import GitFailed, GitRefused, git, git_list
from bench.checkouts.worktrees import Checkout
from bench.publishing import CUT

_WORDS = re.compile(r"[^\s'\"()\[\],;:=]+")
_FROM = re.compile(r"cannot import name '([^']+)' from (?:partially initialized module )?'([^']+)'")
_ADVICE = re.compile(r"; (?:pip install it|is it installed, or in this folder\?)$")
_MODULE_ENDS = (".py", "/__init__.py", ".*.so", ".so", ".pyd")


def explained(reason: str, checkout: Checkout | None) -> str:
    """A reason why something could not be loaded or found, with what git has left out of the checkout, where that is why."""
    if checkout is None:
        return reason
    with suppress(GitFailed, OSError):
        for path in dict.fromkeys(_meant(reason, checkout)):
            if why := _why_absent(path, checkout):
                return f"{_ADVICE.sub('', reason)}; {why}"
    return reason


def _meant(reason: str, checkout: Checkout) -> Iterator[str]:
    """Paths in the user's working tree that a reason may speak of: those that are there, and not in the checkout."""
    inner = os.path.relpath(checkout.folder, checkout.root)
    folders = dict.fromkeys((os.path.normpath(inner), ".", os.path.normpath(os.path.join(inner, "src")), "src"))
    words = [each.rstrip(".") for each in _WORDS.findall(reason)]
    for word in [*(f"{package}.{name}" for name, package in _FROM.findall(reason)), *words]:
        if not word or word in (".", "..", os.sep):
            continue
        if word.startswith(CUT):
            yield from _of_that_name(word.removeprefix(CUT), checkout)
        elif os.path.isabs(word):
            yield from _lacking(os.path.relpath(word, checkout.root), checkout)
        else:
            for folder in folders:
                yield from _lacking(os.path.join(folder, word), checkout)
                if all(each.isidentifier() for each in word.split(".")):
                    yield from _modules(os.path.join(folder, *word.split(".")), checkout)


def _modules(path: str, checkout: Checkout) -> Iterator[str]:
    for end in _MODULE_ENDS:
        for each in glob.glob(glob.escape(os.path.join(checkout.top, path)) + end):
            yield from _lacking(os.path.relpath(each, checkout.top), checkout)


def _lacking(path: str, checkout: Checkout) -> Iterator[str]:
    """The path, where the working tree has it and the checkout does not."""
    path = os.path.normpath(path)
    leads_away = path.startswith("..") or path == "."
    there, here = (os.path.lexists(os.path.join(each, path)) for each in (checkout.top, checkout.root))
    if there and not here and not leads_away:
        yield path


def _of_that_name(name: str, checkout: Checkout) -> Iterator[str]:
    """Ignored files of that name, wherever they are."""
    ignored = git_list("ls-files", "--others", "--ignored", "--exclude-standard", "-z", folder=checkout.top)
    for each in ignored:
        if os.path.basename(each) == name:
            yield from _lacking(each, checkout)


def _why_absent(path: str, checkout: Checkout) -> str:
    """Why a file of the working tree is in no checkout, and what to do; empty where git keeps it."""
    above = os.path.dirname(path)
    while above:
        if os.path.lexists(os.path.join(checkout.top, above, ".git")):
            here = os.path.join(checkout.root, above)
            if not os.path.isdir(here) or not os.listdir(here):
                return (
                    f"{above} is a repository of its own, and the checkout has nothing in it; fill it there with "
                    "--setup 'git submodule update --init'"
                )
            break
        above = os.path.dirname(above)
    ignored = path if _is_ignored(path, checkout) else _ignored_in(path, checkout)
    return ignored and f"git ignores {ignored}, so the checkout has none; make it there with --setup 'COMMAND'"


def _is_ignored(path: str, checkout: Checkout) -> bool:
    folder, name = os.path.split(os.path.join(checkout.top, path))  # which may be in a submodule
    try:
        git("check-ignore", "--quiet", "--", name, folder=folder)
    except GitRefused:
        return False
    return True


def _ignored_in(path: str, checkout: Checkout) -> str:
    """A file in a folder that holds nothing but what is ignored; empty where it is no such folder."""
    folder = os.path.join(checkout.top, path)
    if not os.path.isdir(folder) or git_list(
        "ls-files", "--cached", "--others", "--exclude-standard", "-z", folder=folder
    ):
        return ""
    found = git_list("ls-files", "--others", "--ignored", "--exclude-standard", "-z", folder=folder)
    return os.path.join(path, found[0]) if found else ""

"""What a checkout is to hold: the contents of a commit, or of a working tree as it is, with the repositories inside of it.

A working tree is written down through an index and a store of objects of our own, which go with the folder they are in:
git's own index, objects and stash stay as they were. Repositories inside of it (submodules) are treated alike.
"""

import os
import re
import shutil
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count

from bench.checkouts.git import GitRefused, git, git_list, git_path

_OURS = re.compile(r"(?:^|/)\.?\d{8}T\d{6}Z-[0-9a-f]{6}|(?:^|/)\.probe-[0-9a-f]{8}$")
"""Paths of what the tool writes: run files and reports begin with the run's id."""
_LINK = "160000"
"""Git's mode of a repository inside of another."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What one repository is to have in its checkout."""

    repository: str
    """A folder in which git finds the repository."""
    commit: str
    """What is HEAD in the checkout."""
    tree: str
    """Git's name for the files."""
    store: str = ""
    """The folder of the objects that the repository has not; empty where it has all."""
    inner: dict[str, "Contents"] = field(default_factory=dict)
    """The repositories inside of it, by path: those of which there is a clone with the contents."""

    @property
    def name(self) -> str:
        """Equal for equal contents of all repositories."""
        return " ".join([self.tree, *(f"{path}={each.name}" for path, each in sorted(self.inner.items()))])

    @property
    def is_changed(self) -> bool:
        """Whether it holds what is not committed."""
        return bool(self.store) or any(each.is_changed for each in self.inner.values())


class Notes(list[str]):
    """What is left out of checkouts, each said once."""

    def add(self, note: str) -> None:
        """Say so."""
        if note not in self:
            self.append(note)


class Snapshots:
    """Makes them; what it writes lies in a folder."""

    def __init__(self, top: str, folder: str, written: Collection[str]) -> None:
        """Write nothing yet.

        Args:
            top: of the user's working tree.
            folder: gets the indexes and the objects.
            written: paths of the user's that this command writes to.
        """
        self._top = top
        self._folder = folder
        self._written = {os.path.realpath(each) for each in written}
        self._numbers = count()
        self.notes = Notes()

    def of_commit(self, commit: str, repository: str | None = None, path: str = "") -> Contents:
        """The contents of a commit.

        Args:
            repository: where it is; the user's own by default.
            path: of that repository in the user's.
        """
        repository = repository or self._top
        tree = git("rev-parse", f"{commit}^{{tree}}", folder=repository)
        inner = {}
        for link, wanted in _links(git_list("ls-tree", "-r", "-z", "--full-tree", tree, folder=repository)):
            full = os.path.join(path, link)
            if (clone := self._clone_with(wanted, full)) is not None:
                inner[link] = self.of_commit(wanted, clone, full)
            elif os.path.lexists(os.path.join(self._top, full, ".git")):
                self.notes.add(
                    f"the checkout of {commit[:8]} has nothing in {full}: your clone of it lacks the commit "
                    f"{wanted[:8]}; fetch it there, or fill it with --setup 'git submodule update --init'"
                )
        return Contents(repository, commit, tree, inner=inner)

    def of_working_tree(self, path: str = "") -> Contents:
        """The contents of the working tree, or of that of a repository inside of it, as they are now, files that git does not know yet included."""
        repository = os.path.join(self._top, path)
        head = git("rev-parse", "--verify", "HEAD^{commit}", folder=repository)
        own = self._place(repository)
        git("-c", "core.looseCompression=0", "add", "--update", folder=repository, own=own)
        unknown = list(self._unknown(repository, path, own))
        git("-c", "core.looseCompression=0", "update-index", "--add", "--replace", "-z", "--stdin",
            folder=repository, own=own, given=unknown)  # fmt: skip
        inner = {}
        for link, recorded in _links(git_list("ls-files", "--stage", "-z", folder=repository, own=own)):
            full = os.path.join(path, link)
            if _has_commits(os.path.join(self._top, full)):
                inner[link] = self.of_working_tree(full)
                if (now := inner[link].commit) != recorded:  # `git add` passes over it where settings say so
                    git("update-index", "--cacheinfo", f"{_LINK},{now},{link}", folder=repository, own=own)
        tree = git("write-tree", folder=repository, own=own)
        is_new = tree != git("rev-parse", f"{head}^{{tree}}", folder=repository)
        return Contents(repository, head, tree, own["GIT_OBJECT_DIRECTORY"] if is_new else "", inner)

    def _place(self, repository: str) -> dict[str, str]:
        """Variables that give git an index of its own, a copy of the user's, and a store of its own above the user's."""
        place = os.path.join(self._folder, f"snapshot{next(self._numbers)}")
        store = os.path.join(place, "objects")
        lie_above(store, [git_path("objects", repository)])
        own = {"GIT_INDEX_FILE": os.path.join(place, "index"), "GIT_OBJECT_DIRECTORY": store}
        there = git_path("index", repository)
        if os.path.exists(there):
            shutil.copy2(there, own["GIT_INDEX_FILE"])  # with its time, which tells git what files it has to look into
        return own

    def _unknown(self, repository: str, path: str, own: dict[str, str]) -> Iterator[str]:
        """Files that git does not know and does not ignore, without those that the tool has written."""
        for each in git_list("ls-files", "--others", "--exclude-standard", "-z", folder=repository, own=own):
            full, shown = os.path.join(repository, each), os.path.join(path, each)
            if each.endswith("/"):
                self.notes.add(
                    f"{shown} is a repository of its own that git does not keep here: it is in neither checkout"
                )
            elif _OURS.search(each) or os.path.realpath(full) in self._written:
                continue
            elif os.path.islink(full) or os.access(full, os.R_OK):
                yield each
            elif os.path.exists(full):
                self.notes.add(f"{shown} cannot be read, and git does not keep it: it is in neither checkout")

    def _clone_with(self, commit: str, path: str) -> str | None:
        """The user's own clone of a repository inside of another that has a commit; None where there is none."""
        places = [os.path.join(self._top, path), os.path.join(git_path("modules", self._top), path)]
        return next((each for each in places if _is_repository(each) and _has(each, commit)), None)


def lie_above(store: str, others: Sequence[str]) -> None:
    """Make a folder of objects in which git finds those of other folders, too."""
    os.makedirs(os.path.join(store, "info"), exist_ok=True)
    with open(os.path.join(store, "info", "alternates"), "w", encoding="utf-8", errors="surrogateescape") as file:
        file.writelines(f"{each}\n" for each in others)


def _links(records: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Path and commit of each repository inside of another, from `ls-tree` or `ls-files --stage`."""
    for each in records:
        facts, _, path = each.partition("\t")
        if facts.startswith(_LINK):
            yield path, facts.removeprefix(_LINK).removeprefix(" commit").split()[0]


def _is_repository(folder: str) -> bool:
    """Whether a folder is one itself, and not only inside of one."""
    bare = os.path.isdir(os.path.join(folder, "objects")) and os.path.isfile(os.path.join(folder, "HEAD"))
    if not bare and not os.path.lexists(os.path.join(folder, ".git")):
        return False
    try:
        found = git("rev-parse", "--git-dir" if bare else "--show-toplevel", folder=folder)
    except (GitRefused, OSError):
        return False
    return os.path.realpath(os.path.join(folder, found)) == os.path.realpath(folder)


def _has(repository: str, commit: str) -> bool:
    try:
        git("cat-file", "-e", f"{commit}^{{commit}}", folder=repository)
    except GitRefused:
        return False
    return True


def _has_commits(folder: str) -> bool:
    return _is_repository(folder) and _has(folder, "HEAD")

"""The way to call git: without the user's hooks, without taking locks, and with names of files as they are."""

import os
import subprocess
from collections.abc import Mapping, Sequence

GIT = (
    "git",
    "--no-optional-locks",
    *("-c", "core.hooksPath=/dev/null"),
    *("-c", "core.fsmonitor=false"),
    *("-c", "core.safecrlf=false"),
    *("-c", "submodule.recurse=false"),
)
_SAID = 400
"""Characters of what a failed command said."""


class GitFailed(Exception):  # noqa: N818 - a reason
    """A command has failed; the message says which, and what it said."""


def git(
    *arguments: str, folder: str | None = None, own: Mapping[str, str] | None = None, given: Sequence[str] = ()
) -> str:
    """What a command of git prints, without the line feed at its end.

    Args:
        folder: where it runs; here by default.
        own: variables of its environment besides those of this process.
        given: what it reads, each ended by a NUL.

    Raises:
        GitFailed: if its status is not 0.
        FileNotFoundError: if there is no git.
    """
    done = subprocess.run(
        [*GIT, *arguments],
        capture_output=True,
        check=False,
        cwd=folder,
        input=b"".join(os.fsencode(each) + b"\0" for each in given),
        env={**os.environ, **(own or {})},
    )
    if done.returncode:
        raise GitFailed(f"git {arguments[0]} failed: {last_words(os.fsdecode(done.stderr))}")
    return os.fsdecode(done.stdout).rstrip("\n")


def git_list(*arguments: str, folder: str | None = None, own: Mapping[str, str] | None = None) -> list[str]:
    """What a command prints that ends each of its records with a NUL.

    Raises:
        GitFailed, FileNotFoundError: as `git` does.
    """
    return [each for each in git(*arguments, folder=folder, own=own).split("\0") if each]


def git_path(name: str, folder: str | None = None) -> str:
    """The path of a part of the repository, such as `index` or `objects`: absolute, in git before 2.31 as well."""
    return os.path.normpath(os.path.join(folder or os.getcwd(), git("rev-parse", "--git-path", name, folder=folder)))


def last_words(said: str) -> str:
    """The end of what a command said, on one line."""
    return " ".join(said.split())[-_SAID:] or "it said nothing"

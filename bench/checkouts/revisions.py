"""What a user calls a revision, as the one commit that it names."""

import contextlib
import re

from bench.checkouts.git import GitRefused, git
from bench.errors import UsageError

_ONE = re.compile(r"[0-9a-f]{40,64}")
"""What git calls one thing by."""


def commit_of(revision: str, option: str) -> str:
    """The one commit that a revision names.

    Raises:
        UsageError: where it names none, or more, or something else.
    """
    named = f"{option} {revision}"
    if not revision.strip() or "\0" in revision:
        raise UsageError(f"{option} {revision!r}: that is no name of a revision; give a branch, a tag or a commit")
    try:
        found = git("rev-parse", "--verify", "--quiet", "--end-of-options", revision)
        kind = git("cat-file", "-t", found) if _ONE.fullmatch(found) else ""
    except GitRefused:
        shallow = git("rev-parse", "--is-shallow-repository") == "true"
        hint = "; this clone is shallow: fetch all of it (fetch-depth: 0 for actions/checkout)" if shallow else ""
        what = "that is a range and no commit" if ".." in revision else "there is no such revision here"
        raise UsageError(f"{named}: {what}{hint}") from None
    with contextlib.suppress(GitRefused):
        if kind in ("commit", "tag"):
            return git("rev-parse", "--verify", "--quiet", f"{found}^{{commit}}")
    is_it = {"": "no single commit", "tag": "a tag of something else than a commit"}.get(
        kind, f"a {kind} and no commit"
    )
    raise UsageError(f"{named}: that is {is_it}; give a branch, a tag or a commit")

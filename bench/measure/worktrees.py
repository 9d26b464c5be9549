"""Two revisions of a git repository side by side, each checked out into a folder of its own, and taken away again.

A process of its own makes the worktrees and removes them when the command closes its end or is gone, however that
happened; what it leaves when it is killed itself, the next command removes. The user's files, index and stash are never
touched: what is not committed yet is written as a commit through an index of its own, so that both arms are prepared
alike and in folders whose names are equally long.
"""

import contextlib
import os
import select
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bench.accounting.descendants import descendants, end_descendants
from bench.accounting.kernel import adopt_orphans
from bench.errors import MeasurementError, UsageError
from bench.measure.channel import Channel, ParentGone
from bench.measure.child import Child
from bench.measure.scratch import NoFolder, Scratch, sweep

WORKING_TREE = "working tree"
_GIT = ("git", "--no-optional-locks", "-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false")
_SAID = 400
"""Characters of what a failed command said."""
_OF_A_REPOSITORY = ("GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_INDEX_FILE", "GIT_PREFIX")
"""What git sets for its hooks: in a pre-commit hook, `git worktree add` would write into the user's index."""


class _Gone(Exception):  # noqa: N818 - a fact
    """The command has closed its end."""


class _Failed(Exception):  # noqa: N818 - a reason
    """Something that the user asked for does not work."""


@dataclass(frozen=True, slots=True)
class Checkout:
    """One revision in a folder."""

    top: str
    """The top of the user's own working tree."""
    root: str
    """The top of the worktree."""
    folder: str
    """The folder in it that corresponds to the command's current one."""
    commit: str
    dirty: bool
    """Whether it holds what is not committed."""
    tree: str
    """Git's name for the contents: equal for equal trees."""


class Worktrees:
    """The checkouts of two revisions, for as long as the context lasts."""

    def __init__(self, base: str, head: str | None, setup: str | None) -> None:
        """Make them.

        Args:
            base, head: revisions; the working tree as it is now where `head` is None.
            setup: a shell command that builds what is needed in each.

        Raises:
            UsageError: where this is no repository, or a revision is not there.
            MeasurementError: where git or `setup` fails.
            Interrupted: if the command is.
        """
        sweep()
        self._not_ours = [each.pid for each in descendants()]
        adopt_orphans()  # what `setup` started, where the child is killed
        self._child = Child("bench.measure.worktrees", folder=os.getcwd())
        try:
            self._child.send({"base": base, "head": head, "setup": setup})
            answer = _answer(self._child.receive())
            self.base, self.head = (Checkout(**each) for each in answer["checkouts"])
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Have them removed, and wait until that is done."""
        self._child.close_input()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._child.process.wait(timeout=60)
        self._child.close()
        if self._child.process.returncode:  # it was killed
            end_descendants(self._not_ours)
            sweep()
            with contextlib.suppress(_Failed, OSError):
                _forget_lost_worktrees()


def _answer(answer: dict[str, Any] | None) -> dict[str, Any]:
    if answer is None:
        raise MeasurementError("the process that checks the revisions out was ended")
    if "wrong" in answer:
        raise UsageError(answer["wrong"])
    if "failed" in answer:
        raise MeasurementError(answer["failed"])
    return answer


def main() -> None:
    """The child: make the worktrees, say where they are, and remove them when the command is gone."""
    channel = Channel()
    request = channel.receive()
    if request is None:
        return
    for name in _OF_A_REPOSITORY:
        os.environ.pop(name, None)
    made: list[str] = []
    with contextlib.suppress(ParentGone):
        try:
            scratch = Scratch()
        except NoFolder as error:
            channel.send({"failed": str(error)})
            return
        try:
            channel.send(_checked_out(request, scratch.fresh(), channel.request_descriptor, made))
            channel.receive()
        except UsageError as error:
            channel.send({"wrong": str(error)})
        except _Failed as error:
            channel.send({"failed": str(error)})
        except _Gone:
            pass
        finally:
            _remove(made)
            scratch.close()


def _checked_out(request: Mapping[str, Any], folder: str, ends: int, made: list[str]) -> dict[str, Any]:
    """The answer to a request. What was made is in `made`, whatever happens."""
    try:
        top = _git("rev-parse", "--show-toplevel")
    except FileNotFoundError:
        raise UsageError("--base needs git, and there is none here") from None
    except _Failed as error:
        raise UsageError(f"--base needs a git repository: {error}") from None
    _forget_lost_worktrees()
    inner = os.path.relpath(os.getcwd(), top)
    base = _commit(request["base"], "--base")
    head, dirty = (_commit(request["head"], "--head"), False) if request["head"] else _snapshot(top, folder)
    checkouts = []
    for name, commit, changed in (("base", base, False), ("head", head, dirty)):
        root = os.path.join(folder, name)
        made.append(root)
        _run([*_GIT, "worktree", "add", "--quiet", "--detach", "--force", root, commit], top, ends)
        there = os.path.normpath(os.path.join(root, inner))
        os.makedirs(there, exist_ok=True)  # git keeps no empty folders, and the base may not have this one
        if request["setup"]:
            _run(["/bin/sh", "-c", request["setup"]], there, ends, f"--setup failed in the {name}")
        tree = _git("rev-parse", f"{commit}^{{tree}}")
        shown = _git("rev-parse", "HEAD") if changed else commit
        checkouts.append({"top": top, "root": root, "folder": there, "commit": shown, "dirty": changed, "tree": tree})
    return {"checkouts": checkouts}


def _commit(revision: str, option: str) -> str:
    try:
        return _git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    except _Failed:
        shallow = _git("rev-parse", "--is-shallow-repository") == "true"
        hint = "; this clone is shallow: fetch all of it (fetch-depth: 0 for actions/checkout)" if shallow else ""
        raise UsageError(f"{option} {revision}: there is no such revision here{hint}") from None


def _snapshot(top: str, folder: str) -> tuple[str, bool]:
    """A commit of the working tree as it is, files that git does not know yet included, and whether it differs from HEAD.

    Args:
        folder: gets an index of its own.
    """
    head = _commit("HEAD", "--base")
    own = {"GIT_INDEX_FILE": os.path.join(folder, "index")}
    with contextlib.suppress(OSError):
        # with its time, which tells git what files it has to look into
        shutil.copy2(_git("rev-parse", "--path-format=absolute", "--git-path", "index"), own["GIT_INDEX_FILE"])
    _git("add", "--all", folder=top, own=own)
    tree = _git("write-tree", own=own)
    if tree == _git("rev-parse", f"{head}^{{tree}}"):
        return head, False
    author = {f"GIT_{who}_{what}": "bench" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    return _git("commit-tree", "--no-gpg-sign", "-p", head, "-m", WORKING_TREE, tree, own=author), True


def _forget_lost_worktrees() -> None:
    """Those of ours whose folder was swept away."""
    for line in _git("worktree", "list", "--porcelain").splitlines():
        path = line.removeprefix("worktree ")
        if path != line and "/benchtmp-" in path and not os.path.exists(path):
            _remove([path])


def _remove(roots: Sequence[str]) -> None:
    for root in roots:
        with contextlib.suppress(_Failed):
            _git("worktree", "remove", "--force", "--force", root)


def _git(*arguments: str, folder: str | None = None, own: Mapping[str, str] | None = None) -> str:
    done = subprocess.run(
        [*_GIT, *arguments],
        capture_output=True,
        check=False,
        text=True,
        errors="surrogateescape",
        cwd=folder,
        stdin=subprocess.DEVNULL,
        env={**os.environ, **(own or {})},
    )
    if done.returncode:
        raise _Failed(f"git {arguments[0]} failed: {_last(done.stderr)}")
    return done.stdout.strip()


def _run(command: Sequence[str], folder: str, ends: int, what: str = "git worktree add failed") -> None:
    """Run a command that may take long; it is ended where the command that wants it is gone."""
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            command, cwd=folder, stdin=subprocess.DEVNULL, stdout=said, stderr=said, start_new_session=True
        )
        try:
            while process.poll() is None:
                if select.select([ends], [], [], 0.05)[0]:
                    raise _Gone
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        if process.returncode:
            said.seek(0)
            raise _Failed(f"{what} (exit status {process.returncode}): {_last(said.read().decode(errors='replace'))}")


def _last(said: str) -> str:
    return " ".join(said.split())[-_SAID:] or "it said nothing"

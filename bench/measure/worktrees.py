"""Two revisions of a git repository side by side, each checked out into a folder of its own, and taken away again.

A process of its own makes the worktrees and removes them when the command closes its end or is gone, however that
happened; what it leaves when it is killed itself, the next command removes. The user's files, index and stash are never
touched: what is not committed yet is written through an index and into objects of our own (`bench.measure.snapshot`). The
head's checkout is then as the working tree is: at its commit, and changed. Both arms lie in folders whose names are equally
long.
"""

import contextlib
import os
import select
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from bench.accounting.descendants import descendants, end_descendants
from bench.accounting.kernel import adopt_orphans, go_on_without_parent
from bench.errors import MeasurementError, UsageError
from bench.measure.channel import Channel, ParentGone
from bench.measure.child import Child
from bench.measure.git import GIT, GitFailed, git, git_list, git_path, last_words
from bench.measure.scratch import NoFolder, Scratch, sweep
from bench.measure.snapshot import Contents, Snapshots, lie_above
from bench.ownership import share

WORKING_TREE = "working tree"
_EXTENSIONS = (".so", ".pyd")
_OF_A_REPOSITORY = ("GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_INDEX_FILE", "GIT_PREFIX")
"""What git sets for its hooks: in a pre-commit hook, `git worktree add` would write into the user's index."""


class _Gone(Exception):  # noqa: N818 - a fact
    """The command has closed its end."""


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
    """Equal for equal contents, those of the repositories inside of it among them."""


class Worktrees:
    """The checkouts of two revisions, for as long as the context lasts."""

    def __init__(self, base: str, head: str | None, setup: str | None, written: Sequence[str] = ()) -> None:
        """Make them.

        Args:
            base, head: revisions; the working tree as it is now where `head` is None.
            setup: a shell command that builds what is needed in each.
            written: files that the command writes, which are no part of the working tree where git does not keep them.

        Raises:
            UsageError: where this is no repository, or a revision is not there.
            MeasurementError: where git or `setup` fails.
            Interrupted: if the command is.
        """
        sweep()
        self._not_ours = [each.pid for each in descendants()]
        adopt_orphans()  # what `setup` started, where the child is killed
        self._child = Child("bench.measure.worktrees", folder=os.getcwd(), before_exec=go_on_without_parent)
        try:
            self._child.send({"base": base, "head": head, "setup": setup, "written": list(written)})
            answer = _answer(self._child.receive())
            self.base, self.head = (Checkout(**each) for each in answer["checkouts"])
            self.notes: list[str] = answer["notes"]
            """What is in neither, though it is in the working tree."""
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
            with contextlib.suppress(GitFailed, OSError):
                os.close(share(git_path("objects"), _forget_lost_worktrees))


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
    adopt_orphans()  # daemons that `setup` starts
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
        except GitFailed as error:
            channel.send({"failed": str(error)})
        except _Gone:
            pass
        finally:
            end_descendants()
            _remove(made)
            scratch.close()


def _checked_out(request: Mapping[str, Any], folder: str, ends: int, made: list[str]) -> dict[str, Any]:
    """The answer to a request. What was made is in `made`, whatever happens."""
    try:
        top = git("rev-parse", "--show-toplevel")
    except FileNotFoundError:
        raise UsageError("--base needs git, and there is none here") from None
    except GitFailed as error:
        raise UsageError(f"--base needs a git repository: {error}") from None
    share(git_path("objects"), _forget_lost_worktrees)  # and held for as long as this process lives
    inner = os.path.relpath(os.getcwd(), top)
    snapshots = Snapshots(top, folder, request["written"])
    base = snapshots.of_commit(_commit(request["base"], "--base"))
    head = snapshots.of_commit(_commit(request["head"], "--head")) if request["head"] else snapshots.of_working_tree()
    checkouts = []
    for name, contents in (("base", base), ("head", head)):
        root = os.path.join(folder, name)
        made.append(root)
        _check_out(contents, root, ends)
        there = os.path.normpath(os.path.join(root, inner))
        os.makedirs(there, exist_ok=True)  # git keeps no empty folders, and the base may not have this one
        if request["setup"]:
            _run(["/bin/sh", "-c", request["setup"]], there, ends, f"--setup failed in the {name}")
        checkouts.append(Checkout(top, root, there, contents.commit, contents.is_changed, contents.name))
    return {
        "checkouts": [asdict(each) for each in checkouts],
        "notes": [*snapshots.notes, *_lost_extensions(top, checkouts)],
    }


def _check_out(contents: Contents, root: str, ends: int) -> None:
    """Make a worktree of the user's repository, and in it clones of those that are inside."""
    add = [*GIT, "worktree", "add", "--quiet", "--detach", "--force"]
    if contents.store:
        _run([*add, "--no-checkout", root, contents.commit], contents.repository, ends)
        _write_changed(contents, root)
    else:
        _run([*add, root, contents.commit], contents.repository, ends)
    for path, each in contents.inner.items():
        _clone(each, os.path.join(root, path))


def _write_changed(contents: Contents, root: str) -> None:
    """Write files that are not committed. HEAD and the index are as where they were changed, with no object that only the store has."""
    own = {"GIT_INDEX_FILE": os.path.join(os.path.dirname(contents.store), "written")}
    git("read-tree", "--reset", "-u", contents.tree, folder=root, own=own | {"GIT_OBJECT_DIRECTORY": contents.store})
    git("read-tree", "--reset", contents.commit, folder=root, own=own)  # which keeps the times of files
    git("update-index", "-z", "--index-info", folder=root, own=own, given=list(_staged(contents)))
    shutil.move(own["GIT_INDEX_FILE"], git_path("index", root))


def _staged(contents: Contents) -> Iterator[str]:
    """What the user has staged, as `update-index --index-info` reads it: who packs files asks git which there are."""
    words = ("diff-index", "--cached", "--raw", "--no-renames", "-z", contents.commit)
    told = git_list(*words, folder=contents.repository)
    for facts, path in zip(told[::2], told[1::2], strict=True):
        _, mode, _, name, status = facts.split()
        if status != "U":
            yield f"{mode} {name}\t{path}"


def _clone(contents: Contents, place: str) -> None:
    """A repository that finds its objects in the user's clone, and that nothing of the user's knows of."""
    os.makedirs(place, exist_ok=True)
    form = git("rev-parse", "--show-object-format", folder=contents.repository)
    git("init", "--quiet", "--template=", f"--object-format={form}", place)
    lie_above(os.path.join(place, ".git", "objects"), [git_path("objects", contents.repository)])
    with contextlib.suppress(FileNotFoundError):
        shutil.copy(git_path("shallow", contents.repository), os.path.join(place, ".git", "shallow"))
    tags = git("for-each-ref", "--format=create %(refname)%00%(objectname)%00", "refs/tags", folder=contents.repository)
    git("update-ref", "-z", "--stdin", folder=place, given=[each.lstrip("\n") for each in tags.split("\0")[:-1]])
    git("update-ref", "--no-deref", "HEAD", contents.commit, folder=place)
    if contents.store:
        _write_changed(contents, place)
    else:
        git("read-tree", "--reset", "-u", contents.commit, folder=place)
    for path, each in contents.inner.items():
        _clone(each, os.path.join(place, path))


def _lost_extensions(top: str, checkouts: Sequence[Checkout]) -> list[str]:
    """What is said of extension modules that were built in place: without them a package may run other code, and not say so."""
    ignored = git_list("ls-files", "--others", "--ignored", "--exclude-standard", "--directory", "-z", folder=top)
    lost = [
        each
        for each in ignored
        if each.endswith(_EXTENSIONS) and not any(os.path.exists(os.path.join(one.root, each)) for one in checkouts)
    ]
    if not lost:
        return []
    more = f" and {len(lost) - 1} more" if len(lost) > 1 else ""
    return [f"git ignores {lost[0]}{more}: neither checkout has such a module; build it with --setup 'COMMAND'"]


def _commit(revision: str, option: str) -> str:
    try:
        return git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    except GitFailed:
        shallow = git("rev-parse", "--is-shallow-repository") == "true"
        hint = "; this clone is shallow: fetch all of it (fetch-depth: 0 for actions/checkout)" if shallow else ""
        raise UsageError(f"{option} {revision}: there is no such revision here{hint}") from None


def _forget_lost_worktrees() -> None:
    """Those of ours whose folder was swept away, where nobody shares this repository: a container beside has its folders elsewhere."""
    for line in git("worktree", "list", "--porcelain").splitlines():
        path = line.removeprefix("worktree ")
        if path != line and "/benchtmp-" in path and not os.path.exists(path):
            _remove([path])


def _remove(roots: Sequence[str]) -> None:
    for root in roots:
        with contextlib.suppress(GitFailed):
            git("worktree", "remove", "--force", "--force", root)


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
            raise GitFailed(
                f"{what} (exit status {process.returncode}): {last_words(said.read().decode(errors='replace'))}"
            )

"""Two revisions of a git repository side by side, each checked out into a folder of its own, and taken away again.

A process of its own makes the worktrees and removes them when the command closes its end or is gone, however that
happened; what it leaves when it is killed itself, the next command removes. The user's files, index and stash are never
touched: what is not committed yet is written through an index and into objects of our own (`bench.checkouts.snapshot`). The
head's checkout is then as the working tree is: at its commit, and changed. Both arms lie in folders whose names are equally
long.
"""

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from bench.accounting.descendants import end_descendants, there_are
from bench.accounting.kernel import adopt_orphans, go_on_without_parent
from bench.checkouts.git import (
    Ended,
    GitFailed,
    GitRefused,
    end_with,
    git,
    git_list,
    git_path,
    last_words,
    of_no_hook,
    run,
    to_the_end,
)
from bench.checkouts.revisions import commit_of
from bench.checkouts.snapshot import Contents, Snapshots, lie_above
from bench.errors import MeasurementError, UsageError
from bench.processes.channel import Channel, ParentGone
from bench.processes.child import Child
from bench.processes.ownership import share
from bench.processes.scratch import NoFolder, Scratch, clear, sweep
from bench.processes.watching import ended_how

WORKING_TREE = "working tree"
_EXTENSIONS = (".so", ".pyd")
_SAID_BYTES = 4096
"""Of what a failed `--setup` wrote, as much of its end is read."""
_SAY_AGAIN_S = 5.0
_REMOVAL_S = 20.0
"""How long git may take to forget a worktree; the folder goes in any case."""


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

    def __init__(
        self,
        base: str,
        head: str | None,
        setup: str | None,
        written: Sequence[str] = (),
        progress: Callable[[str], object] = lambda _: None,
    ) -> None:
        """Make them.

        Args:
            base, head: revisions; the working tree as it is now where `head` is None.
            setup: a shell command that builds what is needed in each.
            written: files that the command writes, which are no part of the working tree where git does not keep them.
            progress: is told each step that may take long, before it is done.

        Raises:
            UsageError: where this is no repository, or a revision is not there.
            MeasurementError: where git or `setup` fails.
            Interrupted: if the command is.
        """
        sweep()
        self._not_ours = there_are()
        adopt_orphans()  # what `setup` started, where the child is killed
        self._child = Child(
            "bench.checkouts.worktrees", folder=os.getcwd(), before_exec=go_on_without_parent, lenient=True
        )
        try:
            self._child.send({"base": base, "head": head, "setup": setup, "written": list(written)})
            answer = self._final(progress)
            self.base, self.head = (Checkout(**each) for each in answer["checkouts"])
            self.notes: list[str] = answer["notes"]
            """What is in neither, though it is in the working tree."""
        except BaseException:
            self.close()
            raise

    def _final(self, progress: Callable[[str], object]) -> dict[str, Any]:
        """The answer; until it comes, what is being done is said again and again."""
        step = "checking the revisions out"
        while True:
            try:
                answer = _answer(self._child.receive(_SAY_AGAIN_S))
            except TimeoutError:
                progress(step)
                continue
            if "step" not in answer:
                return answer
            progress(step := answer["step"])

    def close(self) -> None:
        """Have them removed, and wait until that is done."""
        self._child.close_input()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._child.process.wait(timeout=60)
        self._child.close()
        if self._child.process.returncode:  # it was killed
            end_descendants(self._not_ours)
            sweep()
            with contextlib.suppress(GitFailed, OSError), to_the_end():
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
    end_with(channel.request_descriptor)
    made: list[str] = []
    with contextlib.suppress(ParentGone):
        try:
            scratch = Scratch()
        except NoFolder as error:
            channel.send({"failed": str(error)})
            return
        try:
            channel.send(_checked_out(request, scratch.fresh(), lambda step: channel.send({"step": step}), made))
            channel.receive()
        except UsageError as error:
            channel.send({"wrong": str(error)})
        except GitFailed as error:
            channel.send({"failed": str(error)})
        except Ended:
            pass
        finally:
            end_descendants()
            with to_the_end():
                _remove(made)
            scratch.close()


def _checked_out(
    request: Mapping[str, Any], folder: str, say: Callable[[str], None], made: list[str]
) -> dict[str, Any]:
    """The answer to a request. What was made is in `made`, whatever happens; `say` is told each step that may take long."""
    try:
        top = git("rev-parse", "--show-toplevel")
    except FileNotFoundError:
        raise UsageError("--base needs git, and there is none here") from None
    except GitRefused as error:
        raise UsageError(f"--base needs a git repository: {error}") from None
    share(git_path("objects"), _forget_lost_worktrees)  # and held for as long as this process lives
    inner = os.path.relpath(os.getcwd(), top)
    snapshots = Snapshots(top, folder, request["written"])
    base_commit = commit_of(request["base"], "--base")
    head_commit = None if request["head"] is None else commit_of(request["head"], "--head")
    say("reading the working tree")
    base = snapshots.of_commit(base_commit)
    head = snapshots.of_working_tree() if head_commit is None else snapshots.of_commit(head_commit)
    checkouts = []
    for name, contents in (("base", base), ("head", head)):
        root = os.path.join(folder, name)
        made.append(root)
        say(f"checking out the {name}")
        _check_out(contents, root)
        there = os.path.normpath(os.path.join(root, inner))
        os.makedirs(there, exist_ok=True)  # git keeps no empty folders, and the base may not have this one
        if request["setup"]:
            say(f"running --setup in the {name}")
            _set_up(request["setup"], there, name)
        checkouts.append(Checkout(top, root, there, contents.commit, contents.is_changed, contents.name))
    return {
        "checkouts": [asdict(each) for each in checkouts],
        "notes": [*snapshots.notes, *_lost_extensions(top, checkouts)],
    }


def _check_out(contents: Contents, root: str) -> None:
    """Make a worktree of the user's repository, and in it clones of those that are inside."""
    add = ("worktree", "add", "--quiet", "--detach", "--force")
    if contents.store:
        git(*add, "--no-checkout", root, contents.commit, folder=contents.repository)
        _write_changed(contents, root)
    else:
        git(*add, root, contents.commit, folder=contents.repository)
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
    built = [each for each in ignored if each.endswith(_EXTENSIONS)]
    lost = [each for each in built if not any(os.path.exists(os.path.join(one.root, each)) for one in checkouts)]
    if not lost:
        return []
    more = f" and {len(lost) - 1} more" if len(lost) > 1 else ""
    return [f"git ignores {lost[0]}{more}: neither checkout has such a module; build it with --setup 'COMMAND'"]


def _forget_lost_worktrees() -> None:
    """Those of ours whose folder was swept away, where nobody shares this repository: a container beside has its folders elsewhere."""
    for line in git("worktree", "list", "--porcelain").splitlines():
        path = line.removeprefix("worktree ")
        if path != line and "/benchtmp-" in path and not os.path.exists(path):
            _remove([path])


def _remove(roots: Sequence[str]) -> None:
    for root in roots:
        words = ("worktree", "remove", "--force", "--force", root)
        with contextlib.suppress(GitFailed, OSError):
            try:
                git(*words, limit_s=_REMOVAL_S)
            except GitFailed:  # somebody has ended it, and the next one has only to forget the rest
                clear(root)
                git(*words, limit_s=_REMOVAL_S)


def _set_up(command: str, folder: str, name: str) -> None:
    """Run the user's command, with the variables that this tool has."""
    with tempfile.TemporaryFile() as file:
        status, *_ = run(["/bin/sh", "-c", command], folder, of_no_hook(), output=file)
        if status:
            file.seek(max(0, file.seek(0, os.SEEK_END) - _SAID_BYTES))
            said = last_words(file.read().decode(errors="replace"))
            raise GitFailed(f"--setup failed in the {name} ({ended_how(status)}): {said}")

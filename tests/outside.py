"""Scripts and measured commands in processes of their own: as they are, without rights, or with another /proc.

The tests' own process is no place for them: whoever accounts adopts orphans for good, and counts all its children.
"""

import contextlib
import json
import os
import shlex
import signal
import stat
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest

from bench.accounting.account import Finished
from bench.accounting.command import Measured
from tests.conftest import ROOT, environment

ORACLES = ROOT / "bench" / "oracles"
_NOBODY = 65534
_MEASURE = """
    import base64, sys, msgspec
    from bench.accounting.command import measure_command
    options = json.loads(sys.argv[1])
    measured = measure_command(sys.argv[2:], **options)
    output = base64.b64encode(measured.output).decode()
    answer(json.loads(msgspec.json.encode([measured.status, output, measured.finished])))
"""


def in_own_process(body, *arguments, before=(), timeout_s=120):
    """What a script hands to its function `answer`, as JSON; it knows `json`, `os`, `sys` and `time`."""
    script = "import json, os, sys, time\ndef answer(x): print('\\nanswer', json.dumps(x), flush=True)\n"
    with tempfile.TemporaryFile("w+") as said, tempfile.TemporaryFile("w+") as errors:
        # no pipes: what a script that failed has left would hold them open
        process = subprocess.Popen(
            [*before, sys.executable, "-c", script + textwrap.dedent(body), *map(str, arguments)],
            cwd="/",
            env=environment(PYTHONDONTWRITEBYTECODE="1"),
            stdout=said,
            stderr=errors,
            start_new_session=True,
        )
        try:
            status = process.wait(timeout_s)
        finally:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        texts = [file.read() for file in (said, errors) if not file.seek(0)]
    assert status == 0, texts[1][-3000:]
    return json.loads(texts[0].rpartition("\nanswer ")[2])


def measured(command: Sequence[str], before=(), **options) -> Measured:
    """The account of a command, by `measure_command` in a process of its own."""
    status, output, finished = in_own_process(_MEASURE, json.dumps(options), *command, before=before)
    return Measured(status, msgspec.json.decode(json.dumps(output), type=bytes), msgspec.convert(finished, Finished))


def oracle(name, *arguments):
    """The command of a program whose truth is known; it says it in its last line."""
    return [sys.executable, str(ORACLES / f"{name}.py"), *map(str, arguments)]


def truth(found: Measured) -> float:
    """What an oracle says of itself."""
    assert found.status == 0, found.output
    return float(found.output.split()[-1])


def in_own_namespace() -> list[str]:
    """A prefix that runs a command in a PID namespace of its own, in which this process is not seen."""
    prefix = ["unshare", "--pid", "--fork", "--mount-proc"]
    try:
        tried = subprocess.run([*prefix, "true"], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("needs unshare (util-linux)")
    if tried.returncode:
        pytest.skip(f"needs the right to make a PID namespace: {tried.stderr.strip()}")
    return prefix


def namespaced(*mounts: str) -> list[str]:
    """A prefix that runs a command where these mounts are made first, and nobody else sees them."""
    if os.geteuid():
        pytest.skip("needs root, to mount something where no other process sees it")
    script = "\n".join([*mounts, 'exec "$@"'])
    prefix = ["unshare", "-m", "sh", "-ec", script, "sh"]
    tried = subprocess.run([*prefix, "true"], capture_output=True, text=True, check=False)
    if tried.returncode:
        pytest.skip(f"needs the right to mount: {tried.stderr.strip()}")
    return prefix


def as_nobody(folder: Path, *mounts: str) -> list[str]:
    """A prefix that runs a command as a user without rights, who can read Python and this tree nevertheless.

    Args:
        folder: where other folders may be mounted.
        mounts: made before, such as another /proc.
    """
    if os.geteuid():
        return namespaced(*mounts) if mounts else []
    drop = f"setpriv --reuid={_NOBODY} --regid={_NOBODY} --clear-groups"
    prefix = namespaced(*_opened(folder), *mounts)
    return [*prefix[:4], prefix[4].replace('exec "$@"', f'exec {drop} "$@"'), "sh"]


def give_to_nobody(folder: Path) -> None:
    """Make that user the owner of a folder and of all in it, if this one can."""
    if os.geteuid() == 0:
        for each in (folder, *folder.rglob("*")):
            os.chown(each, _NOBODY, _NOBODY, follow_symlinks=False)


def _opened(folder: Path) -> list[str]:
    """Mounts that show what Python needs below folders that others may not enter, and hide the rest of those."""
    needed = {Path(each).resolve() for each in (sys.base_prefix, sys.prefix, ROOT)}
    closed = {each: shut for each in needed if (shut := _closed_above(each)) is not None}
    lines = []
    for number, each in enumerate(closed):
        kept = folder / f"kept{number}"
        lines += [f"mkdir -p {kept}", f"mount --bind {shlex.quote(str(each))} {kept}"]
    lines += [f"mount -t tmpfs -o mode=755 none {shlex.quote(str(each))}" for each in set(closed.values())]
    for number, each in enumerate(closed):
        lines += [f"mkdir -p {shlex.quote(str(each))}", f"mount --bind {folder / f'kept{number}'} {each}"]
    return lines


def _closed_above(path: Path) -> Path | None:
    """The topmost folder on the way to `path`, itself included, that others may not enter."""
    way = [*reversed(path.parents), path]
    return next((each for each in way if not each.stat().st_mode & stat.S_IXOTH), None)

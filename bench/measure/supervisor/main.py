"""Runs hosts one after another and watches them from outside. One process, one thread, one loop.

It watches a host for each block (`bench.measure.supervisor.block_watch`) and keeps what workloads have prepared. When the command that started it goes
away, however that happens, it ends all it started and leaves.
"""

import contextlib
import os
import tempfile
import time
from typing import TYPE_CHECKING

from bench.accounting.descendants import await_end, end_descendants
from bench.accounting.kernel import adopt_orphans, own_its_orphans_and_die_with_parent
from bench.accounting.layers import Layers, engage
from bench.errors import lack
from bench.measure.supervisor.block_watch import BlockWatch
from bench.measure.wire.requests import FileRequest, PreparationRequest, message_of, request_of
from bench.processes.channel import Channel, ParentGone
from bench.processes.child import Child
from bench.processes.scratch import NoFolder, Scratch
from bench.processes.variables import environment_with
from bench.processes.watching import CommandGone, last_words, wait

if TYPE_CHECKING:
    from bench.measure.wire.words import Answer, Yielded

_PREPARATION_S = 1800.0
"""6000 pictures take about five minutes here."""
_POLL_S = 0.1
_PATIENCE_S, _GONE_S = 1.0, 0.3
"""How long preparations may take to leave: nothing may be there two seconds after a kill of the command."""


def main() -> None:
    """Answer requests until the command closes its end."""
    adopt_orphans()
    channel = Channel()
    preparations: dict[str, Child] = {}
    engaged: dict[tuple[str, bool], Layers] = {}
    gone = False
    folders = None
    try:
        folders = Scratch()
        shelf = folders.shelf()
        while (message := channel.receive()) is not None:
            request = request_of(message)
            if isinstance(request, PreparationRequest):
                _say(channel, prepare(request, channel, preparations, (folders.temporary(), shelf)))
            elif isinstance(request, FileRequest):
                _say(channel, {"file": folders.lasting(request.name)})
            else:
                wished = request.conditions.accounting, request.conditions.sample_hz > 0
                layers = engaged.get(wished) or engaged.setdefault(wished, engage(wished[0], prompt=wished[1]))
                kept = [each.process.pid for each in preparations.values()]
                folder = folders.temporary()
                try:
                    _say(channel, BlockWatch(request, channel, layers, kept, (folder, shelf)).run())
                finally:
                    folders.remove(folder)
    except NoFolder as error:
        _refuse(channel, str(error))
    except OSError as error:
        _refuse(channel, f"cannot measure: {lack(error)}")
    except (CommandGone, ParentGone):
        gone = True
        end_descendants(each.process.pid for each in preparations.values())
    finally:
        for preparation in preparations.values():
            preparation.close_input()  # so that it removes its files itself
        await_end((), _GONE_S if gone else _PATIENCE_S)
        end_descendants()
        if folders is not None:
            folders.close()


def _say(channel: Channel, answer: "Answer | Yielded") -> None:
    channel.send(answer)


def _refuse(channel: Channel, reason: str) -> None:
    """Say why nothing can be measured, now or to the next request."""
    with contextlib.suppress(ParentGone):
        _say(channel, {"refused": reason})


def prepare(
    request: PreparationRequest, channel: Channel, preparations: dict[str, Child], folders: tuple[str, str]
) -> "Yielded":
    """Start a preparation and wait for what it yields: `{"prepared": …}` or `{"error": …}`.

    Args:
        folders: for its temporary files; and the shelf of `bench.processes.child`.
    """
    said = tempfile.TemporaryFile()  # noqa: SIM115 - a pipe would fill up, since nobody reads it while blocks run
    folder, shelf = folders
    before_exec = own_its_orphans_and_die_with_parent
    child = Child(
        "bench.measure.host.prepare",
        python=request.site.python,
        folder=request.site.folder,
        path=request.site.path,
        shelf=shelf,
        environment=environment_with(request.environment | {"TMPDIR": folder}),
        errors=said,
        before_exec=before_exec,
    )
    child.send(message_of(request))
    preparations[request.id] = child
    deadline = time.monotonic() + _PREPARATION_S
    gone = False
    while not gone:
        gone = child.process.poll() is not None  # what it said before is read all the same
        for message in wait(child, channel, 0 if gone else _POLL_S):
            said_so: Yielded = message
            return said_so if "error" not in message else _given_up(request, preparations, message["error"])
        if time.monotonic() > deadline:
            return _given_up(request, preparations, f"it still lasted after {_PREPARATION_S:g} s")
    said.seek(max(0, said.seek(0, os.SEEK_END) - 4096))
    reason = f"it ended with exit code {child.process.returncode}{last_words(said.read())}"
    return _given_up(request, preparations, reason)


def _given_up(request: PreparationRequest, preparations: dict[str, Child], reason: str) -> "Yielded":
    """End a preparation; what it has left is ended with the next block."""
    child = preparations.pop(request.id)
    child.close()
    return {"error": reason}

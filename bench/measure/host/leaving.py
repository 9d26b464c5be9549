"""The end of a host: it leaves at once, though threads of the user's code may go on.

An interpreter waits at its end for every thread that is no daemon; one that was started at import may never end. Which
these are shows only then: those of a pool that is still open end by themselves when the interpreter asks them to.
"""

import atexit
import contextlib
import sys
import threading

from bench.processes.channel import Channel, ParentGone
from bench.processes.pristine import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bench.measure.wire.words import Kept

PATIENCE_S = 0.3
"""How long threads may take to end by themselves."""


def leave_soon(channel: Channel) -> None:
    """Have this process end within `PATIENCE_S`, and say which threads would have kept it, where any are there."""
    if not _kept_by():
        return

    def watch() -> None:
        threading.Event().wait(PATIENCE_S)
        names = [each.name for each in _kept_by()]
        if not names:
            return
        with contextlib.suppress(ParentGone):
            kept: Kept = {"event": "kept", "threads": names}
            channel.send(kept)
        atexit._run_exitfuncs()  # noqa: SLF001 - what an interpreter does at its end
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(Exception):  # it may be closed, or another object
                stream.flush()
        os._exit(0)  # noqa: SLF001 - that is its name

    threading.Thread(target=watch, daemon=True, name="bench leaves").start()


def _kept_by() -> list[threading.Thread]:
    """Threads beside the main one that the interpreter waits for at its end."""
    return [
        each
        for each in threading.enumerate()
        if not each.daemon and each is not threading.main_thread() and each.is_alive()
    ]

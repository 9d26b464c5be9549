"""Lines of JSON between a process of the tool and the one that started it, over standard input and output.

The child's side takes both for itself at once and gives the code it runs an empty input and the error stream for
output, so that whatever a workload prints cannot disturb the conversation. Standard library only: hosts use it.
"""

from __future__ import annotations

import sys
from os import devnull

from bench.processes.json_line import dumps, loads
from bench.processes.pristine import os
from bench.processes.whole_lines import Lines

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class ParentGone(Exception):  # noqa: N818 - a fact; and no OSError, which measured code may raise itself
    """The process at the other end has gone away."""


class Channel:
    """The child's end."""

    def __init__(self) -> None:
        self._requests, self._answers = (
            os.dup(0),
            os.dup(1),
        )  # duplicates are closed in whatever the measured code executes
        self._identity = self._who_they_are()
        self._partial = Lines()
        self._waiting: list[bytes] = []
        nothing = os.open(devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)
        sys.stdout.flush()
        os.dup2(2, 1)

    @property
    def request_descriptor(self) -> int:
        """To wait for: readable when the parent has written or is gone. Mind that `receive` reads ahead."""
        return self._requests

    def receive(self) -> Any | None:
        """The parent's next message; None when the parent has closed its end or is gone."""
        while not self._waiting:
            data = os.read(self._requests, 1 << 16)
            if not data:
                return None
            self._waiting.extend(self._partial.add(data))
        return loads(self._waiting.pop(0))

    def send(self, message: Any) -> None:
        """Write one message whole.

        Raises:
            ParentGone: if the parent is gone, or measured code has closed this end.
        """
        line = b"\n" + dumps(message) + b"\n"  # the first ends what measured code has written here
        data = memoryview(line)
        if self._who_they_are() != self._identity:  # the numbers may be those of the user's own files by now
            sys.stderr.write(
                "the code has closed all files of its process, and with them those of the harness (os.closerange?)\n"
            )
            raise ParentGone
        try:
            while data:
                data = data[os.write(self._answers, data) :]
        except BrokenPipeError:
            raise ParentGone from None

    def _who_they_are(self) -> list[tuple[int, int]]:
        """Which files the two descriptors are of; none where they are closed."""
        try:
            return [os.fstat(each)[1:3] for each in (self._requests, self._answers)]
        except OSError:
            return []

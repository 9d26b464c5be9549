"""Lines of JSON between a process of the tool and the one that started it, over standard input and output.

The child's side takes both for itself at once and gives the code it runs an empty input and the error stream for
output, so that whatever a workload prints cannot disturb the conversation. Standard library only: hosts use it.
"""

import sys
from os import devnull
from typing import Any

from bench.pristine import json, os


class ParentGone(Exception):  # noqa: N818 - a fact; and no OSError, which measured code may raise itself
    """The process at the other end has gone away."""


class Channel:
    """The child's end."""

    def __init__(self) -> None:
        self._requests = open(os.dup(0), "rb")  # noqa: SIM115 - for as long as the process lives
        self._answers = os.dup(1)  # duplicates are closed in whatever the measured code executes
        nothing = os.open(devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)
        sys.stdout.flush()
        os.dup2(2, 1)

    @property
    def request_descriptor(self) -> int:
        """For `select`: readable when the parent has written or is gone. Mind that `receive` reads ahead."""
        return self._requests.fileno()

    def receive(self) -> Any | None:
        """The parent's next message; None when the parent has closed its end or is gone."""
        line = self._requests.readline()
        return json.loads(line) if line.endswith(b"\n") else None

    def send(self, message: Any) -> None:
        """Write one message whole.

        Raises:
            ParentGone: if the parent is gone.
        """
        data = json.dumps(message).encode() + b"\n"
        try:
            while data:
                data = data[os.write(self._answers, data) :]
        except BrokenPipeError:
            raise ParentGone from None

"""The command's hold on a supervisor: it starts one, notices where it is gone or stands still, and puts another in its place.

Measured code runs as the same user, so it can end or stop every process, also the one that watches it. That costs the block
that was being measured, and nothing else.
"""

from typing import TYPE_CHECKING, Any

from bench.accounting.control_groups import sweep
from bench.accounting.descendants import check_sight, end_descendants, is_stopped, there_are
from bench.accounting.kernel import adopt_orphans, go_on_without_parent
from bench.measure.wire.requests import Request, message_of
from bench.processes import scratch
from bench.processes.child import Child
from bench.processes.watching import ended_how

if TYPE_CHECKING:
    from bench.measure.wire.words import Answer

_LOOK_S = 0.5
_LIVING: set[int] = set()
"""Supervisors of this process."""


class SupervisorLost(Exception):  # noqa: N818 - a fact
    """The supervisor is gone; says how."""


class Supervision:
    """A supervisor at every time, from now until `close`."""

    def __init__(self) -> None:
        """Start it.

        Raises:
            MeasurementError: where processes cannot be told apart.
        """
        check_sight()
        self._not_ours = there_are()
        adopt_orphans()  # so that nothing is lost where the supervisor itself is killed
        self._was_stopped = False
        self._start()

    def _start(self) -> None:
        self._child = Child("bench.measure.supervisor.main", before_exec=go_on_without_parent, lenient=True)
        _LIVING.add(self._child.process.pid)

    @property
    def process(self) -> Any:
        """The supervisor that is there now, as `subprocess` has it."""
        return self._child.process

    @property
    def answers(self) -> int:
        """The descriptor on which it answers."""
        return self._child.answers

    def begin(self, request: Request) -> None:
        """Send what begins something new; to another one where the supervisor is gone or stands still, which costs nothing then."""
        message = message_of(request)
        if self.look() or self.process.poll() is not None or not self._child.send(message):
            self.replace()
            self._child.send(message)

    def send(self, message: Any) -> None:
        """Send what belongs to something that was begun; where the supervisor is gone, `receive` tells."""
        self._child.send(message)

    def receive(self) -> "Answer":
        """Its next message.

        Raises:
            SupervisorLost: if it is gone, or stood still; `replace` has to follow.
            Interrupted: if the command is, where something is held.
        """
        while True:
            try:
                answer = self._child.receive(_LOOK_S)
            except TimeoutError:
                self.look()
                continue
            if answer is None:
                raise SupervisorLost(
                    f"the supervisor, which watches the block from outside, {self._how_it_ended()}; "
                    "if nobody else did that, the measured code did"
                )
            told: Answer = answer
            return told

    def look(self) -> bool:
        """Kill the supervisor where it was stopped, and say so: it watches nothing then, and no time limit holds."""
        if is_stopped(self.process.pid):
            self._was_stopped = True
            self.process.kill()
        return self._was_stopped

    def _how_it_ended(self) -> str:
        self.process.kill()  # it may only have closed its end
        code = self.process.wait()
        return "was stopped (SIGSTOP)" if self._was_stopped else ended_how(code)

    def replace(self) -> None:
        """Put another in its place, once all that the old one started has ended."""
        self._end()
        self._was_stopped = False
        self._start()

    def dismiss(self) -> None:
        """Tell it to end what it does and leave; this does not wait for it."""
        self._child.close_input()

    def close(self) -> None:
        """Have it leave, and end what it could not."""
        self.dismiss()
        self._end()

    def _end(self) -> None:
        self._child.close()
        _LIVING.discard(self.process.pid)
        end_descendants([*self._not_ours, *_LIVING])
        sweep()  # it may have been killed
        scratch.sweep()

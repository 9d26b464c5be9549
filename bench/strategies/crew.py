"""Actors that work together round after round: threads or processes that are started once and take orders.

What they share (queues, locks, memory) they get when they are started; an order is a function and its arguments. A round
ends when all actors have answered, also after an error in one of them: so what an order does must end even if a task
raises. Only a process that dies is not waited for.
"""

import pickle
import threading
from collections.abc import Sequence
from contextlib import suppress
from multiprocessing.connection import wait
from multiprocessing.reduction import ForkingPickler
from queue import SimpleQueue
from typing import Any, Protocol, Self

Order = tuple[Any, ...]
"""A function at a module's top level and its arguments: called as `function(shared, *arguments)`."""
Answer = tuple[bool, Any]
"""(True, result) or (False, exception)."""

GO_HOME = b""


class Crew(Protocol):
    """What the crews have in common."""

    def run(self, orders: Sequence[Order]) -> list[Any]:
        """Give each actor its order; wait for all; their results in order, or the first exception raised here."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...


class ProcessCrew:
    """So many processes, for as long as the context lasts."""

    def __init__(self, context: Any, actors: int, shared: Any) -> None:
        """Nothing is started yet.

        Args:
            context: of `multiprocessing`, which decides how the processes start.
            actors: how many.
            shared: what every order gets first; it reaches the processes as their argument.
        """
        self._context, self._actors, self._shared = context, actors, shared
        self._members: dict[Any, Any] = {}
        """The process at the other end of each line."""
        self._idle = False

    def run(self, orders: Sequence[Order]) -> list[Any]:
        """As `Crew.run`.

        Raises:
            ChildProcessError: if an actor ended; the crew is of no more use then.
            Exception: what an order raised.
        """
        if not self._idle:
            raise ChildProcessError("the crew was given up in an earlier round")
        lines = self._tell(orders)
        answers: dict[Any, Answer] = {}
        while len(answers) < len(lines):
            for line in wait([line for line in lines if line not in answers]):
                answers[line] = self._answer(line)
        self._idle = True
        return _results(answers, lines)

    def _tell(self, orders: Sequence[Order]) -> list[Any]:
        """The lines along which an answer to each will come."""
        packed = [ForkingPickler.dumps(order) for order in orders]  # what cannot be sent fails before anybody is told
        lines = list(self._members)[: len(orders)]
        self._idle = False
        for line, each in zip(lines, packed, strict=True):
            line.send_bytes(each)
        return lines

    def _answer(self, line: Any) -> Answer:
        try:
            answer: Answer = line.recv()
        except (EOFError, ConnectionResetError):
            process = self._members[line]
            process.join()
            raise ChildProcessError(f"an actor ended with exit code {process.exitcode} and no result") from None
        return answer

    def _start_one(self) -> None:
        mine, theirs = self._context.Pipe()
        try:
            process = self._context.Process(target=_obey, args=(theirs, self._shared), daemon=True)
            process.start()
        except BaseException:
            mine.close()
            raise
        finally:
            theirs.close()  # so that an actor that dies unheard reads as the end of its line
        self._members[mine] = process

    def __enter__(self) -> Self:
        """Start the processes."""
        try:
            for _ in range(self._actors):
                self._start_one()
        except BaseException:
            self.__exit__()
            raise
        self._idle = True
        return self

    def __exit__(self, *_: object) -> None:
        """Send everyone home; whoever is in the middle of a round is ended, because they may wait for each other."""
        for line, process in self._members.items():
            if not self._idle:
                process.kill()
            with suppress(OSError):  # it has ended already
                line.send_bytes(GO_HOME)  # closing would not do: a forked actor holds earlier ones' ends as well
        for line, process in self._members.items():
            process.join()
            process.close()
            line.close()
        self._members.clear()
        self._shared = None  # and no sooner: a manager removes what nobody holds, and actors may be slow to start
        self._idle = False


class ThreadCrew:
    """So many threads, for as long as the context lasts."""

    def __init__(self, actors: int, shared: Any) -> None:
        """Nothing is started yet; the arguments are those of `ProcessCrew`."""
        self._orders: list[SimpleQueue[Order | None]] = [SimpleQueue() for _ in range(actors)]
        self._answers: SimpleQueue[tuple[int, Answer]] = SimpleQueue()
        self._threads = [
            threading.Thread(target=self._obey, args=(number, shared), daemon=True) for number in range(actors)
        ]
        self._idle = False

    def run(self, orders: Sequence[Order]) -> list[Any]:
        """As `Crew.run`."""
        if not self._idle:
            raise RuntimeError("the crew was given up in an earlier round")
        self._idle = False
        for mine, order in zip(self._orders, orders, strict=False):
            mine.put(order)
        answers = dict(self._answers.get() for _ in orders)
        self._idle = True
        return _results(answers, range(len(orders)))

    def _obey(self, number: int, shared: Any) -> None:
        while (order := self._orders[number].get()) is not None:
            function, *arguments = order
            answer: Answer
            try:
                answer = (True, function(shared, *arguments))
            except BaseException as error:  # raised again in the thread that gave the order
                answer = (False, error)
            self._answers.put((number, answer))
            del order, function, arguments, answer  # nothing of a round is kept until the next one

    def __enter__(self) -> Self:
        """Start the threads."""
        for thread in self._threads:
            thread.start()
        self._idle = True
        return self

    def __exit__(self, *_: object) -> None:
        """Send everyone home; a round that was interrupted is not waited for."""
        for mine in self._orders:
            mine.put(None)
        for thread in self._threads if self._idle else ():
            thread.join()
        self._idle = False


def _results(answers: dict[Any, Answer], order: Sequence[Any]) -> list[Any]:
    """The results in that order, or the first error; nothing of the round is left in frames that the error refers to."""
    value = None
    try:
        for each in order:
            worked, value = answers[each]
            if not worked:
                raise value
        return [answers[each][1] for each in order]
    finally:
        answers.clear()
        del value


def _obey(line: Any, shared: Any) -> None:
    """What a process of a crew does: orders in, answers out."""
    with line, suppress(EOFError):  # whoever gave the orders is gone
        while (order := line.recv_bytes()) != GO_HOME:
            answer: Answer
            try:
                function, *arguments = pickle.loads(order)  # noqa: S301 - of the process that started this one
                answer = (True, function(shared, *arguments))
            except Exception as error:
                answer = (False, error)
            line.send_bytes(_packed(answer))
            del answer


def _packed(answer: Answer) -> Any:
    """The answer as bytes; an exception that cannot be sent becomes one that says what it was."""
    worked, value = answer
    try:
        packed = ForkingPickler.dumps(answer)
        if not worked:
            pickle.loads(packed)  # noqa: S301 - its own bytes; some exceptions pickle and cannot be made again
    except Exception as error:
        said = "a result that cannot be sent" if worked else f"{type(value).__name__}: {value}"
        packed = ForkingPickler.dumps((False, RuntimeError(f"{said} ({type(error).__name__}: {error})")))
    return packed

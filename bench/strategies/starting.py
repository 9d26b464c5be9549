"""Workers that are started and joined one after the other: what a thread, a process or an interpreter costs.

A worker that does not share its parent's memory imports the module of the task before it can call it, and that is part
of its start, as it is in any program. So that it is no more than that, nothing is imported here that one family needs.
"""

import importlib
import multiprocessing
import os
import pickle
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.context import ForkProcess, ForkServerProcess, SpawnProcess
from multiprocessing.process import BaseProcess
from threading import Thread
from typing import Any, NoReturn

from bench.patterns.start import Hello, Started, Starts
from bench.plugins.registry import strategy
from bench.strategies.processes import DEFAULT_START_METHOD, START_METHOD_CHOICES

Call = Callable[[Hello, Starts], Started]


def each_by(start_and_join: Callable[[Hello], float]) -> Call:
    """A round: `start_and_join(task)` for each worker; it gives what the task gave."""
    from bench.processes.pristine import time  # spawned workers import this module, too, and need no clock of it

    def call(task: Hello, job: Starts) -> Started:
        started = Started([], [], [])
        for _ in range(job.count):
            asked = time.perf_counter()
            began = start_and_join(task)
            joined = time.perf_counter()
            started.asked.append(asked)
            started.began.append(began)
            started.joined.append(joined)
        return started

    return call


@strategy("start_thread", pattern="start", isolation="thread")
@contextmanager
def start_thread() -> Iterator[Call]:
    """A `Thread`, started and joined."""

    def start_and_join(task: Hello) -> float:
        answers: list[tuple[bool, Any]] = []
        thread = Thread(target=lambda: answers.append(_outcome(task)))
        thread.start()
        thread.join()
        return _value(answers[0])

    yield each_by(start_and_join)


@strategy(
    "start_fork",
    pattern="start",
    isolation="process",
    unavailable="" if hasattr(os, "fork") else "needs os.fork",
)
@contextmanager
def start_fork() -> Iterator[Call]:
    """`os.fork` and `os.waitpid`; the child's moment comes back through a pipe."""

    def start_and_join(task: Hello) -> float:
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            _answer_and_leave(writing, task)
        os.close(writing)
        with open(reading, "rb") as pipe:
            answer = pipe.read()
        _, status = os.waitpid(child, 0)
        if not answer:
            raise ChildProcessError(f"a child ended with exit code {os.waitstatus_to_exitcode(status)} and no answer")
        return _value(pickle.loads(answer))  # noqa: S301 - from our own child

    yield each_by(start_and_join)


@strategy("start_process", pattern="start", isolation="process", choices=START_METHOD_CHOICES)
@contextmanager
def start_process(start_method: str = DEFAULT_START_METHOD) -> Iterator[Call]:
    """A `multiprocessing.Process`, started and joined."""
    context: Any = multiprocessing.get_context(start_method)
    yield each_by(lambda task: _heard(context, lambda sender: context.Process(target=_say_hello, args=(sender, task))))


@strategy("start_subclass", pattern="start", isolation="process", choices=START_METHOD_CHOICES)
@contextmanager
def start_subclass(start_method: str = DEFAULT_START_METHOD) -> Iterator[Call]:
    """A subclass of `Process` with a `run` of its own."""
    context: Any = multiprocessing.get_context(start_method)
    greeter = _GREETERS[start_method]
    yield each_by(lambda task: _heard(context, lambda sender: greeter(sender, task)))


@strategy("start_pool", pattern="start", isolation="process", choices=START_METHOD_CHOICES)
@contextmanager
def start_pool(start_method: str = DEFAULT_START_METHOD) -> Iterator[Call]:
    """A `multiprocessing.Pool` of one process: `apply`, `close`, `join`."""
    context = multiprocessing.get_context(start_method)

    def start_and_join(task: Hello) -> float:
        with context.Pool(1) as pool:
            began = pool.apply(task)
            pool.close()
            pool.join()
        return began

    yield each_by(start_and_join)


@strategy("start_thread_executor", pattern="start", isolation="thread")
@contextmanager
def start_thread_executor() -> Iterator[Call]:
    """A `ThreadPoolExecutor` of one thread, with one task."""
    from concurrent.futures import ThreadPoolExecutor

    def start_and_join(task: Hello) -> float:
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(task).result()

    yield each_by(start_and_join)


@strategy("start_process_executor", pattern="start", isolation="process", choices=START_METHOD_CHOICES)
@contextmanager
def start_process_executor(start_method: str = DEFAULT_START_METHOD) -> Iterator[Call]:
    """A `ProcessPoolExecutor` of one process, with one task."""
    from concurrent.futures import ProcessPoolExecutor

    context = multiprocessing.get_context(start_method)

    def start_and_join(task: Hello) -> float:
        with ProcessPoolExecutor(1, mp_context=context) as pool:
            return pool.submit(task).result()

    yield each_by(start_and_join)


@strategy(
    "start_interpreter",
    pattern="start",
    isolation="interpreter",
    unavailable="" if sys.version_info >= (3, 14) else "needs Python 3.14",
)
@contextmanager
def start_interpreter() -> Iterator[Call]:
    """An interpreter of `concurrent.interpreters`: created, called, closed; it imports the task's module."""
    interpreters: Any = importlib.import_module("concurrent.interpreters")

    def start_and_join(task: Hello) -> float:
        interpreter = interpreters.create()
        try:
            interpreter.exec(f"import sys; sys.path[:] = {sys.path!r}")  # to find the task, as a spawned process does
            began: float = interpreter.call(task)
        except interpreters.ExecutionFailed as failed:
            raise _raised_in_interpreter(failed) from failed
        finally:
            interpreter.close()
        return began

    yield each_by(start_and_join)


def _raised_in_interpreter(failed: Any) -> Exception:
    """What a task raised in an interpreter: of that its class and its message are all that comes out."""
    said, kind = failed.excinfo.msg, failed.excinfo.type
    try:
        raised = getattr(importlib.import_module(kind.__module__), kind.__qualname__)(said)
    except Exception:  # a class of the task's own may be anywhere, and want anything
        raised = failed
    return raised if isinstance(raised, Exception) else failed


class _Greeting(BaseProcess):
    """What its own `run` does: no target, no arguments."""

    def __init__(self, sender: Any, task: Hello) -> None:
        super().__init__()
        self._sender, self._task = sender, task

    def run(self) -> None:
        _say_hello(self._sender, self._task)


class _Forked(_Greeting, ForkProcess):
    pass


class _Spawned(_Greeting, SpawnProcess):
    pass


class _FromForkServer(_Greeting, ForkServerProcess):
    pass


_GREETERS: dict[str, Any] = {"fork": _Forked, "spawn": _Spawned, "forkserver": _FromForkServer}


def _heard(context: Any, make: Callable[[Any], Any]) -> float:
    """Start the process that `make(sender)` gives, hear its answer, join it."""
    receiver, sender = context.Pipe(duplex=False)
    with receiver:
        with sender:
            process = make(sender)
            process.start()
        try:
            answer = receiver.recv()
        except EOFError:
            answer = None
        finally:
            process.join()
    exit_code = process.exitcode
    process.close()
    if answer is None:
        raise ChildProcessError(f"a process ended with exit code {exit_code} and no answer")
    return _value(answer)


def _say_hello(sender: Any, task: Hello) -> None:
    with sender:
        sender.send(_outcome(task))


def _answer_and_leave(writing: int, task: Hello) -> NoReturn:
    """What a child of a bare fork does; nothing of its parent's farewell may run in it."""
    try:
        with open(writing, "wb") as pipe:
            pipe.write(pickle.dumps(_outcome(task)))
    finally:
        os._exit(0)


def _outcome(task: Hello) -> tuple[bool, Any]:
    """(True, result) or (False, exception)."""
    try:
        return True, task()
    except BaseException as error:  # raised again where the worker was asked for
        return False, error


def _value(outcome: tuple[bool, Any]) -> float:
    worked, value = outcome
    if not worked:
        raise value
    return float(value)

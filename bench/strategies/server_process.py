"""The life of a server: a process of its own that listens on loopback, from its first round until the strategy stops.

Servers run in a child of the measured process, so that those which fork do it from a process with one thread. How
connections are answered is the business of the families (`servers`, `server_classes`, `server_loops`); here is what
they share: the process, its port, its end, and the conversation on one connection.
"""

import multiprocessing
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, NoReturn, Self

from bench.patterns.serve import Handler, Load, Replies, drive

HOST = "127.0.0.1"
BACKLOG = 1024
"""Connections that may wait to be accepted, where the system allows so many."""
_STOP_S = 5.0

Serve = Callable[..., None]
"""`serve(listener, handler, *arguments)` answers connections and returns only when it is told to stop, if at all.
A function at a module's top level."""


class Server:
    """A server that is started by its first round and kept for all rounds with the same handler."""

    def __init__(self, start_method: str, serve: Serve, *arguments: Any) -> None:
        """Nothing is started yet: the handler comes with the first round.

        Args:
            start_method: of `multiprocessing`, for the server's process.
            serve: answers connections.
            arguments: what `serve` gets after the listening socket and the handler.
        """
        self._context: Any = multiprocessing.get_context(start_method)
        self._serve, self._arguments = serve, arguments
        self._process: Any = None
        self._handler: Handler | None = None
        self._port = 0

    def __call__(self, handler: Handler, load: Load) -> Replies:
        """A round: put the load on the server that answers with `handler`, started if it is not there yet."""
        if handler is not self._handler:
            self._stop()
            self._start(handler)
        return drive(load, HOST, self._port)

    def _start(self, handler: Handler) -> None:
        receiver, sender = self._context.Pipe(duplex=False)
        with receiver:
            with sender:
                process = self._context.Process(target=_run, args=(sender, self._serve, handler, self._arguments))
                process.start()
            self._process, self._handler = process, handler
            try:
                self._port = receiver.recv()
            except EOFError:
                process.join()
                raise ChildProcessError(f"the server ended with exit code {process.exitcode} and no port") from None

    def _stop(self) -> None:
        """End the server and all that it has started, whoever is still connected."""
        process, self._process, self._handler = self._process, None, None
        if process is None:
            return
        process.terminate()
        process.join(_STOP_S)
        with suppress(ProcessLookupError):  # whom it had not counted yet when it was told to stop, or itself
            os.killpg(process.pid, signal.SIGKILL)
        process.join()
        process.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()


def answer(handler: Handler, connection: socket.socket) -> None:
    """Answer line after line until the client closes; an error of the handler is reported and ends the connection."""
    try:
        with connection, connection.makefile("rb") as lines:
            for line in lines:
                connection.sendall(handler(line))
    except ConnectionError:
        pass  # the client is gone
    except Exception:
        report()


def report() -> None:
    """Write the error that is being handled to the error stream, as an uncaught one is."""
    sys.excepthook(*sys.exc_info())


def _run(sender: Any, serve: Serve, handler: Handler, arguments: tuple[Any, ...]) -> None:
    """What the server's process does. It does not return."""
    status = 1
    try:
        os.setpgid(0, 0)  # so that nothing it starts can outlive it
        signal.signal(signal.SIGTERM, _leave)
        listener = socket.create_server((HOST, 0), backlog=BACKLOG)
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # accepted connections have it from here
        with sender:
            sender.send(listener.getsockname()[1])
        serve(listener, handler, *arguments)
        status = 0
    except BaseException:
        report()
    finally:
        os._exit(status)


def _leave(*_: object) -> NoReturn:
    """End this process and what it has started, at once, wherever SIGTERM found it.

    An exception would be lost where Python ignores them: in the hooks that it calls around a fork, where a server that
    forks spends much of its time. And the interpreter's farewell would wait for threads whose clients stay connected.
    """
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if os.getpgrp() == os.getpid():  # the server itself; a fork of it has this handler, too
        children = multiprocessing.active_children()
        for child in children:
            child.kill()
        for child in children:
            child.join()
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG) is not None:  # forks that `multiprocessing` does not know, or not yet
                os.killpg(0, signal.SIGTERM)  # again and again: a process that was just forked forgets signals
                time.sleep(0.001)
    os._exit(0)

"""Servers made of the standard library's `socketserver`, with its two mix-ins."""

import os
import socket
import socketserver
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from bench.patterns.serve import Handler, Replies
from bench.plugins.registry import strategy
from bench.strategies.processes import DEFAULT_START_METHOD, START_METHOD_CHOICES
from bench.strategies.server_process import Server

Call = Callable[..., Replies]


@strategy("socketserver_threads", pattern="serve", isolation="thread", choices=START_METHOD_CHOICES)
@contextmanager
def socketserver_threads(start_method: str = DEFAULT_START_METHOD) -> Iterator[Call]:
    """`socketserver.ThreadingTCPServer`: a thread for each connection."""
    with Server(start_method, _serve_in_threads) as server:
        yield server


@strategy(
    "socketserver_processes",
    pattern="serve",
    isolation="process",
    choices=START_METHOD_CHOICES,
    unavailable="" if hasattr(os, "fork") else "needs os.fork",
)
@contextmanager
def socketserver_processes(start_method: str = DEFAULT_START_METHOD) -> Iterator[Call]:
    """`socketserver.ForkingTCPServer`: a fork for each connection, 40 at the most alive together."""
    with Server(start_method, _serve_in_forks) as server:
        yield server


def _serve_in_threads(listener: socket.socket, handler: Handler) -> None:
    _listening(socketserver.ThreadingTCPServer, listener, handler).serve_forever()


def _serve_in_forks(listener: socket.socket, handler: Handler) -> None:
    _listening(socketserver.ForkingTCPServer, listener, handler).serve_forever()


def _listening(server_class: Any, listener: socket.socket, handler: Handler) -> Any:
    """A server on the socket that listens already; its own would have a backlog of five."""

    class Conversation(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            with suppress(ConnectionError):  # the client is gone
                for line in self.rfile:
                    self.wfile.write(handler(line))

    server = server_class(listener.getsockname(), Conversation, bind_and_activate=False)
    server.socket.close()
    server.socket = listener
    return server

"""Servers with one thread for all connections: an event loop, written out or a library's."""

import asyncio
import selectors
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

from bench.patterns.serve import Handler, Replies
from bench.plugins.registry import missing, strategy
from bench.strategies.processes import DEFAULT_START_METHOD, START_METHOD_CHOICES
from bench.strategies.server_process import Server, report

_PIECE_BYTES = 65_536
Call = Callable[..., Replies]


@strategy("selectors_server", pattern="serve", isolation="none", provides=("event_loop",), choices=START_METHOD_CHOICES)
@contextmanager
def selectors_server(start_method: str = DEFAULT_START_METHOD) -> Iterator[Call]:
    """One thread, non-blocking sockets and `selectors.DefaultSelector`."""
    with Server(start_method, _select) as server:
        yield server


@strategy("asyncio_server", pattern="serve", isolation="none", provides=("event_loop",), choices=START_METHOD_CHOICES)
@contextmanager
def asyncio_server(start_method: str = DEFAULT_START_METHOD) -> Iterator[Call]:
    """`asyncio.start_server` and its streams, on the standard event loop."""
    with Server(start_method, _serve_streams) as server:
        yield server


@strategy(
    "uvloop_server",
    pattern="serve",
    isolation="none",
    provides=("event_loop",),
    choices=START_METHOD_CHOICES,
    unavailable=missing("uvloop", extra="uvloop"),
)
@contextmanager
def uvloop_server(start_method: str = DEFAULT_START_METHOD) -> Iterator[Call]:
    """`asyncio.start_server` and its streams, on uvloop's event loop."""
    with Server(start_method, _serve_streams_on_uvloop) as server:
        yield server


def _select(listener: socket.socket, handler: Handler) -> None:
    with selectors.DefaultSelector() as selector:

        def accept() -> None:
            with suppress(BlockingIOError):  # the client gave up
                connection, _ = listener.accept()
                connection.setblocking(False)
                conversation = _Conversation(selector, connection, handler)
                selector.register(connection, selectors.EVENT_READ, conversation.advance)

        listener.setblocking(False)
        selector.register(listener, selectors.EVENT_READ, accept)
        while True:
            for key, _ in selector.select():
                key.data()


class _Conversation:
    """A connection that is read when it is readable and, only where a reply did not go out whole, waited for."""

    def __init__(self, selector: selectors.BaseSelector, connection: socket.socket, handler: Handler) -> None:
        self._selector, self._connection, self._handler = selector, connection, handler
        self._incoming, self._outgoing = b"", b""

    def advance(self) -> None:
        """Do what can be done now, without waiting."""
        try:
            if self._outgoing:
                self._send(b"")
            else:
                self._read()
        except BlockingIOError:
            pass
        except ConnectionError:
            self._end()
        except Exception:
            report()
            self._end()

    def _read(self) -> None:
        data = self._connection.recv(_PIECE_BYTES)
        if not data:
            self._end()
            return
        *lines, self._incoming = (self._incoming + data).split(b"\n")
        if lines:
            self._send(b"".join([self._handler(line + b"\n") for line in lines]))

    def _send(self, data: bytes) -> None:
        was_waiting = bool(self._outgoing)
        self._outgoing += data
        with suppress(BlockingIOError):
            self._outgoing = self._outgoing[self._connection.send(self._outgoing) :]
        if bool(self._outgoing) != was_waiting:
            awaited = selectors.EVENT_WRITE if self._outgoing else selectors.EVENT_READ
            self._selector.modify(self._connection, awaited, self.advance)

    def _end(self) -> None:
        self._selector.unregister(self._connection)
        self._connection.close()


def _serve_streams_on_uvloop(listener: socket.socket, handler: Handler) -> None:
    import uvloop  # type: ignore[import-not-found,unused-ignore]

    _serve_streams(listener, handler, uvloop.new_event_loop)


def _serve_streams(listener: socket.socket, handler: Handler, loop_factory: Any = None) -> None:
    with asyncio.Runner(loop_factory=loop_factory) as runner:
        runner.run(_serve_for_ever(listener, handler))


async def _serve_for_ever(listener: socket.socket, handler: Handler) -> None:
    server = await asyncio.start_server(partial(_answer, handler), sock=listener)
    await server.serve_forever()


async def _answer(handler: Handler, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        async for line in reader:
            writer.write(handler(line))
            await writer.drain()
    except ConnectionError:
        pass  # the client is gone
    except Exception:
        report()
    finally:
        writer.close()

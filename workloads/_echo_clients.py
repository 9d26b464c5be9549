"""Clients that put a load on a server: processes that wait, begin together when they are told to, and time each reply.

They take their orders from `bench.patterns.serve.drive`, through a control port on loopback. They share the cores with
the server that is measured, so a request costs them a call to send, one to receive, three of the clock, and a comparison.
"""

import json
import multiprocessing
import socket
import struct
import threading
import time
from array import array
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import cycle, islice
from mmap import mmap
from typing import Any

Exchange = tuple[bytes, bytes]
"""A request, and the reply expected to it."""
PATIENCE_S = 10
"""How long a client waits for a server that answers nobody; then it gives up this connection and those it has not opened.
One that answers other clients is slow, or takes them one after another, and is waited for."""
_TIMEOUT = struct.pack("@ll", PATIENCE_S, 0)  # the kernel's: one of Python's asks for readiness before each call
_REPLY_BYTES = 4096


@dataclass(slots=True)
class Seen:
    """What one client saw in a load; the fields are those of `bench.patterns.serve.Replies`."""

    right: int = 0
    wrong: int = 0
    dropped: int = 0
    problem: str = ""
    latencies_ns: "array[int]" = field(default_factory=lambda: array("q"))


@contextmanager
def waiting_clients(scripts: Sequence[Sequence[Exchange]]) -> Iterator[int]:
    """Start a client for each script, which it says from the beginning in every load; yield the control port.

    Raises:
        OSError: if no port can be had.
    """
    context: Any = multiprocessing.get_context("fork")
    lines: list[Any] = []
    clients = []
    heard_ns = memoryview(mmap(-1, 8 * max(1, len(scripts)))).cast("q")
    for number, script in enumerate(scripts):
        mine, theirs = context.Pipe()
        lines.append(mine)
        client = context.Process(target=_obey, args=(theirs, list(lines), script, heard_ns, number), daemon=True)
        client.start()
        theirs.close()
        clients.append(client)
    with socket.create_server(("127.0.0.1", 0)) as control:  # after the clients, who would hold it open
        port = control.getsockname()[1]
        clerk = threading.Thread(target=_take_orders, args=(control, lines), daemon=True)
        clerk.start()
        try:
            yield port
        finally:
            for client in clients:
                client.kill()
                client.join()
                client.close()
            with socket.create_connection(("127.0.0.1", port)) as last:
                last.sendall(b"null\n")
            clerk.join()
            for line in lines:
                line.close()


def _take_orders(control: socket.socket, lines: Sequence[Any]) -> None:
    """An order a connection, a line of JSON each way; `null` is the last."""
    while True:
        connection, _ = control.accept()
        with suppress(OSError, EOFError), connection, connection.makefile("rwb") as file:
            order = json.loads(file.readline() or b"{}")
            if order is None:
                return
            if order:
                file.write(json.dumps(_put_load(order, lines)).encode() + b"\n")


def _put_load(order: dict[str, Any], lines: Sequence[Any]) -> dict[str, Any]:
    """Have the clients begin, wait for all, and add up what they saw."""
    chosen = lines[: order["clients"]]
    for line in chosen:
        line.send(order)
    seen: list[Seen] = [line.recv() for line in chosen]
    absent = order["clients"] - len(chosen)
    problems = [f"there are {len(lines)} clients, not {order['clients']}"] if absent else []
    problems += [each.problem for each in seen if each.problem]
    return {
        "right": sum(each.right for each in seen),
        "wrong": sum(each.wrong for each in seen),
        "dropped": sum(each.dropped for each in seen) + absent * order["connections"],
        "problem": problems[0] if problems else "",
        "latencies_ns": [latency for each in seen for latency in each.latencies_ns],
    }


def _obey(
    line: Any, others: Sequence[Any], script: Sequence[Exchange], heard_ns: "memoryview[int]", number: int
) -> None:
    """What a client's process does, until the one that started it is gone or ends it.

    Args:
        line: to the one that gives orders.
        others: its ends of the lines to this client and those before.
        script: what is said.
        heard_ns: when each client had its last reply, on the clock that all processes share.
        number: which of them this client is.
    """
    for other in others:
        other.close()  # a fork holds the other ends of all lines, and would not see the end of its own
    with line, suppress(EOFError):
        while True:
            order = line.recv()
            line.send(_Client(script, heard_ns, number).visit(order))


class _Client:
    """One client in one load."""

    def __init__(self, script: Sequence[Exchange], heard_ns: "memoryview[int]", number: int) -> None:
        self._exchanges = cycle(script)
        self._heard_ns, self._number = heard_ns, number
        self._seen = Seen()

    def visit(self, order: dict[str, Any]) -> Seen:
        """Open one connection after another."""
        seen = self._seen
        address = (order["host"], order["port"])
        for number in range(order["connections"]):
            try:
                self._converse(address, order["requests"])
            except BlockingIOError:
                seen.dropped += order["connections"] - number
                seen.problem = seen.problem or f"the server was silent for {PATIENCE_S} s"
                break
            except OSError as error:
                seen.dropped += 1
                seen.problem = seen.problem or str(error)
        return seen

    def _converse(self, address: tuple[str, int], requests: int) -> None:
        """All requests of one connection.

        Raises:
            BlockingIOError: if the server was silent for too long.
            OSError: if the connection was refused or lost.
        """
        seen, heard_ns, mine = self._seen, self._heard_ns, self._number
        clock, keep = time.perf_counter_ns, seen.latencies_ns.append
        began = clock()
        with socket.socket() as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, _TIMEOUT)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, _TIMEOUT)
            self._patiently(connection.connect, address)
            for request, expected in islice(self._exchanges, requests):
                connection.sendall(request)
                reply = self._patiently(connection.recv, _REPLY_BYTES)
                while not reply.endswith(b"\n"):
                    more = self._patiently(connection.recv, _REPLY_BYTES)
                    if not more:
                        raise ConnectionError("the server closed the connection before its reply was whole")
                    reply += more
                heard_ns[mine] = ended = clock()
                keep(ended - began)
                if reply == expected:
                    seen.right += 1
                else:
                    seen.wrong += 1
                    seen.problem = seen.problem or f"{request[:40]!r} was answered with {reply[:40]!r}"
                began = clock()

    def _patiently(self, call: Callable[[Any], Any], argument: Any) -> Any:
        """Call it, again where the time for it is over and the server has answered another client meanwhile.

        Raises:
            BlockingIOError: if it has not.
        """
        while True:
            began = time.perf_counter_ns()
            try:
                return call(argument)
            except BlockingIOError:
                if max(self._heard_ns) < began:
                    raise

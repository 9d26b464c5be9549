"""A small HTTP/1.0 server whose responses take a known time: a latency, then bytes at a set bandwidth.

It answers GET /NUMBER and nothing else. It runs on a thread of the process that prepares the `fetch` workload.
"""

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial

PIECE = 16_384


@dataclass(frozen=True, slots=True)
class Page:
    """A body, and how it is sent."""

    body: bytes
    latency_s: float
    bandwidth: float
    """Bytes a second."""

    @property
    def least_s(self) -> float:
        """Seconds from the request to the last byte, at the least."""
        return self.latency_s + len(self.body) / self.bandwidth


@contextmanager
def serving(pages: Sequence[Page]) -> Iterator[int]:
    """Serve `pages` on loopback while the context lasts; yield the port.

    Raises:
        OSError: if no port can be had.
    """
    started: Future[tuple[int, Callable[[], object]]] = Future()

    async def serve() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        try:
            server = await asyncio.start_server(partial(_answer, pages), "127.0.0.1", 0)
        except OSError as error:
            started.set_exception(error)
            return
        async with server:
            started.set_result((server.sockets[0].getsockname()[1], partial(loop.call_soon_threadsafe, stop.set)))
            await stop.wait()

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    port, stop = started.result(timeout=10)
    try:
        yield port
    finally:
        stop()
        thread.join(timeout=5)


async def _answer(pages: Sequence[Page], reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError, asyncio.IncompleteReadError):
        head = await reader.readuntil(b"\r\n\r\n")
        arrived = asyncio.get_running_loop().time()
        page = _page(pages, head)
        if page is None:
            writer.write(b"HTTP/1.0 404 Not Found\r\nContent-Length: 0\r\n\r\n")
        else:
            await _send(page, arrived, writer)
        await writer.drain()
    writer.close()


def _page(pages: Sequence[Page], head: bytes) -> Page | None:
    method, path, *_ = *head.split(b" ", 2), b""
    number = path[1:].decode("ascii", "replace")
    if method == b"GET" and number.isdecimal() and int(number) < len(pages):
        return pages[int(number)]
    return None


async def _send(page: Page, arrived: float, writer: asyncio.StreamWriter) -> None:
    """Each piece leaves when its last byte would have come through at the bandwidth, and never before."""
    loop = asyncio.get_running_loop()
    head = b"HTTP/1.0 200 OK\r\nContent-Length: %d\r\n\r\n" % len(page.body)
    for start in range(0, len(page.body), PIECE):
        piece = page.body[start : start + PIECE]
        due = arrived + page.latency_s + (start + len(piece)) / page.bandwidth
        while (early := due - loop.time()) > 0:
            await asyncio.sleep(early)
        writer.write(head + piece)
        await writer.drain()
        head = b""

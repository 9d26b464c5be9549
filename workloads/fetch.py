"""Real HTTP over loopback, from a server with a set latency and bandwidth, in a process that is not measured."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from random import Random
from typing import Any

from bench import WrongResult, workload

LATENCY_S = 0.008
BANDWIDTH = 8_000_000
"""Bytes a second of each response."""
TIME_LIMIT_S = 60.0


@contextmanager
def serve(pages: int, rng: Random) -> Iterator[dict[str, Any]]:
    """Serve `pages` bodies of 16 to 128 kB on a free port; yield the port, and each page's digest and least time."""
    from bench.workloads._fetch_server import Page, serving

    bodies = [rng.randbytes(rng.randrange(16_000, 128_000)) for _ in range(pages)]
    served = [Page(body, LATENCY_S, BANDWIDTH) for body in bodies]
    with serving(served) as port:
        yield {
            "port": port,
            "pages": [[hashlib.sha256(page.body).hexdigest(), page.least_s] for page in served],
        }


def requests(_: int, __: Random, prepared: dict[str, Any]) -> list[tuple[int, str, str, float]]:
    """(port, path, digest, least seconds) of each page."""
    return [
        (prepared["port"], f"/{number}", digest, least_s) for number, (digest, least_s) in enumerate(prepared["pages"])
    ]


def check(inputs: list[tuple[int, str, str, float]], digests: list[str]) -> None:
    """Each body arrived whole."""
    for (_, path, expected, _), found in zip(inputs, digests, strict=True):
        if found != expected:
            raise WrongResult(f"the body of {path} has the digest {found[:12]}, not {expected[:12]}")


async def fetching(request: tuple[int, str, str, float]) -> str:
    """The same as the task, in an event loop."""
    import asyncio  # the other strategies are measured without it

    port, path, _, _ = request
    async with asyncio.timeout(TIME_LIMIT_S):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n".encode())
            head = await reader.readuntil(b"\r\n\r\n")
            status, fields = parse(head)
            body = await reader.readexactly(int(fields["content-length"]))
        finally:
            writer.close()
            await writer.wait_closed()
    return digest(path, status, body)


def parse(head: bytes) -> tuple[int, dict[str, str]]:
    """The status and the header fields, their names in small letters."""
    first, *lines = head.decode("latin-1").split("\r\n")
    pairs = [line.split(":", 1) for line in lines if line]
    return int(first.split()[1]), {name.strip().lower(): value.strip() for name, value in pairs}


def digest(path: str, status: int, body: bytes) -> str:
    """The digest of a body that came with success."""
    if status != 200:
        raise WrongResult(f"GET {path} was answered with status {status}")
    return hashlib.sha256(body).hexdigest()


@workload(
    inputs=requests,
    scales={"quick": 5, "standard": 12, "article": 100},
    bound="io",
    prepare=serve,
    check=check,
    min_task_s=lambda request: float(request[3]),
    coroutine=fetching,
)
def fetch(request: tuple[int, str, str, float]) -> str:
    """GET pages over HTTP from a server on loopback (8 ms latency, 8 MB/s each)."""
    port, path, _, _ = request
    connection = HTTPConnection("127.0.0.1", port, timeout=TIME_LIMIT_S)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        body = response.read()
    finally:
        connection.close()
    return digest(path, response.status, body)

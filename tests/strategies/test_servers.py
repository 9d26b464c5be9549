"""Every server answers rightly, says so where it does not, and leaves nothing: real servers, driven by real clients."""

import os
import pickle
import socket
import time
from contextlib import contextmanager, suppress
from multiprocessing import forkserver, resource_tracker
from random import Random

import psutil
import pytest
from bench.workloads._echo_clients import waiting_clients
from bench.workloads.echo import echo, echo_connects, line

from bench import WrongResult
from bench.patterns import PATTERNS
from bench.patterns.serve import Load
from bench.plugins import registry
from bench.strategies import server_classes, server_loops, server_process, servers
from bench.strategies.server_process import HOST
from bench.testing.leftovers import processes

FAMILIES = [each.__name__ for each in (servers, server_classes, server_loops)]
SERVERS = [
    "one_after_another",
    "process_per_connection",
    "thread_per_connection",
    "pre_forked",
    "thread_pool_server",
    "socketserver_threads",
    "socketserver_processes",
    "selectors_server",
    "asyncio_server",
    pytest.param("uvloop_server", marks=pytest.mark.skipif(bool(registry.strategies["uvloop_server"].unavailable), reason="needs uvloop (make test installs it)")),
]  # fmt: skip
EVERY_SERVER = pytest.mark.parametrize("name", SERVERS)
CHECK = PATTERNS["serve"].check
LINES = [line(Random(number)) for number in range(50)]


@pytest.fixture(autouse=True)
def nothing_is_left():
    """No process, zombie, socket or descriptor stays behind a test."""
    resource_tracker.ensure_running()  # these stay, with a descriptor each
    forkserver.ensure_running()
    descriptors, children = open_descriptors(), processes()
    yield
    deadline = time.monotonic() + 10
    while (open_descriptors() > descriptors or processes() > children) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert processes() <= children
    assert open_descriptors() <= descriptors


def open_descriptors():
    return len(os.listdir(f"/proc/{os.getpid()}/fd"))


def raise_at_bad(data):
    if data == b"bad\n":
        raise LookupError("bad")
    return data.upper()


def lower(data):
    return data.lower()


def exit_at_bad(data):
    if data == b"bad\n":
        os._exit(3)
    return data.upper()


@contextmanager
def clients(number=4, lines=LINES):
    with waiting_clients([[(each, each.upper()) for each in lines]] * number) as control_port:
        yield control_port


@contextmanager
def opened(name, workers=2, **options):
    with registry.strategies[name].bind(workers, options) as call:
        yield call


def test_every_server_of_the_families_is_tried():
    named = {getattr(each, "values", [each])[0] for each in SERVERS}
    assert named == {each.name for each in registry.strategies.values() if each.module in FAMILIES}


@pytest.mark.many(10)
@EVERY_SERVER
@pytest.mark.parametrize("handler", [echo, echo_connects])
def test_every_request_is_answered_rightly_round_after_round(name, handler):
    with clients() as control_port, opened(name) as call:
        for load in (Load(control_port, 4, 1, 120), Load(control_port, 4, 6, 1), Load(control_port, 4, 3, 7)):
            replies = call(handler, load)
            CHECK(handler, load, replies)
            assert len(replies.latencies_s) == PATTERNS["serve"].amount(load)
            assert all(0 < each < 60 for each in replies.latencies_s)


@pytest.mark.parametrize("method", ["spawn", "forkserver"])
@pytest.mark.parametrize("name", ["process_per_connection", "pre_forked", "asyncio_server"])
def test_servers_start_by_every_method(name, method):
    with clients(2) as control_port, opened(name, start_method=method) as call:
        load = Load(control_port, 2, 2, 5)
        CHECK(echo, load, call(echo, load))


@EVERY_SERVER
def test_a_handler_that_answers_wrongly_is_wrong(name):
    with clients() as control_port, opened(name) as call:
        load = Load(control_port, 4, 2, 3)
        replies = call(lower, load)
        assert (replies.right, replies.wrong, replies.dropped) == (0, 24, 0)
        with pytest.raises(WrongResult, match=r"0 of 24 replies were right: .* was answered with"):
            CHECK(lower, load, replies)


@EVERY_SERVER
def test_an_error_of_the_handler_drops_that_connection_and_no_other(name):
    with clients(1, [b"good\n", b"bad\n"]) as control_port, opened(name) as call:
        load = Load(control_port, 1, 3, 2)
        replies = call(raise_at_bad, load)
        assert (replies.right, replies.wrong, replies.dropped) == (3, 0, 3)
        with pytest.raises(WrongResult, match="3 of 3 connections were refused or dropped"):
            CHECK(raise_at_bad, load, replies)


def test_a_server_that_dies_shows_as_dropped_and_another_handler_gets_another_server():
    with clients(1, [b"good\n", b"bad\n"]) as control_port, opened("one_after_another") as call:
        replies = call(exit_at_bad, Load(control_port, 1, 3, 2))
        assert (replies.right, replies.dropped) == (1, 3)
        load = Load(control_port, 1, 1, 2)
        CHECK(echo, load, call(echo, load))


@pytest.mark.many(3)
@EVERY_SERVER
def test_sixteen_clients_are_not_refused(name):
    with clients(16) as control_port, opened(name) as call:
        for load in (Load(control_port, 16, 1, 30), Load(control_port, 16, 4, 1)):
            CHECK(echo, load, call(echo, load))


@pytest.mark.many(1)
@EVERY_SERVER
def test_many_short_connections_leave_no_zombies_and_no_descriptors(name):
    with clients() as control_port, opened(name) as call:
        load = Load(control_port, 4, 5, 1)
        for _ in range(12):
            CHECK(echo, load, call(echo, load))
        server = psutil.Process(call._process.pid)
        assert len(server.children(recursive=True)) <= 25, "of 240"
        assert server.num_fds() <= 80, "of 240"


@EVERY_SERVER
def test_leaving_ends_connections_that_are_still_open(name):
    with clients(1) as control_port, opened(name) as call:
        CHECK(echo, Load(control_port, 1, 1, 1), call(echo, Load(control_port, 1, 1, 1)))
        port = call._port
        connected = [socket.create_connection((HOST, port), timeout=20) for _ in range(6)]
        connected[0].sendall(b"still here\n")
        assert connected[0].recv(100) == b"STILL HERE\n"
    for connection in connected:
        with connection, suppress(ConnectionResetError):
            assert connection.recv(100) == b""
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((HOST, port))


@pytest.mark.parametrize("name", ["process_per_connection", "socketserver_processes", "thread_per_connection"])
def test_no_stop_is_lost_while_a_server_is_forking(monkeypatch, name):
    monkeypatch.setattr(server_process, "_STOP_S", 60)
    began = time.monotonic()
    for number in range(15):
        with opened(name) as call:
            call._start(echo)
            connected = [socket.create_connection((HOST, call._port)) for _ in range(5)]
            time.sleep(number / 3000)
        for connection in connected:
            connection.close()
    assert time.monotonic() - began < 60, "a stop that was lost takes 60 s"


@EVERY_SERVER
def test_leaving_does_not_wait_for_a_handler(name):
    with opened(name) as call:
        call._start(sleep_long)
        with socket.create_connection((HOST, call._port)) as connection:
            connection.sendall(b"sleep\n")
            time.sleep(0.1)  # so that the handler is at it
    assert call._process is None


@pytest.mark.parametrize("name", ["selectors_server", "asyncio_server", "thread_per_connection"])
def test_a_request_in_pieces_and_requests_together_get_their_replies(name):
    with opened(name) as call:
        call._start(echo)
        with socket.create_connection((HOST, call._port), timeout=20) as connection:
            for piece in (b"in p", b"iec", b"es\nand\ntoge"):
                connection.sendall(piece)
                time.sleep(0.02)
            connection.sendall(b"ther\n")
            assert received(connection, 23) == b"IN PIECES\nAND\nTOGETHER\n"


def test_replies_that_fill_the_network_are_sent_when_the_client_reads():
    with opened("selectors_server") as call:
        call._start(half_a_megabyte)
        with socket.create_connection((HOST, call._port), timeout=20) as connection:
            connection.sendall(b"go\n" * 20)
            time.sleep(0.1)
            assert received(connection, 20 * 500_001) == (b"x" * 500_000 + b"\n") * 20
            connection.sendall(b"go\n")
            assert len(received(connection, 500_001)) == 500_001


def test_a_server_that_cannot_start_is_an_error_of_the_round():
    with (
        opened("one_after_another", start_method="spawn") as call,
        pytest.raises((AttributeError, pickle.PicklingError)),
    ):
        call(lambda data: data, Load(1, 1, 1, 1))


def sleep_long(data):
    time.sleep(60)
    return data


def half_a_megabyte(_):
    return b"x" * 500_000 + b"\n"


def received(connection, size):
    data = b""
    while len(data) < size:
        more = connection.recv(1 << 20)
        assert more
        data += more
    return data

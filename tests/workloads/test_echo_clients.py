"""The clients of the echo workloads see what a server does, count it, and never wait forever."""

import json
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, suppress
from random import Random

import psutil
import pytest
from bench.workloads import _echo_clients as echo_clients
from bench.workloads._echo_clients import waiting_clients
from bench.workloads.echo import line

from bench.patterns.serve import Load, drive
from bench.plugins import registry
from bench.strategies.server_process import HOST
from tests.conftest import environment

SCRIPT = [(b"one\n", b"ONE\n"), (b"two\n", b"TWO\n"), (b"three\n", b"THREE\n")]


@contextmanager
def serving(answer):
    """A server in threads of this process: `answer(connection, number of the connection)`."""
    threads = []

    def serve(connection, number):
        with connection, suppress(OSError):
            answer(connection, number)

    def accept():
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                thread = threading.Thread(target=serve, args=(connection, len(threads)))
                threads.append(thread)
                thread.start()

    with socket.create_server((HOST, 0)) as listener:
        accepting = threading.Thread(target=accept)
        accepting.start()
        try:
            yield listener.getsockname()[1]
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            accepting.join()
            for thread in threads:
                thread.join()


def answer_all(connection, _, size=100):
    while data := connection.recv(size):
        connection.sendall(data.upper())


def answer_late(connection, _):
    while data := connection.recv(100):
        time.sleep(0.03)
        connection.sendall(data.upper())


def load(clients, connections, requests, answer=answer_all, scripts=2):
    with waiting_clients([SCRIPT] * scripts) as control_port, serving(answer) as port:
        return drive(Load(control_port, clients, connections, requests), HOST, port)


def test_right_replies_are_counted_and_each_is_timed():
    replies = load(2, 3, 2)
    assert (replies.right, replies.wrong, replies.dropped, replies.problem) == (12, 0, 0, "")
    assert len(replies.latencies_s) == 12


def test_a_script_goes_on_with_the_next_connection_and_begins_anew_at_its_end():
    heard = []

    def listen(connection, _):
        while data := connection.recv(100):
            heard.append(data)
            connection.sendall(data.upper())

    assert load(1, 2, 2, listen).right == 4
    assert heard == [b"one\n", b"two\n", b"three\n", b"one\n"]


def test_a_reply_is_timed_from_the_request_to_its_last_byte():
    replies = load(1, 1, 3, answer_late)
    assert min(replies.latencies_s) >= 0.03
    assert sum(replies.latencies_s) < 60


def test_a_reply_in_pieces_is_whole():
    def in_pieces(connection, _):
        while data := connection.recv(100):
            for byte in data.upper():
                connection.sendall(bytes([byte]))
                time.sleep(0.001)

    assert load(1, 1, 3, in_pieces).right == 3


def test_replies_that_differ_in_one_byte_are_wrong():
    def one_off(connection, _):
        while data := connection.recv(100):
            connection.sendall(data.upper().replace(b"W", b"w"))

    replies = load(1, 1, 3, one_off)
    assert (replies.right, replies.wrong, replies.dropped) == (2, 1, 0)
    assert "b'two\\n' was answered with b'TwO\\n'" in replies.problem


def test_a_server_that_takes_clients_one_after_another_is_slow_for_the_last_and_not_silent(monkeypatch):
    monkeypatch.setattr(echo_clients, "_TIMEOUT", struct.pack("@ll", 0, 300_000))
    busy = threading.Lock()

    def one_after_another(connection, number):
        with busy:
            answer_late(connection, number)

    replies = load(
        4, 1, 20, one_after_another, scripts=4
    )  # 0.6 s for each, so that the last waits for six times the patience
    assert (replies.right, replies.dropped, replies.problem) == (80, 0, "")
    assert max(replies.latencies_s) > 1.5


def test_a_port_where_nobody_listens_refuses_every_connection():
    with socket.socket() as bound:
        bound.bind((HOST, 0))
        with waiting_clients([SCRIPT]) as control_port:
            replies = drive(Load(control_port, 1, 5, 2), HOST, bound.getsockname()[1])
    assert (replies.right, replies.dropped) == (0, 5)
    assert "refused" in replies.problem


def test_connections_that_end_early_are_dropped_and_the_others_go_on():
    def end_every_second(connection, number):
        if number % 2 == 0:
            answer_all(connection, number)

    replies = load(1, 6, 2, end_every_second)
    assert (replies.right, replies.wrong, replies.dropped) == (6, 0, 3)
    assert replies.problem


def test_a_cut_reply_is_dropped():
    replies = load(1, 1, 1, lambda connection, _: connection.sendall(connection.recv(100)[:2]))
    assert (replies.right, replies.wrong, replies.dropped) == (0, 0, 1)


@pytest.mark.parametrize("answers", [False, True], ids=["no accept", "no newline"])
def test_a_silent_server_is_given_up_with_all_its_connections(monkeypatch, answers):
    monkeypatch.setattr(echo_clients, "_TIMEOUT", struct.pack("@ll", 0, 200_000))

    def without_end(connection, _):
        while data := connection.recv(100):
            connection.sendall(data.strip())

    if answers:
        replies = load(1, 20, 1, without_end)
    else:
        with socket.create_server((HOST, 0)) as listener, waiting_clients([SCRIPT]) as control_port:
            replies = drive(Load(control_port, 1, 20, 1), HOST, listener.getsockname()[1])
    assert (replies.right, replies.dropped) == (0, 20)
    assert "silent" in replies.problem


def test_patience_is_about_ten_seconds():
    assert struct.unpack("@ll", echo_clients._TIMEOUT) == (10, 0)


def test_clients_that_are_not_there_count_as_dropped():
    replies = load(3, 2, 1, scripts=2)
    assert (replies.right, replies.dropped) == (4, 2)
    assert replies.problem == "there are 2 clients, not 3"


def test_a_killed_client_is_an_error_of_the_round():
    others = set(psutil.Process().children())
    with waiting_clients([SCRIPT] * 2) as control_port:
        (victim, _) = set(psutil.Process().children()) - others
        victim.kill()
        with pytest.raises(ConnectionError):
            drive(Load(control_port, 2, 1, 1), HOST, 1)


def test_a_caller_who_leaves_early_does_not_end_the_service():
    with waiting_clients([SCRIPT]) as control_port, serving(answer_all) as port:
        socket.create_connection((HOST, control_port)).close()
        with socket.create_connection((HOST, control_port)) as control:
            order = {"host": HOST, "port": port, "clients": 1, "connections": 1, "requests": 1}
            control.sendall(json.dumps(order).encode() + b"\n")
        assert drive(Load(control_port, 1, 1, 3), HOST, port).right == 3


def test_nothing_is_left_though_a_load_is_under_way():
    def kept():
        return len(os.listdir("/proc/self/fd")), threading.active_count(), psutil.Process().children()

    before = kept()
    with socket.create_server((HOST, 0)) as silent:
        with waiting_clients([SCRIPT] * 3) as control_port:
            order = {"host": HOST, "port": silent.getsockname()[1], "clients": 3, "connections": 1, "requests": 1}
            control = socket.create_connection((HOST, control_port))
            control.sendall(json.dumps(order).encode() + b"\n")
            silent.accept()[0].close()
        control.close()
    assert kept() == before


def test_clients_end_with_the_process_that_started_them(tmp_path):
    code = (
        "import signal, sys\nfrom bench.workloads._echo_clients import waiting_clients\n"
        "with waiting_clients([[(b'a', b'A')]] * 3):\n    print('ready', flush=True)\n    signal.pause()\n"
    )
    starter = subprocess.Popen([sys.executable, "-c", code], env=environment(), stdout=subprocess.PIPE, cwd=tmp_path)
    assert starter.stdout.readline() == b"ready\n"
    started = psutil.Process(starter.pid).children()
    assert len(started) == 3
    starter.send_signal(signal.SIGKILL)
    starter.communicate()
    _, alive = psutil.wait_procs(started, timeout=20)
    assert [each for each in alive if each.status() != psutil.STATUS_ZOMBIE] == []


@pytest.mark.parametrize("name", ["echo", "echo_connects"])
def test_the_preparation_answers_with_the_workloads_own_task(name):
    workload = registry.workloads[name]
    shape = (2, 3, 2)
    with workload.prepare(shape, Random(5)) as control_port, serving(lambda *each: answer_all(*each, 5000)) as port:
        job = workload.inputs(shape, Random(5), control_port)
        assert (job.clients, job.connections, job.requests) == shape
        replies = drive(job, HOST, port)
    assert (replies.right, replies.wrong, replies.dropped) == (12, 0, 0)


def test_requests_are_seeded_printable_lines():
    rng = Random(1)
    lines = [line(rng) for _ in range(500)]
    assert lines == [line(again) for again in [Random(1)] for _ in range(500)]
    assert all(10 <= len(each) <= 1000 and each.endswith(b"\n") and each[:-1].decode().isprintable() for each in lines)
    assert len({len(each) for each in lines}) > 300
    assert len(set(lines)) == 500

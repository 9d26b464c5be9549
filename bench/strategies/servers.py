"""Servers of blocking sockets: who answers a connection, and when the next one is accepted."""

import multiprocessing
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Thread
from typing import Any

from bench.patterns.serve import Handler, Replies
from bench.plugins.registry import strategy
from bench.strategies.processes import DEFAULT_START_METHOD, START_METHOD_CHOICES
from bench.strategies.server_process import Server, answer

Call = Callable[..., Replies]


@strategy("one_after_another", pattern="serve", isolation="none", choices=START_METHOD_CHOICES)
@contextmanager
def one_after_another(start_method: str = DEFAULT_START_METHOD) -> Iterator[Call]:
    """A loop that accepts a connection and answers it to its end; all others wait meanwhile."""
    with Server(start_method, accept_and_answer) as server:
        yield server


@strategy("process_per_connection", pattern="serve", isolation="process", choices=START_METHOD_CHOICES)
@contextmanager
def process_per_connection(start_method: str = DEFAULT_START_METHOD) -> Iterator[Call]:
    """Each accepted connection is handed to a new `multiprocessing.Process`."""
    with Server(start_method, _hand_to_processes, start_method) as server:
        yield server


@strategy("thread_per_connection", pattern="serve", isolation="thread", choices=START_METHOD_CHOICES)
@contextmanager
def thread_per_connection(start_method: str = DEFAULT_START_METHOD) -> Iterator[Call]:
    """Each accepted connection is handed to a new `Thread`."""
    with Server(start_method, _hand_to_threads) as server:
        yield server


@strategy("pre_forked", pattern="serve", isolation="process", choices=START_METHOD_CHOICES)
@contextmanager
def pre_forked(workers: int, start_method: str = DEFAULT_START_METHOD) -> Iterator[Call]:
    """Processes started beforehand that all accept on one socket; each answers one connection at a time."""
    with Server(start_method, _accept_in_processes, workers, start_method) as server:
        yield server


@strategy("thread_pool_server", pattern="serve", isolation="thread", choices=START_METHOD_CHOICES)
@contextmanager
def thread_pool_server(workers: int, start_method: str = DEFAULT_START_METHOD) -> Iterator[Call]:
    """Each accepted connection is a task of a `ThreadPoolExecutor`; more than its workers wait for their turn."""
    with Server(start_method, _hand_to_pool, workers) as server:
        yield server


def accept_and_answer(listener: socket.socket, handler: Handler) -> None:
    """Serve one connection after another."""
    while True:
        answer(handler, listener.accept()[0])


def _hand_to_processes(listener: socket.socket, handler: Handler, start_method: str) -> None:
    """The parent's copy of the connection is closed at once, or its client would never see the end.

    Nobody joins the children: starting one joins those that have ended (`multiprocessing`, programming guidelines).
    """
    context: Any = multiprocessing.get_context(start_method)
    while True:
        with listener.accept()[0] as connection:
            context.Process(target=answer, args=(handler, connection)).start()


def _hand_to_threads(listener: socket.socket, handler: Handler) -> None:
    while True:
        Thread(target=answer, args=(handler, listener.accept()[0]), daemon=True).start()


def _accept_in_processes(listener: socket.socket, handler: Handler, workers: int, start_method: str) -> None:
    context: Any = multiprocessing.get_context(start_method)
    processes = [context.Process(target=accept_and_answer, args=(listener, handler)) for _ in range(workers)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()


def _hand_to_pool(listener: socket.socket, handler: Handler, workers: int) -> None:
    pool = ThreadPoolExecutor(workers)
    while True:
        pool.submit(answer, handler, listener.accept()[0])

"""Crews: real threads and processes that take orders, and what is left of them."""

import gc
import multiprocessing
import os
import pickle
import sys
import threading
import weakref

import pytest

from bench.strategies.crew import ProcessCrew, ThreadCrew
from tests.families import METHODS, nothing_left

FORK = multiprocessing.get_context("fork")


@pytest.fixture(autouse=True)
def leaves_nothing(monkeypatch):
    with nothing_left():
        yield


def crews(actors, shared):
    return [ThreadCrew(actors, shared), ProcessCrew(FORK, actors, shared)]


def tell(shared, number):
    return (shared, number, os.getpid())


class MissingError(LookupError):
    """One to which a weak reference can be made."""


def fail(shared, number):
    if number == 1:
        raise MissingError("one")
    return number


def leave(shared, number):
    if number == 1:
        os._exit(7)
    threading.Event().wait()


class UnmakableError(Exception):
    def __init__(self, first, second):
        super().__init__("made of two")


def fail_unmakably(shared):
    raise UnmakableError(1, 2)


def give_a_lock(shared):
    return threading.Lock()


@pytest.mark.parametrize("method", METHODS)
def test_the_same_processes_obey_round_after_round_and_get_what_they_share(method):
    with ProcessCrew(multiprocessing.get_context(method), 2, "shared") as crew:
        rounds = [crew.run([(tell, 5), (tell, 6)]) for _ in range(2)]
    assert rounds[0] == rounds[1]
    assert [each[:2] for each in rounds[0]] == [("shared", 5), ("shared", 6)]
    assert len({each[2] for each in rounds[0]} | {os.getpid()}) == 3


def test_threads_get_the_very_object_that_they_share():
    shared = object()
    with ThreadCrew(2, shared) as crew:
        assert crew.run([(tell, 5), (tell, 6)]) == [(shared, 5, os.getpid()), (shared, 6, os.getpid())]


@pytest.mark.parametrize("kind", [0, 1], ids=["threads", "processes"])
def test_fewer_orders_than_actors_are_done_and_none_are_none(kind):
    with crews(3, None)[kind] as crew:
        assert [each[1] for each in crew.run([(tell, 5)])] == [5]
        assert crew.run([]) == []


@pytest.mark.parametrize("kind", [0, 1], ids=["threads", "processes"])
def test_an_exception_of_an_order_is_raised_and_the_crew_works_on(kind):
    with crews(3, None)[kind] as crew:
        for _ in range(2):
            with pytest.raises(LookupError, match="one"):
                crew.run([(fail, number) for number in range(3)])
            assert crew.run([(fail, 0), (fail, 2)]) == [0, 2]


@pytest.mark.parametrize("kind", [0, 1], ids=["threads", "processes"])
def test_an_exception_that_nobody_keeps_is_gone_without_the_garbage_collector(kind):
    gc.collect()
    gc.disable()
    try:
        with crews(2, None)[kind] as crew:
            try:
                crew.run([(fail, 0), (fail, 1)])
            except LookupError as error:
                gone = weakref.ref(error)
            crew.run([(fail, 0), (fail, 0)])  # every actor has let go of what it did before
            assert gone() is None
    finally:
        gc.enable()


def test_an_actor_that_dies_is_reported_and_the_others_are_not_waited_for():
    with ProcessCrew(FORK, 3, None) as crew:
        with pytest.raises(ChildProcessError, match="exit code 7"):
            crew.run([(leave, number) for number in range(3)])
        with pytest.raises(ChildProcessError, match="given up"):
            crew.run([(tell, 1)])


def test_what_cannot_be_sent_back_is_said():
    with ProcessCrew(FORK, 1, None) as crew:
        with pytest.raises(RuntimeError, match="UnmakableError: made of two"):
            crew.run([(fail_unmakably,)])
        with pytest.raises(RuntimeError, match="a result that cannot be sent .*lock"):
            crew.run([(give_a_lock,)])
        assert crew.run([(fail, 0)]) == [0]


def test_an_order_that_cannot_be_sent_is_given_to_nobody():
    with ProcessCrew(FORK, 2, None) as crew:
        with pytest.raises((AttributeError, TypeError, pickle.PicklingError), match="pickle|local object"):
            crew.run([(fail, 0), (fail, lambda: 0)])
        assert crew.run([(fail, 0), (fail, 2)]) == [0, 2]


def test_if_a_process_cannot_start_those_before_it_are_ended():
    with pytest.raises(TypeError, match="pickle"), ProcessCrew(multiprocessing.get_context("spawn"), 2, sys):
        pass


def test_an_error_between_rounds_sends_everyone_home():
    for crew in crews(2, None):
        with pytest.raises(KeyError), crew:
            raise KeyError("of the caller")


@pytest.mark.parametrize("kind", [0, 1], ids=["threads", "processes"])
def test_a_crew_that_was_left_takes_no_orders(kind):
    with crews(1, None)[kind] as crew:
        pass
    with pytest.raises((ChildProcessError, RuntimeError), match="given up"):
        crew.run([(tell, 1)])

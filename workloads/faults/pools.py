"""Pools that are not used as they are meant to be: one in another's worker, one joined too early, one never joined."""

import subprocess
import sys

from bench import WrongResult

from .striking import LONGEST_S, TASKS, Turn, fault, its_number, tell


@fault("a pool inside a pool's worker", right=its_number)
def opens_a_pool(turn: Turn) -> int:
    """Have a number given back by a `multiprocessing.Pool` that the task opens.

    Well known: AssertionError in the workers of another `multiprocessing.Pool`, which are daemonic; works elsewhere.
    """
    if not turn.strikes:
        return turn.number
    import multiprocessing

    tell()
    with multiprocessing.Pool(1) as pool:
        (number,) = pool.map(abs, [turn.number])
        pool.close()
        pool.join()
    return number


@fault("join() before close()")
def joins_before_closing(turn: Turn) -> int:
    """Join a pool that is not closed: a ValueError. It is a pool of threads, which any process may start."""
    if turn.strikes:
        from multiprocessing.pool import ThreadPool

        with ThreadPool(1) as pool:
            tell()
            pool.join()
    return turn.number


_NEVER_JOINED = f"""
import multiprocessing, os, signal, time

def work(number):
    time.sleep(0.5)
    os.write(1, b".")

pool = multiprocessing.get_context("fork").Pool(2, signal.alarm, [{LONGEST_S}])
pool.map_async(work, range({TASKS}), 1)
"""


def _all_were_done(done: int) -> bool:
    if done != TASKS:
        raise WrongResult(f"{TASKS - done} of {TASKS} tasks were lost when their pool's process ended")
    return True


@fault("a pool that is never joined", right=_all_were_done)
def never_joins(turn: Turn) -> int:
    """Count what is done of the ten tasks of a program that gives them to a pool and ends.

    Well known: the pool ends with its parent, and its tasks are lost without a word.
    """
    if not turn.strikes:
        return turn.number
    tell()
    program = subprocess.run(
        [sys.executable, "-P", "-c", _NEVER_JOINED], stdout=subprocess.PIPE, timeout=LONGEST_S, check=True
    )
    return len(program.stdout)

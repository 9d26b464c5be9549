"""Waiting for what nobody will give: deadlocks between processes, each given up in the end."""

import os
import signal
import threading
import time

from .striking import LONGEST_S, Turn, await_child, fault, forked, tell

MORE_THAN_A_PIPE_HOLDS = 1_000_000


@fault("a queue joined before it is drained")
def joins_before_draining(turn: Turn) -> int:
    """Wait for the end of a child that has put 1 MB into a queue, before taking it out.

    The child's end waits for the queue's thread, and that for a reader of its pipe, which holds 64 KB.
    """
    if turn.strikes:
        import multiprocessing

        queue = multiprocessing.get_context("fork").Queue()

        def put() -> None:
            queue.put(bytes(MORE_THAN_A_PIPE_HOLDS))
            queue.close()
            queue.join_thread()  # as each process of `multiprocessing` does at its end

        tell()
        await_child(forked(put), "a reader of its queue")
    return turn.number


@fault("terminate() of a lock's holder")
def terminates_a_lock_holder(turn: Turn) -> int:
    """End a child by SIGTERM while it holds a lock, as `Process.terminate` does, and then acquire that lock."""
    if turn.strikes:
        import multiprocessing

        lock = multiprocessing.get_context("fork").Lock()
        reader, writer = os.pipe()

        def hold() -> None:
            lock.acquire()
            os.write(writer, b".")
            time.sleep(LONGEST_S)

        child = forked(hold)
        os.close(writer)
        os.read(reader, 1)
        os.close(reader)
        os.kill(child, signal.SIGTERM)
        os.waitpid(child, 0)
        tell()
        if not lock.acquire(timeout=LONGEST_S):
            raise TimeoutError(f"{LONGEST_S} s were not enough to get a lock whose holder is gone")
    return turn.number


@fault("fork while another thread holds a lock")
def forks_while_a_lock_is_held(turn: Turn) -> int:
    """Fork while another thread holds a lock: the child has the lock as it was, and not the thread to release it."""
    if turn.strikes:
        lock = threading.Lock()
        held, forking_is_over = threading.Event(), threading.Event()

        def hold() -> None:
            with lock:
                held.set()
                forking_is_over.wait()

        holder = threading.Thread(target=hold)
        holder.start()
        held.wait()
        tell()
        try:
            child = forked(lock.acquire)
        finally:
            forking_is_over.set()
            holder.join()
        await_child(child, "a lock whose holder was not forked")
    return turn.number

"""The six idioms as anyone would write them, timing themselves; of this project they know only the task.

    python handwritten.py STRATEGY ROUNDS        prints the seconds of each round as a JSON list

The one thing in it that nobody would write is the padding: without it the script keeps the luck of one memory layout,
which is worth up to 4.5 % either way (`bench.measure.host.layout` has the figures). Each idiom imports what it needs and no
more: a fork copies the page tables of all that its parent has loaded (3 % of `processes` here).
"""

import random

padding = [bytes(random.randrange(1, 600)) for _ in range(random.randrange(3000))]

import json
import os
import sys
import time

from bench.workloads.primes import primes as count_primes
from bench.workloads.primes import ranges

WORKERS = len(os.sched_getaffinity(0))
INPUTS = ranges(96_000, None)
EXPECTED = 9_252


def timed(rounds, call):
    walls = []
    for _ in range(rounds):
        began = time.perf_counter()
        results = call()
        walls.append(time.perf_counter() - began)
        assert sum(results) == EXPECTED
    return walls


def serial(rounds):
    return timed(rounds, lambda: [count_primes(each) for each in INPUTS])


def threads(rounds):
    import threading

    def call():
        results = [None] * len(INPUTS)

        def work(index, bounds):
            results[index] = count_primes(bounds)

        started = [threading.Thread(target=work, args=item) for item in enumerate(INPUTS)]
        for thread in started:
            thread.start()
        for thread in started:
            thread.join()
        return results

    return timed(rounds, call)


def thread_pool(rounds):
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(WORKERS) as pool:
        return timed(rounds, lambda: list(pool.map(count_primes, INPUTS)))


def send_count(sender, bounds):
    sender.send(count_primes(bounds))
    sender.close()


def processes(rounds):
    import multiprocessing

    def call():
        started = []
        for bounds in INPUTS:
            receiver, sender = multiprocessing.Pipe(duplex=False)
            process = multiprocessing.Process(target=send_count, args=(sender, bounds))
            process.start()
            sender.close()
            started.append((process, receiver))
        results = []
        for process, receiver in started:
            results.append(receiver.recv())
            receiver.close()
            process.join()
        return results

    return timed(rounds, call)


def process_pool(rounds):
    from concurrent.futures import ProcessPoolExecutor

    with ProcessPoolExecutor(WORKERS) as pool:
        return timed(rounds, lambda: list(pool.map(count_primes, INPUTS)))


def pool_map(rounds):
    import multiprocessing

    with multiprocessing.Pool(WORKERS) as pool:
        return timed(rounds, lambda: pool.map(count_primes, INPUTS))


if __name__ == "__main__":
    print(json.dumps(globals()[sys.argv[1]](int(sys.argv[2]))))

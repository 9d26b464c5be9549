"""A sampler as anyone would write it: a thread of the process it watches, 20 times a second, with psutil.

    python accounting_thread_sampler.py threads|processes WORKERS SECONDS      prints JSON

It samples while the process burns CPU in as many threads, or in processes it started. Of this project it takes the
bookkeeping of deadlines alone, so that both sides count alike.
"""

import contextlib
import json
import multiprocessing
import sys
import threading
import time

import psutil

from bench.accounting.sample_clock import SampleClock

HZ = 20.0


def burn(seconds):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        pass


def sample(sample_clock, ended):
    own = psutil.Process()
    while not ended.is_set():
        time.sleep(sample_clock.seconds_to_next())
        if sample_clock.take_due():
            for each in (own, *own.children(recursive=True)):
                with contextlib.suppress(psutil.Error):
                    each.cpu_times(), each.memory_info()


def main(kind, workers, seconds):
    make = {"threads": threading.Thread, "processes": multiprocessing.get_context("fork").Process}[kind]
    workers = [make(target=burn, args=(seconds,)) for _ in range(workers)]
    for each in workers:
        each.start()
    sample_clock, ended, began = SampleClock(HZ), threading.Event(), time.perf_counter()
    sampler = threading.Thread(target=sample, args=(sample_clock, ended))
    sampler.start()
    for each in workers:
        each.join()
    due = 1 + int((time.perf_counter() - began) * HZ)
    ended.set()
    sampler.join()
    print(json.dumps({"due": due, "made": sample_clock.made, "late_p99_s": sample_clock.late_p99_s}))


main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]))

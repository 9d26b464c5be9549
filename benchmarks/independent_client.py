"""A load generator that shares no code with the one of the `echo` workloads, to compare its figures with.

    python independent_client.py PORT CLIENTS REQUESTS SIZE      prints JSON: requests a second, and the median latency

It is as anyone would write it: forked clients that begin when a pipe is closed, receive into one buffer and write their
times to a file. Its requests a second are those of all clients from the first one's start to the last one's end.
"""

import json
import os
import socket
import sys
import tempfile
import time


def client(port, requests, size, gate, report):
    line = (b"abcdefghij" * (size // 10 + 1))[: size - 1] + b"\n"
    wanted, reply = line.swapcase(), bytearray(size)
    os.read(gate, 1)
    started = time.perf_counter()
    times = []
    connection = socket.create_connection(("127.0.0.1", port), timeout=None)
    for _ in range(requests):
        before = time.perf_counter()
        assert connection.send(line) == size
        missing = memoryview(reply)
        while missing:
            missing = missing[connection.recv_into(missing) :]
        times.append(time.perf_counter() - before)
        assert reply == wanted
    with open(report, "w") as file:
        json.dump({"started": started, "ended": time.perf_counter(), "times": times}, file)


def main():
    port, clients, requests, size = map(int, sys.argv[1:])
    reading, writing = os.pipe()
    with tempfile.TemporaryDirectory() as folder:
        reports = [os.path.join(folder, str(number)) for number in range(clients)]
        for report in reports:
            if os.fork() == 0:
                os.close(writing)
                client(port, requests, size, reading, report)
                os._exit(0)
        time.sleep(0.1)
        os.close(writing)
        for _ in reports:
            assert os.wait()[1] == 0
        seen = []
        for report in reports:
            with open(report) as file:
                seen.append(json.load(file))
    took = max(each["ended"] for each in seen) - min(each["started"] for each in seen)
    times = sorted(time for each in seen for time in each["times"])
    print(json.dumps({"per_second": len(times) / took, "median_s": times[len(times) // 2]}))


main()

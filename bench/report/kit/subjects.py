"""What the built-in workloads are about, as it stands in a spoken sentence: `threads don't speed up Python arithmetic`.

A workload that is not here is called by its name. Several that are about one thing have one name.
"""

from collections.abc import Mapping

_SUBJECTS: Mapping[str, str] = {
    "downloads": "waiting",
    "downloads_even": "waiting",
    "downloads_uneven": "waiting",
    "fetch": "waiting for a server",
    "mixed": "a mix of Python and waiting",
    "primes": "Python arithmetic",
    "matrix": "matrix products in C",
    "thumbnails": "resizing images in C",
    "copy_files": "copying files",
    "big_inputs": "big inputs",
    "big_results": "big results",
    "messages_16b": "messages of 16 bytes",
    "messages_4kib": "messages of 4 KiB",
    "messages_1mib": "messages of 1 MiB",
    "three_to_one": "messages from three producers",
    "one_to_many": "messages to three consumers",
    "ping_pong": "round trips of a message",
    "counter": "a shared counter",
    "histogram": "a shared histogram",
    "turns": "strict turns",
    "contention": "a lock that all want",
    "echo": "connections that are kept",
    "echo_connects": "a connection for each request",
    "start_empty": "starts from an empty process",
    "start_holding": "starts from a process of 500 MB",
}


def subject(workload: str, setting: str = "") -> str:
    """What a workload is about, with its setting where a run has several of it."""
    return f"{_SUBJECTS.get(workload, workload)} {setting}".strip()

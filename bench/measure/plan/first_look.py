"""A first look at everything (`--quick`): what it leaves out, so that there is time for an interval of each case that it measures.

Left out are variants: what tells nearly the same as another one of its kind, or what few people choose between first. Whatever is not
built in is measured.
"""

from collections.abc import Sequence

from bench.measure.plan.cases import PlannedCase

WORKLOADS = frozenset(
    {
        "big_results",
        "contention",
        "downloads_even",
        "downloads_uneven",
        "echo_connects",
        "histogram",
        "messages_16b",
        "messages_1mib",
        "mixed",
        "one_to_many",
        "start_holding",
        "three_to_one",
    }
)
"""Variants of `big_inputs`, `downloads`, `echo`, `counter`, `messages_4kib`, `start_empty` and `turns`; `mixed` lies between `primes` and
`downloads`."""
STRATEGIES = frozenset(
    {
        "bounded_queue",
        "fork",
        "joblib_loky",
        "joinable_queue",
        "manager_dict",
        "manager_list",
        "manager_queue",
        "manager_value",
        "mpire",
        "pool_apply",
        "pool_apply_async",
        "pool_apply_callback",
        "pool_imap",
        "pool_imap_unordered",
        "pool_inherited",
        "pool_initializer",
        "pool_of_threads",
        "pool_starmap",
        "process_bounded_semaphore",
        "process_rlock",
        "process_subclass",
        "socketserver_processes",
        "socketserver_threads",
        "start_subclass",
        "thread_bounded_semaphore",
        "thread_rlock",
        "thread_simple_queue",
    }
)


def first_look(planned: Sequence[PlannedCase]) -> list[PlannedCase]:
    """The cases of a first look."""
    return [each for each in planned if each.workload.name not in WORKLOADS and each.strategy.name not in STRATEGIES]

"""The built-in strategies, one module per family. A host imports only the family that it measures."""

_FAMILIES = (
    "serial",
    "threads",
    "thread_executor",
    "pool_of_threads",
    "event_loop",
    "interpreters",
    "processes",
    "process_subclass",
    "forks",
    "process_executor",
    "pools",
    "pool_calls",
    "avoiding_pickle",
    "extras",
    "streams",
    "sharing",
    "locks",
    "servers",
    "server_classes",
    "server_loops",
    "starting",
)
BUILT_IN = tuple(f"bench.strategies.{family}" for family in _FAMILIES)

"""The built-in strategies, one module per family. A host imports only the family that it measures."""

_FAMILIES = (
    "serial",
    "threads",
    "processes",
    "pools",
    "streams",
    "sharing",
    "locks",
    "forks",
    "pool_calls",
    "event_loop",
    "interpreters",
    "avoiding_pickle",
    "extras",
    "servers",
    "server_classes",
    "server_loops",
    "starting",
)
BUILT_IN = tuple(f"bench.strategies.{family}" for family in _FAMILIES)

"""The built-in strategies, one module per family. A host imports only the family that it measures."""

BUILT_IN = tuple(f"bench.strategies.{family}" for family in ("serial", "threads", "processes", "pools"))

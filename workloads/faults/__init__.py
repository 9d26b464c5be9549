"""Workloads that go wrong, one family of faults a module: what strategies make of that, `python -m bench faults` shows.

None of them is listed with the other workloads. They are imported as `bench.workloads.faults`, and import only `bench`.
"""

_MODULES = (
    "ends",
    "pickling",
    "exceptions",
    "workers",
    "pools",
    "locks",
    "children",
    "resources",
    "iterators",
)
# they import each other relatively: mypy finds them as `workloads.faults`
BUILT_IN = tuple(f"bench.workloads.faults.{name}" for name in _MODULES)

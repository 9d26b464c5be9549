"""The built-in workloads, one module each. They are imported as `bench.workloads`, and import only `bench`."""

_MODULES = (
    "downloads",
    "fetch",
    "mixed",
    "primes",
    "matrix",
    "thumbnails",
    "copy_files",
    "payloads",
    "messages",
    "counting",
    "hand_offs",
    "echo",
    "starting",
)
BUILT_IN = tuple(f"bench.workloads.{name}" for name in _MODULES)

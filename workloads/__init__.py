"""The built-in workloads, one module each. They are imported as `bench.workloads`, and import only `bench`."""

_MODULES = (
    "downloads",
    "fetch",
    "primes",
    "matrix",
    "thumbnails",
    "messages",
    "counting",
    "hand_offs",
    "copy_files",
    "mixed",
    "payloads",
    "echo",
    "starting",
)
BUILT_IN = tuple(f"bench.workloads.{name}" for name in _MODULES)

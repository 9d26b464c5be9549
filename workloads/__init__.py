"""The built-in workloads, one module each. They are imported as `bench.workloads`, and import only `bench`."""

BUILT_IN = tuple(f"bench.workloads.{name}" for name in ("downloads", "fetch", "primes", "matrix", "thumbnails"))

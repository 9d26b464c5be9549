"""Suites of pytest-benchmark: a process of pytest for each arm of a gate, which run the same benchmarks by turns."""

"""For tests of strategies that others make: one import, `from bench.testing import conformance`. It needs pytest."""

from bench.testing.suite import conformance

__all__ = ["conformance"]

"""The reason of a block that was not measured well, as a run file may hold it."""

from bench.measure.results.explain import publishable
from bench.plugins.names import sanitized


def kept(reason: str, *, keep_paths: bool = False) -> str:
    """The reason on one line; without folders, unless the user wants them named."""
    return sanitized(reason) if keep_paths else publishable(reason)

"""A case: a workload at a scale under a strategy, with workers, options and an interpreter."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Case:
    """What is measured: workload x scale x strategy x workers x options x interpreter."""

    workload: str
    scale: str
    strategy: str
    """Empty for a benchmark of a suite, which says itself how it does its work."""
    workers: int | None
    """Workers asked for. Where the strategy takes no number, 1 if it works in its caller alone, else None."""
    python: str
    """Implementation and version, for instance `cpython-3.11.7`."""
    options: dict[str, str] = field(default_factory=dict)
    takes_workers: bool = True
    """Whether the strategy takes a number of workers."""

    @property
    def key(self) -> str:
        """Stable text that names the case in files, selections and charts."""
        options = ",".join(f"{name}={value}" for name, value in sorted(self.options.items()))
        workers = "-" if self.workers is None else str(self.workers)
        return "/".join((self.workload, self.scale, self.strategy, workers, options or "-", self.python))

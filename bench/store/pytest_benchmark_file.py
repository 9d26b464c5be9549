"""Files of pytest-benchmark, as its `--benchmark-json` and its storage write them since version 2.

One pytest process measured all benchmarks of a file. Their times are seconds of one call: a round's time divided by
its iterations, and warm-ups left out (pytest_benchmark/fixture.py, `_raw` and `_raw_pedantic`).
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from bench.errors import RunFileError
from bench.store.json_files import check_number, taken
from bench.store.lines import shown

OWN = "concurrency-bench"
"""Under this name in `extra_info` and `machine_info` stands what this tool knows and the format has no place for."""


@dataclass(frozen=True, slots=True)
class Stats:
    """What is said of a benchmark's times, seconds."""

    min: float
    mean: float
    stddev: float
    rounds: int
    median: float | None = None
    iterations: int = 1
    data: list[float | str] | None = None
    """The time of each round; absent unless asked for by `--benchmark-save-data`, and people cut it by hand."""

    @property
    def times_s(self) -> list[float]:
        """The time of each round; none where the file has not all of them."""
        numbers = [float(each) for each in self.data or () if not isinstance(each, str)]
        return numbers if len(numbers) == self.rounds else []


@dataclass(frozen=True, slots=True)
class Blocks:
    """How rounds that this tool exported belong to blocks, and what each block used."""

    rounds: list[int]
    """How many warm rounds each block had, in the order of `Stats.data`."""
    cpu_s: list[float] = field(default_factory=list)
    """CPU-seconds of a round in each block that has them."""
    peak_memory_bytes: list[float] = field(default_factory=list)
    unknown: dict[str, str] = field(default_factory=dict)
    """Why CPU or memory is not there."""


@dataclass(frozen=True, slots=True)
class Benchmark:
    """One benchmark of a file."""

    name: str
    fullname: str
    """The test's id, with its file: the same in every run."""
    stats: Stats
    extra_info: dict[str, Any] = field(default_factory=dict)
    blocks: Blocks | None = None
    """Where this tool exported it."""

    def used(self, what: str) -> float | None:
        """A number above 0 that a test or the plugin of this tool put into `extra_info`: `cpu_s`, `peak_memory_bytes`."""
        value = self.extra_info.get(what)
        return float(value) if isinstance(value, int | float) and value > 0 else None


@dataclass(frozen=True, slots=True)
class PytestBenchmarkFile:
    """One run of pytest-benchmark."""

    benchmarks: list[Benchmark]
    version: str
    """Of pytest-benchmark itself."""
    datetime: str
    """When the run ended; in UTC, though versions before 3.1 and 4 do not always say so."""
    machine_info: dict[str, Any] = field(default_factory=dict)
    """As the platform module names it; plug-ins may add to it, so nothing is sure to be there."""
    commit_info: dict[str, Any] = field(default_factory=dict)


def fits(document: Any) -> bool:
    """Whether decoded JSON looks like one of these files."""
    return isinstance(document, dict) and "benchmarks" in document and "machine_info" in document


def read(document: dict[str, Any], name: str) -> PytestBenchmarkFile:
    """Take decoded JSON as such a file; `name` is the file's, for errors.

    Raises:
        RunFileError: naming the field, if something is missing, of another type, or no time.
    """
    for number, each in enumerate(_listed(document)):
        if isinstance(each, dict):
            each["blocks"] = _own(each)
            each["extra_info"] = each.get("extra_info") or {}
            place = f"benchmarks[{number}].extra_info.{OWN}"
            if each["blocks"] is not None:
                taken(each["blocks"], Blocks, name, place)
    found = taken(document, PytestBenchmarkFile, name)
    for number, each in enumerate(found.benchmarks):
        _check(each, name, f"benchmarks[{number}]")
    again = [fullname for fullname, times in Counter(each.fullname for each in found.benchmarks).items() if times > 1]
    if again:
        raise RunFileError(f"{name}: field `benchmarks` has {shown(again[0])} twice")
    return found


def _listed(document: dict[str, Any]) -> list[Any]:
    benchmarks = document["benchmarks"]
    return benchmarks if isinstance(benchmarks, list) else []


def _own(benchmark: dict[str, Any]) -> Any:
    extra = benchmark.get("extra_info")
    return extra.get(OWN) if isinstance(extra, dict) else None


def _check(benchmark: Benchmark, name: str, field: str) -> None:
    stats = benchmark.stats
    for what, value in (("min", stats.min), ("mean", stats.mean), ("stddev", stats.stddev), ("median", stats.median)):
        if value is not None:
            check_number(value, name, f"{field}.stats.{what}")
    for number, each in enumerate(stats.data or ()):
        if not isinstance(each, str):
            check_number(each, name, f"{field}.stats.data[{number}]")
    blocks = benchmark.blocks
    if blocks is None:
        return
    place = f"{field}.extra_info.{OWN}"
    if min(blocks.rounds, default=0) < 1 or sum(blocks.rounds) != len(stats.times_s):
        raise RunFileError(
            f"{name}: field `{place}.rounds` is {shown(blocks.rounds)}; "
            f"it must be above 0 and make up the {len(stats.times_s)} rounds of `stats.data`"
        )
    for what in ("cpu_s", "peak_memory_bytes"):
        for number, value in enumerate(getattr(blocks, what)):
            check_number(value, name, f"{place}.{what}[{number}]")

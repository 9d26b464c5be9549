"""Files of pytest-benchmark, as its `--benchmark-json` and its storage write them since version 2.

One pytest process measured all benchmarks of a file. Their times are seconds of one call: a round's time divided by
its iterations, and warm-ups left out (pytest_benchmark/fixture.py, `_raw` and `_raw_pedantic`).
"""

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Any

from bench.errors import RunFileError
from bench.store.json_files import check_number, taken
from bench.store.lines import most_of, shown

OWN = "concurrency-bench"
"""Under this name in `extra_info` and `machine_info` stands what this tool knows and the format has no place for."""


@dataclass(frozen=True, slots=True)
class Stats:
    """What is said of a benchmark's times, seconds."""

    mean: float
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
    times: int = 1
    """How often the test is in the file; this is the last time."""

    def used(self, what: str) -> float | None:
        """A number above 0 that a test or the plugin of this tool put into `extra_info`: `cpu_s`, `peak_memory_bytes`."""
        value = self.extra_info.get(what)
        return float(value) if isinstance(value, int | float) and 0 < value < most_of(what) else None


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
    if not isinstance(document, dict) or "benchmarks" not in document:
        return False
    return "machine_info" in document or any("stats" in each for each in _listed(document) if isinstance(each, dict))


def read(document: dict[str, Any], name: str) -> PytestBenchmarkFile:
    """Take decoded JSON as such a file; `name` is the file's, for errors. What is not needed may be missing or anything.

    Raises:
        RunFileError: naming the field, if something that is needed is missing, of another type, or no time.
    """
    for key in ("machine_info", "commit_info"):
        document[key] = _as(dict, document.get(key), {})
    for key in ("version", "datetime"):
        document[key] = _as(str, document.get(key), "")
    for number, each in enumerate(_listed(document)):
        if isinstance(each, dict):
            each["extra_info"] = _as(dict, each.get("extra_info"), {})
            each["blocks"] = each["extra_info"].get(OWN)
            place = f"benchmarks[{number}].extra_info.{OWN}"
            if each["blocks"] is not None:
                taken(each["blocks"], Blocks, name, place)
    found = taken(document, PytestBenchmarkFile, name)
    for number, each in enumerate(found.benchmarks):
        _check(each, name, f"benchmarks[{number}]")
    return replace(found, benchmarks=_last_of_each(found.benchmarks))


def _as(kind: type, value: Any, otherwise: Any) -> Any:
    return value if isinstance(value, kind) else otherwise


def _last_of_each(benchmarks: list[Benchmark]) -> list[Benchmark]:
    """A test that ran again, as plug-ins have it where it fails, is there for each time: the last one counts."""
    times = Counter(each.fullname for each in benchmarks)
    last = {each.fullname: each for each in benchmarks}
    return [replace(each, times=times[fullname]) for fullname, each in last.items()]


def _listed(document: dict[str, Any]) -> list[Any]:
    benchmarks = document["benchmarks"]
    return benchmarks if isinstance(benchmarks, list) else []


def _check(benchmark: Benchmark, name: str, field: str) -> None:
    stats = benchmark.stats
    for what, value in (("mean", stats.mean), ("median", stats.median)):
        if value is not None:
            check_number(value, name, f"{field}.stats.{what}", "wall_s")
    for number, each in enumerate(stats.data or ()):
        if not isinstance(each, str):
            check_number(each, name, f"{field}.stats.data[{number}]", "wall_s")
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
            check_number(value, name, f"{place}.{what}[{number}]", what)

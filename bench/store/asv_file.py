"""Files of asv's results, `results/MACHINE/COMMIT-ENVIRONMENT.json`, of version 2 of their format.

A benchmark's row stands in the order of `result_columns` and is cut where nothing follows. Its numbers are lists with one
entry for each combination of its parameters, the last parameter changing fastest: null where it failed, NaN where it was
skipped. What kind of number it is stands in `benchmarks.json`, beside the folders of machines; without it the kind is told by
the function's name, as asv itself tells it.
"""

import itertools
import math
import re
from dataclasses import dataclass, field
from typing import Any

import msgspec

from bench.errors import RunFileError
from bench.store.json_files import check_number, taken
from bench.store.lines import shown

VERSION = 2
BENCHMARKS = "benchmarks.json"
"""Says of each benchmark what it measures, beside the folders of machines."""
NO_RESULTS = frozenset({BENCHMARKS, "machine.json"})
"""Files that lie among results."""
_MOST_COMBINATIONS = 100_000
_KIND = re.compile(r"^(timeraw|time|peakmem|mem|track)(?=_|[A-Z]|$)", re.IGNORECASE)
_UNITS = {"time": "seconds", "timeraw": "seconds", "peakmem": "bytes", "mem": "bytes", "track": "unit"}
_QUANTITIES = {"seconds": "wall_s", "bytes": "peak_memory_bytes"}


@dataclass(frozen=True, slots=True)
class AsvBenchmark:
    """One benchmark with one combination of parameters."""

    name: str
    parameters: list[str]
    parameter_names: list[str]
    """As many as there are parameters; empty where they are not known."""
    unit: str
    """`seconds`, `bytes`, or what the benchmark says."""
    result: float | None
    """The median of its samples, or its only value; None where it has none."""
    is_skipped: bool
    samples: list[float]
    """Of all its processes, one after the other; empty unless asked for by `--record-samples`."""
    repeat: int | None
    """How many samples there were."""
    version: str
    """Changes with the code of the benchmark."""


@dataclass(frozen=True, slots=True)
class AsvFile:
    """The results of one commit in one environment on one machine."""

    benchmarks: list[AsvBenchmark]
    commit: str
    params: dict[str, Any]
    """Of the machine and the environment."""
    python: str
    requirements: dict[str, Any]
    started_ms: float | None
    """When the first benchmark began, in milliseconds since 1970; None where the file does not say."""


@dataclass(frozen=True, slots=True)
class _File:
    commit_hash: str
    result_columns: list[str]
    results: dict[str, list[Any]]
    params: dict[str, Any] = field(default_factory=dict)
    python: str = ""
    requirements: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Row:
    params: list[list[str]]
    result: list[float | None] | None = None
    samples: list[list[float] | None] | None = None
    stats_repeat: list[int | None] | None = None
    started_at: float | None = None
    version: str | None = None


@dataclass(frozen=True, slots=True)
class _Described:
    unit: str
    param_names: list[str] = field(default_factory=list)


def fits(document: Any) -> bool:
    """Whether decoded JSON looks like one of these files, of whatever version."""
    return isinstance(document, dict) and isinstance(document.get("results"), dict) and "commit_hash" in document


def read(document: dict[str, Any], described: dict[str, Any], name: str) -> AsvFile:
    """Take decoded JSON as such a file.

    Args:
        document: the file.
        described: `benchmarks.json`; empty where there is none.
        name: the file's, for errors.

    Raises:
        RunFileError: naming the field, if something is missing, of another type, or no measurement; naming the
            version, if it is another one.
    """
    version = document.get("version")
    if version != VERSION or isinstance(version, bool):
        raise RunFileError(
            f"{name}: field `version` of asv's format is {shown(version)}; known: {VERSION}; for an older one: asv update"
        )
    file = taken(document, _File, name)
    rows = {
        key: taken(dict(zip(file.result_columns, row, strict=False)), _Row, name, f"results.{key}")
        for key, row in file.results.items()
    }
    began = [row.started_at for row in rows.values() if row.started_at is not None]
    return AsvFile(
        [each for key, row in rows.items() for each in _benchmarks(key, row, described.get(key), name)],
        file.commit_hash,
        file.params,
        file.python,
        file.requirements,
        min(began, default=None),
    )


def _benchmarks(key: str, row: _Row, described: Any, name: str) -> list[AsvBenchmark]:
    """One for each combination of the parameters of a row."""
    place = f"results.{key}"
    count = math.prod(map(len, row.params))
    if count > _MOST_COMBINATIONS:
        raise RunFileError(f"{name}: field `{place}.params` makes {count} combinations; most: {_MOST_COMBINATIONS}")
    for what, column in (("result", row.result), ("samples", row.samples), ("stats_repeat", row.stats_repeat)):
        if column is not None and len(column) != count:
            raise RunFileError(
                f"{name}: field `{place}.{what}` has {len(column)} entries, and the parameters make {count}"
            )
    unit, names = _described(key, described)
    results: list[float | None] = row.result or [None] * count
    samples: list[list[float] | None] = row.samples or [None] * count
    repeats: list[int | None] = row.stats_repeat or [None] * count
    found = []
    for number, chosen in enumerate(itertools.product(*row.params)):
        result = results[number]
        is_skipped = result is not None and math.isnan(result)
        drawn = samples[number] or []
        _check(result if not is_skipped else None, drawn, unit, name, place, number)
        found.append(
            AsvBenchmark(
                key,
                list(chosen),
                names if len(names) == len(chosen) else [],
                unit,
                None if is_skipped else result,
                is_skipped,
                drawn,
                repeats[number],
                row.version or "",
            )
        )
    return found


def _check(result: float | None, samples: list[float], unit: str, name: str, place: str, number: int) -> None:
    if unit not in _QUANTITIES:
        return
    if result is not None:
        check_number(result, name, f"{place}.result[{number}]", _QUANTITIES[unit])
    for index, each in enumerate(samples):
        check_number(each, name, f"{place}.samples[{number}][{index}]", _QUANTITIES[unit])


def _described(key: str, described: Any) -> tuple[str, list[str]]:
    """The unit of a benchmark, and the names of its parameters where they are known."""
    try:
        about = msgspec.convert(described, _Described)
    except msgspec.ValidationError:
        kind = _KIND.match(key.rpartition(".")[2])
        return _UNITS[kind[1].lower()] if kind else "unit", []
    return about.unit, about.param_names

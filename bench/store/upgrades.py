"""Run files of earlier versions, brought up to date a line at a time.

What an earlier version did not hold becomes None, with that as its reason. Nothing is checked here: of a line that is
not as its version had it, what can be changed is, and reading it against `bench.records` says what is wrong.
"""

from contextlib import suppress
from dataclasses import fields
from typing import Any

from bench.records.run import Purpose
from bench.records.use import Window

_TICKS_OFF = 4
"""By how many ticks the CPU of version 2 could be too high: it was read by psutil from outside, while hosts went on."""


IN_THE_CALLER = {"serial", "one_after_another", "selectors_server", "asyncio_server", "uvloop_server"}
"""Strategies of ours that take no number of workers, and had a 1 of which nothing said so."""


def upgrade(line: dict[str, Any], schema: object) -> None:
    """Change a decoded line of a file whose header names version `schema` into one of today.

    Raises:
        TypeError, LookupError, AttributeError: if the line is far from what that version had.
    """
    if schema == 1:
        _from_version_1(line)
    if schema in (1, 2):
        _from_version_2(line)
    if schema in (1, 2, 3, 4, 5):
        _from_version_5(line)
    if isinstance(plan := line.get("plan"), dict) and "purpose" not in plan:
        plan["purpose"] = Purpose.RANKING
        with suppress(TypeError, LookupError, AttributeError):  # what is wrong with the plan is said where it is read
            plan["purpose"] = _purpose(plan)


def _from_version_1(line: dict[str, Any]) -> None:
    """It knew one pattern, and one baseline for all."""
    if isinstance(case := line.get("case"), str):
        line["case"] = case.replace("/per-task/", "/-/")
    plan = line.get("plan")
    if isinstance(plan, dict) and isinstance(rounds := plan.get("rounds"), dict):
        plan["rounds"] = {key.replace("/per-task/", "/-/"): count for key, count in rounds.items()}
    if isinstance(plan, dict) and isinstance(bounds := plan.pop("bounds", None), dict):
        baseline = plan.pop("baseline", None)
        cases = [each for each in plan.get("cases", ()) if isinstance(each, dict)]
        own = {
            each.get("workload"): list(each.get("options", ())) for each in cases if each.get("strategy") == baseline
        }
        plan["works"] = {
            name: {"pattern": "map", "bound": bound, "baseline": baseline, "options": own.get(name, [])}
            for name, bound in bounds.items()
        }


def _from_version_2(line: dict[str, Any]) -> None:
    """It timed the start and the stop without saying when they were, and counted by psutil alone."""
    if line.get("kind") == "header":
        if isinstance(plan := line.get("plan"), dict):
            plan |= {"sampler": "psutil", "accounting": "psutil"}
    elif line.get("kind") == "block":
        ready_s = line.get("setup_s") or 0.0
        start_s, stop_s = line.pop("start_s", None), line.pop("stop_s", None)
        if start_s is not None:
            line["start"] = {"at_s": ready_s, "wall_s": start_s}
        if stop_s is not None:
            line["stop"] = {"at_s": _end_of_rounds(line, ready_s), "wall_s": stop_s}
        samples, sampling = line.get("samples"), line.get("sampling")
        if isinstance(samples, dict) and "memory_bytes" in samples:
            samples["rss_bytes"] = samples["memory_bytes"]
        if isinstance(sampling, dict):
            line["accounting"] = _accounting(sampling, samples)
            _upgrade_sampling(sampling)


def _from_version_5(line: dict[str, Any]) -> None:
    """All rounds of a block had as many calls, and who takes workers was not said."""
    if line.get("kind") == "block" and isinstance(rounds := line.get("rounds"), list):
        line["calls"] = [line.get("calls", 1)] * len(rounds)
    plan = line.get("plan")
    for case in plan.get("cases", ()) if isinstance(plan, dict) else ():
        if isinstance(case, dict) and "takes_workers" not in case:
            case["takes_workers"] = case.get("workers") is not None and case.get("strategy") not in IN_THE_CALLER


def _purpose(plan: dict[str, Any]) -> Purpose:
    """What a run was for whose file is of a time when none said it: a check has a gate, and faults alone are met once each."""
    if plan.get("gate") is not None:
        return Purpose.CHECK
    cases, works = plan.get("cases", []), plan.get("works", {})
    once = len({(case["workload"], case["strategy"]) for case in cases}) == len(cases) and plan.get("repetitions") == 1
    are_faults = bool(works) and all(work.get("fault") for work in works.values())
    return Purpose.FAULTS if once and are_faults else Purpose.RANKING


def _end_of_rounds(line: dict[str, Any], ready_s: Any) -> Any:
    """When the last round ended; without one, when the process was ready."""
    rounds = line.get("rounds")
    return rounds[-1]["at_s"] + rounds[-1]["wall_s"] if rounds else ready_s


def _upgrade_sampling(sampling: dict[str, Any]) -> None:
    sampling |= {"sampler": "psutil", "hz_lowered_to": None, "tick_cpu_s": None}
    due = sampling["due"]
    sampling["hz_achieved"] = sampling["hz"] * (due - sampling["missed"]) / due if due else None


def _accounting(sampling: dict[str, Any], samples: Any) -> dict[str, Any]:
    """What version 2 said with the sampling of how CPU and memory were read; no word of how far off they could be."""
    layer = {"layer": "psutil", "below": None}
    cpu = layer | {"bound": sampling.pop("cpu_method"), "above": _TICKS_OFF * sampling.pop("cpu_tick_s")}
    cpu_s = samples.get("cpu_s") if isinstance(samples, dict) else None
    reason = "this run file is of an earlier version, which did not hold it"
    names = [each.name for each in fields(Window) if each.name not in {"at_s", "wall_s", "peak_memory_bytes"}]
    whole = [f"whole {name}" for name in ("cpu_s", "peak_memory_bytes")]
    return {
        "cpu": cpu,
        "whole_cpu": cpu,
        "memory": layer | {"bound": sampling.pop("memory_method"), "above": None},
        "cpu_by_layer": {"psutil": cpu_s[-1]} if isinstance(cpu_s, list) and cpu_s else {},
        "absent": dict.fromkeys(("cgroup", "wait4", "ledger"), "the version that measured this did not use it"),
        "unknown": dict.fromkeys((*names, *whole), reason) | {"peak_memory_bytes": "no sample fell into a round"},
    }

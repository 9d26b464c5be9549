"""CPU and memory as measured, against programs whose use is known (`bench/oracles`).

From each figure the same program's with nothing to do is taken off: 0 ms a child, or 1 MiB. What is left is what was
asked for, and the truth is what the program says of itself, likewise less that of the idle one.
"""

import statistics

from benchmarks.accounting_peers import MIB, ORACLES, Observed, Tool, duct, mprof, observe, ours, psrecord, python
from benchmarks.accounting_tables import Table, per_cent

ENDINGS = {
    "reaped": "waited for by its parent",
    "unreaped": "parent ends first",
    "ignored": "parent ignores SIGCHLD",
    "orphaned": "double fork",
}
CHILDREN = {1: 500, 5: 150, 20: 50, 100: 10}
"""How many of each life, in milliseconds of CPU."""
AT_ONCE = 2
LAYERS = ("cgroup", "wait4", "ledger", "psutil")
CPU_TOOLS = {  # each with how often it is run: a sampler's error of 90 % needs no median
    ours("ours", "cgroup", "auto"): 3,
    ours("psutil", "psutil", "psutil"): 1,
    psrecord(): 1,
    duct(): 1,
}


def cpu(*, short: bool) -> Table:
    """The error of each layer and tool for children of each life and ending."""
    rows = []
    worst: dict[str, tuple[float, str]] = {}
    for ending, shown in list(ENDINGS.items())[:: 2 if short else 1]:
        for life_ms, children in list(CHILDREN.items())[:: 2 if short else 1]:
            errors = _cpu_errors(ending, life_ms, children, short=short)
            allowed = 0.005 + 0.5 / life_ms
            rows.append(
                [f"{life_ms} ms, {shown}", f"±{100 * allowed:.1f} %", *map(per_cent, map(errors.get, _columns()))]
            )
            for layer in LAYERS[:3]:
                if layer in errors and (layer == "cgroup" or ending != "ignored"):
                    used = abs(errors[layer]) / allowed
                    worst[layer] = max(worst.get(layer, (0.0, "")), (used, rows[-1][0]))
    note = "Of what the goal allows, the worst row of each layer takes " + ", ".join(
        f"{100 * used:.0f} % ({layer}; {where})" for layer, (used, where) in worst.items()
    )
    return Table(
        ["each child", "goal", *_columns()],
        rows,
        f"{note}. Children nobody can wait for count for `cgroup` alone: of the others the record says that they are lower bounds.",
    )


def _columns() -> list[str]:
    return [*LAYERS, "psrecord", "con-duct"]


def _cpu_errors(ending: str, life_ms: int, children: int, *, short: bool) -> dict[str, float]:
    """By layer or tool: the median of the relative errors."""
    found: dict[str, list[float]] = {}
    for tool, times in CPU_TOOLS.items():
        for _ in range(1 if short else times):
            busy, idle = (
                observe(tool, python(ORACLES / "burner.py", ending, children, each, AT_ONCE)) for each in (life_ms, 0)
            )
            truth_s = busy.truth - idle.truth
            for layer, seconds in busy.said.cpu_s.items():
                error = (seconds - idle.said.cpu_s.get(layer, 0.0)) / truth_s - 1
                found.setdefault(layer, []).append(error)
    return {layer: statistics.median(errors) for layer, errors in found.items()}


MEMORY_TOOLS = (
    ours("cgroup", "cgroup", "auto"),
    ours("ledger", "ledger", "auto"),
    ours("psutil", "psutil", "psutil"),
    psrecord(),
    duct(),
    mprof("mprof", "psutil"),
    mprof("mprof, PSS", "psutil_pss"),
)
HOLDINGS = {  # arguments after MIB, what the tree holds for each MIB, and how often
    "200 MiB shared by 9 processes": ("shared", 200, 8, 1.0, 1, 1),
    "50 MiB in each of 5 processes": ("private", 50, 4, 1.0, 5, 1),
    "300 MiB for about 20 ms": ("spike", 300, 0, 0.6, 1, 5),
}


def memory(*, short: bool) -> Table:
    """The peak by each layer and tool, in MiB above the same program with 1 MiB."""
    rows, missed = [], []
    for name, (kind, mib, readers, seconds, processes, times) in HOLDINGS.items():
        truth = (mib - 1) * processes
        allowed = 0.02 * truth + 4
        cells = []
        for tool in MEMORY_TOOLS:
            peaks = [_above_idle(tool, kind, mib, readers, seconds) for _ in range(1 if short else times)]
            cells.append(_peaks(peaks))
            if tool in MEMORY_TOOLS[:2] and any(abs(each - truth) > allowed for each in peaks):
                missed.append(f"{tool.name} ({name})")
        rows.append([name, f"{truth} ± {allowed:.0f}", *cells])
    note = (
        f"Outside the goal: {', '.join(missed)}." if missed else "Our two first layers are within the goal throughout."
    )
    return Table(["the tree holds", "truth and goal", *(each.name for each in MEMORY_TOOLS)], rows, note)


def _above_idle(tool: Tool, kind: str, mib: int, readers: int, seconds: float) -> float:
    full, idle = (
        _peak(observe(tool, python(ORACLES / "memory_truth.py", kind, each, readers, seconds))) for each in (mib, 1)
    )
    return (full - idle) / MIB


def _peak(observed: Observed) -> int:
    assert observed.said.peak_bytes is not None
    return observed.said.peak_bytes


def _peaks(peaks: list[float]) -> str:
    """The median, and the lowest and highest where there are several."""
    shown = f"{statistics.median(peaks):.0f}"
    return shown if len(peaks) == 1 else f"{shown} ({min(peaks):.0f}–{max(peaks):.0f})"

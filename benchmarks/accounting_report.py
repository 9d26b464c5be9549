"""Measures all tables of docs/accuracy.md, prints them, and writes them where the page has their names.

    python -m benchmarks.accounting_report [--short] [--write FILE] [NAME...]      about 11 minutes for all

Each table goes between `<!-- table: NAME -->` and `<!-- end -->`. Run it on a machine that does nothing else; `--short`
only shows that everything works.
"""

import argparse
import os
import re
import sys
import time
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from bench.machine import environment
from benchmarks.accounting_cost import cost
from benchmarks.accounting_slowdown import slowdown
from benchmarks.accounting_strategies import strategies
from benchmarks.accounting_ticks import ticks
from benchmarks.accounting_truth import cpu, memory

TABLES = {
    "cpu": cpu,
    "memory": memory,
    "cost": cost,
    "ticks": ticks,
    "slowdown": slowdown,
    "strategies": strategies,
}
PEERS = ("psutil", "psrecord", "con-duct", "memory-profiler")


def machine() -> str:
    """What it is measured on, in a sentence."""
    found = environment.describe({}, identify=False)
    peers = ", ".join(f"{each} {version(each)}" for each in PEERS)
    return (
        f"{found.cpu_model}, {found.usable_cores} cores, {found.memory_bytes / 1e9:.0f} GB, {found.os} {found.kernel}, "
        f"{found.python_implementation} {found.python}; {peers}.\n"
    )


def measured(name: str, *, short: bool) -> str:
    """A table with its date, and how busy the machine was before."""
    load = os.getloadavg()[0]
    shown = TABLES[name](short=short).markdown
    kind = "Tried in a short form, no result" if short else "Measured"
    return f"{shown}\n{kind}: {datetime.now(UTC):%d %B %Y}, load before {load:.2f}.\n"


def put(page: str, name: str, text: str) -> str:
    """The page with the text in the place of that name.

    Raises:
        ValueError: if the page has none.
    """
    pattern = rf"(<!-- table: {re.escape(name)} -->\n).*?(<!-- end -->)"
    changed, times = re.subn(pattern, lambda found: f"{found[1]}{text}{found[2]}", page, count=1, flags=re.DOTALL)
    if not times:
        raise ValueError(f"the page has no place for a table {name!r}")
    return changed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--short", action="store_true", help="as little as shows that it works")
    parser.add_argument("--write", type=Path, metavar="FILE", help="also put the tables into this page")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(TABLES)} (all)")
    wanted = parser.parse_args()
    texts = {"machine": machine()}
    for name in wanted.names or TABLES:
        began = time.monotonic()
        texts[name] = measured(name, short=wanted.short)
        print(f"## {name}\n\n{texts[name]}", flush=True)
        print(f"{name}: {time.monotonic() - began:.0f} s", file=sys.stderr)
    print(texts["machine"])
    if wanted.write:
        page = wanted.write.read_text()
        for name, text in texts.items():
            page = put(page, name, text)
        wanted.write.write_text(page)


if __name__ == "__main__":
    main()

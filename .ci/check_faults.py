"""Holds a real report of `python -m bench faults` to what is known of these faults on any machine.

check_faults.py REPORT/index.html
"""

import csv
import sys
from pathlib import Path

from check_report import hold

ENDS = ("exits", "is_killed", "segfaults")
HANGS_A_POOL = (
    *ENDS,
    "raises_what_does_not_unpickle",
    "gives_what_does_not_unpickle",
    "raises_a_base_exception",
    "raises_system_exit",
    "raises_keyboard_interrupt",
    "starts_badly",
)
FOR_EVER = ("never_returns", "ignores_sigterm", "joins_before_draining", "terminates_a_lock_holder")


def main(page: Path) -> None:
    """Exit with the first thing that does not hold."""
    with (page.parent / "faults.csv").open(newline="") as file:
        cells = {(row["fault"], row["strategy"]): row for row in csv.DictReader(file)}
    kinds = {key: row["kind"] for key, row in cells.items()}
    strategies = {strategy for _, strategy in cells}
    hold(len({fault for fault, _ in cells}) == 35, "all 34 faults and the control were gone through")
    hold(all(kinds["nothing", each] == "result" for each in strategies), "every strategy gives the control's results")
    hold(all(kinds[each, "pool_map"] == "HANG" for each in HANGS_A_POOL), "a Pool hangs in nine faults")
    hold(all(kinds[each, "serial"] == "died" for each in ENDS), "a plain loop dies with its task")
    for name in ("process_pool", "joblib_loky", "processes"):
        told = all(kinds[each, name] == "raised" for each in ENDS if (each, name) in kinds)
        hold(told, f"{name} tells of a worker that died")
    hold(all(kinds[each, way] == "HANG" for each in FOR_EVER for way in strategies), "what never ends hangs everything")
    hold(cells["exits", "process_pool"]["raised"] == "BrokenProcessPool", "process_pool calls it BrokenProcessPool")
    hold(kinds["opens_a_pool", "process_pool"] == "result", "a pool opens in the worker of an executor")
    hold(cells["opens_a_pool", "pool_map"]["raised"] == "AssertionError", "and not in the worker of a Pool")
    noticed = [row for row in cells.values() if row["kind"] in ("raised", "died")]
    hold(all(row["noticed_s"] for row in noticed), "of all that was noticed it is known when")
    slides = sum(1 for _ in page.parent.glob("faults-*.png"))
    hold(slides >= 3, "the table is on slides")


if __name__ == "__main__":
    main(Path(sys.argv[1]))

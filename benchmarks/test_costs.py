"""Start-up of the command line beside a bare interpreter, and what reading and reporting runs take.

Peak memory is that of the largest of its processes, as the kernel has it.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bench.records.block import Outcome
from bench.records.run import Work
from tests import builders
from tests.builders import block, case

ROOT = Path(__file__).parent.parent


def seconds(command, cwd):
    began = time.perf_counter()
    subprocess.run(command, cwd=cwd, stdout=subprocess.DEVNULL, check=True, env=os.environ | {"PYTHONPATH": str(ROOT)})
    return time.perf_counter() - began


def in_fresh_process(code, *arguments, cwd):
    """What `code` prints as JSON, the seconds it took by itself, and the peak memory of its largest process."""
    wrapped = (
        "import json, resource, sys, time\n"
        f"began = time.perf_counter()\n{code}\n"
        "peak = max(resource.getrusage(each).ru_maxrss for each in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))\n"
        "print(json.dumps([time.perf_counter() - began, peak * 1024]))"
    )
    done = subprocess.run([sys.executable, "-c", wrapped, *arguments], cwd=cwd, capture_output=True, text=True, check=True,
                          env=os.environ | {"PYTHONPATH": str(ROOT)})  # fmt: skip
    return json.loads(done.stdout.splitlines()[-1])


def test_help_starts_within_a_few_bare_interpreters(benchmark, tmp_path):
    bare, helped = [], []

    def compare():
        for _ in range(31):
            bare.append(seconds([sys.executable, "-c", "pass"], tmp_path))
            helped.append(seconds([sys.executable, "-m", "bench", "--help"], tmp_path))

    benchmark.pedantic(compare, rounds=1)
    ratio = statistics.median(helped) / statistics.median(bare)
    benchmark.extra_info.update(bare_s=statistics.median(bare), help_s=statistics.median(helped), ratio=ratio)
    print(
        f"\n--help: {statistics.median(helped) * 1e3:.1f} ms, {ratio:.1f} x a bare interpreter ({statistics.median(bare) * 1e3:.1f} ms)"
    )


def large_run(folder: Path, rounds_each: int, cases: int, repetitions: int) -> Path:
    """A run of cases x repetitions blocks with so many rounds each."""
    made = [case("serial"), *[case("pool", workers=number) for number in range(2, cases + 1)]]
    walls = [0.01 + 0.0001 * (number % 7) for number in range(rounds_each)]
    blocks = [
        block(of, number, walls, longest_task_s=0.001, total_task_s=0.01)
        for number in range(repetitions)
        for of in made
    ]
    assert all(each.outcome is Outcome.OK for each in blocks)
    return builders.stored(builders.run(blocks, made), folder)


LOAD = "import sys\nfrom pathlib import Path\nfrom bench.store.runs import read\nread(Path(sys.argv[1]))"
REPORT = (
    "import sys\nfrom pathlib import Path\nfrom bench.report.run.build import build_report\n"
    "from bench.report.kit.results import load_results\nbuild_report(load_results(Path(sys.argv[1])), Path('reports'))"
)


@pytest.mark.parametrize(("rounds_each", "cases", "repetitions"), [(1000, 10, 10), (10, 100, 100)])
def test_a_hundred_thousand_rounds(benchmark, tmp_path, rounds_each, cases, repetitions):
    path = large_run(tmp_path, rounds_each, cases, repetitions)
    load_s, load_bytes = in_fresh_process(LOAD, str(path), cwd=tmp_path)
    report_s, report_bytes = benchmark.pedantic(lambda: in_fresh_process(REPORT, str(path), cwd=tmp_path), rounds=1)
    benchmark.extra_info.update(load_s=load_s, report_s=report_s, report_bytes=report_bytes)
    print(
        f"\n{cases * repetitions} blocks of {rounds_each} rounds ({path.stat().st_size / 1e6:.1f} MB): loaded in {load_s:.2f} s "
        f"({load_bytes / 1e6:.0f} MB), reported in {report_s:.2f} s ({report_bytes / 1e6:.0f} MB)"
    )


def test_the_report_of_the_published_run(benchmark, tmp_path):
    """A real run of everything, from `make reference`."""
    report(benchmark, max((ROOT / "results" / "reference").glob("*.jsonl")), tmp_path)


def test_the_report_of_two_thousand_cases(benchmark, tmp_path):
    """A hundred workloads under twenty strategies."""
    cases = [case(f"way_{way}", f"work_{work}", workers=2) for work in range(100) for way in range(20)]
    walls = [0.05, 0.04, 0.041, 0.042]
    blocks = [
        block(of, number, [each * (1 + place % 7) for each in walls])
        for number in range(6)
        for place, of in enumerate(cases)
    ]
    works = {each.workload: Work("map", "cpu", "way_0") for each in cases}
    report(benchmark, builders.stored(builders.run(blocks, cases, works=works), tmp_path), tmp_path)


def report(benchmark, path, folder):
    report_s, report_bytes = benchmark.pedantic(lambda: in_fresh_process(REPORT, str(path), cwd=folder), rounds=1)
    (page,) = (folder / "reports").glob("*/index.html")
    drawn = len([each for each in page.parent.glob("*.svg") if not each.stem.endswith("-dark")])
    benchmark.extra_info.update(
        report_s=report_s, report_bytes=report_bytes, page_bytes=page.stat().st_size, charts=drawn
    )
    print(
        f"\n{path.name}: reported in {report_s:.2f} s ({report_bytes / 1e6:.0f} MB in the largest process), {drawn} charts, "
        f"the page is {page.stat().st_size / 1e6:.1f} MB"
    )

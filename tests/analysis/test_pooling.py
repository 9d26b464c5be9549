"""Several files as one sample: the block stays the unit, and what is no sample is refused or said."""

import json
import random
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.analysis.comparison import Remedy, Verdict
from bench.analysis.pooling import pooled
from bench.analysis.stored import StoredCase, StoredRun
from bench.analysis.unpaired import compare
from bench.errors import UsageError
from tests.analysis.test_loading import benchmark, pytest_document

FACTS = {"cpu": "Example CPU", "cores": "2", "os": "Linux 6.1"}


def run(number, *cases, **changes):
    made = StoredRun(
        f"a{number}.json", Path(f"a{number}.json"), "pytest-benchmark 5.3.1", f"2026-01-0{number + 1}T00:00:00+00:00", "abc",
        FACTS, [replace(each) for each in cases],
    )  # fmt: skip
    return replace(made, **changes)


def case(*blocks, key="a", **changes):
    return replace(StoredCase(key, key, {"time": [list(each) for each in blocks]}), **changes)


def test_the_blocks_of_all_files_are_one_sample_in_their_order():
    found = pooled([run(0, case([1.0, 2.0])), run(1, case([3.0])), run(2, case([4.0], [5.0]))])
    assert found.cases[0].values == {"time": [[1.0, 2.0], [3.0], [4.0], [5.0]]}
    assert (found.label, found.tool, found.commit) == ("3 files, a0.json to a2.json", "pytest-benchmark 5.3.1", "abc")
    assert found.at_utc == "2026-01-01T00:00:00+00:00"
    assert (found.facts, found.unequal, found.notes) == (FACTS, "", [])


def test_one_file_is_itself():
    one = run(0, case([1.0]))
    assert pooled([one]) is one


@given(st.lists(st.integers(1, 4), min_size=1, max_size=6), st.randoms())
def test_as_many_values_as_blocks_whatever_the_files_and_their_order(sizes, luck):
    runs = [run(number, case(*([10.0 * number + block] for block in range(size)))) for number, size in enumerate(sizes)]
    luck.shuffle(runs)
    values = pooled(runs).cases[0].values["time"]
    assert len(values) == sum(sizes)
    assert sorted(values) == sorted(block for each in runs for block in each.cases[0].values["time"])


@pytest.mark.parametrize("fact", ["cpu", "cores"])
def test_files_of_unequal_machines_are_no_sample_and_compare_with_nothing(fact):
    base = pooled([run(n, case([1.0]), facts=FACTS | {fact: str(n % 2)}) for n in range(6)])
    assert base.unequal == f"{fact}: 0 and 1"
    (found,) = compare(base, pooled([run(n, case([1.0 + n])) for n in range(6)]), tolerance=0.02, alpha=0.01).cases
    assert found.verdict is Verdict.INCOMPARABLE
    assert f"base itself: {fact}: 0 and 1" in found.reason


def test_what_else_differs_among_the_files_of_a_side_is_noted():
    runs = [
        run(0, case([1.0]), case([1.0], key="b"), facts=FACTS | {"os": "Linux 6.2"}),
        run(1, case([2.0]), commit="def"),
    ]
    found = pooled(runs)
    assert (found.unequal, found.commit, found.facts) == ("", "", {"cpu": "Example CPU", "cores": "2"})
    notes = compare(found, run(2, case([1.0]), case([1.0], key="b")), tolerance=0.02, alpha=0.01).notes
    assert "base: its files are of 2 commits, such as abc and def" in notes
    assert "base: its files differ in os: Linux 6.2 and Linux 6.1" in notes
    assert "base: 1 case not in all of its 2 files, such as b, which is in 1" in notes


def test_what_failed_in_one_file_failed():
    found = pooled([run(0, case([1.0])), run(1, case(trouble="failed: no", values={}))])
    (only,) = compare(found, run(2, case([1.0])), tolerance=0.02, alpha=0.01).cases
    assert (only.verdict, only.reason) == (Verdict.FAILED, "base failed: no")


def test_times_are_by_the_clock_where_one_file_has_no_others():
    without = case([1.0], elapsed_s=[[1.5]])
    both = pooled([run(0, without), run(1, case([2.0], elapsed_s=[[2.5]]))]).cases[0]
    assert (both.values["time"], both.elapsed_s) == ([[1.0], [2.0]], [[1.5], [2.5]])
    mixed = pooled([run(0, without), run(1, case([2.0]))]).cases[0]
    assert (mixed.values["time"], mixed.elapsed_s) == ([[1.5], [2.0]], [])


def test_a_copy_of_a_file_counts_once():
    one = run(0, case([1.0, 2.0]))
    with pytest.raises(UsageError, match=r"a0\.json and copy\.json hold the same measurements"):
        pooled([one, run(1, case([3.0])), replace(one, path=Path("copy.json"), label="copy.json")])


# --- the command


@pytest.fixture
def files(tmp_path):
    """Eight files of pytest-benchmark a side, of a test that is 90 % slower in the head; a quiet machine."""
    luck = random.Random(1)
    for side, centre in (("a", 0.1), ("b", 0.19), ("same", 0.1)):
        for number in range(8):
            data = [centre * luck.gauss(1, 0.002) for _ in range(5)]
            made = pytest_document(benchmark(data=data), datetime=f"2026-01-02T03:{number:02}:00+00:00")
            (tmp_path / f"{side}{number}.json").write_text(json.dumps(made))
    return tmp_path


def test_one_file_a_side_decides_nothing_and_says_first_to_pool_them(bench, files):
    done = bench("compare", "a0.json", "b0.json")
    assert done.returncode == 0
    assert " ".join(done.stdout.split()).startswith(
        "Nothing was decided: 1 inconclusive. Pool several files a side, compare --base 'a*.json' --head 'b*.json', or "
        "measure both sides now with check --base REV (--pytest PATH for a suite)."
    )
    markdown = bench("compare", "a0.json", "b0.json", "--markdown", "-").stdout
    assert "✅" not in markdown
    assert "⚪ Nothing was decided" in markdown
    assert bench("compare", "a0.json", "b0.json", "--accept", "none").returncode == 3


def test_several_files_a_side_decide_and_each_is_a_value(bench, files):
    done = bench("compare", "--base", "a*.json", "--head", "b*.json", "--json")
    found = json.loads(done.stdout)
    (only,) = found["cases"]
    assert (done.returncode, only["verdict"], only["ratio"]["n"]) == (1, "regressed", 8)
    assert only["ratio"]["centre"] == pytest.approx(1.9, rel=0.01)
    assert found["remedy"] == Remedy.POOL
    assert found["base"]["label"] == "8 files, a0.json to a7.json"
    same = bench("compare", "--base", "a[0-5].json", "--base", "a6.json", "--head", "same*.json", "--json")
    (only,) = json.loads(same.stdout)["cases"]
    assert (same.returncode, only["verdict"], only["ratio"]["n"]) == (0, "equivalent", 7)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--base", "a0.json", "a1.json", "--head", "b*.json"], "put a pattern in quotes: --base 'a*.json'"),
        (["--base", "a*.json"], "--base and --head go together"),
        (["--base", "c*.json", "--head", "b*.json"], "no file fits 'c*.json'"),
        (["--base", "a*.json", "--head", "b*.json", "--head", "a0.json"], "a0.json is named twice"),
        (["--base", "a*.json", "--head", "c.json"], "no run 'c.json'"),
    ],
)
def test_wrong_sides_are_one_line(bench, files, arguments, said):
    done = bench("compare", *arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1

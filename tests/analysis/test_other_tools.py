"""Files that hyperfine, asv and Google Benchmark wrote, as runs; and what is no such file, in one line."""

import json
import math
import shutil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.analysis.comparison import Verdict
from bench.analysis.loading import is_unmeasured, load
from bench.analysis.unpaired import compare
from bench.errors import RunFileError
from bench.store import asv_file, google_benchmark_file, hyperfine_file, pyperf_file, pytest_benchmark_file
from tests.analysis.test_loading import check_read_or_refused
from tests.conftest import ROOT

REAL = ROOT / "tests" / "cases"
ASV = "asv/example/74771562-existing-py.json"
FILES = ["hyperfine-1.json", "hyperfine-2.json", "google-benchmark.json", "google-benchmark-aggregates.json", ASV]


def document(name):
    return json.loads((REAL / name).read_text())


@pytest.fixture
def changed(tmp_path):
    """Write a real file with a change; gives back its path, where its neighbours are too."""

    def write(name, change=lambda document: None, cut=0):
        shutil.copytree(REAL, tmp_path / "cases", dirs_exist_ok=True)
        path = tmp_path / "cases" / name
        made = document(name)
        change(made)
        text = json.dumps(made)
        path.write_text(text[: len(text) - cut])
        return path

    return write


def values(run, quantity):
    return {each.name: each.values[quantity] for each in run.cases if quantity in each.values}


# --- hyperfine


def test_a_run_of_hyperfine_is_a_process_and_so_a_block():
    found = load(REAL / "hyperfine-1.json")
    results = document("hyperfine-1.json")["results"]
    assert values(found, "time") == {each["command"]: [[time] for time in each["times"]] for each in results}
    assert [each.key for each in found.cases] == [
        f"{each['command']} [n={each['parameters']['n']}]" for each in results
    ]
    assert (found.tool, found.at_utc, found.facts) == ("hyperfine", "", {})
    assert not values(found, "cpu"), "its user and system times are means over all runs"


def test_version_2_of_hyperfine_has_cpu_and_memory_of_each_run_and_when_it_began():
    found = load(REAL / "hyperfine-2.json")
    assert (found.tool, found.facts) == ("hyperfine 2.0.0", {"os": "Linux x86_64"})
    assert found.at_utc == "2026-11-30T17:33:06+00:00"
    first, result = found.cases[0], document("hyperfine-2.json")["results"][0]
    for quantity, metric in (
        ("time", "time_wall_clock"),
        ("cpu", "time_cpu"),
        ("memory", "memory_peak_resident"),
    ):
        assert first.values[quantity] == [[each[metric]["value"]] for each in result["measurements"]]
    assert len(first.values["time"]) == 6
    assert first.key == f"{result['command']} [n=10000]"


def test_commands_of_hyperfine_that_share_a_name_are_told_apart_by_their_parameters(changed):
    def named(made):
        for each in made["results"]:
            each["command"] = "loop"

    found = load(changed("hyperfine-1.json", named))
    assert [each.name for each in found.cases] == ["loop [n=10000]", "loop [n=20000]"]


def test_what_an_export_of_hyperfine_leaves_out_and_what_failed_is_said(changed):
    def less(made):
        del made["results"][0]["times"]
        made["results"][1]["exit_codes"][:2] = [3, None]

    median, failed = load(changed("hyperfine-1.json", less)).cases
    assert median.values == {"time": [[document("hyperfine-1.json")["results"][0]["median"]]]}
    assert median.limits == "only the median of 6 runs is in the file"
    assert failed.limits == "2 of 6 runs ended with another status than 0"


# --- Google Benchmark


def test_a_file_of_google_benchmark_is_one_process_and_its_times_are_seconds_of_an_iteration():
    found = load(REAL / "google-benchmark.json")
    rows = [each for each in document("google-benchmark.json")["benchmarks"] if each["run_type"] == "iteration"]
    assert [each.name for each in found.cases] == ["summing", "sorting/64", "sorting/512", "skipped"]
    scale = {"ns": 1e-9, "us": 1e-6}
    for each in found.cases[:3]:
        mine = [row for row in rows if row["run_name"] == each.name]
        assert each.values["time"] == [[row["real_time"] * scale[row["time_unit"]] for row in mine]]
        assert each.values["cpu"] == [
            [pytest.approx(math.fsum(row["cpu_time"] * scale[row["time_unit"]] for row in mine) / 3)]
        ]
    assert (found.cases[3].values, found.cases[3].trouble) == ({}, "failed: not today")
    assert (found.tool, found.at_utc) == ("google-benchmark 1.9.5", "2026-11-30T17:28:18+00:00")
    assert found.facts == {"cores": "2", "build": "release"}


def test_where_only_aggregates_are_in_the_file_the_median_stands_for_the_repetitions(changed):
    found = load(REAL / "google-benchmark-aggregates.json")
    rows = document("google-benchmark-aggregates.json")["benchmarks"]
    for each in found.cases[:3]:
        (row,) = [row for row in rows if row["run_name"] == each.name and row.get("aggregate_name") == "median"]
        assert each.values["time"] == [[pytest.approx(row["real_time"] * (1e-6 if row["time_unit"] == "us" else 1e-9))]]
        assert each.limits == "only the median of 3 repetitions is in the file"
    only_stddev = changed(
        "google-benchmark-aggregates.json",
        lambda made: made.update(
            benchmarks=[each for each in made["benchmarks"] if each.get("aggregate_name") == "stddev"]
        ),
    )
    with pytest.raises(RunFileError, match="holds no benchmark"):
        load(only_stddev)


def test_a_debug_build_is_incomparable_with_a_release_build(changed):
    debug = load(changed("google-benchmark.json", lambda made: made["context"].update(library_build_type="debug")))
    found = compare(load(REAL / "google-benchmark.json"), debug, tolerance=0.02, alpha=0.01)
    assert found.cases[0].verdict is Verdict.INCOMPARABLE
    assert "build: release and debug" in found.cases[0].reason


# --- asv


def test_results_of_asv_are_cases_by_parameters_in_seconds_and_bytes():
    found = load(REAL / ASV)
    row = document(ASV)["results"]["suite.Sorting.time_sort"]
    assert values(found, "time") == {
        "suite.Sorting.time_sort(n=64, order='ascending')": [row[11][0]],
        "suite.Sorting.time_sort(n=64, order='descending')": [row[11][1]],
        "suite.Sorting.time_sort(n=512, order='ascending')": [row[11][2]],
        "suite.time_sum": [document(ASV)["results"]["suite.time_sum"][11][0]],
        "suite.timeraw_import": [document(ASV)["results"]["suite.timeraw_import"][11][0]],
    }
    assert values(found, "memory") == {
        "suite.Sorting.peakmem_sort(n=64, order='ascending')": [[24690688.0]],
        "suite.Sorting.peakmem_sort(n=64, order='descending')": [[24678400.0]],
        "suite.Sorting.peakmem_sort(n=512, order='ascending')": [[24678400.0]],
        "suite.mem_list": [[8056.0]],
    }
    by_key = {each.key: each for each in found.cases}
    assert is_unmeasured(by_key["suite.Sorting.time_sort(512, 'descending')"]), "NaN: it skipped itself"
    assert by_key["suite.time_broken"].trouble == "failed: asv has no result of it"
    assert by_key["suite.time_sum"].limits == "the file does not say which process took which of 6 samples"
    assert by_key["suite.track_size"].kind == "pages"


def test_asv_says_when_it_measured_and_not_only_when_the_commit_was_made():
    found = load(REAL / ASV)
    assert found.at_utc == "2026-11-30T17:33:13.894000+00:00"
    assert found.commit == document(ASV)["commit_hash"]
    assert found.facts == {
        "cpu": "Example CPU", "cores": "2", "python": "3.11", "os": "Linux", "packages": "numpy 1.26, six",
    }  # fmt: skip
    assert found.label == ASV.removeprefix("asv/")


def test_without_benchmarks_json_kinds_are_told_by_names_and_parameters_have_none(tmp_path):
    path = tmp_path / "alone.json"
    shutil.copy(REAL / ASV, path)
    found = load(path)
    whole = load(REAL / ASV)
    assert [each.key for each in found.cases] == [each.key for each in whole.cases]
    assert [each.values for each in found.cases] == [each.values for each in whole.cases]
    assert "suite.Sorting.time_sort(64, 'ascending')" in {each.name for each in found.cases}


def test_without_samples_the_median_stands_for_them(changed):
    def without(made):
        for row in made["results"].values():
            del row[11:]

    found = load(changed(ASV, without))
    (only,) = [each for each in found.cases if each.key == "suite.time_sum"]
    assert only.values == {"time": [document(ASV)["results"]["suite.time_sum"][0]]}
    assert only.limits == "only the median of 6 samples is in the file"


def test_a_benchmark_of_asv_whose_code_changed_is_incomparable(changed):
    def other(made):
        made["results"]["suite.time_sum"][2] = "another"

    found = compare(load(REAL / ASV), load(changed(ASV, other)), tolerance=0.02, alpha=0.01)
    verdicts = {each.case: each for each in found.cases}
    assert verdicts["suite.time_sum"].verdict is Verdict.INCOMPARABLE
    assert "the code of the benchmark itself changed" in verdicts["suite.time_sum"].reason
    assert verdicts["suite.timeraw_import"].verdict is Verdict.INCONCLUSIVE


def test_benchmarks_of_memory_are_left_out_where_time_is_compared_and_it_is_said():
    one = load(REAL / ASV)
    found = compare(one, one, tolerance=0.02, alpha=0.01)
    assert not [each.case for each in found.cases if "mem" in each.case or "track" in each.case]
    assert any(
        "6 cases left out, which measure no time: such as suite.Sorting.peakmem_sort" in each for each in found.notes
    )
    memory = compare(one, one, ("memory",), tolerance=0.02, alpha=0.01)
    assert {each.case.partition("(")[0] for each in memory.cases if each.verdict is Verdict.INCONCLUSIVE} == {
        "suite.Sorting.peakmem_sort",
        "suite.mem_list",
    }


# --- what is none

ODD = {
    "hyperfine version": ("hyperfine-2.json", lambda d: d.update(schema_version=3), "schema_version"),
    "hyperfine unit": (
        "hyperfine-2.json",
        lambda d: d["results"][0]["measurements"][1]["time_wall_clock"].update(unit="parsec"),
        "results[0].measurements[1].time_wall_clock.unit",
    ),
    "hyperfine type": (
        "hyperfine-1.json",
        lambda d: d["results"][1].update(times=["fast"]),
        "results[1].times[0]",
    ),
    "hyperfine NaN": (
        "hyperfine-1.json",
        lambda d: d["results"][1]["times"].__setitem__(2, math.nan),
        "results[1].times[2]` is NaN",
    ),
    "hyperfine negative": (
        "hyperfine-2.json",
        lambda d: d["results"][0]["measurements"][0]["time_cpu"].update(value=-1),
        "results[0].measurements[0].time_cpu.value",
    ),
    "hyperfine no runs": ("hyperfine-2.json", lambda d: d["results"][0].update(measurements=[]), "is empty"),
    "hyperfine nothing": ("hyperfine-1.json", lambda d: d.update(results=[]), "holds no benchmark"),
    "google NaN": (
        "google-benchmark.json",
        lambda d: d["benchmarks"][1].update(real_time=math.nan),
        "benchmarks[1].real_time",
    ),
    "google unit": (
        "google-benchmark.json",
        lambda d: d["benchmarks"][0].update(time_unit="h"),
        "benchmarks[0].time_unit",
    ),
    "google type": ("google-benchmark.json", lambda d: d["benchmarks"][0].update(cpu_time="1"), "benchmarks[0]"),
    "google lacks": ("google-benchmark.json", lambda d: d["benchmarks"][0].pop("real_time"), "lacks `real_time`"),
    "google nothing": ("google-benchmark.json", lambda d: d.update(benchmarks=[]), "holds no benchmark"),
    "asv version": (ASV, lambda d: d.update(version=1), "for an older one: asv update"),
    "asv count": (ASV, lambda d: d["results"]["suite.time_sum"][0].append(1.0), "suite.time_sum.result` has 2 entries"),
    "asv type": (ASV, lambda d: d["results"]["suite.time_sum"].__setitem__(0, "x"), "results.suite.time_sum"),
    "asv NaN": (
        ASV,
        lambda d: d["results"]["suite.time_sum"][11][0].__setitem__(3, math.nan),
        "results.suite.time_sum.samples[0][3]` is NaN",
    ),
    "asv many": (
        ASV,
        lambda d: d["results"]["suite.time_broken"].__setitem__(1, [["1"] * 1000] * 3),
        "1000000000 combinations",
    ),
    "asv nothing": (ASV, lambda d: d.update(results={}), "holds no benchmark"),
}


@pytest.mark.parametrize(("name", "change", "said"), ODD.values(), ids=ODD)
def test_what_does_not_fit_is_named_with_file_and_field(changed, name, change, said):
    with pytest.raises(RunFileError) as caught:
        load(changed(name, change))
    message = str(caught.value)
    assert name.rpartition("/")[2] in message
    assert said in message
    assert "\n" not in message


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_cut_is_said_to_be_no_json(changed, name):
    with pytest.raises(RunFileError, match="not JSON") as caught:
        load(changed(name, cut=30))
    assert "\n" not in str(caught.value)


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(FILES),
    st.integers(0, 10**6),
    st.none()
    | st.booleans()
    | st.just(10**400)
    | st.floats()
    | st.text(max_size=5)
    | st.just([])
    | st.just({"a": [1]}),
)
def test_whatever_stands_in_a_field_is_read_or_refused_in_one_line(tmp_path_factory, name, place, value):
    check_read_or_refused(tmp_path_factory.mktemp("odd") / "odd.json", document(name), place, value)


def test_each_reader_knows_its_own_files_and_no_others():
    readers = [hyperfine_file, google_benchmark_file, asv_file, pytest_benchmark_file, pyperf_file]
    for name in FILES:
        (own,) = [each for each in readers if each.fits(document(name))]
        assert own.__name__.rpartition(".")[2].split("_")[0] == name.split("-")[0].split("/")[0]


# --- the commands


def test_history_has_what_says_when_it_was_measured(bench, tmp_path):
    shutil.copytree(REAL, tmp_path / "cases")
    done = bench("history", "cases", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert {each["tool"] for each in found["series"]} == {"hyperfine", "google-benchmark", "asv"}
    assert "hyperfine-1.json does not say when it was measured and is left out" in found["notes"]
    assert "benchmarks.json" not in done.stderr, "asv's description of its benchmarks is no run"

"""Files of this tool and of others become one kind of record; what is none of them is one clear line."""

import gzip
import json
import math
import os
import statistics
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.analysis.comparison import Verdict
from bench.analysis.history import history
from bench.analysis.loading import is_unmeasured, load, own_run
from bench.analysis.summary import summarise
from bench.analysis.unpaired import compare
from bench.errors import RunFileError, UsageError
from bench.facts.cpu_known import NO_BOUND, TOO_COARSE
from bench.measure.host.inputs import read_inputs
from bench.naming import names_of
from bench.records.block import Outcome
from bench.records.gate import Arm, Gate
from bench.report.export.formats import as_github_action, as_pytest_benchmark
from bench.selection import CaseFilter
from bench.store import pyperf_file, pytest_benchmark_file
from bench.store.runs import read
from tests import builders
from tests.builders import block, case
from tests.conftest import CASES, real


def benchmark(fullname="test_a.py::test_fast", data=(0.1, 0.2, 0.3), **changes):
    times = list(data)
    stats = {"min": min(times), "max": max(times), "mean": statistics.fmean(times), "stddev": 0.1, "rounds": len(times),
             "median": statistics.median(times), "iterations": 7, "data": times}  # fmt: skip
    return {"name": fullname.rpartition("::")[2], "fullname": fullname, "stats": stats, "group": None} | changes


def pytest_document(*benchmarks, **changes):
    machine = {
        "node": "here",
        "system": "Linux",
        "release": "6.1",
        "python_implementation": "CPython",
        "python_implementation_version": "3.11.7",
        "python_version": "3.11.7",
        "python_build": ["main", "May  9 2026"],
        "cpu": {"brand_raw": "Example CPU", "count": 2},
    }
    return {
        "machine_info": machine,
        "commit_info": {"id": "abc", "dirty": False},
        "benchmarks": list(benchmarks) or [benchmark()],
        "datetime": "2026-01-02T03:04:05.678901+00:00",
        "version": "5.3.1",
    } | changes


def pyperf_document(values=((1e-3, 2e-3), (3e-3, 4e-3)), **metadata):
    calibration = {
        "metadata": {"calibrate_loops": 64, "date": "2026-01-02 03:04:05.5"},
        "warmups": [[1, 9.0], [64, 8.0]],
    }
    runs = [
        {"metadata": {"mem_max_rss": 1000 + n}, "values": list(each), "warmups": [[64, 7.0]]}
        for n, each in enumerate(values)
    ]
    shared = {"cpu_model_name": "Example CPU", "cpu_count": 8, "inner_loops": 1024, "loops": 64, "unit": "second",
              "python_implementation": "cpython", "python_version": "3.11.7 (64-bit) revision abc", "perf_version": "2.9.0",
              "platform": "Linux-6.1", "cpu_config": "0-7=driver:x, governor:performance; idle:y"}  # fmt: skip
    return {
        "benchmarks": [{"metadata": {"name": "one"}, "runs": [calibration, *runs]}],
        "metadata": shared | metadata,
        "version": "1.0",
    }


@pytest.fixture
def stored(tmp_path):
    def write(content, name="other.json"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
        return path

    return write


# --- this tool's own runs


def test_a_run_has_the_warm_rounds_of_its_blocks_and_one_cpu_and_memory_for_each(tmp_path):
    one = case()
    made = builders.run([block(one, n, [9.0, 0.1, 0.3], 10_000_000 + n, 0.5) for n in range(2)], [one])
    found = load(builders.stored(made, tmp_path))
    (only,) = found.cases
    assert (only.key, only.name, only.trouble, only.limits) == (one.key, "primes serial", "", "")
    assert only.values["time"] == [[0.1, 0.3], [0.1, 0.3]]
    assert only.values["cpu"] == [[pytest.approx(0.1)]] * 2
    assert only.values["memory"] == [[10_000_000.0], [10_000_001.0]]
    assert (found.tool, found.commit) == ("concurrency-bench 0.1.0", "0123456789abcdef")
    assert found.at_utc == "2026-01-02T03:04:05+00:00"
    assert found.facts == {
        "cpu": "Example CPU", "cores": "2", "quota": "none", "python": "cpython-3.11.7", "build": "main", "gil": "on",
        "start method": "fork", "os": "Linux 6.1",
    }  # fmt: skip


def test_names_say_what_differs_and_only_that(tmp_path):
    cases = [case(), case("pool", workers=2, start_method="fork"), case("pool", workers=2, start_method="spawn"),
             case("pool", workers=4, start_method="spawn"), case(workload="downloads", scale="standard")]  # fmt: skip
    found = load(builders.stored(builders.run([block(each) for each in cases], cases), tmp_path))
    assert [each.name for each in found.cases] == [
        "primes serial", "primes pool fork ×2", "primes pool spawn ×2", "primes pool spawn ×4", "downloads serial",
    ]  # fmt: skip


def test_cases_that_no_value_tells_apart_are_named_by_their_keys():
    alike = [case(), case(chunk="1")]
    assert names_of(alike) == {each.key: each.key for each in alike}


def test_what_went_wrong_is_a_trouble_and_has_no_values(tmp_path):
    cases = [case(each) for each in ("fails", "absent", "never", "cold")]
    blocks = [
        block(cases[0], 0),
        block(cases[0], 1, [], outcome=Outcome.FAILED, reason="ValueError: no"),
        block(cases[1], 0, [], outcome=Outcome.UNAVAILABLE, reason="pip install it"),
        block(cases[3], 0, [0.1]),
    ]
    found = load(builders.stored(builders.run(blocks, cases), tmp_path)).cases
    assert [each.values for each in found] == [{}] * 4
    assert [each.trouble for each in found] == [
        "failed: ValueError: no",
        "unavailable: pip install it",
        "unavailable: the run ended before it was measured",
        "failed: no warm round was measured",
    ]
    assert [is_unmeasured(each) for each in found] == [False, True, True, False]


def test_a_cut_run_says_so_in_its_cases(tmp_path):
    path = builders.stored(builders.run([block(case(), n) for n in range(6)], [case()]), tmp_path)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:4]) + lines[4][:50])
    (only,) = load(path).cases
    assert len(only.values["time"]) == 3
    assert "line 5 is cut" in only.limits
    assert "3 of 6" in only.limits


def test_of_a_gate_it_is_the_head_and_a_round_is_divided_by_its_calls(tmp_path):
    both, gone = case(), case("gone")
    arms = [
        Arm("base", "v1", "aaa", {"python": "cpython-3.10.1"}),
        Arm("head", "v2", "bbb", {"python": "cpython-3.12.1"}),
    ]
    gate = Gate(arms, ["time"], {both.key: 0.02, gone.key: 0.02}, 0.01, 60.0, [], one_sided={gone.key: "base"})
    walls = {"base": [5.0, 5.0], "head": [3.0, 2.0]}
    blocks = [block(both, 0, walls[arm], 1000, 0.5, arm=arm, calls=[4] * 2) for arm in walls]
    made = builders.run([*blocks, block(gone, 0, arm="base")], [both, gone], gate=gate)
    found = own_run(made, tmp_path / "x.jsonl")
    (only,) = found.cases
    assert only.values == {"time": [[0.5]], "cpu": [[0.25]], "memory": [[1000.0]]}
    assert (found.commit, found.facts["python"]) == ("bbb", "cpython-3.12.1")


# --- pytest-benchmark


def test_a_process_of_pytest_benchmark_is_one_block_and_its_times_are_of_one_call(stored):
    found = load(stored(pytest_document(benchmark(), benchmark("test_b.py::test_fast", [0.4, 0.6]))))
    assert [each.key for each in found.cases] == ["test_a.py::test_fast", "test_b.py::test_fast"]
    assert [each.name for each in found.cases] == ["test_a.py::test_fast", "test_b.py::test_fast"], "told apart"
    assert [each.values for each in found.cases] == [{"time": [[0.1, 0.2, 0.3]]}, {"time": [[0.4, 0.6]]}]
    assert (found.tool, found.commit, found.label) == ("pytest-benchmark 5.3.1", "abc", "other.json")
    assert found.facts == {
        "cpu": "Example CPU", "cores": "2", "python": "cpython-3.11.7", "build": "main May  9 2026", "os": "Linux 6.1",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("change", "value", "said"),
    [
        ({"data": None}, 0.2, "only the median of 3 rounds is in the file"),
        ({"data": [0.1, "... omitted"]}, 0.2, "only the median of 3 rounds is in the file"),
        ({"data": [0.1]}, 0.2, "only the median of 3 rounds is in the file"),
        ({"data": None, "median": None, "mean": 0.25, "rounds": 1}, 0.25, "only the mean of 1 round is in the file"),
    ],
)
def test_where_the_rounds_are_not_all_there_one_number_stands_for_them_and_it_is_said(stored, change, value, said):
    one = benchmark()
    one["stats"] |= change
    (only,) = load(stored(pytest_document(one))).cases
    assert (only.values, only.limits) == ({"time": [[value]]}, said)


def test_cpu_and_memory_in_extra_info_are_taken_where_they_are_numbers(stored):
    told = {"cpu_s": 0.5, "peak_memory_bytes": 1000}
    found = load(stored(pytest_document(benchmark(extra_info=told), benchmark("b", extra_info={"cpu_s": "much"}))))
    assert [(each.values.get("cpu"), each.values.get("memory")) for each in found.cases] == [
        ([[0.5]], [[1000.0]]),
        (None, None),
    ]


def test_a_moment_without_a_zone_is_in_utc(stored):
    assert (
        load(stored(pytest_document(datetime="2015-08-15T00:01:51.557705"))).at_utc
        == "2015-08-15T00:01:51.557705+00:00"
    )
    assert load(stored(pytest_document(datetime="yesterday"))).at_utc == ""


@real
def test_the_ten_stored_runs_of_pytest_benchmark_are_read():
    found = [load(path) for path in sorted((CASES / "pytest-benchmark").glob("*.json"))]
    assert len(found) == 10
    assert {each.key for run in found for each in run.cases} == {"tests/test_normal.py::test_xfast_parametrized[0]"}
    assert [run.at_utc for run in found] == sorted(run.at_utc for run in found)
    for run in found:
        ((value,),) = run.cases[0].values["time"]
        document = json.loads(run.path.read_text())
        assert value == document["benchmarks"][0]["stats"]["median"]
        assert run.commit == document["commit_info"]["id"] + "+"
        assert run.cases[0].limits


# --- pyperf


def test_a_process_of_pyperf_is_a_block_without_its_warm_ups_and_calibrations_are_none(stored):
    found = load(stored(pyperf_document()))
    (only,) = found.cases
    assert only.values == {"time": [[1e-3, 2e-3], [3e-3, 4e-3]], "memory": [[1000.0], [1001.0]]}
    assert (only.key, found.tool, found.at_utc) == ("one", "pyperf 2.9.0", "2026-01-02T03:04:05.500000")
    assert found.facts == {
        "cpu": "Example CPU", "cores": "8", "python": "cpython-3.11.7", "governor": "performance", "os": "Linux-6.1",
    }  # fmt: skip


def test_only_seconds_are_times(stored):
    (bytes_,) = load(stored(pyperf_document(((5000, 7000), (6000,)), unit="byte"))).cases
    assert bytes_.values == {"memory": [[7000.0], [6000.0]]}
    (integer,) = load(stored(pyperf_document(unit="integer"))).cases
    assert integer.values == {}
    assert integer.kind == "integer"
    (seconds,) = load(stored(pyperf_document())).cases
    assert "time" in seconds.values


@pytest.mark.parametrize(
    ("affinity", "cores"), [("2-3", "2 of 8"), ("0,2-4", "4 of 8"), ("0-7", "8"), ("", "8"), ("x", "8")]
)
def test_cores_that_processes_were_kept_to(stored, affinity, cores):
    assert load(stored(pyperf_document(cpu_affinity=affinity))).facts["cores"] == cores


def test_a_suite_that_only_calibrated_is_a_trouble(stored):
    (only,) = load(stored(pyperf_document(()))).cases
    assert only.values == {}
    assert "calibrated" in only.trouble


def test_metadata_of_a_benchmark_goes_before_that_of_the_suite(stored):
    document = pyperf_document()
    second = {"metadata": {"name": "two", "unit": "byte"}, "runs": [{"values": [10]}]}
    document["benchmarks"].append(second)
    assert [sorted(each.values) for each in load(stored(document)).cases] == [["memory", "time"], ["memory"]]


@real
@pytest.mark.parametrize(("name", "processes"), [("mult_list_py36", 20), ("mult_list_py37", 20), ("telco", 40)])
def test_real_suites_of_pyperf_are_read_plain_and_compressed(tmp_path, name, processes):
    path = CASES / "pyperf" / f"{name}.json"
    found = load(path)
    document = json.loads(path.read_text())
    for each, told in zip(found.cases, document["benchmarks"], strict=True):
        assert each.values["time"] == [run["values"] for run in told["runs"] if "values" in run]
        assert len(each.values["time"]) == processes == len(each.values["memory"])
    packed = tmp_path / f"{name}.json.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    assert load(packed).cases == found.cases


# --- what is none


def broken(change):
    def make(document):
        change(document)
        return document

    return make


ODD = {
    "mean": (lambda d: d["benchmarks"][0]["stats"].update(mean="x"), "benchmarks[0].stats.mean"),
    "no number": (lambda d: d["benchmarks"][0]["stats"]["data"].__setitem__(1, math.nan), "stats.data[1]` is NaN"),
    "no time": (lambda d: d["benchmarks"][0]["stats"].update(median=10**400), "benchmarks[0].stats.median"),
    "no stats": (lambda d: d["benchmarks"][0].pop("stats"), "`stats`"),
    "negative": (lambda d: d["benchmarks"][0]["stats"]["data"].__setitem__(1, -1.0), "benchmarks[0].stats.data[1]"),
    "huge": (lambda d: d["benchmarks"][0]["stats"].update(median=1e300), "benchmarks[0].stats.median"),
    "list": (lambda d: d.update(benchmarks=7), "benchmarks"),
    "entry": (lambda d: d.update(benchmarks=[7]), "benchmarks[0]"),
    "own": (
        lambda d: d["benchmarks"][0].update(extra_info={"concurrency-bench": {"rounds": "x"}}),
        "benchmarks[0].extra_info.concurrency-bench.rounds",
    ),
    "own sum": (
        lambda d: d["benchmarks"][0].update(extra_info={"concurrency-bench": {"rounds": [1, 1]}}),
        "benchmarks[0].extra_info.concurrency-bench.rounds",
    ),
}
PYPERF_ODD = {
    "newer": (lambda d: d.update(version="2.0"), '"2.0"'),
    "older": (lambda d: d.update(version=5), "pyperf convert"),
    "unit": (lambda d: d["metadata"].update(unit="parsec"), "benchmarks[0].metadata.unit"),
    "name": (lambda d: d["benchmarks"][0]["metadata"].pop("name"), "benchmarks[0].metadata.name"),
    "zero": (lambda d: d["benchmarks"][0]["runs"][1]["values"].__setitem__(0, 0), "benchmarks[0].runs[1].values[0]"),
    "text": (lambda d: d["benchmarks"][0]["runs"][1].update(values=["x"]), "benchmarks[0].runs[1].values[0]"),
    "two units": (
        lambda d: d["benchmarks"].append({**d["benchmarks"][0], "metadata": {"name": "one", "unit": "byte"}}),
        "and in byte",
    ),
}


@pytest.mark.parametrize(
    ("document", "change", "said"),
    [(pytest_document, *each) for each in ODD.values()] + [(pyperf_document, *each) for each in PYPERF_ODD.values()],
    ids=[*ODD, *(f"pyperf {name}" for name in PYPERF_ODD)],
)
def test_what_does_not_fit_is_named_with_file_and_field(stored, document, change, said):
    made = document()
    change(made)
    with pytest.raises(RunFileError) as caught:
        load(stored(made))
    message = str(caught.value)
    assert "other.json" in message
    assert said in message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"  \n", "is empty"),
        (b"hello", "not JSON"),
        (b"\xff\xfe\x00", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (json.dumps(pytest_document()).encode()[:-20], "not JSON"),
        (json.dumps(pytest_document(benchmark(data=[math.nan]))).encode(), "NaN"),
        (b"[]", "no stored run"),
        (b'[{"name": "x", "unit": "s", "value": 1}]', "no stored run"),
        (b'{"a": 1}', "no stored run"),
        (b"7", "no stored run"),
        (b'{"kind":"header"', "first line is empty or cut"),
        (gzip.compress(b'{"benchmarks": []}', mtime=0)[:-9], "is cut"),
        (b"\x1f\x8bnonsense", "damaged"),
        (gzip.compress(b"", mtime=0), "is empty"),
    ],
)
def test_anything_else_is_one_clear_line(stored, content, said):
    with pytest.raises(RunFileError, match=r"other\.json") as caught:
        load(stored(content))
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d.pop("machine_info"),
        lambda d: d.update(machine_info=[], commit_info=7, version=None, datetime=math.nan),
        lambda d: d["benchmarks"][0].update(extra_info={"ratio": math.nan, "cpu_s": math.inf}),
        lambda d: d["benchmarks"][0].update(extra_info=[1]),
        lambda d: d["benchmarks"][0]["stats"].update(min=None, stddev="x", ops=-math.inf),
    ],
)
def test_what_is_not_needed_may_be_missing_or_anything(stored, change):
    made = pytest_document()
    change(made)
    (only,) = load(stored(made)).cases
    assert only.values == {"time": [[0.1, 0.2, 0.3]]}


def test_of_a_test_that_ran_again_the_last_time_counts_and_it_is_said(stored):
    again = [benchmark(data=[value] * 3) for value in (0.3, 0.2, 0.1)]
    first, other = load(stored(pytest_document(*again, benchmark("b", data=[0.4] * 3)))).cases
    assert (first.values["time"], other.values["time"]) == ([[0.1] * 3], [[0.4] * 3])
    assert (first.limits, other.limits) == ("the test ran 3 times, and this is the last", "")


def test_the_processes_of_a_benchmark_that_a_suite_has_twice_are_all_its_own(stored):
    made = pyperf_document()
    made["benchmarks"].append(made["benchmarks"][0])
    (only,) = load(stored(made)).cases
    assert only.values["time"] == 2 * load(stored(pyperf_document())).cases[0].values["time"]


def test_a_byte_order_mark_is_as_if_it_were_not_there(stored, tmp_path):
    for made in (pytest_document(), pyperf_document()):
        assert load(stored(b"\xef\xbb\xbf" + json.dumps(made).encode())).cases == load(stored(made)).cases
    path = builders.stored(builders.typical_run(), tmp_path)
    whole = path.read_bytes()
    before = read(path), load(path).cases
    path.write_bytes(b"\xef\xbb\xbf" + whole)
    assert (read(path), load(path).cases) == before
    inputs = tmp_path / "inputs.jsonl"
    inputs.write_bytes(b"\xef\xbb\xbf1\n2\n")
    assert read_inputs(str(inputs)) == [1, 2]


def test_a_pipe_a_folder_and_nothing_are_no_files(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for name in ("pipe", ".", "absent", "nul\0"):
        with pytest.raises(RunFileError, match="cannot read"):
            load(tmp_path / name)


def test_a_small_file_that_grows_without_end_is_refused(stored, monkeypatch):
    monkeypatch.setattr("bench.bounds.LONGEST_FILE_BYTES", 1000)
    with pytest.raises(RunFileError, match="longer than"):
        load(stored(gzip.compress(b" " * 5000, mtime=0)))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.just(10**400) | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from([pytest_document, pyperf_document]), st.integers(0, 10**6), json_values)
def test_whatever_stands_in_a_field_is_read_or_refused_in_one_line(tmp_path_factory, document, place, value):
    check_read_or_refused(tmp_path_factory.mktemp("odd") / "odd.json", document(), place, value)


def check_read_or_refused(path, made, place, value):
    """A document with another value in one of its places is read, or refused in one line that names its file."""
    found = list(places(made))
    holder, key = found[place % len(found)]
    holder[key] = value
    path.write_text(json.dumps(made))
    try:
        run = load(path)
    except RunFileError as error:
        assert path.name in str(error)
        assert "\n" not in str(error)
    else:
        for each in run.cases:
            for blocks in each.values.values():
                assert all(0 <= number < 1e24 for values in blocks for number in values)


def places(value):
    """Everything that can be replaced in a document: who holds it, and under which key."""
    keys = value.keys() if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in list(keys):
        yield value, key
        yield from places(value[key])


def test_the_readers_tell_their_files_apart():
    documents = [pytest_document(), pyperf_document(), [], {}, None, {"benchmarks": 1}]
    assert [pytest_benchmark_file.fits(each) for each in documents] == [True] + [False] * 5
    assert [pyperf_file.fits(each) for each in documents] == [False, True] + [False] * 4


# --- filters


def kept(run, **patterns):
    """The names of the cases that patterns choose."""
    keys = CaseFilter(**patterns).kept([each.named for each in run.cases])
    return [each.name for each in run.cases if each.key in keys]


def test_cases_are_chosen_by_name_key_and_pattern(tmp_path):
    run = load(builders.stored(builders.typical_run(), tmp_path))
    names = lambda **patterns: kept(run, **patterns)  # noqa: E731
    assert names() == [each.name for each in run.cases]
    assert names(cases=["primes *"]) == ["primes serial", "primes threads", "primes process_pool ×2"]
    assert names(cases=["primes process_pool"]) == ["primes process_pool ×2"], "a name without workers fits all of them"
    assert names(cases=["primes process_pool ×2"]) == ["primes process_pool ×2"]
    assert names(cases=["primes process_pool ×4"]) == []
    assert names(cases=[case().key]) == ["primes serial"]
    assert names(workloads=["down*"], strategies=["serial", "threads"]) == ["downloads serial", "downloads threads"]
    assert names(strategies=["nothing"]) == []


def test_the_workload_of_a_case_is_known_whatever_its_name_and_also_where_it_was_exported(tmp_path):
    """It was read from the key, which a name with a `/` in it divides elsewhere."""
    cases = [case(), case("thread_pool", workload="folder/parse", workers=2)]
    run = load(builders.stored(builders.run([block(each) for each in cases], cases), tmp_path))
    again = tmp_path / "exported.json"
    again.write_text(as_pytest_benchmark(run))
    for found in (run, load(again)):
        assert [(each.workload, each.strategy) for each in found.cases] == [
            ("primes", "serial"),
            ("folder/parse", "thread_pool"),
        ]
        assert kept(found, workloads=["folder/*"]) == ["folder/parse thread_pool ×2"]


def test_brackets_in_a_name_are_taken_as_they_stand(stored):
    run = load(stored(pytest_document(benchmark("t.py::test_x[0]"), benchmark("t.py::test_x[1]"))))
    assert kept(run, cases=["test_x[0]"]) == ["test_x[0]"]
    assert kept(run, workloads=["*"]) == [], "other tools know no workloads"
    assert kept(replace(run, tool="concurrency-bench 1"), workloads=["*"]) == [], "nor do odd keys"


def coarse(of, cpu_s, below=0.004, above=0.004, blocks=6):
    """A run of rounds that take 10 ms, with so much CPU each, and how far off that can be."""
    method = replace(builders.CPU_METHOD, below=below, above=above)
    made = [
        builders.block(of, number, [0.01] * 3, accounting=builders.accounting(cpu=method), calls=[2] * 3)
        for number in range(blocks)
    ]
    return builders.run(
        [replace(each, rounds=[replace(one, cpu_s=cpu_s) for one in each.rounds]) for each in made], [of]
    )


@pytest.mark.parametrize(
    ("cpu_s", "below", "above", "why"),
    [
        (0.010, 0.001, 0.001, ""),
        (0.010, None, 0.001, ""),
        (0.010, 0.004, 0.004, TOO_COARSE),
        (0.0, 0.001, 0.001, TOO_COARSE),
        (0.010, None, None, NO_BOUND),
    ],
)
def test_cpu_is_known_in_the_table_or_nowhere(tmp_path, cpu_s, below, above, why):
    """One rule: what the tables of a report leave out is no number in exports, in the history or in a gate."""
    one = builders.case()
    made = coarse(one, cpu_s, below, above)
    path = builders.stored(made, tmp_path)
    (only,) = load(path).cases
    (summary,) = summarise(made)
    known = not why
    assert (summary.cost.cpu_s is not None) == ("cpu" in only.values) == known
    assert only.unknown == ({} if known else {"cpu": why})
    exported = json.loads(as_pytest_benchmark(load(path)))["benchmarks"][0]["extra_info"]
    assert ("cpu_s" in exported) == known
    assert any("(CPU)" in each["name"] for each in json.loads(as_github_action(load(path)))) == known
    if known:
        assert exported["cpu_s"] == pytest.approx(cpu_s / 2)
    else:
        with pytest.raises(UsageError, match="cpu is unknown") as caught:
            history([load(path)], "cpu", CaseFilter(), 0.02)
        assert why in str(caught.value)
        (found,) = compare(load(path), load(path), ("cpu",), tolerance=0.02, alpha=0.01).cases
        assert (found.verdict, found.reason) == (Verdict.INCONCLUSIVE, f"neither side has cpu: {why}")

import json
import random
import re
import subprocess
import sys
import zlib
from dataclasses import asdict, fields, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.analysis.loading import load
from bench.errors import RunFileError, StorageError
from bench.records.block import Block, Latencies, Outcome
from bench.records.case import Case
from bench.records.conditions import Conditions
from bench.records.gate import Arm, Gate
from bench.records.run import SCHEMA_VERSION, Purpose
from bench.records.use import Accounting, Difference, Method, Samples, Sampling, Window
from bench.store.lines import to_line
from bench.store.published import published
from bench.store.runs import RunWriter, check_writable, find, new_run_id, read
from tests import builders
from tests.conftest import ROOT, environment

number = st.floats(0, 9e11)
said = st.text(st.characters(min_codepoint=32, max_codepoint=0x2FF).filter(str.isprintable))
amount = st.none() | st.integers(0, 2**62)
texts = st.dictionaries(said, said, max_size=2)
methods = st.builds(Method, said, said, st.none() | number, st.none() | number)
differences = st.lists(st.builds(Difference, said, said, number, said, number), max_size=2)
sizes = ("peak_memory_bytes", "file_cache_bytes", "rss_bytes", "pss_bytes", "uss_bytes", "read_bytes", "written_bytes")
counts = ("voluntary_switches", "minor_faults", "processes_started", "threads_started", "started_at_most")
windows = st.builds(
    Window,
    at_s=number,
    wall_s=st.floats(1e-9, 1e9),
    **dict.fromkeys(("cpu_s", "user_s", "system_s"), st.none() | number),
    **dict.fromkeys(sizes + counts, amount),
)
size = st.integers(0, 2**62)
samples = st.lists(st.tuples(number, number, size, size, size), min_size=1, max_size=3).map(
    lambda rows: Samples(*[list(column) for column in zip(*rows, strict=True)])
)
blocks = st.builds(
    Block,
    case=st.just(builders.case().key),
    repetition=st.integers(0, 1000),
    outcome=st.sampled_from(Outcome),
    reason=said,
    tasks=st.none() | st.integers(0, 10**9),
    start=st.none() | windows,
    rounds=st.lists(windows, max_size=3),
    stop=st.none() | windows,
    whole=st.none() | windows,
    samples=samples,
    sampling=st.none()
    | st.builds(
        Sampling,
        said,
        number,
        st.none() | number,
        st.none() | number,
        st.integers(0, 10**9),
        st.integers(0, 10**9),
        st.none() | number,
        number,
        st.none() | number,
    ),
    accounting=st.none()
    | st.builds(
        Accounting, methods, methods, methods, st.dictionaries(said, number, max_size=2), texts, texts, differences
    ),
).flatmap(
    lambda made: st.lists(st.integers(1, 1000), min_size=len(made.rounds), max_size=len(made.rounds)).map(
        lambda calls: replace(made, calls=calls)
    )
)


@settings(max_examples=60, deadline=None)
@given(st.lists(blocks, max_size=4, unique_by=lambda block: block.repetition))
def test_what_is_written_is_read_back(tmp_path_factory, made):
    run = builders.run(made, [builders.case()])
    found = read(builders.stored(run, tmp_path_factory.mktemp("runs")))
    written = [published(block, identified=False) for block in run.blocks]
    assert found == replace(run, header=published(run.header, identified=False), blocks=written)


def small_run():
    """A run of two blocks whose file is short."""
    cases = [builders.case(), builders.case("threads")]
    short = {"walls": [0.5, 0.25], "samples": Samples(), "start": None, "stop": None, "accounting": None}
    return builders.run([builders.block(each, **short) for each in cases], cases)


@pytest.mark.long
def test_a_file_cut_anywhere_reads_up_to_its_last_whole_line(tmp_path):
    path = builders.stored(small_run(), tmp_path)
    whole = path.read_bytes()
    lines = whole.splitlines(keepends=True)
    for cut in range(len(whole) - len(lines[-1]) - len(lines[-2]), len(whole)):
        path.write_bytes(whole[:cut])
        found = read(path)
        complete = whole[:cut].count(b"\n")
        assert len(found.blocks) == min(complete - 1, 2)
        assert found.ending is None
        assert any("the run was cut: " in note for note in found.notes)
        assert any("is cut and was left out" in note for note in found.notes) == (not whole[:cut].endswith(b"\n"))


VERSION_2 = [
    {
        "kind": "header", "schema": 2, "id": "20260102T030405Z-abcdef", "tool": "0.2.0",
        "started_utc": "2026-01-02T03:04:05+00:00", "command": "python -m bench run",
        "environment": asdict(builders.ENVIRONMENT),
        "plan": {
            "cases": [
                {"workload": "primes", "scale": "quick", "strategy": "serial", "workers": 1, "python": "py", "options": {}},
                {"workload": "primes", "scale": "quick", "strategy": "threads", "workers": None, "python": "py",
                 "options": {}},
            ],
            "repetitions": 1, "rounds": {"primes/quick/serial/1/-/py": 3, "primes/quick/threads/-/-/py": 3},
            "works": {"primes": {"pattern": "map", "bound": "cpu", "baseline": "serial", "options": []}},
            "seed": 1, "budget_s": None, "time_limit_s": 60.0, "sample_hz": 20.0, "demonstrations": [],
        },
    },
    {
        "kind": "block", "case": "primes/quick/serial/1/-/py", "repetition": 0, "outcome": "ok", "reason": "",
        "tasks": 4, "payload_bytes": None, "setup_s": 0.25, "start_s": 0.5, "stop_s": 0.125,
        "rounds": [
            {"at_s": 1.0, "wall_s": 0.5, "cpu_s": 0.25, "peak_memory_bytes": 10},
            {"at_s": 1.5, "wall_s": 0.25, "cpu_s": None, "peak_memory_bytes": None},
        ],
        "longest_task_s": None, "total_task_s": None, "bound_stated": False, "latencies": [], "fairness": None,
        "handed_over": None, "leaked_processes": 0,
        "samples": {"at_s": [0.0, 1.5], "cpu_s": [0.0, 0.75], "memory_bytes": [5, 10], "processes": [1, 2]},
        "sampling": {"hz": 20.0, "due": 10, "missed": 2, "late_p99_s": 0.001, "cpu_s": 0.02,
                     "cpu_method": "a way to read CPU", "cpu_tick_s": 0.01, "memory_method": "a way to read memory"},
    },
    {"kind": "block", "case": "primes/quick/threads/-/-/py", "repetition": 0, "outcome": "failed", "reason": "no",
     "setup_s": None, "start_s": None, "stop_s": None, "rounds": [], "samples": {}, "sampling": None},
    {"kind": "ending", "finished_utc": "2026-01-02T03:08:05+00:00", "status": "complete", "wall_s": 2.0, "rounds_s": 1.0},
]  # fmt: skip


def guarded(line: bytes) -> bytes:
    """A line with the checksum that it would have, had it been written so."""
    if not line.endswith(b"}\n"):
        return line
    body = re.sub(rb',"crc32":"[0-9a-f]{8}"}\n$', b"", line)
    body = body.removesuffix(b"\n").removesuffix(b"}") if body == line else body
    return body + b',"crc32":"%08x"}\n' % zlib.crc32(body)


def written(lines, folder, name="old.jsonl"):
    path = folder / name
    path.write_text("".join(json.dumps(each) + "\n" for each in lines))
    return path


def test_a_run_of_schema_version_2_reads_as_one_of_today(tmp_path):
    found = read(written(VERSION_2, tmp_path))
    block, failed = found.blocks
    assert block.start == Window(0.25, 0.5)
    assert block.rounds == [Window(1.0, 0.5, 0.25, peak_memory_bytes=10), Window(1.5, 0.25)]
    assert block.stop == Window(1.75, 0.125), "it began when the last round ended"
    assert block.whole is None, "how long the whole block took was not kept"
    assert block.samples == Samples([0.0, 1.5], [0.0, 0.75], [5, 10], [5, 10], [1, 2])
    assert block.sampling == Sampling("psutil", 20.0, 16.0, None, 10, 2, 0.001, 0.02, None)
    assert block.accounting is not None
    assert block.accounting.cpu == Method("psutil", "a way to read CPU", None, 0.04)
    assert block.accounting.whole_cpu == block.accounting.cpu
    assert block.accounting.memory == Method("psutil", "a way to read memory", None, None)
    assert block.accounting.cpu_by_layer == {"psutil": 0.75}
    assert set(block.accounting.absent) == {"cgroup", "wait4", "ledger"}
    assert "earlier version" in block.accounting.unknown["pss_bytes"]
    assert (failed.start, failed.stop, failed.sampling, failed.accounting) == (None, None, None, None)
    assert (found.header.plan.conditions.sampler, found.header.plan.conditions.accounting) == ("psutil", "psutil")


def test_conditions_are_fields_of_the_plan_in_a_file_and_a_record_of_their_own_here(tmp_path):
    plan = replace(small_run().header.plan, conditions=Conditions(7, None, 30.0, 5.0, "psutil", "wait4", 1e-9, 4, True))
    line = to_line(replace(small_run().header, plan=plan))
    kept = list(json.loads(line)["plan"])
    own = [each.name for each in fields(Conditions)]
    assert kept[4 : 4 + len(own)] == own
    assert [json.loads(line)["plan"][name] for name in own] == [7, None, 30.0, 5.0, "psutil", "wait4", 1e-9, 4, True]
    path = tmp_path / "run.jsonl"
    path.write_bytes(line)
    assert read(path).header.plan == plan
    for wrong, said in (
        ({"seed": "x"}, "Expected `int`, got `str` - at `$.plan.seed`"),
        ({"sample_hz": ...}, "at `$.plan`"),
    ):
        changed = json.loads(line)
        changed["plan"] |= wrong
        changed["plan"] = {name: value for name, value in changed["plan"].items() if value is not ...}
        path.write_bytes(guarded(json.dumps(changed, separators=(",", ":")).encode() + b"\n"))
        with pytest.raises(RunFileError, match=re.escape(said)):
            read(path)


@pytest.mark.parametrize(("purpose", "there"), [(Purpose.CHECK, "no"), (Purpose.RANKING, "a"), (Purpose.FAULTS, "a")])
def test_what_a_run_is_for_fits_its_plan(purpose, there, tmp_path):
    run = small_run()
    arms = [Arm(name, name, None, {}) for name in ("base", "head")]
    gate = Gate(arms, ["time"], {each.key: 0.02 for each in run.header.plan.cases}, 0.01, 60.0, [])
    plan = replace(run.header.plan, purpose=purpose, gate=gate if there == "a" else None)
    path = tmp_path / "run.jsonl"
    path.write_bytes(to_line(replace(run.header, plan=plan)))
    with pytest.raises(RunFileError, match=f'`purpose` is "{purpose}", and there is {there} `gate`'):
        read(path)


def test_a_file_that_does_not_say_what_its_run_was_for_reads_with_what_it_was_for(tmp_path):
    header = json.loads(to_line(small_run().header))
    del header["plan"]["purpose"]
    path = tmp_path / "run.jsonl"
    path.write_bytes(guarded(json.dumps(header, separators=(",", ":")).encode() + b"\n"))
    assert read(path).header.plan == small_run().header.plan
    for broken in ({"works": [], "gate": None}, {"cases": [[]]}, {"repetitions": ...}):
        plan = {name: value for name, value in (header["plan"] | broken).items() if value is not ...}
        path.write_bytes(guarded(json.dumps(header | {"plan": plan}, separators=(",", ":")).encode() + b"\n"))
        with pytest.raises(RunFileError, match=r"at `\$\.plan"):
            read(path)


def as_version_1():
    """The lines of version 2 as version 1 had them: one pattern, and another word for no workers."""
    lines = json.loads(json.dumps(VERSION_2).replace("/threads/-/", "/threads/per-task/"))
    plan = lines[0]["plan"]
    works = plan.pop("works")
    lines[0]["schema"] = 1
    plan |= {"bounds": {name: work["bound"] for name, work in works.items()}, "baseline": "serial"}
    del plan["demonstrations"]
    for name in ("payload_bytes", "latencies", "fairness", "handed_over"):
        del lines[1][name]
    return lines


def test_a_run_of_schema_version_1_reads_as_one_of_version_2(tmp_path):
    now = read(written(VERSION_2, tmp_path, "new.jsonl"))
    lines = as_version_1()
    assert any("/per-task/" in each.get("case", "") for each in lines)
    assert read(written(lines, tmp_path)) == replace(now, header=replace(now.header, schema=1))
    lines[0]["plan"]["cases"][0]["options"] = {"blas_threads": "1"}  # of a workload, where the baseline has it
    lines[0]["plan"]["rounds"] = {}
    assert read(written(lines[:1], tmp_path)).header.plan.works["primes"].options == ["blas_threads"]


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_broken_line_of_an_earlier_version_is_a_clear_error(tmp_path_factory, data):
    lines = data.draw(st.sampled_from([as_version_1(), json.loads(json.dumps(VERSION_2))]))
    place = data.draw(st.sampled_from(lines[:3]))
    while isinstance(place, dict) and place:
        name = data.draw(st.sampled_from(sorted(place)))
        if not isinstance(place[name], dict) or data.draw(st.booleans()):
            place[name] = data.draw(st.sampled_from([None, 1, "x", [], {}, [1], {"x": 1}, [{}]]))
            break
        place = place[name]
    path = written(lines, tmp_path_factory.mktemp("runs"))
    try:
        read(path)
    except RunFileError as error:
        assert str(path) in str(error)


def test_a_run_of_schema_version_3_needs_no_checksums(tmp_path):
    run = builders.typical_run()
    lines = [json.loads(to_line(each)) for each in (run.header, *run.blocks, run.ending)]
    for each in lines:
        del each["crc32"]
        if each["kind"] == "block":
            each["calls"] = 1  # all rounds had as many
    lines[0]["schema"] = 3
    assert read(written(lines, tmp_path)) == replace(run, header=replace(run.header, schema=3))
    last = guarded(json.dumps(lines[1]).encode() + b"\n").replace(b'"tasks": 4', b'"tasks": 5')
    path = written(lines[:1], tmp_path)
    path.write_bytes(path.read_bytes() + last)
    with pytest.raises(RunFileError, match="line 2: damaged"):  # but one that is there has to be right
        read(path)


def test_a_workload_may_be_called_as_version_1_called_no_workers(tmp_path):
    odd = builders.case(workload="my/per-task")
    path = builders.stored(builders.run([builders.block(odd)], [odd]), tmp_path)
    assert read(path).blocks[0].case == odd.key


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda line: line["rounds"][1].update(wall_s=10**22), "line 2: field `rounds[1].wall_s` is 1000"),
        (
            lambda line: line["rounds"][1].update(peak_memory_bytes=2**63),
            "line 2: field `rounds[1].peak_memory_bytes` is 9",
        ),
        (lambda line: line.update(tasks=10**400), "line 2: field `tasks` is 1000"),
        (lambda line: line["samples"].update(at_s=[1e13]), "line 2: field `samples.at_s[0]` is 1000"),
        (lambda line: line.update(setup_s=-(10**15)), "line 2: field `setup_s` is -1000"),
    ],
)
def test_a_number_that_its_quantity_cannot_have_is_refused_with_file_line_and_field(tmp_path, change, said):
    lines = [json.loads(each) for each in builders.stored(small_run(), tmp_path).read_bytes().splitlines()]
    change(lines[1])
    for each in lines:
        del each["crc32"]
    path = tmp_path / "odd.jsonl"
    path.write_bytes(b"".join(guarded(json.dumps(each).encode() + b"\n") for each in lines))
    for reading in (read, load):
        with pytest.raises(RunFileError) as caught:
            reading(path)
        assert f"odd.jsonl, {said}" in str(caught.value)
        assert str(caught.value).isprintable()


def test_latencies_without_all_quantiles_are_refused(tmp_path):
    one = builders.case()
    cut = builders.block(one, latencies=[Latencies("reply", 3, [0.1, 0.2])])
    path = builders.stored(builders.run([cut], [one]), tmp_path)
    with pytest.raises(RunFileError, match="line 2: field `latencies` has 2 quantiles; it must have 12"):
        read(path)


def test_samples_are_columns_of_one_length(tmp_path):
    one = builders.case()
    cut = builders.block(one, samples=Samples([0.0, 0.1], [0.0, 0.1], [1, 1], [1], [1, 1]))
    path = builders.stored(builders.run([cut], [one]), tmp_path)
    with pytest.raises(
        RunFileError, match="line 2: field `samples` has columns of different lengths: at_s 2, .*rss_bytes 1"
    ):
        read(path)


def test_a_newer_schema_is_refused_with_its_version(tmp_path):
    path = builders.stored(builders.typical_run(), tmp_path)
    header, rest = path.read_bytes().split(b"\n", 1)
    path.write_bytes(guarded(header.replace(f'"schema":{SCHEMA_VERSION}'.encode(), b'"schema":7', 1) + b"\n") + rest)
    with pytest.raises(RunFileError, match=f"line 1: schema version 7 is newer than {SCHEMA_VERSION}"):
        read(path)


def broken(change, line=1):
    """As a program would write it that means harm: with the checksum put right."""

    def breaking(data: bytes) -> bytes:
        lines = data.splitlines(keepends=True)
        lines[line] = guarded(change(lines[line]))
        return b"".join(lines)

    return breaking


@pytest.mark.parametrize(
    ("breaking", "message"),
    [
        (broken(lambda line: line.replace(b'"repetition":0', b'"repetition":"no"')), r"line 2: .*repetition"),
        (broken(lambda line: line.replace(b'"wall_s":', b'"wall":', 1)), r"line 2: .*wall_s"),
        (broken(lambda line: b'{"kind":"blocks"}\n'), r'line 2: field `kind` is "blocks"'),
        (broken(lambda line: b"noise\n"), r"line 2: not JSON"),
        (broken(lambda line: b"\xff\xfe\n"), r"line 2: not JSON"),
        (broken(lambda line: b"[1]\n"), r"line 2: field `kind` is null"),
        (
            broken(lambda line: line.replace(b'"case":"primes', b'"case":"unplanned')),
            r"`case` is .*which the plan has not",
        ),
        (lambda data: data.split(b"\n", 1)[1], r"line 1: a run file has one header"),
        (lambda data: data.split(b"\n", 1)[0] + b"\n" + data, r"line 2: a run file has one header"),
        (lambda data: b"", r"holds no run"),
        (
            broken(lambda line: line.replace(b'"wall_s":0.21', b'"wall_s":0.0', 1)),
            r"line 2: field `rounds\[0\].wall_s` is 0.0",
        ),
    ],
)
def test_what_is_not_valid_is_refused_with_file_and_line(tmp_path, breaking, message):
    path = builders.stored(builders.typical_run(), tmp_path)
    path.write_bytes(breaking(path.read_bytes()))
    with pytest.raises(RunFileError, match=message) as caught:
        read(path)
    assert str(path) in str(caught.value)


@pytest.mark.long
def test_a_changed_byte_is_an_error_or_costs_the_last_line_but_never_makes_another_run(tmp_path):
    run = small_run()
    path = builders.stored(run, tmp_path)
    whole = path.read_bytes()
    chance = random.Random(5)
    for position in range(len(whole)):
        flipped = [whole[position] ^ (1 << chance.randrange(8)) for _ in range(1)]
        for value in {*flipped, ord("\n")} - {whole[position]}:
            path.write_bytes(whole[:position] + bytes([value]) + whole[position + 1 :])
            try:
                found = read(path)
            except RunFileError as error:
                assert str(path) in str(error)
                continue
            assert position == len(whole) - 1, "only the last line feed makes a line a cut one"
            assert replace(found, notes=[]) == replace(run, ending=None)
            assert found.notes[0] == "line 4 is cut and was left out"


def test_a_flipped_bit_in_a_digit_names_file_and_line(tmp_path):
    path = builders.stored(small_run(), tmp_path)
    data = path.read_bytes()
    path.write_bytes(data.replace(b'"wall_s":0.25', b'"wall_s":0.35', 1))
    with pytest.raises(RunFileError, match=f"{path.name}, line 2: damaged: its checksum is not that of its content"):
        read(path)
    path.write_bytes(re.sub(rb',"crc32":"[0-9a-f]+"', b"", data))
    with pytest.raises(RunFileError, match=r"line 1: damaged: it does not end with its checksum"):
        read(path)


def test_a_header_that_is_cut_is_a_clear_error(tmp_path):
    path = builders.stored(small_run(), tmp_path)
    header = path.read_bytes().splitlines()[0]
    for cut in range(len(header) + 1):
        path.write_bytes(header[:cut])
        for reading in (read, RunWriter.reopen):
            with pytest.raises(RunFileError, match="holds no run: its first line is empty or cut"):
                reading(path)
        assert path.read_bytes() == header[:cut], "what is no run is left as it is"


@pytest.mark.long
def test_a_run_that_goes_on_appends_behind_its_last_whole_line(tmp_path):
    run = small_run()
    whole = builders.stored(run, tmp_path).read_bytes()
    lines = whole.splitlines(keepends=True)
    path = tmp_path / "cut.jsonl"
    begin = len(whole) - len(lines[-1]) - len(lines[-2])
    for cut in range(begin, begin + len(lines[-2])):
        path.write_bytes(whole[:cut])
        with RunWriter.reopen(path) as writer:
            assert path.read_bytes() == whole[:cut], "nothing is cut off before something is written"
            writer.append(run.blocks[1])
            writer.append(run.ending)
        assert path.read_bytes() == whole
    path.write_bytes(whole[:begin] + b"x" * 200_000)  # half a line that is longer than what is read at once
    with RunWriter.reopen(path) as writer:
        writer.append(run.blocks[1])
    assert path.read_bytes() == whole[: -len(lines[-1])]


def test_a_run_in_parts_has_the_last_ending_or_none(tmp_path):
    run = small_run()
    first, last = replace(run.ending, status="interrupted"), run.ending
    path = builders.stored(replace(run, blocks=run.blocks[:1], ending=first), tmp_path)
    assert read(path).ending == first
    with RunWriter.reopen(path) as writer:
        writer.append(run.blocks[1])
        cut = read(path)
        assert (cut.blocks, cut.ending) == (run.blocks, None)
        assert cut.notes == ["the run was cut: 2 of 2 planned blocks are there"]
        writer.append(last)
    assert read(path) == run


def test_a_block_that_is_there_twice_is_refused_with_its_true_line(tmp_path):
    run = small_run()
    path = builders.stored(replace(run, blocks=run.blocks[:1]), tmp_path)
    with RunWriter.reopen(path) as writer:
        writer.append(run.blocks[1])
        writer.append(run.blocks[0])
    with pytest.raises(RunFileError, match='line 5: repetition 0 of "primes/.*" is on line 2 already'):
        read(path)


def test_an_unplanned_block_behind_an_ending_is_refused_with_its_true_line(tmp_path):
    run = small_run()
    path = builders.stored(run, tmp_path)
    with RunWriter.reopen(path) as writer:
        writer.append(replace(run.blocks[0], case="no/such/case/1/-/py"))
    with pytest.raises(RunFileError, match="line 5: field `case` is .*, which the plan has not"):
        read(path)


HOLDING = """
import sys, time
from pathlib import Path
from bench.store.published import published
from bench.store.runs import RunWriter
from tests import builders
run = builders.typical_run()
with RunWriter(Path(sys.argv[1]), run.header) as writer:
    writer.append(run.blocks[0])
    print("written", flush=True)
    sys.stdin.read()
"""


def test_a_file_that_is_being_written_is_not_written_by_another_process(tmp_path):
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDING, str(tmp_path)],
        cwd=ROOT,
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with holder:
        assert holder.stdout.readline() == b"written\n"
        (path,) = tmp_path.glob("*.jsonl")
        before = path.read_bytes()
        with pytest.raises(StorageError, match=f"{path.name} is being written by another process"):
            RunWriter.reopen(path)
        assert len(read(path).blocks) == 1, "reading is always possible"
        holder.kill()
    assert path.read_bytes() == before
    with RunWriter.reopen(path) as writer:
        writer.append(builders.typical_run().blocks[1])
        with pytest.raises(StorageError, match="is being written by another process"):
            RunWriter.reopen(path)  # neither twice in one process
    assert len(read(path).blocks) == 2


RACING = """
import sys
from dataclasses import replace
from pathlib import Path
from bench.store.published import published
from bench.store.runs import RunWriter, new_run_id
from tests import builders
run = builders.typical_run()
sys.stdin.readline()
with RunWriter(Path(sys.argv[1]), replace(run.header, id=new_run_id())) as writer:
    for block in run.blocks:
        writer.append(block)
    writer.append(run.ending)
"""


@pytest.mark.long
def test_runs_at_once_in_one_folder_have_a_file_each_and_all_are_complete(tmp_path):
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", RACING, str(tmp_path)], cwd=ROOT, env=environment(), stdin=subprocess.PIPE
        )
        for _ in range(4)
    ]
    for each in racers:
        each.stdin.write(b"\n")
        each.stdin.flush()
    for each in racers:
        with each:
            assert each.wait(120) == 0
    found = [read(path) for path in tmp_path.glob("*.jsonl")]
    assert len({each.header.id for each in found}) == 4
    assert all((each.blocks, each.ending, each.notes) == (*_parts(), []) for each in found)


def _parts():
    run = builders.typical_run()
    return run.blocks, run.ending


@pytest.mark.parametrize("going", ["removed", "renamed", "replaced"])
def test_a_file_that_goes_away_while_it_is_written_ends_the_run_clearly(tmp_path, going):
    run = small_run()
    folder = tmp_path / "results"
    with RunWriter(folder, run.header) as writer:
        writer.append(run.blocks[0])
        if going == "removed":
            writer.path.unlink()
        elif going == "renamed":
            folder.rename(tmp_path / "away")
        else:
            writer.path.unlink()
            writer.path.touch()
        with pytest.raises(StorageError, match=f"{writer.path.name} was removed or renamed while"):
            writer.append(run.blocks[1])
    if going == "renamed":
        assert read(tmp_path / "away" / writer.path.name).blocks == run.blocks, "what could be kept is kept"


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_flipped_bytes_give_a_run_or_a_clear_error(tmp_path_factory, data):
    run = builders.typical_run()
    path = builders.stored(replace(run, blocks=run.blocks[:2]), tmp_path_factory.mktemp("runs"))
    noise = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        noise[data.draw(st.integers(0, len(noise) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(noise)
    try:
        read(path)
    except RunFileError as error:
        assert str(path) in str(error)


def test_two_runs_never_share_a_file(tmp_path):
    header = builders.typical_run().header
    with RunWriter(tmp_path, header), pytest.raises(StorageError, match="File exists"):
        RunWriter(tmp_path, header)
    assert len({new_run_id() for _ in range(200)}) == 200


def test_a_folder_that_cannot_be_written_is_said_before_measuring(tmp_path):
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(StorageError, match="cannot write to .*--results"):
        check_writable(file / "results")


def test_a_full_disk_loses_nothing_that_was_written(tmp_path):
    """A limit on the file's size stands for the full disk: the kernel refuses the same write."""
    script = """
import resource, signal, sys
from pathlib import Path
from bench.errors import StorageError
from bench.store.published import published
from bench.store.runs import RunWriter
from tests import builders
run = builders.typical_run()
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
with RunWriter(Path(sys.argv[1]), run.header) as writer:
    writer.append(run.blocks[0])
    size = writer.path.stat().st_size
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 50, size + 50))
    try:
        writer.append(run.blocks[1])
    except StorageError as error:
        print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)],
        env=environment(),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    (path,) = tmp_path.glob("*.jsonl")
    assert done.stdout.startswith(f"cannot write {path}: File too large")
    assert read(path).blocks == builders.typical_run().blocks[:1]


def test_a_line_is_one_json_object_that_says_its_kind():
    line = to_line(builders.typical_run().blocks[0])
    assert line.count(b"\n") == 1
    assert json.loads(line)["kind"] == "block"


def test_runs_are_found_by_path_by_the_start_of_their_id_and_by_date(tmp_path):
    run = builders.typical_run()
    older = builders.stored(run, tmp_path)
    newer = builders.stored(replace(run, header=replace(run.header, id="20270101T000000Z-123456")), tmp_path)
    killed = tmp_path / "20990101T000000Z-000000.jsonl"  # before its first line was written
    killed.touch()
    assert find(tmp_path, None) == newer
    assert find(tmp_path, "2099") == killed
    killed.unlink()
    assert find(tmp_path, "2026") == older
    assert find(tmp_path, str(older)) == older
    with pytest.raises(RunFileError, match="2 runs in .* begin with '202'"):
        find(tmp_path, "202")
    with pytest.raises(RunFileError, match="no run '1999'"):
        find(tmp_path, "1999")
    with pytest.raises(RunFileError, match="no run in"):
        find(tmp_path / "none", None)


@given(
    st.lists(
        st.builds(
            Case,
            st.sampled_from("ab"),
            st.sampled_from("ab"),
            st.sampled_from("ab"),
            st.none() | st.integers(1, 3),
            st.just("py"),
            st.dictionaries(st.sampled_from("xy"), st.sampled_from("12")),
        )
    )
)
def test_different_cases_have_different_keys(cases):
    distinct = {json.dumps([c.workload, c.scale, c.strategy, c.workers, sorted(c.options.items())]) for c in cases}
    assert len({each.key for each in cases}) == len(distinct)

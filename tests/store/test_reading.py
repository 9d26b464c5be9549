"""A run file is read a block at a time: in memory that does not hold its blocks, and by one rule however it is read."""

import json
import random
import tracemalloc
from dataclasses import replace

import pytest

from bench import bounds
from bench.analysis.loading import load, own_run
from bench.errors import RunFileError
from bench.records.run import SCHEMA_VERSION
from bench.store import lines
from bench.store.lines import to_line
from bench.store.runs import read
from tests import builders
from tests.store.test_fuzz import mutate
from tests.store.test_store import guarded


def long_run(folder, blocks):
    """The file of a run of so many blocks of two cases."""
    cases = [builders.case(), builders.case("threads", workers=None)]
    made = builders.run([builders.block(cases[0])], cases)
    header = replace(made.header, plan=replace(made.header.plan, repetitions=blocks // 2))
    path = folder / f"{blocks}.jsonl"
    with path.open("wb") as file:
        file.write(to_line(header))
        for each in cases:
            line = to_line(builders.block(each, 777_777))
            for number in range(blocks // 2):
                file.write(guarded(line.replace(b"777777", b"%d" % number)))
        file.write(to_line(made.ending))
    return path


def most_bytes(path):
    """The most memory that Python held while a stored run was loaded."""
    tracemalloc.start()
    try:
        load(path)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.long
def test_a_stored_run_takes_the_memory_of_its_values(tmp_path):
    few, many = long_run(tmp_path, 300), long_run(tmp_path, 3000)
    load(few)  # what is made once is not counted
    small, large = most_bytes(few), most_bytes(many)
    assert large < 11 * small
    assert large < 0.2 * many.stat().st_size


def test_a_run_of_ones_own_may_be_longer_than_a_file_of_another_tool(tmp_path, monkeypatch):
    path = long_run(tmp_path, 20)
    foreign = tmp_path / "foreign.json"
    foreign.write_text(json.dumps({"benchmarks": [" " * 20_000]}))
    monkeypatch.setattr(bounds, "LONGEST_FILE_BYTES", 10_000)
    assert len(load(path).cases[0].values["time"]) == 10
    with pytest.raises(RunFileError, match="longer than"):
        load(foreign)


def test_a_run_read_whole_and_block_by_block_says_the_same(tmp_path):
    for number, made in enumerate((builders.typical_run(), builders.degraded_run())):
        path = builders.stored(made, tmp_path / str(number))
        assert load(path) == own_run(read(path), path)


def outcome(line):
    try:
        return lines.from_line(line, "place", SCHEMA_VERSION)
    except RunFileError as error:
        return str(error)


def hostile_lines(folder):
    """Lines of blocks with a few changes each, and those that a quick look could take for ordinary."""
    seeds = [each.rstrip(b"\n") for made in (builders.typical_run(), builders.degraded_run())
             for each in builders.stored(made, folder / str(len(made.blocks))).read_bytes().splitlines()[1:40:6]]  # fmt: skip
    for number in range(1500):
        chance = random.Random(f"line {number}")
        fields = json.loads(chance.choice(seeds))
        del fields["crc32"]
        for _ in range(chance.choice([1, 1, 3])):
            mutate(chance, fields)
        yield guarded(
            json.dumps(fields, separators=(",", ":"), ensure_ascii=number % 2 == 0).encode(errors="replace") + b"\n"
        )
    line = guarded(seeds[0] + b"\n")
    for text in (b"\\u001b", b"\x7f", b"\xc3\xa9", b"x" * 2000, b"x" * 2001, b"1," * 1001, b"9" * 2001, b"1e5", b"\\n"):
        yield guarded(line.replace(b'"reason":""', b'"reason":"' + text + b'"'))
    for amount in (b"1e12", b"1E+12", b"999999999999", b"1000000000000", b"-1000000000000", b"1e99", b"1.5e-9", b"1e-400",
                   b"0.1234567890123456789", b"1.0E300", b"10e11", b"-1", b"1.0", b"1e0", b"true", b'"1"', b"1e400"):  # fmt: skip
        yield guarded(line.replace(b'"setup_s":0.05', b'"setup_s":' + amount))
        yield guarded(line.replace(b'"tasks":4', b'"tasks":' + amount))
    yield guarded(line.replace(b'"arm":""', b'"arm":"","kind":"header"'))
    yield guarded(line.replace(b'"arm":""', b'"arm":"","arm":"head"'))
    yield guarded(line.replace(b'"arm":""', b'"arm":"","unheard_of":[]'))
    yield line.replace(b'"arm":""', b'"arm":"x"')


def test_an_ordinary_line_is_taken_as_the_closer_look_takes_it(tmp_path, monkeypatch):
    made = list(hostile_lines(tmp_path))
    quick = [outcome(each) for each in made]
    assert 100 < sum(lines._ordinary_block(each) is not None for each in made) < len(made) - 100
    monkeypatch.setattr(lines, "_ordinary_block", lambda line: None)
    for each, found in zip(made, quick, strict=True):
        assert outcome(each) == found, each

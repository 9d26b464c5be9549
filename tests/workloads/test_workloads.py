"""The built-in workloads do real work, and their checks tell right from wrong."""

import asyncio
import importlib
import itertools
import os
import tempfile
import time
from dataclasses import replace
from random import Random

import numpy as np
import pytest
from PIL import Image

from bench import WrongResult
from bench.measure.host.inputs import generator, make_inputs
from bench.measure.results import judge
from bench.measure.results.explain import publishable
from bench.measure.wire.requests import WorkRequest
from bench.plugins import sources
from bench.records.conditions import Conditions

SCALES = {"quick", "standard", "article"}
MODULES = {
    "downloads_even": "downloads",
    "downloads_uneven": "downloads",
    "big_inputs": "payloads",
    "big_results": "payloads",
}
"""Where workloads are that do not have a module of their name."""
NAMES = [*MODULES, "downloads", "fetch", "primes", "matrix", "thumbnails", "copy_files", "mixed"]


def loaded(name):
    return sources.load_workload(f"bench.workloads.{MODULES.get(name, name)}", name)


def asked(name, scale, seed=1):
    return WorkRequest(workload=name, workload_source="", scale=scale, conditions=Conditions(seed, None, 60.0, 0.0))


def prepared(workload, scale):
    request = asked(workload.name, scale)
    if workload.prepare is None:
        return None, make_inputs(workload, request)
    context = workload.prepare(workload.scales[scale], generator(request))
    yielded = context.__enter__()
    return context, make_inputs(workload, replace(request, prepared=yielded))


@pytest.mark.parametrize("name", NAMES)
def test_results_of_a_plain_loop_are_accepted_and_changed_ones_are_not(name):
    workload = loaded(name)
    assert set(workload.scales) == SCALES
    assert workload.summary
    context, inputs = prepared(workload, "quick")
    try:
        results = [workload.task(each) for each in inputs]
        judge.check(workload, "quick", inputs, results)
        results = [workload.task(each) for each in inputs]
        turned = [*results[1:], results[0]]
        if workload.combine or turned == results:  # the order of these does not show
            turned = [*results[:-1], (0, 0) if name == "thumbnails" else -1]
        for changed in (results[:-1], turned):
            with pytest.raises(WrongResult):
                judge.check(workload, "quick", inputs, changed)
    finally:
        if context is not None:
            context.__exit__(None, None, None)


@pytest.mark.parametrize("name", sorted({*NAMES} - {"fetch", "thumbnails", "copy_files"}))
def test_inputs_are_the_seeds(name):
    workload = loaded(name)
    for scale in SCALES:
        request = asked(name, scale, seed=5)
        assert make_inputs(workload, request) == make_inputs(workload, request)
    if name not in {"primes", "downloads_even"}:
        assert make_inputs(workload, request) != make_inputs(workload, asked(name, scale, seed=6))


def test_downloads_are_two_sleeps_between_half_the_longest_and_the_longest():
    workload = loaded("downloads")
    for seed in range(50):
        drawn = workload.inputs(workload.scales["article"], Random(seed))
        assert len(drawn) == 2
        assert all(5 <= each <= 10 for each in drawn)
    began = time.perf_counter()
    assert workload.task(0.02) == 0.02
    assert time.perf_counter() - began >= 0.02


def test_even_downloads_are_nine_and_uneven_ones_ten_of_up_to_the_longest():
    even = loaded("downloads_even")
    assert even.inputs(even.scales["article"], Random(1)) == [1.0] * 9, "on three workers three seconds"
    uneven = loaded("downloads_uneven")
    drawn = [uneven.inputs(uneven.scales["article"], Random(seed)) for seed in range(50)]
    assert {len(each) for each in drawn} == {10}
    assert all(0 <= duration < 3 for each in drawn for duration in each)
    assert max(map(max, drawn)) > 2.9 and min(map(min, drawn)) < 0.1


@pytest.mark.parametrize("name", ["downloads", "downloads_even", "downloads_uneven", "fetch", "mixed"])
def test_the_coroutine_gives_what_the_task_gives_and_takes_no_less_than_it_can(name):
    workload = loaded(name)
    context, inputs = prepared(workload, "quick")

    async def together():
        return await asyncio.gather(*map(workload.coroutine, inputs))

    try:
        began = time.perf_counter()
        results = asyncio.run(together())
        took_s = time.perf_counter() - began
        judge.check(workload, "quick", inputs, results)
        assert results == [workload.task(each) for each in inputs]
        assert took_s >= (max(map(workload.min_task_s, inputs)) if workload.min_task_s else 0.005)
    finally:
        if context is not None:
            context.__exit__(None, None, None)


def test_the_known_counts_of_primes_are_those_of_a_sieve():
    workload = loaded("primes")
    for scale, limit in workload.scales.items():
        sieve = np.ones(limit, dtype=bool)
        sieve[:2] = False
        for number in range(2, int(limit**0.5) + 1):
            sieve[number * number :: number] = False
        assert workload.expect[scale] == int(sieve.sum())
        ranges = workload.inputs(limit, Random(1))
        assert ranges[0][0] == 0
        assert ranges[-1][1] == limit
        assert all(before[1] == after[0] for before, after in itertools.pairwise(ranges))
        if scale == "quick":
            assert [workload.task(each) for each in ranges] == [int(sieve[slice(*each)].sum()) for each in ranges]


def test_the_power_of_a_matrix_is_exact():
    workload = loaded("matrix")
    order, seed = 24, 9
    module = __import__("bench.workloads.matrix", fromlist=["x"])
    exact = np.linalg.matrix_power(module.random_matrix(order, seed).astype(np.int64), module.POWER)
    assert workload.task((order, seed)) == int(exact.sum())
    assert 0.4 < module.random_matrix(256, 1).mean() < 0.6


def test_a_page_comes_no_sooner_than_its_latency_and_bandwidth_allow_and_nothing_else_is_served():
    workload = loaded("fetch")
    context, inputs = prepared(workload, "quick")
    try:
        for request in inputs:
            began = time.perf_counter()
            assert workload.task(request) == request[2]
            assert time.perf_counter() - began >= workload.min_task_s(request)
        assert len({request[2] for request in inputs}) == len(inputs)
        port = inputs[0][0]
        for path in ("/999", "/../etc/passwd", "/x"):
            with pytest.raises(WrongResult, match="status 404"):
                workload.task((port, path, "", 0.0))
            with pytest.raises(WrongResult, match="status 404"):
                asyncio.run(workload.coroutine((port, path, "", 0.0)))
    finally:
        context.__exit__(None, None, None)
    with pytest.raises(OSError, match="refused"):
        workload.task(inputs[0])
    with pytest.raises(OSError, match="Connect call failed"):
        asyncio.run(workload.coroutine(inputs[0]))


def test_half_of_the_counted_numbers_have_an_odd_number_of_ones():
    workload = loaded("mixed")
    inputs = workload.inputs(3, Random(4))
    counted = [sum(f"{number:b}".count("1") % 2 for number in range(first, first + count)) for first, count in inputs]
    assert workload.expect(inputs) == counted
    assert len(set(counted)) == 3, "a result that took another's place would show"


def test_payloads_are_a_megabyte_and_one_changed_byte_shows():
    blobs = loaded("big_inputs")
    inputs = blobs.inputs(2, Random(1))
    assert [len(each) for each in inputs] == [1_000_000] * 2
    changed = inputs[0][:500_000] + bytes([inputs[0][500_000] ^ 1]) + inputs[0][500_001:]
    assert blobs.task(changed) != blobs.task(inputs[0])
    results = loaded("big_results")
    numbers = results.inputs(2, Random(1))
    made = [results.task(each) for each in numbers]
    assert [len(each) for each in made] == [1_000_000] * 2
    for wrong in (made[0][:-1], made[0][:-1] + bytes([made[0][-1] ^ 1]), made[1]):
        with pytest.raises(WrongResult, match=f"bytes for {numbers[0]} are not"):
            results.check(numbers, [wrong, made[1]])


def test_copies_are_compared_byte_for_byte_and_removed(monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    workload = loaded("copy_files")
    context, inputs = prepared(workload, "quick")
    try:
        assert len(inputs) == workload.scales["quick"]
        sizes = [os.path.getsize(source) for source, _, _ in inputs]
        assert 1_000 <= min(sizes) < 200_000 and 800_000 < max(sizes) <= 1_000_000
        jobs = inputs[:2]
        for _ in range(2):
            workload.check(jobs, [workload.task(each) for each in jobs])
            assert not any(os.path.exists(copy) for _, copy, _ in jobs), "the next round writes it again"
        said = workload.task(jobs[0])
        with pytest.raises(WrongResult, match="file 1 has no copy"):
            workload.check(jobs, [said, jobs[1][1]])
        with open(workload.task(jobs[0]), "r+b") as file:
            file.write(b"\0" if file.read(1) != b"\0" else b"\1")
        with pytest.raises(WrongResult, match="the copy of file 0 has the digest"):
            workload.check(jobs, [said, ""])
        with pytest.raises(WrongResult, match="the copy of file 0 is said to be 1.copy"):
            workload.check(jobs, [jobs[1][1], said])
    finally:
        context.__exit__(None, None, None)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_without_room_for_copies_is_said_with_the_numbers(monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    module = importlib.import_module("bench.workloads.copy_files")
    monkeypatch.setattr(module.shutil, "disk_usage", lambda _: type("Usage", (), {"free": 1_000_000}))
    with pytest.raises(OSError, match="1000 files and their copies need .* MB in .* 1 MB are free; set TMPDIR"):
        prepared(loaded("copy_files"), "article")
    assert list(tmp_path.iterdir()) == []


def test_pictures_are_the_same_every_time_and_like_photographs(tmp_path):
    module = __import__("bench.workloads._thumbnails_pictures", fromlist=["x"])
    pixels = module.draw(3)
    assert pixels.shape == (1200, 1600, 3)
    assert (pixels == module.draw(3)).all()
    assert (pixels != module.draw(4)).any()
    module.make_picture(tmp_path, 3)
    with Image.open(tmp_path / "00003.jpg") as picture:
        assert (picture.format, picture.size) == ("JPEG", (1600, 1200))
    assert 100_000 < (tmp_path / "00003.jpg").stat().st_size < 1_000_000, (
        "noise and edges keep a photograph from packing"
    )
    assert np.allclose(module.shares(1600, 75).sum(axis=1), 1)


def test_a_thumbnail_is_checked_by_size_and_looks_and_removed(tmp_path):
    workload = loaded("thumbnails")
    context, inputs = prepared(workload, "quick")
    try:
        job, other = inputs[0], inputs[1]
        size = workload.task(job)
        assert size == (75, 56)
        workload.check([job], [size])
        with pytest.raises(FileNotFoundError):
            workload.check([job], [size])
        workload.task((other[0], job[1], ""))
        with pytest.raises(WrongResult, match="in colour"):
            workload.check([job], [size])
        with Image.open(job[0]) as picture:
            picture.resize(size, Image.Resampling.NEAREST).save(job[1], "JPEG", quality=85)
        with pytest.raises(WrongResult, match="in lightness"):
            workload.check([job], [size])
        with Image.open(job[0]) as picture:
            picture.resize((75, 75)).save(job[1], "JPEG")
        with pytest.raises(WrongResult, match="not \\(75, 56\\)"):
            workload.check([job], [(75, 75)])
    finally:
        context.__exit__(None, None, None)


@pytest.mark.skipif(os.getuid() != 0, reason="needs root, who alone can give a folder to another user")
def test_a_folder_for_temporary_files_that_another_user_made_keeps_no_pictures(monkeypatch, tmp_path):
    module = importlib.import_module("bench.workloads._thumbnails_pictures")
    monkeypatch.delenv("BENCH_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", "/dev/null/none")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert module.cached_pictures(0) == []
    (theirs,) = tmp_path.iterdir()
    os.chown(theirs, 65534, 65534)
    with pytest.raises(OSError, match=r"concurrency-bench-0 belongs to another user; set BENCH_CACHE"):
        module.cached_pictures(1)


def test_a_cache_folder_without_room_is_said_with_the_numbers(monkeypatch, tmp_path):
    module = __import__("bench.workloads._thumbnails_pictures", fromlist=["x"])
    monkeypatch.setenv("BENCH_CACHE", str(tmp_path))
    monkeypatch.setattr(module.shutil, "disk_usage", lambda _: type("Usage", (), {"free": 1_000_000}))
    with pytest.raises(OSError, match="6000 pictures need 3000 MB .* 1 MB are free; set BENCH_CACHE"):
        module.cached_pictures(6000)


@pytest.mark.parametrize(
    ("text", "published"),
    [
        ("No such file: '/srv/.cache/x/y.jpg'", "No such file: '…/y.jpg'"),
        ("in /home/me/project/x", "in …/x"),
        ("http://127.0.0.1:80/a/b and a/b/c", "http://127.0.0.1:80/a/b and a/b/c"),
        ("1/2 of 3", "1/2 of 3"),
        (f"in {os.path.expanduser('~')} and file://{os.path.expanduser('~')}/a b/c", "in ~ and file://~/a b/c"),
        ("a\udcffb\nc", "a\\udcffb c"),
    ],
)
def test_folders_are_taken_off_absolute_paths(text, published):
    assert publishable(text) == published

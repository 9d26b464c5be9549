"""What cases cost: how rounds become one number, what is left out and why, and what findings say of it."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.analysis.cost import TICKS_TOO_COARSE
from bench.analysis.findings import findings
from bench.analysis.frames import blocks_frame
from bench.analysis.groups import groups
from bench.analysis.summary import summarise
from bench.facts.cpu_known import NO_BOUND, NOT_RECORDED, TOO_COARSE
from bench.records.use import Difference, Method
from bench.units import size
from tests import builders
from tests.builders import accounting, block, case, window


def cost_of(*blocks, of=None):
    """The cost of the case that these blocks are of."""
    (found,) = summarise(builders.run(blocks, [of or case()]))
    return found.cost


def rounds(*windows, **changes):
    """A block with these rounds after a cold one that is nothing like them."""
    return block(case(), rounds=[window(1.0, 9.0, 10**9, voluntary_switches=10**6), *windows], **changes)


def with_bound(below, above):
    return accounting(cpu=Method("ledger", "", below, above))


def test_frames_hold_all_that_a_window_tells():
    run = builders.run([rounds(window(voluntary_switches=5, major_faults=None))], [case()])
    (row,) = blocks_frame(run).to_dict("records")
    assert (row["cpu_s"], row["voluntary_switches"], row["rss_bytes"]) == (0.05, 5, 20_000_000)
    assert row["major_faults"] != row["major_faults"], "NaN"
    assert (row["start_s"], row["start_cpu_s"], row["whole_peak_memory_bytes"]) == (0.01, 0.008, 11_000_000)


def test_counts_are_medians_memory_the_highest_and_the_cold_round_is_in_none_of_it():
    one = rounds(*[window(voluntary_switches=n, memory_bytes=1000 * n) for n in (10, 30, 50)])
    two = replace(rounds(*[window(voluntary_switches=n, memory_bytes=1000 * n) for n in (70, 70, 90)]), repetition=1)
    found = cost_of(one, two)
    assert found["voluntary_switches"] == 50, "the middle of 30 and 70"
    assert found.peak_memory_bytes == 70_000, "the middle of 50,000 and 90,000"
    assert (found["rss_bytes"], found["pss_bytes"], found["uss_bytes"]) == (140_000, 63_000, 49_000)
    assert (found["processes_started"], found["threads_started"], found["major_faults"]) == (0, 1, 0)
    assert (found.cpu_layer, found.memory_layer) == ("cgroup v2", "cgroup v2")


def test_cpu_is_the_sum_over_rounds_by_their_number():
    found = cost_of(rounds(window(wall_s=0.1), window(wall_s=0.4)), replace(rounds(window(wall_s=0.4)), repetition=1))
    assert found.cpu_s == pytest.approx(0.15)
    assert (found["user_s"], found["system_s"]) == (pytest.approx(0.12), pytest.approx(0.03))
    assert found.cores_used == pytest.approx(0.5)
    assert (found.cpu_below_s, found.cpu_above_s) == (pytest.approx(0.001), pytest.approx(0.001))
    assert not found.cpu_is_lower_bound
    assert found["start_cpu_s"] == pytest.approx(0.008)
    assert found["whole_cpu_s"] == pytest.approx(0.75)


def test_cpu_that_is_little_against_its_bound_is_left_out_with_the_reason():
    assert cost_of(rounds(window(wall_s=0.1), accounting=with_bound(0.0099, 0.0099))).cpu_s == pytest.approx(0.05)
    found = cost_of(rounds(window(wall_s=0.1), accounting=with_bound(0.0101, 0.001)))
    assert found.cpu_s is found["user_s"] is found["system_s"] is found.cores_used is None
    assert found.why("cpu_s") == found.why("user_s") == found.why("cores_used") == TOO_COARSE
    assert found["start_cpu_s"] is None
    assert found.why("start_cpu_s") == TOO_COARSE


def test_many_rounds_do_not_make_a_bound_narrower():
    short = [window(wall_s=0.01)] * 50
    assert cost_of(rounds(*short, accounting=with_bound(0.0015, 0.0015))).cpu_s is None
    assert cost_of(rounds(*short, accounting=with_bound(0.0009, 0.0009))).cpu_s == pytest.approx(0.005)


def test_of_a_case_that_leaves_the_cpu_idle_the_cores_are_told_though_its_cpu_is_not():
    found = cost_of(rounds(window(wall_s=0.1, cores=0.01)))
    assert found.cpu_s is None
    assert found.cores_used == pytest.approx(0.01)
    assert cost_of(rounds(window(wall_s=0.01, cores=0.01))).cores_used is None, "10 % of a core or none, who knows"


def test_a_lower_bound_is_told_as_one_and_without_any_bound_nothing_is():
    least = cost_of(rounds(window(), accounting=with_bound(None, 0.001)))
    assert (least.cpu_s, least.cpu_is_lower_bound, least.cpu_below_s) == (pytest.approx(0.05), True, None)
    assert least.cpu_above_s == pytest.approx(0.001)
    for unbounded in (with_bound(None, None), None):
        found = cost_of(rounds(window(), accounting=unbounded))
        assert (found.cpu_s, found.why("cpu_s"), found.cpu_is_lower_bound) == (None, NO_BOUND, False)


def test_what_is_unknown_is_none_and_never_nothing():
    reasons = {"read_bytes": "why not", "whole peak_memory_bytes": "nobody looked", "cpu_s": "no clock"}
    nothing = window(cpu_s=None, user_s=None, system_s=None, pss_bytes=None)
    kept = rounds(nothing, nothing, accounting=accounting(unknown=reasons), whole=None)
    found = cost_of(kept)
    told = {name: found.why(name) for name in ("cpu_s", "user_s", "read_bytes", "pss_bytes", "whole_peak_memory_bytes")}
    assert told == {
        "cpu_s": "no clock",
        "user_s": "no clock",
        "read_bytes": "why not",
        "pss_bytes": NOT_RECORDED,
        "whole_peak_memory_bytes": "nobody looked",
    }
    assert all(found[name] is None for name in told)
    assert found.why("rss_bytes") == ""


def test_rounds_without_a_quantity_do_not_count_as_nothing():
    silent = window(cpu_s=None, user_s=None, system_s=None, minor_faults=None)
    found = cost_of(rounds(window(minor_faults=40), silent, silent))
    assert (found.cpu_s, found.cores_used, found["minor_faults"]) == (pytest.approx(0.05), pytest.approx(0.5), 40)


def test_user_and_system_that_are_not_the_cpu_together_are_left_out():
    found = cost_of(rounds(window(user_s=0.01, system_s=0.0)))
    assert (found.cpu_s, found["user_s"], found.why("system_s")) == (pytest.approx(0.05), None, TICKS_TOO_COARSE)


def growing(step, workers=(1, 2, 4), blocks=6, noise=0):
    """A run of cases with so much memory a worker, and serial."""
    cases = [case(), *[case("pool", workers=number) for number in workers]]
    made = [block(case(), n, [1.0] * 2) for n in range(blocks)]
    for of in cases[1:]:
        made += [
            block(of, n, [1.0] * 2, 20_000_000 + of.workers * step + noise * ((5 * n + of.workers) % 7 - 3))
            for n in range(blocks)
        ]
    return builders.run(made, cases)


def slopes(run):
    return {each.case.strategy: each.memory_per_worker for each in summarise(run)}


def test_memory_per_worker_is_the_slope_over_cases_that_differ_in_workers_alone():
    found = summarise(growing(12_000_000, noise=100_000))
    assert found[0].memory_per_worker is None
    assert len({each.memory_per_worker for each in found[1:]}) == 1, "it is the same for all of them"
    slope = found[1].memory_per_worker
    assert slope.centre == pytest.approx(12_000_000, rel=0.02)
    assert slope.low < slope.centre < slope.high < 1.05 * slope.low
    assert slope.n == 18


def test_one_number_of_workers_has_no_slope_and_other_options_are_other_cases():
    assert slopes(growing(12_000_000, workers=(2,)))["pool"] is None
    one, other = case("pool", workers=1, chunk_size="1"), case("pool", workers=2, chunk_size="8")
    assert slopes(builders.run([block(one), block(other)], [one, other]))["pool"] is None
    assert slopes(growing(12_000_000, blocks=3))["pool"].low is None, "three blocks have no interval"


@settings(max_examples=20, deadline=None)
@given(st.integers(1_000, 10**8), st.integers(2, 50))
def test_twice_the_memory_is_twice_the_slope(step, factor):
    run = growing(step, workers=(1, 3), noise=1000)
    wider = [
        replace(each, rounds=[replace(one, peak_memory_bytes=factor * one.peak_memory_bytes) for one in each.rounds])
        for each in run.blocks
    ]
    once, scaled = slopes(run)["pool"], slopes(replace(run, blocks=wider))["pool"]
    for name in ("centre", "low", "high"):
        assert getattr(scaled, name) == pytest.approx(factor * getattr(once, name), rel=1e-6, abs=1)


def codes(run):
    return {each.code: each for each in findings(run, groups(summarise(run)))}


def measured(**changes):
    serial, pool = case(), case("pool", workers=2)
    blocks = [block(of, n, [0.6] * 3, **changes) for n in range(6) for of in (serial, pool)]
    return builders.run(blocks, [serial, pool])


def test_layers_that_disagree_are_a_finding_with_the_widest_difference():
    worst = [Difference("round 2", "cgroup v2", 1.0, "ledger", 0.9), Difference("all", "cgroup v2", 3.0, "ledger", 2.0)]
    found = codes(measured(accounting=accounting(differences=worst)))
    assert set(found) == {"layers_disagree"}
    assert found["layers_disagree"].message == (
        "cgroup v2 counted 3.00 s of CPU and ledger 2.00 s (the whole of block 1); likewise in 23 more windows"
    )
    assert found["layers_disagree"].subject == "primes serial"


def test_lower_bounds_are_one_finding_that_names_the_cases():
    found = codes(measured(accounting=accounting(cpu=builders.LEDGER)))
    assert set(found) == {"cpu_lower_bound"}
    assert found["cpu_lower_bound"].subject == "primes serial, primes pool ×2"
    assert found["cpu_lower_bound"].message.startswith("by ledger, ")


def test_absent_layers_are_a_finding_only_where_something_is_unknown_for_want_of_them():
    absent = {"cgroup": "Permission denied"}
    exact = accounting(cpu=Method("ledger", "", 0.001, 0.001), absent=absent)
    assert codes(measured(accounting=exact)) == {}
    coarse = replace(exact, cpu=Method("ledger", "", 0.08, 0.02))
    (found,) = codes(measured(accounting=coarse)).values()
    assert (found.code, found.subject) == ("fewer_layers", "run")
    assert found.message == (
        "no cgroup: Permission denied. CPU of a round is by ledger, off by up to 80.0 ms; "
        f"memory is by cgroup v2, off by up to {size(builders.MEMORY_METHOD.above)}"
    )
    asked = replace(coarse, absent={"cgroup": "not asked for: --accounting ledger"})
    assert codes(measured(accounting=asked)) == {}, "it was left out on purpose"
    both = replace(coarse, absent={"wait4": "no", "cgroup": "no"})
    assert codes(measured(accounting=both))["fewer_layers"].message.startswith("no cgroup, wait4: no. ")


def test_much_cache_of_files_and_a_slowed_sampler_are_findings():
    cached = [window(1.0 + n, 0.6, file_cache_bytes=4_000_000) for n in range(3)]
    found = codes(measured(rounds=cached, sampling=replace(builders.SAMPLING, hz_lowered_to=5.0)))
    assert set(found) == {"file_cache", "slowed_sampler"}
    assert found["file_cache"].message == "40 % of the peak of memory is cache of files; over 10 % of it in 1 more case"
    assert found["slowed_sampler"].message == "in 12 of 12 blocks the sampler lowered its rate, to 5 Hz at the least"


def test_all_that_can_be_said_against_a_run_is_said_once():
    found = findings(run := builders.degraded_run(), groups(summarise(run)))
    assert sorted(each.code for each in found) == [
        "cpu_lower_bound", "fewer_layers", "file_cache", "late_sampler", "layers_disagree", "slowed_sampler",
        "superlinear",
    ]  # fmt: skip

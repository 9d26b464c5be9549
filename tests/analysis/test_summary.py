import pytest

from bench import units
from bench.analysis.findings import findings, timing
from bench.analysis.frames import blocks_frame
from bench.analysis.groups import groups, labels
from bench.analysis.summary import summarise
from bench.patterns import LATENCY_PROBABILITIES
from bench.records.block import Latencies, Outcome
from bench.records.run import Work
from bench.report.kit.headline import finding, headline
from tests import builders
from tests.builders import block, case


def by_strategy(run, workload):
    return {each.case.strategy: each for each in summarise(run) if each.case.workload == workload}


def test_frames_have_a_row_for_each_block_that_is_ok():
    run = builders.typical_run()
    blocks = blocks_frame(run)
    assert len(blocks) == 30
    assert (blocks["rounds"] == 2).all(), "of three, the cold one is none of them"
    assert blocks["wall_s"].notna().all()


def test_a_summary_reduces_rounds_to_blocks_and_blocks_to_an_estimate():
    by_name = by_strategy(builders.typical_run(), "primes")
    base, found = by_name["serial"], by_name["process_pool"]
    assert base.wall.centre == pytest.approx(0.2 * 1.025, rel=1e-3)
    assert (base.wall.low, base.wall.high) == (pytest.approx(0.2), pytest.approx(0.2 * 1.05))
    assert found.wall.centre == pytest.approx(0.55 * base.wall.centre)
    assert found.cold_s == pytest.approx(0.15 * 1.025)
    assert found.cost.cpu_s == pytest.approx(0.055 * 1.025)
    assert found.cost.cores_used == pytest.approx(0.5)
    assert found.cost.peak_memory_bytes == 10_000_000
    assert (found.blocks, found.rounds, found.tasks) == (6, 12, 4)
    assert (found.start_s, found.stop_s) == (0.0005, 0.002)


def test_a_speed_up_is_paired_so_drift_of_the_machine_falls_out():
    found = by_strategy(builders.typical_run(), "primes")
    assert found["process_pool"].speedup.centre == pytest.approx(0.2 / 0.11)
    assert found["process_pool"].speedup.low == pytest.approx(found["process_pool"].speedup.high)
    assert found["process_pool"].base_wall_s == found["serial"].wall.centre
    assert found["serial"].speedup.centre == 1


def test_no_outcome_but_ok_becomes_a_time():
    broken = by_strategy(builders.typical_run(), "downloads")["process_pool"]
    assert broken.outcome is Outcome.FAILED
    assert broken.wall is broken.speedup is broken.cost.cpu_s is None
    assert broken.cost.why("cpu_s") == "the case gave no time"
    one = case()
    half = builders.run([block(one, 0), block(one, 1, outcome=Outcome.TIMED_OUT, reason="late")], [one])
    (found,) = summarise(half)
    assert (found.outcome, found.reason, found.wall) == (Outcome.TIMED_OUT, "late", None)


def test_without_a_baseline_that_worked_there_is_no_ratio():
    serial, threads = case(), case("threads", workers=None)
    run = builders.run([block(serial, 0, outcome=Outcome.WRONG, reason="no"), block(threads, 0)], [serial, threads])
    assert by_strategy(run, "primes")["threads"].speedup is None
    assert by_strategy(run, "primes")["threads"].bound is None


def test_a_baseline_does_the_same_work():
    one, all_ = case(workload="matrix", blas="1"), case(workload="matrix", blas="all")
    pool = case("pool", workload="matrix", workers=2, blas="all", chunk="1")
    run = builders.run(
        [block(one, 0, [1, 1, 1]), block(all_, 0, [4, 4, 4]), block(pool, 0, [2, 2, 2])],
        [one, all_, pool],
        works={"matrix": Work("map", "cpu", "serial", ["blas"])},
    )
    assert by_strategy(run, "matrix")["pool"].speedup.centre == pytest.approx(2)
    assert [(each.name, len(each.cases)) for each in groups(summarise(run))] == [
        ("matrix blas=1", 1),
        ("matrix blas=all", 2),
    ]


def test_of_several_baselines_the_one_with_most_in_common_is_compared_with():
    forked, spawned = (case("queue", workload="messages", workers=None, start_method=how) for how in ("fork", "spawn"))
    piped = case("pipe", workload="messages", workers=None, start_method="spawn", sending="bytes")
    threaded = case("thread_queue", workload="messages", workers=None)
    run = builders.run(
        [block(of, 0, [wall] * 3) for of, wall in ((forked, 4), (spawned, 6), (piped, 2), (threaded, 1))],
        [forked, spawned, piped, threaded],
        works={"messages": Work("stream", "cpu", "queue")},
    )
    (group,) = groups(summarise(run))
    found = {each.case.key: each.speedup.centre for each in group.cases}
    assert found[piped.key] == pytest.approx(3)
    assert found[threaded.key] == pytest.approx(4), "the first where none has more in common"
    assert found[spawned.key] == pytest.approx(1)


def test_a_run_in_which_nothing_worked_is_summarised_too():
    one = case()
    run = builders.run([block(one, 0, [], outcome=Outcome.FAILED, reason="no")], [one])
    (found,) = summarise(run)
    assert found.outcome is Outcome.FAILED
    assert [headline(each) for each in groups([found])] == ["no case gave a time: no"]


def test_labels_name_what_tells_cases_apart_and_nothing_else():
    cases = [case(), case("pool", workers=1, start="fork"), case("pool", workers=2, start="fork")]
    names = labels(summarise(builders.run([block(each) for each in cases], cases)))
    assert list(names.values()) == ["serial", "pool ×1", "pool ×2"]


def codes(run):
    return {each.code: each for each in findings(run, groups(summarise(run)))}


def test_findings_of_a_run_with_a_failed_case():
    assert set(codes(builders.typical_run())) == {"failed"}


def test_findings_say_what_is_wrong_with_a_measurement():
    from dataclasses import replace

    serial = case()
    pool = case("pool", workers=2)

    def found(walls, **changes):
        blocks = []
        for number in range(6):
            blocks.append(block(serial, number, [1.0] * 3, longest_task_s=0.25, total_task_s=1.0))
            blocks.append(block(pool, number, walls(number), **changes))
        return codes(builders.run(blocks, [serial, pool]))

    assert found(lambda n: [0.6] * 3) == {}
    assert set(found(lambda n: [0.3] * 3)) == {"below_bound"}
    assert set(found(lambda n: [0.6 + n / 10] * 3)) == {"unstable"}
    assert set(found(lambda n: [0.6, 0.6, 0.6, 0.6, 1.8])) == {"uneven"}
    assert "too_short" in found(lambda n: [0.0005] * 3)
    assert set(found(lambda n: [0.6] * 3, leaked_processes=2)) == {"leaked_processes"}
    late = replace(builders.SAMPLING, missed=50)
    assert set(found(lambda n: [0.6] * 3, sampling=late)) == {"late_sampler"}
    run = builders.run([block(serial, number) for number in range(3)], [serial])
    assert codes(run)["few_blocks"].message == "n = 3 blocks in 1 case; 6 are needed for a 95 % interval"
    cut = replace(run, ending=None, notes=["the run was cut: 3 of 8"])
    assert codes(cut)["cut"].message == "the run was cut: 3 of 8"
    busy = replace(run.header, environment=replace(run.header.environment, load_1m=3.0))
    assert "busy_machine" in codes(replace(run, header=busy))


@pytest.mark.parametrize("last_s", [0.6, 1.0, 1.3, 3.0])
def test_cpu_beside_a_time_that_it_does_not_belong_to_is_said(last_s):
    """A lock showed 6 ms beside 14 ms of CPU on 1.2 cores: the time is the middle round, and CPU the mean of all."""
    one = case()
    run = builders.run([block(one, number, [1.0, 0.6, 0.6, 0.6, last_s]) for number in range(6)], [one])
    (summary,) = summarise(run)
    mean_s = (3 * 0.6 + last_s) / 4
    assert summary.cost.cpu_s / summary.cost.cores_used == pytest.approx(mean_s)
    found = codes(run).get("uneven")
    assert (found is not None) == (mean_s > (1 + timing.UNEVEN) * summary.wall.centre)
    if found:
        assert found.message == (
            f"the middle round takes 600 ms, and the mean of all, to which CPU and cores belong, is {units.seconds(mean_s)}"
        )


@pytest.mark.parametrize(
    ("shaken", "said"),
    [
        (["a"], ""),
        (["a", "b"], "; 1 more case less so"),
        (["a", "b", "b"], "; 2 more cases less so"),
    ],
)
def test_an_unstable_case_counts_what_is_as_unstable(shaken, said):
    """It was `those of 1 more strategies`, and a strategy counted once for each number of workers."""
    cases = [case(), *(case(name, workers=2 + number) for number, name in enumerate(shaken))]
    blocks = [
        block(each, number, [1.0 if each is cases[0] else 0.6 + number / 10] * 3)
        for each in cases
        for number in range(6)
    ]
    message = codes(builders.run(blocks, cases))["unstable"].message
    assert message.partition(" ms")[2] == said


def test_the_headline_names_the_fastest_those_level_with_it_and_those_slower_than_serial():
    text = {each.workload: headline(each) for each in groups(summarise(builders.typical_run()))}
    assert text["primes"] == (
        "process_pool ×2 is fastest, 113 ms a round, 1.82× as fast as serial (205 ms); the estimated bound is 100 ms "
        "(97.6–102 ms). "
        "Slower than serial: threads"
    )
    assert text["downloads"] == (
        "threads is fastest, 60.5 ms a round, 1.65× as fast as serial (100 ms); the bound is 60.0 ms. "
        "1 of 3 cases gave no time"
    )


def fastest(*walls):
    """The headline of cases whose blocks take these times, a list for each case."""
    cases = [case(), *[case(f"way{number}", workers=2) for number in range(1, len(walls))]]
    blocks = [block(of, n, [each] * 3) for of, wall in zip(cases, walls, strict=True) for n, each in enumerate(wall)]
    (group,) = groups(summarise(builders.run(blocks, cases)))
    return headline(group)


def test_too_few_blocks_name_no_winner():
    text = fastest([0.2, 0.2, 0.2], [0.1, 0.1, 0.1])
    assert (
        text
        == "way1 ×2 has the lowest time, 100 ms a round, 2.00× as fast as serial (200 ms); too few repeats to rank the rest"
    )


def test_cases_that_the_pairs_cannot_tell_apart_are_level_and_those_they_can_are_not():
    drifting = [0.1, 0.12, 0.14, 0.11, 0.13, 0.15]
    assert fastest([1] * 6, drifting, [each * 1.01 for each in drifting]).startswith("way1 ×2 and way2 ×2 are fastest")
    assert fastest([1] * 6, drifting, [each * 1.05 for each in drifting]).startswith("way1 ×2 is fastest")


def test_who_has_no_interval_may_be_as_fast_as_the_best_unless_it_took_twice_as_long():
    assert fastest([1] * 6, [0.1] * 6, [0.15]).startswith("way1 ×2 and way2 ×2 are fastest")
    assert fastest([1] * 6, [0.1] * 6, [0.25]).startswith("way1 ×2 is fastest")


def test_cases_with_few_repetitions_in_common_are_compared_by_their_base():
    serial, one, other = case(), case("one"), case("other")
    blocks = [block(serial, number, [1.0] * 3) for number in range(11)]
    blocks += [block(one, number, [0.1] * 3) for number in range(6)]
    blocks += [block(other, number, [0.12] * 3) for number in range(5, 11)]
    (group,) = groups(summarise(builders.run(blocks, [serial, one, other])))
    assert finding(group).startswith("one ×1 is fastest")


def test_serial_may_win_and_is_not_compared_with_itself():
    assert fastest([0.1] * 6, [0.2] * 6) == "serial is fastest, 100 ms a round. Slower than serial: way1 ×2"


def test_a_case_that_the_run_did_not_come_to_is_shown_with_the_reason():
    one, two = case(), case("threads", workers=None)
    found = summarise(builders.run([block(one, 0)], [one, two]))
    assert [(each.outcome, each.reason) for each in found] == [
        (Outcome.OK, ""),
        (Outcome.UNAVAILABLE, "the run ended before it was measured"),
    ]


def serving(**changes):
    """Two servers: the second one answers twice as fast, and drops nothing."""
    base, other = (case(name, workload="echo", workers=None) for name in ("one_after_another", "asyncio_server"))
    blocks = [
        block(of, number, [wall_s] * 3, tasks=400, latencies=[Latencies("reply", 800, quantiles_of(wall_s))], **changes)
        for number in range(6)
        for of, wall_s in ((base, 0.2), (other, 0.1))
    ]
    return builders.run(blocks, [base, other], works={"echo": Work("serve", "cpu", "one_after_another")})


def quantiles_of(wall_s):
    return [wall_s * each for each in LATENCY_PROBABILITIES]


def test_rates_count_the_units_of_the_pattern_and_ratios_go_to_its_baseline():
    found = {each.case.strategy: each for each in summarise(serving())}
    assert found["asyncio_server"].rate == pytest.approx(4000)
    assert found["asyncio_server"].speedup.centre == pytest.approx(2)
    assert found["asyncio_server"].bytes_per_s is None
    (group,) = groups(summarise(serving()))
    assert (group.unit, group.baseline) == ("requests", "one_after_another")
    assert headline(group).startswith(
        "asyncio_server is fastest, 4.00 k requests/s, 2.00× as fast as one_after_another"
    )


def test_latencies_are_medians_of_the_blocks_quantiles_and_the_longest_of_all():
    (latency,) = summarise(serving())[0].latencies
    assert (latency.what, latency.n) == ("reply", 6 * 800)
    assert latency.p50_s == pytest.approx(0.1)
    assert latency.p99_s == pytest.approx(0.198)
    assert latency.max_s == pytest.approx(0.2)


def test_bytes_and_fairness_are_taken_over():
    (found, _) = summarise(serving(payload_bytes=4_000_000, fairness=0.8))
    assert found.bytes_per_s == pytest.approx(20_000_000)
    assert found.fairness == pytest.approx(0.8)


def test_a_demonstration_is_never_ranked_whatever_its_outcome():
    good, shown = case("value", workload="counter"), case("value_unlocked", workload="counter")
    works = {"counter": Work("share", "cpu", "value")}
    for outcome, reason in ((Outcome.OK, ""), (Outcome.WRONG, "12% of it is lost")):
        blocks = [block(good, n) for n in range(6)] + [
            block(shown, n, outcome=outcome, reason=reason) for n in range(6)
        ]
        run = builders.run(blocks, [good, shown], works=works, demonstrations=["value_unlocked"])
        found = by_strategy(run, "counter")["value_unlocked"]
        assert (found.outcome, found.wall, found.speedup) == (outcome, None, None)
        assert reason in found.reason
        assert found.reason
        (group,) = groups(summarise(run))
        assert [each.case.strategy for each in group.ranked] == ["value"]


def test_what_cannot_be_told_from_the_baseline_is_not_called_faster():
    serial, pool, slow = case(), case("pool", workers=2), case("threads", workers=None)
    noise = [1.0, 1.02, 0.98, 1.01, 0.99, 1.0]
    blocks = [block(of, n, [wall_s * noise[(n + shift) % 6]] * 3) for n in range(6)
              for shift, (of, wall_s) in enumerate(((serial, 0.1), (pool, 0.0995), (slow, 0.2)))]  # fmt: skip
    (group,) = groups(summarise(builders.run(blocks, [serial, pool, slow])))
    assert finding(group) == "pool ×2 and serial are level, 99.5 ms a round; nothing is certainly faster than serial"
    assert "Slower than serial: threads" in headline(group)


def test_a_level_field_is_not_listed_to_its_last_case():
    cases = [case(f"way_{number}") for number in range(7)]
    blocks = [block(of, n, [0.1] * 3) for n in range(6) for of in cases]
    (group,) = groups(summarise(builders.run(blocks, cases)))
    assert finding(group) == "way_0 ×1, way_1 ×1, way_2 ×1 and 4 more are fastest, 100 ms a round"


def test_findings_that_say_the_same_are_one():
    cases = [case(f"way_{number}", workers=None) for number in range(9)]
    blocks = [block(of, 0, [], outcome=Outcome.FAILED, reason="no") for of in cases]
    run = builders.run(blocks, cases)
    (failed,) = (each for each in findings(run, groups(summarise(run))) if each.code == "failed")
    assert failed.subject.startswith("primes way_0, primes way_1, ")
    assert failed.subject.endswith(", 3 more")

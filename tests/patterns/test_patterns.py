"""What must hold of results, whatever the workload: each pattern's own check, and what it keeps of a round."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.errors import WrongResult
from bench.measure.host.observations import Observations, quantiles
from bench.patterns import LATENCY_PROBABILITIES, PATTERNS
from bench.patterns.serve import Load, Replies
from bench.patterns.share import Sharing, final_state, lost_of
from bench.patterns.start import Started, Starts
from bench.patterns.stream import Arrived, Stream, digest, message
from bench.patterns.sync import HandOffs, Passed, fairness


def number_of(data):
    assert data[:8] == data[-8:]
    return int.from_bytes(data[:8], "big") ** 2


def slot_of(number):
    return number % 4, 1 + number % 3


def refused(pattern, task, job, results):
    with pytest.raises(WrongResult) as caught:
        PATTERNS[pattern].check(task, job, results)
    return str(caught.value)


def test_every_pattern_names_a_unit_and_a_baseline_that_is_there():
    from bench.measure.plan import catalogue

    found = catalogue.describe([], {}, lambda _: None)
    for pattern in PATTERNS.values():
        assert pattern.unit
        assert pattern.baseline in {each.name for each in found.strategies if each.pattern == pattern.name}
        works = [each for each in found.workloads if each.pattern == pattern.name]
        (base,) = (each for each in found.strategies if each.name == pattern.baseline)
        assert works
        assert all(set(work.needs) <= set(base.offers) for work in works), "the baseline fits every workload"


def test_a_map_gives_a_result_for_each_input():
    PATTERNS["map"].check(abs, [1, 2], [1, 2])
    assert refused("map", abs, [1, 2], [1]) == "1 results came back for 2 inputs"


@given(st.integers(0, 2**64 - 1), st.integers(16, 5000))
def test_a_message_has_its_size_and_its_number_at_both_ends(number, size_bytes):
    data = message(number, size_bytes)
    assert len(data) == size_bytes
    assert data[:8] == data[-8:] == number.to_bytes(8, "big")


@given(st.integers(2, 200), st.data())
def test_a_stream_that_loses_doubles_or_replaces_a_message_is_caught(messages, data):
    job = Stream(messages, 16)
    numbers = list(range(messages))

    def arrived(which):
        return Arrived(len(which), sum(number_of(message(each, 16)) for each in which))

    PATTERNS["stream"].check(number_of, job, arrived(Random(1).sample(numbers, messages)))
    lost = data.draw(st.integers(0, messages - 1))
    without = [each for each in numbers if each != lost]
    assert "arrived of" in refused("stream", number_of, job, arrived(without))
    assert "digest differs" in refused("stream", number_of, job, arrived([*without, without[0]]))


def test_round_trips_are_counted_and_their_bytes_go_both_ways():
    job = Stream(3, 16, round_trips=True)
    whole = Arrived(3, digest(number_of, job), [0.1, 0.2, 0.3])
    PATTERNS["stream"].check(number_of, job, whole)
    assert "came back" in refused("stream", number_of, job, Arrived(3, digest(number_of, job), [0.1]))
    assert PATTERNS["stream"].payload_bytes(job) == 96
    assert PATTERNS["stream"].observe(whole).latencies_s == {"round trip": [0.1, 0.2, 0.3]}


@given(st.integers(1, 300), st.data())
def test_a_lost_or_doubled_update_is_caught(updates, data):
    job = Sharing(updates, 4)
    state = list(final_state(slot_of, job))
    PATTERNS["share"].check(slot_of, job, state)
    slot, amount = slot_of(data.draw(st.integers(0, updates - 1)))
    state[slot] -= amount
    assert "of it is lost" in refused("share", slot_of, job, state)
    state[slot] += 2 * amount
    assert "elsewhere" in refused("share", slot_of, job, state)


def test_passes_that_are_lost_made_together_or_out_of_turn_are_caught():
    job = HandOffs(10, in_turn=True)
    PATTERNS["sync"].check(print, job, Passed([5, 5], 9, 10))
    assert "made 9 passes, not 10" in refused("sync", print, job, Passed([4, 5], 1, 10))
    assert "two held it at once" in refused("sync", print, job, Passed([5, 5], 1, 9))
    assert "follow another actor's" in refused("sync", print, job, Passed([5, 5], 10, 10))
    assert "did not take turns" in refused("sync", print, job, Passed([5, 5], 3, 10))
    assert "did not take turns" in refused("sync", print, job, Passed([7, 3], 1, 10))
    PATTERNS["sync"].check(print, HandOffs(10, in_turn=False), Passed([10, 0], 0, 10))


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=20).filter(any))
def test_fairness_is_one_for_all_alike_and_one_over_n_for_one_alone(shares):
    index = fairness(shares)
    assert 1 / len(shares) - 1e-9 <= index <= 1 + 1e-9
    assert fairness([7] * len(shares)) == pytest.approx(1)
    assert fairness([7] + [0] * (len(shares) - 1)) == pytest.approx(1 / len(shares))


def test_wrong_replies_and_dropped_connections_are_caught():
    load = Load(1, clients=2, connections=3, requests=4)
    PATTERNS["serve"].check(bytes.upper, load, Replies(24, 0, 0, "", [0.1] * 24))
    assert PATTERNS["serve"].amount(load) == 24
    said = refused("serve", bytes.upper, load, Replies(20, 0, 1, "ConnectionResetError", [0.1] * 20))
    assert said == "1 of 6 connections were refused or dropped: ConnectionResetError"
    assert "23 of 24 replies were right" in refused("serve", bytes.upper, load, Replies(23, 1, 0, "b'x'", [0.1] * 24))
    assert "23 of 24 replies were right" in refused("serve", bytes.upper, load, Replies(23, 0, 0, "", [0.1] * 23))


def test_a_worker_that_began_before_it_was_asked_for_is_caught():
    PATTERNS["start"].check(float, Starts(1), Started([1.0], [1.5], [2.0]))
    assert "of 2" in refused("start", float, Starts(2), Started([1.0], [1.5], [2.0]))
    assert "worker 0 began -0.5" in refused("start", float, Starts(1), Started([1.0], [0.5], [2.0]))
    assert PATTERNS["start"].observe(Started([1.0], [1.5], [2.0])).latencies_s == {
        "first instruction": [0.5],
        "joined": [1.0],
    }


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=300))
def test_quantiles_are_values_in_order_from_the_least_to_the_most(values):
    found = quantiles(values)
    assert len(found) == len(LATENCY_PROBABILITIES)
    assert found == sorted(found)
    assert set(found) <= set(values)
    assert (found[0], found[-1]) == (min(values), max(values))


@given(st.integers(1, 1000))
def test_a_quantile_has_that_share_of_the_values_at_or_below_it(n):
    for probability, value in zip(LATENCY_PROBABILITIES, quantiles(range(1, n + 1)), strict=True):
        assert value >= probability * n
        assert value - 1 < max(probability * n, 1)


def test_the_warm_rounds_of_a_block_are_taken_together():
    observations = Observations(PATTERNS["start"])
    observations.add(Started([0.0], [0.1], [0.3]))
    observations.add(Started([0.0], [0.2], [0.4]))
    first, joined = observations.summary()["latencies"]
    assert (first["what"], first["n"]) == ("first instruction", 2)
    assert first["quantiles_s"][0] == pytest.approx(0.1)
    assert joined["quantiles_s"][-1] == pytest.approx(0.4)
    assert observations.summary()["fairness"] is None
    turns = Observations(PATTERNS["sync"])
    for shares in ([5, 5], [10, 0], [5, 5]):
        turns.add(Passed(shares, 1, 10))
    assert turns.summary() == {"latencies": [], "fairness": 1.0, "handed_over": 1}


@given(st.integers(1, 10_000), st.integers(0, 10_000))
def test_what_a_state_has_lost_is_read_from_what_is_said_of_it(updates, left):
    if left == updates:
        PATTERNS["share"].check(lambda _: (0, 1), Sharing(updates), [left])
        return
    told = refused("share", lambda _: (0, 1), Sharing(updates), [left])
    assert lost_of(f"in round 3: {told}") == ((updates - left, updates) if left < updates else None)

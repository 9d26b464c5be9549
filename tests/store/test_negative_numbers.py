"""A block with an amount below 0 is none, wherever it stands: it is never shown as a fact."""

from dataclasses import replace

import pytest

from bench.facts.validity import inconsistency
from bench.records.use import Samples
from tests import builders


@pytest.mark.parametrize("name", ["cpu_s", "user_s", "peak_memory_bytes", "rss_bytes", "minor_faults", "read_bytes"])
def test_a_window_with_an_amount_below_0_is_refused(name):
    block = builders.block(builders.case())
    changed = replace(block, rounds=[replace(block.rounds[0], **{name: -1}), *block.rounds[1:]])
    assert inconsistency(block) == ""
    assert inconsistency(changed) == f"`rounds[0].{name}` is -1; it must not be below 0"


@pytest.mark.parametrize("name", ["setup_s", "payload_bytes", "tasks", "leaked_processes"])
def test_a_block_with_an_amount_below_0_is_refused(name):
    assert f"`{name}` is -1" in inconsistency(replace(builders.block(builders.case()), **{name: -1}))


def test_samples_below_0_are_refused_and_moments_before_the_clock_are_not():
    block = builders.block(builders.case())
    samples = Samples([-0.5, 1.0], [0.0, 1.0], [1, 2], [1, 2], [1, 1])
    assert inconsistency(replace(block, samples=samples)) == ""
    assert "`samples.rss_bytes` has -2" in inconsistency(replace(block, samples=replace(samples, rss_bytes=[1, -2])))

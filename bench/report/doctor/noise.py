"""The noise floor as a fact of `doctor`, in words."""

from bench import units
from bench.analysis.estimates import Estimate, values_needed
from bench.analysis.noise import Finding, floor_of
from bench.records.diagnosis import Fact, Noise, State

GROUP, TOPIC = "noise", "noise floor"
_MORE_TIME = "give it more time, such as --noise {seconds:.0f}, on an idle machine"


def noise_fact(noise: Noise) -> Fact:
    """How large a difference has to be here to be told from nothing."""
    took = f"{noise.took_s:.1f} s"
    if noise.failed:
        return Fact(
            GROUP, TOPIC, f"a block of {_name(noise)} could not be measured: {noise.failed}", State.ABSENT,
            "measuring itself does not work here", "python -m bench --debug run primes --strategy serial", needed=True,
        )  # fmt: skip
    floor = floor_of(noise)
    if floor.ratio is None or floor.size is None:
        pairs = 0 if floor.ratio is None else floor.ratio.n
        return Fact(
            GROUP, TOPIC, f"not known: {pairs} pairs of blocks in {took}, and {values_needed()} are needed",
            State.ABSENT, "differences cannot be judged", _MORE_TIME.format(seconds=8 + 2 * noise.took_s),
        )  # fmt: skip
    value = f"in {took}, differences below {_percent(floor.size)} cannot be told from nothing"
    meaning = (
        f"{floor.ratio.n} pairs of blocks of one case ({_name(noise)}), measured by turns: ratio {_interval(floor.ratio)}; "
        f"{spread(noise)}"
    )
    if floor.finding is Finding.UNEQUAL:
        return Fact(
            GROUP, TOPIC, value, State.LIMITED,
            f"{meaning}; equal sides came out as different, as one in twenty such measurements does",
            "look again; where it stays, something on the machine keeps time with the turns",
        )  # fmt: skip
    if floor.finding is Finding.HIGH:
        hint = _MORE_TIME.format(seconds=4 * noise.took_s)
        return Fact(GROUP, TOPIC, value, State.LIMITED, meaning, hint)
    return Fact(GROUP, TOPIC, value, State.GOOD, f"{meaning}; longer runs tell smaller ones")


def spread(noise: Noise) -> str:
    """How far single blocks lie apart, all of them and the two of a pair, in words."""
    blocks_s = sorted([*noise.first.values(), *noise.second.values()])
    low_s, high_s = blocks_s[0], blocks_s[-1]
    pairs_s = [sorted((first_s, noise.second[number])) for number, first_s in noise.first.items()]
    farthest = max(slower_s / faster_s - 1 for faster_s, slower_s in pairs_s)
    return (
        f"blocks from {units.seconds(low_s)} to {units.seconds(high_s)}, {_percent(high_s / low_s - 1)} apart, "
        f"those of a pair at most {_percent(farthest)}"
    )


def _interval(estimate: Estimate) -> str:
    return f"{estimate.low:.4f} to {estimate.high:.4f} at {100 * (estimate.level or 0):.1f} %"


def _percent(part: float) -> str:
    return f"{units.significant(100 * part, 2)} %"


def _name(noise: Noise) -> str:
    workload, scale, strategy, *_ = noise.case.split("/")
    return f"{workload} at scale {scale} under {strategy}"

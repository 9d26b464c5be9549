"""How much is measured of each case, and in which order: blocks, and rounds in a block.

Pure functions of the trial blocks and the time there is; nothing is started here.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from bench.model import Block, Plan

MIN_REPETITIONS = 3
FULL_REPETITIONS = 9
"""The fewest blocks whose 95 % interval of the median leaves out the lowest and the highest, and so bears an outlier at
either end; 6 to 8 give one that reaches from the lowest to the highest."""
MIN_ROUNDS, TRIAL_ROUNDS, MAX_ROUNDS = 2, 2, 31
"""Rounds of a block, the cold one included."""
FRESH_ROUNDS = 6
"""Where each gets inputs of its own, unless the user wants another number: one for all cases, so that all get equal inputs."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """How much is measured of each case."""

    repetitions: int
    rounds: dict[str, int]
    """By case key."""


def schedule(
    trials: Mapping[str, tuple[Block, float]],
    remaining_s: float | None,
    repetitions: int | None = None,
    rounds: int | None = None,
) -> Schedule:
    """Fill `remaining_s` with blocks first, because they are the unit of inference, and then with rounds.

    Never fewer than three blocks of a case, whatever the time.

    Args:
        trials: for each case key its trial block and how long that took altogether, seconds.
        remaining_s: time for all blocks; None: as much as is asked for.
        repetitions: blocks of each case, if the user set them.
        rounds: rounds of each block, if the user set them.
    """
    warm_s = {key: _one_more_round_s(block) for key, (block, _) in trials.items()}
    trial_s = sum(took for _, took in trials.values())

    def repetition_s(counts: Mapping[str, int]) -> float:
        return trial_s + sum((counts[key] - TRIAL_ROUNDS) * each for key, each in warm_s.items())

    def counts(share_s: float) -> dict[str, int]:
        """Rounds of each case when a block's warm rounds may take `share_s`."""
        return {key: max(MIN_ROUNDS, min(MAX_ROUNDS, 1 + int(share_s / each))) for key, each in warm_s.items()}

    def fitting() -> int:
        if remaining_s is None:
            return FULL_REPETITIONS
        least = dict.fromkeys(warm_s, rounds) if rounds else counts(0)
        fit = int(remaining_s / max(repetition_s(least), 1e-9))
        return max(MIN_REPETITIONS, min(FULL_REPETITIONS, fit))

    repetitions = repetitions or fitting()
    if rounds:
        return Schedule(repetitions, dict.fromkeys(warm_s, rounds))
    if remaining_s is None:
        return Schedule(repetitions, counts(1.0))
    low_s, high_s = 0.0, max([0.0, *warm_s.values()]) * MAX_ROUNDS
    for _ in range(40):
        middle_s = (low_s + high_s) / 2
        fits = repetitions * repetition_s(counts(middle_s)) <= remaining_s
        low_s, high_s = (middle_s, high_s) if fits else (low_s, middle_s)
    return Schedule(repetitions, counts(low_s))


def _one_more_round_s(trial: Block) -> float:
    """What another round adds to a block: the round itself, and its check and readings before the next."""
    cold, warm = trial.rounds
    return warm.wall_s + max(0.0, warm.at_s - cold.at_s - cold.wall_s)


def in_order(plan: Plan, keys: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    """Each repetition's number and its cases in a fresh random order drawn from the plan's seed."""
    rng = Random(f"{plan.seed} order")
    for repetition in range(plan.repetitions):
        shuffled = list(keys)
        rng.shuffle(shuffled)
        yield repetition, shuffled

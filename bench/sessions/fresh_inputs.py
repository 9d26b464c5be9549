"""`--fresh-inputs`: whether every round of a block can get inputs of its own, and what is said where it cannot."""

from collections.abc import Callable, Mapping, Sequence

from bench.errors import NotFreshError
from bench.measure.host.inputs import distinct, read_inputs
from bench.measure.plan.cases import PlannedCase
from bench.units import counted

OPTION = "--fresh-inputs"


def share_of(inputs: str, rounds: int, say: Callable[[str], None]) -> int:
    """How many of the user's inputs a round gets; says so, and how many are left out.

    Raises:
        NotFreshError: if there is not one for each round.
    """
    every = read_inputs(inputs)
    different = len(distinct(every))
    share = different // rounds
    if not share:
        unlike = "" if different == len(every) else " different"
        raise NotFreshError(
            f"{OPTION} takes at least {counted(rounds, 'input')}, one for each round of a block, and --inputs {inputs} has "
            f"{different}{unlike}; give more of them"
        )
    rest = len(every) - share * rounds
    left_out = f"; left out: {rest} of {len(every)} (equal to others, or too few to go round)" if rest else ""
    say(f"each of {rounds} rounds gets {counted(share, 'input')} of its own{left_out}")
    return share


def check(why_not: Mapping[str, str]) -> None:
    """All workloads can give each round inputs of its own; `why_not` has the reasons of those that cannot.

    Raises:
        NotFreshError: if there are some.
    """
    if why_not:
        raise NotFreshError(f"{OPTION} is not possible: {'; '.join(dict.fromkeys(why_not.values()))}")


def possible(
    planned: Sequence[PlannedCase], why_not: Mapping[str, str], say: Callable[[str], None]
) -> list[PlannedCase]:
    """The cases whose workloads can, of a selection that names none; says which are left out.

    Raises:
        NotFreshError: if there are no others.
    """
    kept = [each for each in planned if each.workload.name not in why_not]
    if not kept:
        check(why_not)
    for why in why_not.values():
        say(f"left out: {why}")
    return kept

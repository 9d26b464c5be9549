"""All facts of this machine, group by group. What cannot be looked at is absent, with the reason, and stops nothing."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from bench.accounting.kernel import adopt_orphans
from bench.doctor import clocks, cores, layers, moment, rights
from bench.doctor.system import System
from bench.errors import Unavailable
from bench.records.diagnosis import Fact, State

Look = Callable[[System], Iterator[Fact]]
GROUPS: Sequence[tuple[str, Mapping[str, Look]]] = tuple(
    (each.GROUP, each.LOOKS) for each in (moment, layers, rights, clocks, cores)
)
"""The moment is looked at first, because looking is work."""
SHOWN = (layers.GROUP, clocks.GROUP, rights.GROUP, cores.GROUP, moment.GROUP)
"""The order in which groups are given back."""


def examine(system: System | None = None) -> list[Fact]:
    """Look at everything; takes about a second. This process becomes the parent of orphans for good."""
    adopt_orphans()
    looked_at = system or System()
    found = [
        fact
        for group, looks in GROUPS
        for topic, look in looks.items()
        for fact in tried(group, topic, look, looked_at)
    ]
    return sorted(found, key=lambda fact: SHOWN.index(fact.group))


def tried(group: str, topic: str, look: Look, system: System) -> list[Fact]:
    """What a look finds, or one fact that says why it finds nothing."""
    try:
        return list(look(system))
    except Exception as error:  # systems differ in more ways than can be foreseen
        said = str(error) if isinstance(error, Unavailable) else f"{type(error).__name__}: {error}"
        why = " ".join(said.split())
        return [
            Fact(group, topic, f"cannot be told ({why})", State.ABSENT, "numbers that depend on it cannot be judged",
                 "say so at the project, with the system's name, if it should work here",
                 needed=look is layers.layers)
        ]  # fmt: skip

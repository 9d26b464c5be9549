"""A tree of processes that exists on paper: births, work, ends and waiting, as the kernel keeps account of them.

It knows the truth, and shows of itself what /proc shows: own CPU exactly, that of waited-for children in ticks.
"""

import math
from dataclasses import dataclass, field

from hypothesis import strategies as st

from bench.accounting.reading import Identity

KEEPER = 1
TICK_S = 0.01
_IDS = range(2, 8)
"""So few that each is given again and again."""


@dataclass
class Simulated:
    """One process."""

    identity: Identity
    parent: int
    ignores: bool = False
    adopts: bool = False
    own_s: float = 0.0
    waited_s: float = 0.0
    zombie: bool = False

    @property
    def reaped_s(self):
        return math.floor(self.waited_s / TICK_S + 1e-9) * TICK_S


@dataclass
class Kernel:
    """All processes below the keeper; `truth_s` is what they and those that are gone have used."""

    table: dict[int, Simulated] = field(default_factory=dict)
    waited_by_keeper_s: dict[int, float] = field(default_factory=dict)
    truth_s: float = 0.0
    now: int = 0
    born: dict[int, int] = field(default_factory=dict)
    """When each id was last given."""
    ever: int = 0

    def fork(self, which, _, *, ignores=False, adopts=False):
        free = [each for each in _IDS if each not in self.table]
        parents = [KEEPER, *(each for each, process in self.table.items() if not process.zombie)]
        if free:
            pid = free[(which + self.now) % len(free)]
            self.ever += 1
            if self.ever % 3 == 0 or self.born.get(pid) == self.now:
                self.now += 1  # several are born in one tick, but never two of one id
            self.born[pid] = self.now
            self.table[pid] = Simulated(Identity(pid, self.now), parents[which % len(parents)], ignores, adopts)

    def fork_ignoring(self, which, much):
        self.fork(which, much, ignores=True)

    def fork_adopting(self, which, much):
        self.fork(which, much, adopts=True)

    def work(self, which, much):
        if running := [each for each in self.table.values() if not each.zombie]:
            running[which % len(running)].own_s += much / 1000
            self.truth_s += much / 1000

    def end(self, which, _):
        running = [each for each in self.table.values() if not each.zombie]
        if not running:
            return
        ended = running[which % len(running)]
        ended.zombie = True
        for orphan in [each for each in self.table.values() if each.parent == ended.identity.pid]:
            orphan.parent = self._adopter(ended)
            self._forget(orphan)
        self._forget(ended)

    def _adopter(self, ended):
        above = self.table.get(ended.parent)
        while above is not None and not (above.adopts and not above.zombie):
            above = self.table.get(above.parent)
        return KEEPER if above is None else above.identity.pid

    def _forget(self, ended):
        """Nobody waits for children of a process that ignores SIGCHLD, and nobody learns what they used."""
        parent = self.table.get(ended.parent)
        if ended.zombie and parent is not None and parent.ignores:
            del self.table[ended.identity.pid]

    def wait(self, which, _):
        zombies = [each for each in self.table.values() if each.zombie]
        if zombies:
            ended = zombies[which % len(zombies)]
            used_s, pid = ended.own_s + ended.waited_s, ended.identity.pid
            if ended.parent == KEEPER:
                self.waited_by_keeper_s[pid] = self.waited_by_keeper_s.get(pid, 0.0) + used_s
            else:
                self.table[ended.parent].waited_s += used_s
            del self.table[pid]

    def children(self, pid):
        return [each.identity.pid for each in self.table.values() if each.parent == pid]

    def everything_ends(self):
        """Each process ends and is waited for, children before their parents as far as they are."""
        while self.table:
            self.end(0, 0)
            self.wait(0, 0)


FAIR = ("fork", "fork", "work", "work", "work", "end", "wait", "wait")
ANY = (*FAIR, "fork_ignoring")


def events(kinds=ANY, least=0, most=60):
    """What happens to a tree: names of `Kernel`'s methods with their arguments."""
    each = st.tuples(st.sampled_from(kinds), st.integers(0, 20), st.integers(1, 40))
    return st.lists(each, min_size=least, max_size=most)

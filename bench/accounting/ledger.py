"""Adds up the CPU of a tree whose processes come and go, from readings of each process alone.

A process has used its own time and, for its children that ended, the larger of two lower bounds: what the system says
of those it waited for, and what was last seen of those that ended. So nothing counts twice, what was seen is never
lost again, and the sum is never above the truth. It is below by what nobody saw of children that nobody waits for, and
by the steps in which the system tells the time of waited-for children.
"""

from dataclasses import dataclass

from bench.accounting.reading import Identity


@dataclass(slots=True)
class _Account:
    parent: Identity | None = None
    """As last seen; None for this process, which is not counted."""
    waited_before_s: float = 0.0
    """What others of its id had used that this process waited for: the system gives an id again."""
    own_s: float = 0.0
    reaped_s: float = 0.0
    """Children that it waited for, as the system or the process itself says."""
    ended_s: float = 0.0
    """Children that ended, as last seen."""
    ended: bool = False
    """Whether it is a zombie, which has no children any more: they are orphans."""

    @property
    def used_s(self) -> float:
        return self.own_s + max(self.reaped_s, self.ended_s)


class Ledger:
    """CPU-seconds of a tree. The process that keeps it is the parent of the tree's roots and of its orphans."""

    def __init__(self, reaped_s: dict[int, float]) -> None:
        """Begin with nothing; `reaped_s` is what this process's own children used that it waited for, by id."""
        self._reaped_s = reaped_s
        self._living: dict[Identity, _Account] = {}
        self._pids: dict[int, Identity] = {}
        self._unaccounted_s = 0.0
        self._others_s = 0.0
        self._highest_s = 0.0

    def see(self, who: Identity, parent: int, own_s: float, reaped_s: float, *, ended: bool = False) -> None:
        """Note what a living process or a zombie, which has `ended`, has used, itself and through children it waited for.

        Parents are seen before their children.
        """
        account = self._living.get(who)
        if account is None:
            account = self._living[who] = _Account(waited_before_s=self._reaped_s.get(who.pid, 0.0))
            self._pids[who.pid] = who
        account.parent = self._pids.get(parent)
        account.ended = ended
        account.own_s = max(account.own_s, own_s)
        account.reaped_s = max(account.reaped_s, reaped_s)

    def told(self, pid: int, children_s: float) -> None:
        """A living process has said itself what its waited-for children used."""
        if who := self._pids.get(pid):
            self._living[who].reaped_s = max(self._living[who].reaped_s, children_s)

    def keep_only(self, living: set[Identity]) -> None:
        """Settle all others: what was last seen of a process that ended goes to its parent, children before parents."""
        for who in [each for each in reversed(self._living) if each not in living]:
            account = self._living.pop(who)
            if self._pids.get(who.pid) == who:
                del self._pids[who.pid]
            used_s = account.used_s
            parent = self._living.get(account.parent) if account.parent and account.parent in living else None
            if parent is None or parent.ended:  # else it was never an orphan, and this process did not wait for it
                used_s = max(0.0, used_s - (self._reaped_s.get(who.pid, 0.0) - account.waited_before_s))
            if account.parent in self._living:
                self._living[account.parent].ended_s += used_s
            else:
                self._unaccounted_s += used_s

    @property
    def total_s(self) -> float:
        """All that the tree is known to have used; it never falls."""
        own_s = sum(each.own_s for each in self._living.values())
        used_s = sum(each.used_s for each in self._living.values())
        self._others_s = used_s - own_s + sum(self._reaped_s.values()) + self._unaccounted_s
        return self.grown(own_s)

    def grown(self, own_s: float) -> float:
        """The total, where since the last one only the living processes' own time has grown, to `own_s` in all."""
        self._highest_s = max(self._highest_s, self._others_s + own_s)
        return self._highest_s

"""Cases that are left alone for lack of time, and measured after all when there is some."""

from collections.abc import Mapping, Sequence

from bench.measure.engine.costs import Costs
from bench.measure.engine.together import Together, together
from bench.measure.plan.cases import PlannedCase


class Waiting:
    """Those of a run."""

    def __init__(self, costs: Costs) -> None:
        """None yet; `costs` knows what a block of each takes."""
        self._costs = costs
        self._dropped: list[PlannedCase] = []
        """The most telling first."""
        self._back: list[PlannedCase] = []
        """Those that were dropped and are measured again."""

    def keys(self) -> set[str]:
        """Of those that are left alone, and those that have come back last."""
        return {each.case.key for each in (*self._dropped, *self._back)}

    def drop(self, groups: Sequence[Together], calls_s: Mapping[str, float], a_pass_s: float) -> None:
        """Take cases out of groups so that a pass over the others takes no longer than this: bases stay, and what is fastest.

        Args:
            groups: that go on.
            calls_s: what a call takes, by case key, as far as that is known.
            a_pass_s: what a pass may take.
        """

        def by_telling(group: Together) -> list[PlannedCase]:
            others = [each for each in group.cases if not each.is_baseline]
            return group.bases + sorted(others, key=lambda each: calls_s.get(each.case.key, float("inf")))

        ranked = [
            (rank, self._costs.of([each.case.key]), each)
            for group in groups
            for rank, each in enumerate(by_telling(group))
        ]
        taken_s = 0.0
        for _, takes_s, case in sorted(ranked, key=lambda each: each[:2]):  # of equally telling ones the cheapest first
            if not case.is_baseline and taken_s + takes_s > a_pass_s:
                self._dropped.append(case)
            else:
                taken_s += takes_s
        dropped = {each.case.key for each in self._dropped}
        for group in groups:
            group.without(dropped)

    def brought_back(self, groups: Sequence[Together], a_pass_s: float) -> list[Together]:
        """Those of the dropped that there is time for after all, with their bases; none where there is none, and then none ever.

        Args:
            groups: that there are.
            a_pass_s: what an ensemble of all of them may take.
        """
        bases = {group.work: group.bases for group in groups if group.cases}
        back: dict[str, list[PlannedCase]] = {}
        for each in self._dropped:
            anew = [each] if each.work in back else [*bases.get(each.work, ()), each]
            takes_s = self._costs.of(one.case.key for one in anew)
            if takes_s <= a_pass_s:
                a_pass_s -= takes_s
                back.setdefault(each.work, []).append(each)
        self._back = [each for cases in back.values() for each in cases]
        self._dropped = [each for each in self._dropped if each not in self._back] if self._back else []
        return together([one for work, cases in back.items() for one in [*bases.get(work, ()), *cases]])

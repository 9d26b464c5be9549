"""The values of a case of this tool's own, taken from its blocks one after another; no block is kept."""

from collections.abc import Mapping, Sequence

from bench.analysis.stored import StoredCase
from bench.facts import caching
from bench.facts.cpu_known import CpuSum, of_warm_rounds
from bench.naming import CaseName
from bench.quantities import COMPARED, CPU, TIME, elapsed_s
from bench.records.block import Block, Outcome

UNMEASURED = f"{Outcome.UNAVAILABLE}: "
"""How the trouble of a case begins that was planned and could not run."""
_CACHED = "results come from a cache: in warm rounds some or all are only looked up"


class CaseValues:
    """What the blocks of one case say so far."""

    def __init__(self) -> None:
        self.blocks = 0
        """How many there were."""
        self._bad = ""
        self._values: dict[str, list[list[float]]] = {asked: [] for asked in COMPARED}
        self._by_the_clock: list[list[float]] = []
        self._waits_are_known = False
        self._unrecorded = {each.name: "" for each in COMPARED.values()}
        self._cpu = CpuSum()
        self._caching = caching.Evidence()

    def add(self, block: Block) -> None:
        """Take what it says of the quantities that are compared."""
        self.blocks += 1
        if block.outcome is not Outcome.OK:
            self._bad = self._bad or f"{block.outcome}: {block.reason}"
        self._caching.add(block)
        self._cpu += of_warm_rounds([block])
        if block.accounting is not None:
            reasons = block.accounting.unknown
            self._unrecorded = {name: why or reasons.get(name, "") for name, why in self._unrecorded.items()}
        for asked, quantity in COMPARED.items():
            if known := quantity.known(block):
                self._values[asked].append(known if quantity is TIME else [float(quantity.reduce(known))])
                if quantity is TIME:
                    self._by_the_clock.append(known if block.undelayed_wall_s is None else elapsed_s(block))
        self._waits_are_known = self._waits_are_known or block.undelayed_wall_s is not None

    def stored(self, case: CaseName, broken: str, notes: Sequence[str]) -> StoredCase:
        """The case with what all its blocks say.

        Args:
            case: which it is.
            broken: why an arm of a gate could not run it; empty elsewhere.
            notes: what the reader had to leave out of the run.
        """
        trouble = self._trouble(broken)
        values = {} if trouble else self._told()
        limits = [*notes, *([_CACHED] if self._caching.is_cached else [])]
        by_the_clock = self._by_the_clock if values and self._waits_are_known else []
        return StoredCase(
            case.key,
            case.name,
            values,
            trouble,
            "; ".join(limits),
            self._unknown(values),
            case.workload,
            case.strategy,
            by_the_clock,
        )

    def _trouble(self, broken: str) -> str:
        """Why it has no values. One block that went wrong and it has no time, as in reports."""
        if self._bad:
            return self._bad
        if not self.blocks:
            return f"{Outcome.FAILED}: {broken}" if broken else f"{UNMEASURED}the run ended before it was measured"
        return "" if self._values["time"] else f"{Outcome.FAILED}: no warm round was measured"

    def _told(self) -> dict[str, list[list[float]]]:
        """The values by quantity; CPU only where the tables of a report have it, too."""
        return {
            asked: values
            for asked, values in self._values.items()
            if values and (COMPARED[asked] is not CPU or not self._cpu.why_unknown)
        }

    def _unknown(self, values: Mapping[str, object]) -> dict[str, str]:
        """Why quantities that a case has not are unknown, by name; those whose reason nobody recorded are left out."""
        why = {
            asked: self._cpu.why_unknown if each is CPU and self._cpu.windows else self._unrecorded[each.name]
            for asked, each in COMPARED.items()
        }
        return {name: told for name, told in why.items() if "time" in values and name not in values and told}

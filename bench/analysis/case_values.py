"""The values of a case of this tool's own, taken from its blocks one after another; no block is kept."""

from collections.abc import Mapping, Sequence

from bench.analysis.stored import StoredCase
from bench.facts import caching
from bench.facts.cpu_known import CpuSum, of_warm_rounds
from bench.naming import CaseName
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
        self._values: dict[str, list[list[float]]] = {"time": [], "cpu": [], "memory": []}
        self._unrecorded = {"cpu_s": "", "peak_memory_bytes": ""}
        self._cpu = CpuSum()
        self._caching = caching.Evidence()

    def add(self, block: Block) -> None:
        """Take what it says of time, CPU and memory."""
        self.blocks += 1
        if block.outcome is not Outcome.OK:
            self._bad = self._bad or f"{block.outcome}: {block.reason}"
        self._caching.add(block)
        self._cpu += of_warm_rounds([block])
        if block.accounting is not None:
            reasons = block.accounting.unknown
            self._unrecorded = {name: why or reasons.get(name, "") for name, why in self._unrecorded.items()}
        warm = block.warm_rounds
        cpu = [each.cpu_s for each in warm if each.cpu_s is not None]
        memory = [float(each.peak_memory_bytes) for each in warm if each.peak_memory_bytes is not None]
        if warm:
            self._values["time"].append([each.wall_s for each in warm])
        if cpu:
            self._values["cpu"].append([sum(cpu) / len(cpu)])
        if memory:
            self._values["memory"].append([max(memory)])

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
        unknown = self._unknown(values)
        return StoredCase(
            case.key, case.name, values, trouble, "; ".join(limits), unknown, case.workload, case.strategy
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
            quantity: values
            for quantity, values in self._values.items()
            if values and (quantity != "cpu" or not self._cpu.why_unknown)
        }

    def _unknown(self, values: Mapping[str, object]) -> dict[str, str]:
        """Why quantities that a case has not are unknown, by name; those whose reason nobody recorded are left out."""
        why = {
            "cpu": self._cpu.why_unknown if self._cpu.windows else self._unrecorded["cpu_s"],
            "memory": self._unrecorded["peak_memory_bytes"],
        }
        return {name: told for name, told in why.items() if "time" in values and name not in values and told}

"""When a fault happened, as told by the process that it happened in (`bench.workloads.faults`).

That process may be gone an instant later, so it writes to a file that the supervisor holds open and nobody has to remove.
Both ends read the monotonic clock, which is one for all processes.
"""

import os
import tempfile

VARIABLE = "BENCH_FAULT_MOMENT"
"""Names the file in the environment of the host and its children."""


class FaultTime:
    """When a block's fault happened, in a file without a name."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - closed by `close`

    @property
    def variable(self) -> dict[str, str | None]:
        """What to add to the environment of the processes that may tell."""
        return {VARIABLE: f"/proc/{os.getpid()}/fd/{self._file.fileno()}"}

    def at_s(self) -> float | None:
        """The first moment that was told, in seconds of `time.perf_counter`; None where none was."""
        told = os.pread(self._file.fileno(), 100, 0).split(b"\n")
        try:
            return float(told[0])
        except ValueError:
            return None

    def close(self) -> None:
        """Let the file go."""
        self._file.close()

"""The readers of process trees that there are, and which of them is used."""

from bench.accounting.portable import PortableReader
from bench.accounting.proc import ProcReader
from bench.accounting.reading import Reader, Watched, proc_missing


def open_reader(sampler: str, watched: Watched, *, clocks: bool) -> Reader:
    """The reader that was asked for: `proc`, `psutil`, or `auto`, which is the best one that works here.

    `clocks` tells whether samples need the CPU of single processes, because no control group adds it up.
    """
    if sampler == "proc" or (sampler == "auto" and not proc_missing()):
        return ProcReader(watched, clocks=clocks)
    return PortableReader(watched)

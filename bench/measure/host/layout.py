"""Moves the memory of a measured process about, so that no case keeps the luck of one layout.

Where code and small objects come to lie depends on all that a process has imported before, and is the same in every
process that imports the same. Measured here, in fresh processes: one pure-Python loop took 43.98 ms in a script and
42.01 ms in the same script with a different import before it; with this padding both took 42.0 (30 interleaved
processes of each). Left alone, that difference falls on one strategy and not on another, and no number of rounds or
processes averages it out. Padded at random, it becomes part of the spread between blocks, which the interval shows.
See Mytkowicz et al., "Producing wrong data without doing anything obviously wrong!" (ASPLOS 2009), and Curtsinger and
Berger, "Stabilizer" (ASPLOS 2013).
"""

from _random import Random  # the generator itself, without what `random` imports besides

_MOST_OBJECTS, _MOST_BYTES = 3000, 600
"""Up to 0.9 MB, over all size classes of CPython's allocator for small objects (at most 512 bytes) and some beyond."""


def random_padding(seed: int | None) -> list[bytes]:
    """Small objects of random number and size; keep them for as long as the layout is to stay.

    Args:
        seed: where two processes are compared that should have the same luck.
    """
    draw = (Random() if seed is None else Random(seed)).random
    return [bytes(1 + int(draw() * (_MOST_BYTES - 1))) for _ in range(int(draw() * _MOST_OBJECTS))]

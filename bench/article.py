"""The figures that the tutorials print, as data: which case each belongs to, and what to mind about it.

`run --scale article` measures these cases; the report sets its own figures beside them.
"""

from dataclasses import dataclass

SCALE = "article"


@dataclass(frozen=True, slots=True)
class Claim:
    """A figure of the tutorials."""

    what: str
    workload: str
    strategy: str
    workers: int | None
    """As the tutorial sets it; None where the strategy takes no number or the tutorial leaves it to the default."""
    printed: str
    """As it stands there."""
    remark: str
    """Where the figure misleads, or what it rests on."""


CLAIMS = (
    Claim(
        "two downloads of 5 to 10 s, one after the other",
        "downloads",
        "serial",
        1,
        "18.00 s",
        "It drew 9 s and 9 s, and the next figure comes from other draws: the two do not compare. With whole seconds "
        "drawn alike for both, 15 s against 8.47 s are to be expected, 1.77×.",
    ),
    Claim(
        "the same two, a Process each",
        "downloads",
        "processes",
        None,
        "10.09 s",
        "It drew 6 s and 10 s; here both get the same draws. The 0.09 s beyond the longer one is what processes cost.",
    ),
    Claim(
        "nine tasks of 1 s, Pool(3)",
        "downloads_even",
        "pool_apply_async",
        3,
        "3 s and a little",
        "No schedule of nine seconds on three workers takes less than 3.0 s.",
    ),
    Claim(
        "ten tasks of up to 3 s, Pool(5)",
        "downloads_uneven",
        "pool_apply_async",
        5,
        "none",
        "Uneven tasks: the bound is the longest task or a fifth of the sum, whichever is more, and not every schedule "
        "reaches it.",
    ),
    Claim(
        "6000 thumbnails, one process",
        "thumbnails",
        "serial",
        1,
        "27.9 s",
        "A tutorial prints this figure beside Pool.map. In the text that the example was taken from it is the time of "
        "one process. The pictures here are others, larger ones: compare ratios, not seconds.",
    ),
    Claim(
        "6000 thumbnails, Pool.map",
        "thumbnails",
        "pool_map",
        None,
        "5.6 s",
        "The time of the pool in that text, 5.0× as fast as one process; no more than the cores can be gained here.",
    ),
)

"""Many straight lines of one look as one path: a picture of a tenth of the bytes, drawn in a tenth of the time."""

import math
from collections.abc import Iterable
from typing import Any

from matplotlib.axes import Axes

Segment = tuple[tuple[float, float], tuple[float, float]]
"""From one point to another, in data."""


def one_path(axes: Axes, segments: Iterable[Segment], **look: Any) -> None:
    """Draw the segments in one look, which goes to matplotlib's line. The limits of the axes stay for others to set."""
    ends = [point for one, other in segments for point in (one, other, (math.nan, math.nan))]
    if ends:
        axes.plot(*zip(*ends, strict=True), scalex=False, scaley=False, **({"solid_capstyle": "butt"} | look))

"""Rectangles and straight lines on a slide, many at once: which of them touch, pass through or cross each other.

Boxes are rows of left, low, right and high, lines are rows of both ends, two numbers each; all in one unit.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


def rows_of(values: Sequence[Any], columns: int) -> Floats:
    """Values as rows of so many numbers, also where there are none."""
    found: Floats = np.array(values, dtype=float).reshape(-1, columns)
    return found


def around(middles: Floats, wide: float, high: float) -> Floats:
    """Boxes of one size around these points."""
    half = np.array([wide / 2, high / 2])
    return np.hstack([middles - half, middles + half])


def grown(boxes: Floats, across: float, up: float) -> Floats:
    """Boxes that reach so much farther at each side, and above and below."""
    found: Floats = boxes + np.array([-across, -up, across, up])
    return found


def any_of(flags: Flags) -> Flags:
    """Of each row, whether anything in it holds."""
    found: Flags = np.asarray(flags.any(axis=1))
    return found


def within(boxes: Floats, outer: Floats) -> Flags:
    """Whether no part of each box is outside the other one."""
    return ~any_of((boxes[:, :2] < outer[:2]) | (boxes[:, 2:] > outer[2:]))


def touching(boxes: Floats, others: Floats) -> Flags:
    """Of each box and each other, whether they have a part in common."""
    one, other = boxes[:, None], others[None]
    found: Flags = np.asarray(((one[..., :2] < other[..., 2:]) & (other[..., :2] < one[..., 2:])).all(axis=2))
    return found


def passing(lines: Floats, boxes: Floats) -> Flags:
    """Of each line and each box, whether the one goes through the other (Liang & Barsky, 1984)."""
    begin, way = lines[:, None, :2], lines[:, None, 2:] - lines[:, None, :2]
    way = np.where(way == 0, 1e-9, way)
    at = np.stack([(boxes[None, :, :2] - begin) / way, (boxes[None, :, 2:] - begin) / way])
    enters, leaves = at.min(axis=0).max(axis=2), at.max(axis=0).min(axis=2)
    found: Flags = (enters < leaves) & (enters < 1 - 1e-6) & (leaves > 0)
    return found


def crossing(lines: Floats, others: Floats) -> Flags:
    """Of each line and each other, whether they cross; those that only meet at an end do not."""
    one, other = lines[:, None], others[None]
    apart = _side(one, other[..., :2]) * _side(one, other[..., 2:]) < 0
    found: Flags = apart & (_side(other, one[..., :2]) * _side(other, one[..., 2:]) < 0)
    return found


def _side(lines: Floats, points: Floats) -> Floats:
    """On which side of lines points are, by the sign."""
    way, to = lines[..., 2:] - lines[..., :2], points - lines[..., :2]
    found: Floats = way[..., 0] * to[..., 1] - way[..., 1] * to[..., 0]
    return found

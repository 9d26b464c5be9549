"""Real JPEG pictures reduced to thumbnails: decoding and resampling in C, files read and written."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from typing import Any

from PIL import Image, ImageChops, ImageStat

from bench import WrongResult, workload

BOX = (75, 75)
LIGHT_TOLERANCE = 6.0
"""Root mean square difference of lightness from the reference, of 255 levels. Over the first 40 pictures Lanczos gives
up to 3.9; taking every 21st pixel instead gives more than this."""
COLOUR_TOLERANCE = 12.0
"""The same of red, green and blue over 3x3 pixels, because JPEG blurs colour: up to 8.0; another picture, 55 and more."""

Picture = tuple[str, str, str]


@contextmanager
def pictures(count: int, _: Random) -> Iterator[dict[str, Any]]:
    """Make sure that `count` pictures are in the cache; yield where they are and a fresh folder for thumbnails."""
    from tempfile import TemporaryDirectory

    from bench.workloads._thumbnails_pictures import cached_pictures

    with TemporaryDirectory(prefix="bench-thumbnails-") as folder:
        yield {"pictures": cached_pictures(count), "folder": folder}


def paths(_: int, __: Random, prepared: dict[str, Any]) -> list[Picture]:
    """(picture, where its thumbnail goes, its reference) for each picture."""
    return [
        (picture, os.path.join(prepared["folder"], f"{number}.jpg"), reference)
        for number, (picture, reference) in enumerate(prepared["pictures"])
    ]


def check(inputs: list[Picture], sizes: list[tuple[int, int]]) -> None:
    """Each thumbnail has the size it said and looks like its reference; it is removed, so the next round writes it."""
    for (picture, thumbnail, reference), said in zip(inputs, sizes, strict=True):
        name = os.path.basename(picture)
        with Image.open(thumbnail) as made, Image.open(reference) as expected:
            if not made.size == expected.size == tuple(said):
                raise WrongResult(f"the thumbnail of {name} is {made.size}, not {expected.size}")
            light = _difference(made.convert("L"), expected.convert("L"))
            colour = _difference(made.convert("RGB").reduce(3), expected.reduce(3))
        if light > LIGHT_TOLERANCE or colour > COLOUR_TOLERANCE:
            raise WrongResult(f"the thumbnail of {name} is off by {light:.1f} in lightness and {colour:.1f} in colour")
        os.remove(thumbnail)


@workload(
    inputs=paths,
    scales={"quick": 10, "standard": 28, "article": 6_000},
    prepare=pictures,
    check=check,
)
def thumbnails(job: Picture) -> tuple[int, int]:
    """Open JPEG pictures of 1600x1200, reduce them to 75x75 (Lanczos), save them."""
    picture, thumbnail, _ = job
    with Image.open(picture) as image:
        image.thumbnail(BOX, Image.Resampling.LANCZOS)
        image.save(thumbnail, "JPEG", quality=85)
        return image.size


def _difference(made: Image.Image, expected: Image.Image) -> float:
    return max(ImageStat.Stat(ImageChops.difference(made, expected)).rms)

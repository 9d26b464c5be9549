"""Photo-like JPEG pictures, the same on every machine, made once and kept in a cache folder.

A picture has what photographs have and test patterns lack: smooth gradients, edges of shapes, and noise, which
decide how long a JPEG decoder works. Beside each lies its reference thumbnail, averaged from the pixels before they
were compressed, so that a check does not trust the code it checks.
"""

import os
import shutil
import tempfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from platformdirs import user_cache_path

WIDTH, HEIGHT, QUALITY = 1600, 1200, 85
VERSION = 1
"""Raise it when what is drawn changes: it is part of the folder's name."""
BYTES_EACH = 500_000


def cached_pictures(count: int) -> list[tuple[str, str]]:
    """Paths of `count` pictures and their references, made where they are missing.

    The folder is `$BENCH_CACHE`, or the user's cache folder; where a user has none, one for temporary files.

    Raises:
        OSError: where there is no room for them or the folder cannot be written.
    """
    folder = _cache() / f"pictures-{VERSION}"
    folder.mkdir(parents=True, exist_ok=True)
    found = [(folder / f"{number:05}.jpg", folder / f"{number:05}.png") for number in range(count)]
    missing = [number for number, pair in enumerate(found) if not all(path.exists() for path in pair)]
    if missing:
        free = shutil.disk_usage(folder).free
        if free < 1.2 * len(missing) * BYTES_EACH:
            raise OSError(
                f"{len(missing)} pictures need {len(missing) * BYTES_EACH / 1e6:.0f} MB in the cache folder, "
                f"and {free / 1e6:.0f} MB are free; set BENCH_CACHE to a folder with room"
            )
        _make_missing(folder, missing)
    return [(str(picture), str(reference)) for picture, reference in found]


def _cache() -> Path:
    if root := os.environ.get("BENCH_CACHE"):
        return Path(root)
    try:
        folder = user_cache_path("concurrency-bench")
        folder.mkdir(parents=True, exist_ok=True)
        if not os.access(folder, os.W_OK | os.X_OK):
            raise PermissionError(folder)
    except (OSError, RuntimeError):  # no home, or another user's, as where a container's user has a number and no name
        folder = Path(tempfile.gettempdir(), f"concurrency-bench-{os.getuid()}")
        folder.mkdir(mode=0o700, exist_ok=True)
        if folder.lstat().st_uid != os.getuid():  # anybody can make it, or a link in its place
            raise OSError(f"{folder} belongs to another user; set BENCH_CACHE to a folder of yours") from None
    return folder


def _make_missing(folder: Path, numbers: list[int]) -> None:
    if len(numbers) < 4:
        for number in numbers:
            make_picture(folder, number)
        return
    with ProcessPoolExecutor() as pool:
        list(pool.map(make_picture, [folder] * len(numbers), numbers, chunksize=4))


def make_picture(folder: Path, number: int) -> None:
    """Write picture `number` and its reference; each appears whole or not at all."""
    pixels = draw(number)
    _save(Image.fromarray(pixels), folder / f"{number:05}.jpg", "JPEG", quality=QUALITY)
    means = np.einsum("yv,vuc,xu->yxc", shares(HEIGHT, 56), pixels, shares(WIDTH, 75), optimize=True)
    reference = Image.fromarray(np.round(means).astype(np.uint8))
    _save(reference, folder / f"{number:05}.png", "PNG")


def shares(pixels: int, cells: int) -> Any:
    """What part of each of `cells` each of `pixels` covers, when both divide one length: cells x pixels, rows sum to 1."""
    edges = np.linspace(0, pixels, cells + 1)[:, None]
    left = np.arange(pixels)
    overlap = np.minimum(edges[1:], left + 1) - np.maximum(edges[:-1], left)
    return np.clip(overlap, 0, None) * cells / pixels


def draw(number: int) -> Any:
    """The pixels of picture `number`: HEIGHT x WIDTH x 3, 8 bits."""
    rng = np.random.default_rng([VERSION, number])
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    sky, ground = rng.uniform(40, 215, (2, 3)).astype(np.float32)
    slope = (y / HEIGHT + rng.uniform(-0.3, 0.3) * x / WIDTH)[..., None]
    pixels = sky * (1 - slope) + ground * slope
    for _ in range(12):
        _draw_shape(pixels, rng)
    texture = rng.normal(0, 9, (HEIGHT // 2, WIDTH // 2, 1)).astype(np.float32)
    pixels += texture.repeat(2, axis=0).repeat(2, axis=1)
    pixels += rng.normal(0, 3, (HEIGHT, WIDTH, 1)).astype(np.float32)
    return np.clip(pixels, 0, 255).astype(np.uint8)


def _draw_shape(pixels: np.ndarray, rng: np.random.Generator) -> None:
    """An ellipse or a rectangle in one colour, part of it shaded, with sharp edges."""
    width, height = rng.integers(80, 500, 2)
    left, top = rng.integers(0, WIDTH - width), rng.integers(0, HEIGHT - height)
    part = pixels[top : top + height, left : left + width]
    colour = rng.uniform(10, 245, 3).astype(np.float32) * np.linspace(0.7, 1, width, dtype=np.float32)[:, None]
    if rng.random() < 0.5:
        part[:] = colour
        return
    v, u = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    inside = (u * u + v * v <= 1)[..., None]
    part[:] = np.where(inside, colour, part)


def _save(image: Image.Image, path: Path, kind: str, **options: int) -> None:
    partial = path.with_suffix(f".{os.getpid()}.part")
    image.save(partial, kind, **options)
    os.replace(partial, path)

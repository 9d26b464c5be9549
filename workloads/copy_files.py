"""Copies of many real files of mixed sizes. The operating system's cache holds both sides, so mostly memory is moved."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from random import Random
from typing import Any

from bench import WrongResult, workload

SMALLEST_BYTES, LARGEST_BYTES = 1_000, 1_000_000

Job = tuple[str, str, str]


@contextmanager
def files(count: int, rng: Random) -> Iterator[dict[str, Any]]:
    """Write `count` files of random bytes to a temporary folder; yield the folder and the digest of each.

    Raises:
        OSError: if there is no room for them and their copies.
    """
    from tempfile import TemporaryDirectory

    sizes = [rng.randint(SMALLEST_BYTES, LARGEST_BYTES) for _ in range(count)]
    with TemporaryDirectory(prefix="bench-copies-") as folder:
        check_room(folder, sizes)
        digests = []
        for number, size_bytes in enumerate(sizes):
            content = rng.randbytes(size_bytes)
            with open(os.path.join(folder, str(number)), "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())  # else the disk would be busy with them while copies are timed
            digests.append(sha256(content).hexdigest())
        yield {"folder": folder, "digests": digests}


def check_room(folder: str, sizes: list[int]) -> None:
    """The files and their copies fit, with a tenth to spare.

    Raises:
        OSError: if they do not.
    """
    needed_bytes = round(2.2 * sum(sizes))
    free_bytes = shutil.disk_usage(folder).free
    if free_bytes < needed_bytes:
        raise OSError(
            f"{len(sizes)} files and their copies need {needed_bytes / 1e6:.0f} MB in {os.path.dirname(folder)}, where "
            f"{free_bytes / 1e6:.0f} MB are free; set TMPDIR to a folder with more room"
        )


def jobs(_: int, __: Random, prepared: dict[str, Any]) -> list[Job]:
    """(file, where its copy goes, the digest of both) for each file; copies that nobody has checked are removed."""
    folder, digests = prepared["folder"], prepared["digests"]
    for name in os.listdir(folder):
        if name.endswith(".copy"):
            os.remove(os.path.join(folder, name))
    return [
        (os.path.join(folder, str(number)), os.path.join(folder, f"{number}.copy"), digest)
        for number, digest in enumerate(digests)
    ]


def check(inputs: list[Job], copies: list[str]) -> None:
    """Each copy is where it should be and whole; it is removed, so that the next round writes it anew."""
    for (source, copy, digest), said in zip(inputs, copies, strict=True):
        name = os.path.basename(source)
        if said != copy:
            raise WrongResult(f"the copy of file {name} is said to be {os.path.basename(said)}")
        try:
            with open(copy, "rb") as file:
                found = sha256(file.read()).hexdigest()
        except FileNotFoundError:
            raise WrongResult(f"file {name} has no copy") from None
        if found != digest:
            raise WrongResult(f"the copy of file {name} has the digest {found[:12]}, not {digest[:12]}")
        os.remove(copy)


# whether the disk or the processor is the limit depends on the machine: it is seen in the serial rounds
@workload(
    inputs=jobs,
    scales={"quick": 30, "standard": 100, "article": 1_000},
    bound="unknown",
    prepare=files,
    check=check,
)
def copy_files(job: Job) -> str:
    """Copy files of 1 kB to 1 MB with shutil.copyfile, in a temporary folder."""
    source, copy, _ = job
    return shutil.copyfile(source, copy)

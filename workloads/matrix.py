"""CPU-bound work in numpy, which gives the interpreter lock back while it multiplies.

The linear algebra library under numpy may start threads of its own. They are set to one, so that the strategy alone
decides how many cores work; left at their default, threads times workers compete for the cores.
"""

from collections.abc import Sequence
from random import Random
from typing import Any

import numpy as np

from bench import WrongResult, workload

POWER = 5
_BLAS_VARIABLES = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


def seeds(shape: tuple[int, int], rng: Random) -> list[tuple[int, int]]:
    """(order, seed) of each matrix; `shape` is how many and their order."""
    count, order = shape
    return [(order, rng.getrandbits(32)) for _ in range(count)]


def check(inputs: Sequence[tuple[int, int]], sums: list[int]) -> None:
    """The sum of all elements of A**5, found another way: by integer products with a vector of ones."""
    for (order, seed), found in zip(inputs, sums, strict=True):
        matrix = random_matrix(order, seed).astype(np.int64)
        vector = np.ones(order, dtype=np.int64)
        for _ in range(POWER):
            vector = matrix @ vector
        if found != int(vector.sum()):
            raise WrongResult(f"the power of matrix {seed} sums to {vector.sum()}, not {found}")


def random_matrix(order: int, seed: int) -> Any:
    """A square matrix of zeros and ones, so that every product below is exact in floating point."""
    bits = np.random.default_rng(seed).bytes(order * order // 8)
    return np.unpackbits(np.frombuffer(bits, dtype=np.uint8)).reshape(order, order).astype(np.float64)


@workload(
    inputs=seeds,
    scales={"quick": (8, 256), "standard": (12, 384), "article": (64, 768)},
    check=check,
    options={
        "blas_threads": {
            "1": dict.fromkeys(_BLAS_VARIABLES, "1"),
            "default": dict.fromkeys(_BLAS_VARIABLES),
        }
    },
)
def matrix(order_and_seed: tuple[int, int]) -> int:
    """Raise a random numpy matrix to its fifth power (BLAS threads set to one)."""
    original = random_matrix(*order_and_seed)
    power, product = original.copy(), np.empty_like(original)
    for _ in range(POWER - 1):
        np.matmul(power, original, out=product)
        power, product = product, power
    return int(power.sum(dtype=np.int64))

"""Work that is nothing but CPU, in pure Python."""

from bench import workload

SCALES = {"few": (8, 24_000_000), "many": (128, 12_000_000)}
"""Tasks, and steps of all of them: about a CPU-second in few tasks here, and half of one in many."""


def parts(size, _):
    tasks, steps = size
    return [steps // tasks] * tasks


@workload(inputs=parts, scales=SCALES, combine=sum)
def burn(steps):
    """Square numbers, and hold the interpreter's lock all the time."""
    total = 0
    for number in range(steps):
        total += number * number % 7
    return total

"""A distribution's workload and strategy; `pyproject.toml` names this module in two groups of entry points.

python -m bench run letters --strategy serial,backwards
"""

from collections import Counter
from contextlib import contextmanager

from bench import strategy, workload


@workload(
    inputs=lambda size, rng: [rng.choices("abc", k=size) for _ in range(20)], scales={"quick": 2_000, "standard": 9_000}
)
def letters(text):
    """Count letters."""
    return dict(Counter(text))


@strategy("backwards", isolation="none")
@contextmanager
def backwards():
    """A plain loop from the last input to the first."""
    yield lambda task, inputs: [task(each) for each in reversed(inputs)][::-1]

"""A strategy: entering it is the start, each call is a round, leaving it is the stop.

python -m bench run primes --strategy serial,pool_map,own_strategy.py
"""

from contextlib import contextmanager
from multiprocessing import Pool
from random import Random

from bench import strategy


@strategy("shuffled_pool", isolation="process")
@contextmanager
def shuffled_pool(workers):
    """`Pool.map` of the inputs in random order, so that no chunk is all long tasks."""
    with Pool(workers) as pool:

        def call(task, inputs):
            places = Random(1).sample(range(len(inputs)), len(inputs))
            results = dict(zip(places, pool.map(task, [inputs[place] for place in places]), strict=True))
            return [results[place] for place in range(len(inputs))]

        yield call

"""Puts a strategy through the suite that the built-in ones pass: results, order, errors, and nothing left behind.

python -m pytest own_strategy_test.py
"""

from own_strategy import shuffled_pool

from bench.testing import conformance

test_shuffled_pool = conformance(shuffled_pool)

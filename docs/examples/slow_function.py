"""A plain function of one argument, and a range of numbers as its inputs.

python -m bench run slow_function.py:steps --inputs 1..40
"""


def steps(first: int) -> int:
    """The longest way down to 1 from the 500 numbers below `first` times 500 (halve it, or triple it and add one)."""
    return max(way(number) for number in range(first * 500 - 499, first * 500 + 1))


def way(number: int) -> int:
    """How many steps a number takes."""
    count = 0
    while number != 1:
        number = number // 2 if number % 2 == 0 else 3 * number + 1
        count += 1
    return count

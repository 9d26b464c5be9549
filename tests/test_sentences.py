"""Names in sentences: how many there are is told, whatever is left out."""

import pytest

from bench.sentences import first_of, listed

FIVE = ["a", "b", "c", "d", "e"]


@pytest.mark.parametrize(
    ("names", "most", "said"),
    [
        (FIVE[:1], None, "a"),
        (FIVE[:2], None, "a and b"),
        (FIVE, None, "a, b, c, d and e"),
        (FIVE, 5, "a, b, c, d and e"),
        (FIVE, 4, "a, b, c and 2 more"),
        (FIVE[:4], 4, "a, b, c and d"),
        (FIVE, 2, "a and 4 more"),
    ],
)
def test_names_are_listed(names, most, said):
    assert listed(names, most) == said


@pytest.mark.parametrize(
    ("names", "most", "said"),
    [
        ([], 3, ""),
        (FIVE[:1], 1, "a"),
        (FIVE[:3], 3, "a, b, c"),
        (FIVE, 3, "a, b, c and 2 more"),
        (FIVE, 1, "a and 4 more"),
    ],
)
def test_the_first_names_are_told_and_how_many_more_there_are(names, most, said):
    assert first_of(names, most) == said

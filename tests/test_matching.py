"""What a pattern fits: a name before a shell pattern before a part, and of names those that tell apart before shared ones."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from bench.matching import fitting, nearest

CALLED = {
    "one": [["k/1", "parse pool ×2"], ["parse pool"], ["parse"]],
    "four": [["k/4", "parse pool ×4"], ["parse pool"], ["parse"]],
    "forty": [["k/40", "parse pool ×40"], ["parse pool"], ["parse"]],
    "fast": [["k/f", "parse_fast serial"], ["parse_fast serial"], ["parse_fast"]],
    "odd": [["t.py::test_x[0]", "test_x[0]"]],
    "even": [["t.py::test_x0", "test_x0"]],
    "named": [["k/n", "parse pool"], ["parse pool"], ["other"]],
}
TABLE = [
    ("k/1", ["one"]),
    ("parse pool ×2", ["one"]),
    ("parse pool ×4", ["four"], "what it is the beginning of is another"),
    ("parse", ["one", "four", "forty"], "the workload, and not those whose names begin so"),
    ("parse pool", ["named"], "what tells one from all others comes before what several share"),
    ("parse_fast", ["fast"]),
    ("test_x[0]", ["odd"], "brackets in a name are no pattern"),
    ("test_x[0-9]", ["even"]),
    ("parse*", ["one", "four", "forty", "fast", "named"]),
    ("parse pool ×4*", ["four", "forty"]),
    ("parse pool ×?", ["one", "four"]),
    ("*serial", ["fast"]),
    ("?ther", ["named"]),
    ("Parse", []),
    ("fas", ["fast"], "a part, where nothing is called so"),
    ("pool ×4", ["four", "forty"]),
    ("py::", ["odd", "even"]),
    ("pool*×", [], "a pattern is of the whole name"),
    ("nothing", []),
]


@pytest.mark.parametrize(("pattern", "things"), [each[:2] for each in TABLE], ids=[each[0] for each in TABLE])
def test_what_a_pattern_fits(pattern, things):
    assert fitting(pattern, CALLED, parts=True) == things


def test_a_part_fits_only_where_parts_do():
    assert fitting("prime", {"primes": [["primes"]]}) == []
    assert fitting("prime", {"primes": [["primes"]]}, parts=True) == ["primes"]


NAMES = some.lists(some.text("ab[]*?!-", max_size=5), unique=True, max_size=8)


@given(NAMES, some.booleans())
def test_a_name_fits_what_bears_it_and_nothing_else(names, parts):
    called = {number: [[name]] for number, name in enumerate(names)}
    for number, name in enumerate(names):
        assert fitting(name, called, parts=parts) == [number]


@given(some.text("ab*?[]"), NAMES)
def test_all_names_are_told_nearest_first(pattern, names):
    assert sorted(nearest(pattern, [*names, *names])) == sorted(names)
    assert not names or nearest(names[-1], names)[0] == names[-1]


def test_what_is_written_most_like_it_comes_first():
    assert nearest("prims", ["downloads", "primes", "fetch"])[0] == "primes"

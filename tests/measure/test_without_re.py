"""What hosts read and say without `re`, which they do not load, is what its patterns would find."""

import re

from hypothesis import example, given
from hypothesis import strategies as st

from bench.measure.host.inputs import _ends
from bench.measure.results import explain

PIECES = st.sampled_from([" at 0x", "0x", "at ", "7f3A", "g", " ", "é", "\n"])


@given(st.lists(PIECES).map("".join))
@example("<object at 0x7f at 0x at 0xg at 0x0>")
def test_addresses_are_taken_out(text):
    assert explain._without_addresses(text) == re.sub(r" at 0x[0-9a-fA-F]+", "", text)


@given(st.text(" \t\n\x1c\u2003x", max_size=40), st.integers(1, 12))
def test_what_is_looked_at_of_a_long_text_begins_where_something_is(text, looked_at):
    found = re.search(r"\S", text)
    begin = found.start() if found else 0
    expected = text[begin : begin + looked_at] + "…" * (len(text) > begin + looked_at)
    before, explain._LOOKED_AT = explain._LOOKED_AT, looked_at
    try:
        assert explain._first_part(text) == (expected if len(text) > looked_at else text)
    finally:
        explain._LOOKED_AT = before


@given(st.text("-0123456789. ٣²x\n", max_size=12))
@example("-1..3")
@example("1...3")
@example("--1..3")
@example("٣..٤")
def test_a_range_is_two_whole_numbers_and_two_dots(text):
    found = re.fullmatch(r"(-?\d+)\.\.(-?\d+)", text)
    assert _ends(text) == (found and found.groups())

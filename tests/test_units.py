import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench import units
from bench.errors import UsageError

SHOWN_SECONDS = {"s": 1.0, "ms": 1e-3, "µs": 1e-6, "ns": 1e-9}


@given(st.floats(1e-9, 1e6))
def test_seconds_shown_are_right_to_three_digits(value):
    number, unit = units.seconds(value).split()
    assert math.isclose(float(number) * SHOWN_SECONDS[unit], value, rel_tol=0.0051)


@given(st.floats(1e-6, 1e9))
def test_significant_has_no_exponent_and_at_least_three_digits(value):
    text = units.significant(value)
    assert "e" not in text
    assert len(text.replace(".", "").lstrip("0")) >= 3


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0 s"),
        (None, "–"),
        (0.15234, "152 ms"),
        (0.99996, "1.00 s"),
        (2.0, "2.00 s"),
        (120, "120 s"),
        (5e-6, "5.00 µs"),
    ],
)
def test_seconds(value, text):
    assert units.seconds(value) == text


@pytest.mark.parametrize(("value", "text"), [(0, "0 B"), (1, "1.00 B"), (45_200_000, "45.2 MB"), (2e9, "2.00 GB")])
def test_sizes_are_decimal(value, text):
    assert units.size(value) == text


@pytest.mark.parametrize(
    ("text", "value"),
    [("90", 90), ("90s", 90), ("1.5m", 90), ("4m", 240), ("250ms", 0.25), ("1h", 3600), (" 2 min ", 120)],
)
def test_durations_parse(text, value):
    assert units.parse_seconds(text) == pytest.approx(value)


@pytest.mark.parametrize("text", ["", "x", "-1", "0", "3x", "1 2", "nan", "1e3"])
def test_other_text_is_no_duration_and_the_error_shows_it(text):
    with pytest.raises(UsageError, match="is not a duration") as caught:
        units.parse_seconds(text)
    assert repr(text) in str(caught.value)


@pytest.mark.parametrize(
    ("text", "value"),
    [("2%", 0.02), ("2 %", 0.02), (" 0.5% ", 0.005), ("0.02", 0.02), (".02", 0.02), ("150%", 1.5), ("999.9%", 9.999)],
)
def test_shares_parse(text, value):
    assert units.parse_ratio(text) == pytest.approx(value)


@pytest.mark.parametrize(
    "text", ["", "2", "1", "0", "0%", "-1%", "1000%", "nan", "inf%", "2 percent", "1e-2", "٢%", "%", "."]
)
def test_other_text_is_no_share_and_the_error_shows_it(text):
    with pytest.raises(UsageError, match="is not a share") as caught:
        units.parse_ratio(text)
    assert repr(text) in str(caught.value)


@given(st.floats(1e-6, 9.9))
def test_a_share_shown_is_read_back(value):
    text = units.percent(value, 15)
    if "e" not in text:
        assert units.parse_ratio(text) == pytest.approx(value)


@pytest.mark.parametrize(("value", "text"), [(0.02, "2 %"), (0.005, "0.5 %"), (1, "100 %"), (0.123456, "12.3 %")])
def test_shares_are_shown_in_percent(value, text):
    assert units.percent(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(None, "–"), (0.0, "0"), (12.0, "12"), (12.5, "12.5"), (1234567, "1234567")]
)
def test_numbers_of_things_are_whole_or_the_middle_between_two(value, text):
    assert units.tally(value) == text


def test_blocks_are_counted_with_how_many_are_planned_where_that_is_known():
    assert units.blocks_of(3, 9) == "3 of 9 planned blocks"
    assert units.blocks_of(1, None) == "1 block"
    assert units.blocks_of(12, None) == "12 blocks"


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("1 block", "1 block is"),
        ("1 more strategy", "1 more strategy is"),
        ("12 blocks", "12 blocks are"),
        ("1 of 60 planned blocks", "1 of 60 planned blocks are"),
        ("all 1 blocks", "all 1 blocks are"),
    ],
)
def test_a_number_of_things_has_its_verb(number, said):
    assert units.are(number) == said
    assert units.verb(number, "was", "were") == ("was" if said.endswith("is") else "were")


@pytest.mark.parametrize(
    ("ratio", "said"),
    [
        (1.79, "1.8×"), (8.83, "8.8×"), (39.04, "39×"), (0.0799, "13× slower"), (0.000466, "2,100× slower"), (0.5, "2.0× slower"),
        (1.0, "1.0×"), (0.99, "1.0×"), (1.04, "1.0×"), (0.94, "1.1× slower"), (None, "–"),
    ],
)  # fmt: skip
def test_how_many_times_as_fast_is_said_to_two_digits_and_slower_in_words(ratio, said):
    assert units.speed(ratio) == said


@given(st.floats(1e-9, 1e9), st.integers(2, 4))
def test_what_is_called_slower_is_slower_and_the_number_is_the_ratio(ratio, digits):
    said = units.speed(ratio, digits)
    number = float(said.removesuffix(" slower").removesuffix("×").replace(",", ""))
    assert number >= 1
    assert (1 / number if said.endswith("slower") else number) == pytest.approx(ratio, rel=10 ** (1 - digits))

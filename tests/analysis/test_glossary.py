"""The glossary finds each word however it is typed, says it in whole sentences, and has the numbers of the code."""

import pytest

from bench.analysis import glossary, groups
from bench.analysis.estimates import values_needed
from bench.analysis.explanations import EXPLANATIONS, look_up
from bench.analysis.glossary import TERMS, Topic
from bench.cli import check_command, options
from bench.errors import UnknownNameError
from bench.patterns import PATTERNS
from bench.records.block import Outcome
from bench.report.explanations import glossary_as_markdown
from tests.conftest import ROOT

ASKED = (
    "block round warm cold bound level case base arm side GIL free-threading pickling worker chunk fork spawn forkserver interval "
    "tolerance strategy workload pattern"
)


@pytest.mark.parametrize("each", TERMS, ids=lambda each: each.name)
def test_a_term_is_found_by_each_of_its_words_however_they_are_typed(each):
    for word in (each.name, *each.also):
        for typed in (
            word,
            word.upper(),
            f" {word.lower()} ",
            word.replace("-", " "),
            word.replace(" ", "_"),
            f"{word}s",
        ):
            assert each in look_up(typed), typed


def test_no_word_stands_for_two_terms_and_every_topic_has_some():
    plain = [word.casefold().replace("-", " ") for word in glossary.all_words()]
    assert len(set(plain)) == len(plain)
    assert {each.topic for each in TERMS} == set(Topic)


def test_meanings_are_one_to_three_whole_sentences():
    for each in TERMS:
        text = each.meaning
        assert text[0].isupper() or text[0] == "`", text
        assert text.endswith((".", "`.")), text
        assert text.count(". ") <= 2, text
        assert len(text) <= 320, text
        assert text.count("`") % 2 == 0, text


def test_numbers_and_names_are_those_of_the_code():
    def said(word):
        return glossary.term(word).meaning

    assert f"within {100 * groups.LEVEL_WITHIN:.0f} % of 1" in said("level")
    assert f"{100 * check_command._TOLERANCE:.0f} %" in said("tolerance")
    assert f"±{100 * options.PRECISION:.0f} %" in said("precision")
    assert f"{check_command._SAMPLE_HZ:.0f} times a second" in said("sampler")
    assert values_needed() == 6
    assert "six blocks" in said("interval")
    assert all(f"`{each}`" in said("pattern") for each in PATTERNS)
    assert all(f"`{each}`" in said("outcome") for each in Outcome)


def test_a_page_picks_terms_by_name_and_a_wrong_name_is_refused():
    picked = glossary.terms("GIL", "arm", "Blocks")
    assert [each.name for each in picked] == ["GIL", "side", "block"]
    with pytest.raises(UnknownNameError, match="unknown term 'blokc'; did you mean 'block'"):
        glossary.terms("GIL", "blokc")


@pytest.mark.many(2)
@pytest.mark.parametrize("word", ASKED.split())
def test_the_command_tells_a_term(bench, word):
    told = bench("explain", word)
    assert told.returncode == 0, told.stderr
    assert glossary.term(word).meaning.split()[0].strip("`") in told.stdout


def test_the_command_tells_terms_and_codes_and_names_what_is_near(bench):
    assert bench("explain", "gil").stdout == bench("explain", "GIL").stdout
    assert bench("explain", "start", "method").stdout == bench("explain", "start-method").stdout
    both = bench("explain", "budget").stdout
    assert "What to do" in both
    assert "The time that a run may take" in both
    assert bench("explain", "Gill").stderr == "error: unknown word 'Gill'; did you mean 'GIL'?\n"
    nothing = bench("explain", "qqqxyz")
    assert (nothing.returncode, nothing.stderr) == (
        2, "error: unknown word 'qqqxyz'; `python -m bench explain` lists all\n",
    )  # fmt: skip


def test_the_listing_has_the_codes_before_the_terms(bench):
    shown = " ".join(bench("explain").stdout.split())
    at = shown.index("Glossary:")
    assert all(each.code in shown[:at] for each in EXPLANATIONS)
    assert all(each.name in shown[at:] for each in TERMS)


def test_the_page_of_the_docs_is_current(bench):
    page = (ROOT / "docs" / "glossary.md").read_text()
    assert page == glossary_as_markdown() + "\n", "python -m bench explain --markdown glossary > docs/glossary.md"
    assert bench("explain", "--markdown", "glossary").stdout == page

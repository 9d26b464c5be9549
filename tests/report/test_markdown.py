"""Text as GitHub's markdown: it is nothing but text, and neither notifies nor refers to anybody, whatever it is of."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from bench.plugins.names import sanitized
from bench.records.block import Outcome
from bench.report.kit.markdown import escaped
from bench.report.run.page import markdown
from bench.report.talk.build import build_talk
from bench.report.talk.choice import Choice
from tests import builders
from tests.builders import block, case

LIVE = (r"@\w", r"#\d", r"://", r"(?i)\bgh-\d", r"(?i)\bwww\.")
"""What GitHub makes links of, even where it is escaped."""
HOSTILE = [
    "@octocat broke #12", "org/repo#12, GH-12", "see http://x.example and www.x.example", "a|b||c", "one\ntwo\r\n# three",
    "`code` and ``more``", "<b>bold</b> <!-- x --> &lt;", "\\|", "$x$ ~~y~~ *z* _w_ [a](b) ![c](d)", "a\x07b\u202ec",
]  # fmt: skip


def texts_of(markdown_text):
    """The texts of a table's cells, as GitHub's dialect reads them; markup among them fails."""
    found = []
    for token in MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(markdown_text):
        if token.type == "inline":
            assert {each.type for each in token.children} <= {"text", "text_special"}, token.content
            found.append("".join(each.content for each in token.children).replace("\u200b", ""))
    return found


def is_read_as_itself(text):
    made = escaped(text)
    for live in LIVE:
        assert not re.search(live, made), text
    shown = " ".join(f"x {sanitized(text, len(text))}".split())
    return texts_of(f"| a |\n|---|\n| x {made} |\n") == ["a", shown]


@pytest.mark.parametrize("text", HOSTILE)
def test_what_could_be_markup_or_a_link_is_text(text):
    assert is_read_as_itself(text)


@given(st.text("\\|`<>@#*_~$&:/w.gh1\n ab") | st.text())
def test_any_text_is_text(text):
    assert is_read_as_itself(text)


def failing():
    """Results of a case whose error and whose name would be links."""
    good, bad = case(), case("@octocat", workload="primes", workers=2)
    blocks = [block(good, number) for number in range(2)]
    blocks += [block(bad, 0, [], outcome=Outcome.FAILED, reason="@octocat: fixed in #12 at https://x.example")]
    return builders.run(blocks, [good, bad])


def test_an_error_in_a_summary_or_beside_a_chart_notifies_and_refers_to_nobody(tmp_path):
    results = builders.results(failing(), tmp_path)
    texts = [markdown(results, [])]
    talk = build_talk(results.path, results.run, tmp_path / "reports", Choice())
    texts += [path.read_text() for path in talk.folder.glob("*.md")]
    assert sum("octocat" in text for text in texts) > 1
    for text in texts:
        written = re.sub(r"(?m)^    .*$|`[^`]*`", "", text)  # what is code is no link
        for live in LIVE:
            assert not re.search(live, written), text

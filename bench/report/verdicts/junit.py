"""Verdicts as JUnit XML, which Jenkins, GitLab and the reporters of GitHub read.

Elements and attributes are those common to Jenkins' junit-10.xsd (github.com/jenkinsci/xunit-plugin) and to what GitLab
parses (docs.gitlab.com/ci/testing/unit_test_reports). GitLab shows the class name as the suite, keeps only the first of
tests with equal names, and follows a test from one commit to the next by both: so the name is the case's key, which does
not depend on what else was measured.
"""

import math
from collections.abc import Iterator, Sequence
from xml.etree import ElementTree as ET

from bench.analysis.comparison import Comparison, Comparisons, Verdict, worst_first
from bench.plugins.names import sanitized
from bench.publishing import publishable
from bench.report.verdicts import verdict_words as words

SUITE = "concurrency-bench"
_ERRORS = frozenset({Verdict.FAILED, Verdict.MISSING, Verdict.INCOMPARABLE})


def as_junit(found: Sequence[Comparisons]) -> str:
    """A suite for each record, and in it a test for each comparison.

    A regression is a failure; a case that failed, is missing or is incomparable is an error; what else does not pass is a
    failure; what passes only because it is accepted is skipped. The suite's output is the headline. `time` of a test is the head's, in seconds, where
    time was compared; the suite has none, for a sum of these says nothing.
    """
    root = ET.Element("testsuites", name=SUITE)
    for each in found:
        root.append(_suite(each, several=len(found) > 1))
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=False).join(
        ('<?xml version="1.0" encoding="UTF-8"?>\n', "\n")
    )


def _suite(found: Comparisons, *, several: bool) -> ET.Element:
    tests = [_test(found, each, several) for each in worst_first(found.cases)]
    if not found.cases:
        tests = [_nothing(found)]
    suite = ET.Element("testsuite", name=_told(f"{found.head.label} against {found.base.label}"))
    suite.set("tests", str(len(tests)))
    for kind, attribute in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
        suite.set(attribute, str(sum(test.find(kind) is not None for test in tests)))
    properties = ET.SubElement(suite, "properties")
    for name, text in _properties(found):
        ET.SubElement(properties, "property", name=_told(name), value=_told(text))
    suite.extend(tests)
    ET.SubElement(suite, "system-out").text = _told(words.headline(found))
    return suite


def _properties(found: Comparisons) -> Iterator[tuple[str, str]]:
    yield "method", words.rule(found)
    yield from ((f"note {number}", note) for number, note in enumerate(found.notes, start=1))
    for name, base, head in words.facts(found):
        yield f"base {name}", base
        yield f"head {name}", head


def _test(found: Comparisons, each: Comparison, several: bool) -> ET.Element:
    of = f"{found.head.label}: " if several else ""
    test = ET.Element(
        "testcase", classname=f"{SUITE}.{each.quantity}", name=_told(f"{of}{each.case} ({each.quantity})")
    )
    if each.quantity == "time" and each.head is not None and math.isfinite(each.head):
        test.set("time", _seconds(each.head))
    said = _told(f"{each.name}: {words.sentence(found, each)}")
    if kind := _kind(found, each.verdict):
        outcome = ET.SubElement(test, kind, message=said)
        if kind != "skipped":  # which has no type in either schema
            outcome.set("type", str(each.verdict))
            outcome.text = said  # GitLab shows the text and not the message
    ET.SubElement(test, "system-out").text = said
    return test


def _kind(found: Comparisons, verdict: Verdict) -> str:
    if verdict in (Verdict.EQUIVALENT, Verdict.IMPROVED):
        return ""
    if found.lets_pass(verdict):
        return "skipped"
    return "error" if verdict in _ERRORS else "failure"


def _nothing(found: Comparisons) -> ET.Element:
    """A suite without tests would pass."""
    test = ET.Element("testcase", classname=SUITE, name="cases")
    ET.SubElement(test, "error", message=_told(words.headline(found)), type="empty").text = _told(words.headline(found))
    return test


def _told(text: str) -> str:
    """On one line, and without what must not be published."""
    return sanitized(publishable(text))


def _seconds(value: float) -> str:
    return f"{value:.9f}"

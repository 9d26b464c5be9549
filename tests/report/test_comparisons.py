"""Verdicts as people, GitHub, GitLab and programs read them: golden files, hostile names, and what comes back.

`python -m tests.report.test_comparisons` writes the golden files anew; look at the difference before committing it.
"""

import io
import json
import os
import re
from dataclasses import replace
from xml.etree import ElementTree as ET

import click
import pytest
import yaml
from click.testing import CliRunner
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from rich.console import Console, Group

from bench.analysis.comparison import GOOD, Comparison, Comparisons, Remedy, Side, Verdict
from bench.analysis.estimates import Estimate
from bench.cli.comparison_options import Outputs, comparison_options, show
from bench.errors import StorageError, UnknownNameError, UsageError
from bench.plugins.names import sanitized
from bench.publishing import publishable
from bench.report.verdicts import verdict_words as words
from bench.report.verdicts.annotations import MOST_OF_A_LEVEL, annotations, command
from bench.report.verdicts.comparisons import as_json, terminal_table
from bench.report.verdicts.junit import as_junit
from bench.report.verdicts.markdown_comparison import MARKER, MOST_ROWS, as_markdown, escaped
from tests.conftest import ROOT

GOLDEN = ROOT / "tests" / "golden"
FACTS = {"cpu": "Intel Xeon E5-2680 v4", "cores": "2", "python": "CPython 3.11.7", "os": "Linux 6.1"}
HOSTILE = [
    "a|b `c` <script>alert(1)</script> @everyone",
    "x\n::error title=owned::owned\n# owned",
    "](javascript:alert(1)) ![x](https://example.org/x.png) www.example.org #1 gh-2 me/my#3",
    "\x1b[31mred\x1b[0m \x00 \ud800 \u202e ]]> &amp; \\| %0A %25",
    "1. one $x$ ~~no~~ **bold** _it_ <!-- --> </details> --",
]
TEXT = (
    st.text(st.characters(), max_size=40)
    | st.sampled_from(HOSTILE)
    | st.text("\\|`<>@#*_~$&:,%\r\n [](w.1", max_size=30)
)
QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def case(name="primes serial", verdict=Verdict.EQUIVALENT, change=None, n=12, base=0.2, **values):
    """A comparison as a gate makes it; `change` is head / base with the ends of its interval."""
    ratio = Estimate(*change, level=0.9995, n=n) if change else None
    given = {
        "case": f"{name.replace(' ', '/standard/', 1)}/2/-/cpython-3.11",
        "quantity": "time",
        "reason": "",
        "tolerance": 0.02,
        "base": base,
        "head": base * change[0] if change and base else None,
    }
    return Comparison(name=name, verdict=verdict, ratio=ratio, **(given | values))


def comparisons(*cases, **values):
    """What a gate found."""
    given = {
        "base": Side("main (1a2b3c4)", FACTS),
        "head": Side("this tree (9f8e7d6 with changes)", FACTS),
        "alpha": 0.01,
        "method": "pairs of live hosts, log ratios of their medians, looked at again and again",
    }
    return Comparisons(cases=list(cases), **(given | values))


def typical():
    """Each verdict once or more often."""
    return comparisons(
        case("primes serial", change=(1.0004, 0.995, 1.006), base=0.201),
        case("primes thread_pool", Verdict.REGRESSED, (1.051, 1.039, 1.064), 24, 0.112),
        case("primes process_pool", Verdict.INCONCLUSIVE, (1.012, 0.981, 1.044), 14, 0.0623, detectable=1.031, needed=38),
        case("downloads asyncio", Verdict.IMPROVED, (0.893, 0.87, 0.91), 9, 1.02),
        case("a_workload_with_a_long_name interpreter_pool chunk_size=16", Verdict.FAILED, base=None,
             reason="head: ValueError: 3 of 100 results differ from the base's, the first of them number 17"),
        case("resize thread_pool", Verdict.MISSING, reason="it is not in the head"),
        case("resize serial", Verdict.NEW, base=None, head=0.5, reason="it is not in the base"),
        case("start processes", Verdict.INCOMPARABLE, head=0.6, reason="python: 3.11.7 and 3.12.1", tolerance=0.05),
        case("primes serial", change=(1.0, 0.9993, 1.001), base=12.3e6, quantity="memory"),
        notes=["the machine was busy: load 3.1 on 2 cores"],
        reproduce="python -m bench check --base 1a2b3c4d5e6f suite.py --tolerance 'io_*=5%'",
    )  # fmt: skip


def quiet():
    """A gate that passes, with more cases than a comment shows."""
    cases = [case(f"work_{n} serial", change=(1 + n / 1e4, 0.995, 1.006)) for n in range(12)]
    return comparisons(*cases, case("other serial", Verdict.IMPROVED, (0.5, 0.49, 0.51)))


def terminal(found, width=80):
    console = Console(file=io.StringIO(), width=width, highlight=False, markup=False, emoji=False)
    console.print(Group(*terminal_table(found)))
    return "".join(f"{line.rstrip()}\n" for line in console.file.getvalue().splitlines())


def golden():
    """What people and reporters read, by file name."""
    return {
        "comparisons-80.txt": terminal(typical()) + "\n" + terminal(quiet()),
        "comparisons-40.txt": terminal(typical(), 40),
        "comparisons.md": as_markdown([typical(), quiet()]),
        "comparisons.xml": as_junit([typical()]),
        "comparisons.annotations": "\n".join(annotations([typical()])) + "\n",
    }


@pytest.mark.parametrize("name", golden())
def test_what_people_read_is_as_it_was(name):
    assert golden()[name] == (GOLDEN / name).read_text()


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (comparisons(), "No case was compared."),
        (quiet(), "None of 13 cases regressed, 1 improved: other serial −50.0 % (−51.0 … −49.0 %)."),
        (comparisons(case(change=(1.0, 0.99, 1.01))), "None of 1 case regressed."),
        (comparisons(case(verdict=Verdict.NEW), case()), "None of 1 case regressed; besides, 1 new."),
        (comparisons(case(verdict=Verdict.MISSING), case()), "1 of 2 cases does not pass: 1 missing."),
        (comparisons(case(verdict=Verdict.NEW)), "There is nothing to compare: 1 new."),
        (
            comparisons(case(), case("b", Verdict.IMPROVED, (0.5, 0.4, 0.6)), case("c", Verdict.INCONCLUSIVE)),
            "1 of 3 cases is not decided; none of the other 2 regressed, 1 improved: b −50.0 % (−60.0 … −40.0 %).",
        ),
        (
            comparisons(case("a", Verdict.INCONCLUSIVE), case("b", Verdict.NEW)),
            "Nothing was decided: 1 new, 1 inconclusive. Give it more time with --budget, or a larger --tolerance.",
        ),
        (
            comparisons(case("a", Verdict.INCONCLUSIVE), remedy=Remedy.POOL, accepted=frozenset()),
            (
                "Nothing was decided: 1 inconclusive. Pool several files a side, compare --base 'a*.json' --head 'b*.json', "
                "or measure both sides now with check --base REV (--pytest PATH for a suite)."
            ),
        ),
        (
            comparisons(
                case("a", Verdict.REGRESSED, (1.1, 1.05, 1.2)),
                case("b", Verdict.REGRESSED, (12.0, 11.0, 14.0)),
                case("c", Verdict.MISSING),
            ),
            "2 of 3 cases regressed, most of all b 12.0× (11.0× … 14.0×); besides, 1 missing.",
        ),
    ],
)
def test_the_headline_says_what_matters(found, said):
    assert words.headline(found) == said


@pytest.mark.parametrize(
    ("ratio", "said"),
    [(1.051, "+5.1 %"), (0.98, "−2.0 %"), (1, "0.0 %"), (0.9999, "0.0 %"), (2.5, "+150.0 %"), (10, "10.0×"),
     (0.01, "0.0100×"), (float("inf"), "–"), (float("nan"), "–")],
)  # fmt: skip
def test_a_ratio_is_told_as_a_change(ratio, said):
    assert words.percent(ratio) == said


@pytest.mark.parametrize("width", [30, 60, 80, 120])
def test_the_terminal_is_not_wider_than_it_is_and_every_number_and_reason_is_whole(width):
    found = typical()
    lines = terminal(found, width).splitlines()
    assert max(map(len, lines)) <= width
    text = " ".join(" ".join(lines).split())
    for each in found.cases:
        assert words.change(each.ratio) in text
        assert words.detail(found, each) in text
    assert all(note in text for note in found.notes)


def test_verdicts_are_told_apart_without_colour():
    assert len(set(words.SIGNS.values())) == len(Verdict)
    lines = terminal(typical()).splitlines()
    for each in typical().cases:
        assert str(each.verdict) in lines
        assert any(line.startswith(f"{words.SIGNS[each.verdict]}  {each.name[:12]}") for line in lines)


def test_a_comment_has_ten_rows_and_says_what_the_others_are():
    text = as_markdown([quiet()])
    assert text.startswith(MARKER)
    assert len(re.findall(r"^\| [=✓]", text, re.MULTILINE)) == MOST_ROWS
    assert "\nand 3 equivalent cases\n" in text


def test_a_comment_ends_with_the_command_that_makes_it_again_once():
    command = "python -m bench check --base 1a2b3c4d5e6f suite.py --tolerance 'io_*=5%'"
    assert as_markdown([typical(), typical()]).splitlines()[-1] == f"Reproduce locally: `{command}`"
    assert as_markdown([typical(), typical()]).count("Reproduce") == 1
    assert "Reproduce" not in as_markdown([quiet()])


def test_no_sentence_of_this_tool_is_cut_in_a_comment():
    method = "; ".join(f"this is part {number} of how it was measured" for number in range(30))
    note = "and so on " * 50
    text = as_markdown([comparisons(case(), method=method, notes=[f"{note}to the end"])])
    assert f"Method: {method}; tolerance 2 %" in text
    assert f"{note}to the end\n" in text


@QUICK
@given(TEXT | st.text("` \n|<a", max_size=30))
def test_a_command_is_code_and_comes_back_whole(command):
    found = comparisons(case(), reproduce=f"x{command}x")
    *_, last = (each for each in MarkdownIt("commonmark").parse(as_markdown([found])) if each.type == "inline")
    text, code = last.children
    assert (text.content, code.type) == ("Reproduce locally: ", "code_inline")
    assert code.content == " ".join(sanitized(publishable(f"x{command}x"), 5000).split())


def test_sides_that_ran_elsewhere_show_both_environments():
    found = comparisons(case(verdict=Verdict.INCOMPARABLE), head=Side("new", FACTS | {"cores": "4", "quota": "2"}))
    assert "cores 2 " in terminal(found)
    assert "cores 4 " in terminal(found)
    assert "| quota | – | 2 |" in as_markdown([found])


# what programs read


def of_json(text):
    """The record that `as_json` made this text of."""
    made = json.loads(text)
    cases = []
    for each in made["cases"]:
        del each["unit"]
        ratio = each.pop("ratio")
        verdict = Verdict(each.pop("verdict"))
        cases.append(Comparison(**each, verdict=verdict, ratio=Estimate(**ratio) if ratio else None))
    return Comparisons(
        Side(**made["base"]),
        Side(**made["head"]),
        cases,
        made["alpha"],
        made["method"],
        made["notes"],
        frozenset(map(Verdict, made["accepted"])),
        Remedy(made["remedy"]),
        made["reproduce"],
    )


def test_the_record_comes_back_from_json_whole():
    found = typical()
    made = json.loads(as_json(found))
    assert of_json(as_json(found)) == found
    assert (made["passes"], made["exit_status"], made["counts"]["equivalent"]) == (False, 1, 2)
    assert {each["unit"] for each in made["cases"]} == {"s", "B"}
    assert [of_json(json.dumps(each)) for each in json.loads(as_json([found, quiet()]))] == [found, quiet()]


@QUICK
@given(TEXT, TEXT, st.floats(), st.none() | st.floats())
def test_json_is_json_whatever_the_names_and_numbers(name, label, number, end):
    found = comparisons(case(name, case=name, change=(number, end, end)), base=Side(label, {label: name}))
    made = json.loads(as_json(found), parse_constant=pytest.fail)
    assert made["cases"][0]["name"] == name
    assert made["base"] == {"label": label, "facts": {label: name}}


# JUnit


def test_junit_counts_what_it_holds_and_agrees_with_the_exit_status():
    suite = ET.fromstring(as_junit([typical()])).find("testsuite")
    tests = suite.findall("testcase")
    for kind, attribute, n in (("failure", "failures", 1), ("error", "errors", 3), ("skipped", "skipped", 2)):
        assert int(suite.get(attribute)) == len(suite.findall(f"testcase/{kind}")) == n
    assert int(suite.get("tests")) == len(tests) == 9
    names = [(each.get("classname"), each.get("name")) for each in tests]
    assert len(set(names)) == len(names), "GitLab keeps the first of tests with equal names"
    assert suite.find("testcase[@classname='concurrency-bench.memory']").get("time") is None
    assert float(tests[0].get("time")) == pytest.approx(0.112 * 1.051)
    assert all(each.findtext("system-out") for each in tests)


@pytest.mark.parametrize("verdict", Verdict)
@pytest.mark.parametrize("accepted", [frozenset(), frozenset(Verdict) - {Verdict.REGRESSED}])
def test_every_export_agrees_on_what_passes(verdict, accepted):
    found = comparisons(case(verdict=verdict), accepted=accepted)
    suite = ET.fromstring(as_junit([found])).find("testsuite")
    assert (suite.get("failures") == suite.get("errors") == "0") == (found.exit_status == 0)
    told = [each.split()[0] for each in annotations([found])]
    accepted_is_told = ["::warning", "::notice"]  # nothing was decided, and why it passes
    assert (told in ([], accepted_is_told)) == (found.exit_status == 0)
    assert (told == []) == (verdict in GOOD)
    assert ("✅" in as_markdown([found])) == (verdict in GOOD), "what is not decided is never green"


def test_nothing_decided_is_green_nowhere_and_says_first_what_to_do():
    found = comparisons(case(verdict=Verdict.INCONCLUSIVE), case("b", Verdict.NEW), remedy=Remedy.POOL)
    assert found.exit_status == 0
    said = "Nothing was decided: 1 new, 1 inconclusive. Pool several files a side, compare --base 'a*.json'"
    assert terminal(found, 200).startswith(said)
    markdown = as_markdown([found])
    assert "✅" not in markdown
    first = next(line for line in markdown.splitlines() if line.startswith("###"))
    assert "Nothing was decided" in first
    assert "a\\*.json" in first
    suite = ET.fromstring(as_junit([found])).find("testsuite")
    assert int(suite.get("skipped")) == int(suite.get("tests")) == 2
    assert suite.findtext("system-out").startswith(said)
    assert annotations([found])[0].startswith(f"::warning title=concurrency-bench::{said}")
    assert json.loads(as_json(found))["outcome"] == "undecided"
    colours = Console(file=io.StringIO(), width=200, force_terminal=True, color_system="standard")
    colours.print(Group(*terminal_table(found)))
    assert "\x1b[1;33mNothing was decided" in colours.file.getvalue()
    assert "\x1b[1;32m" not in colours.file.getvalue()


def test_nothing_compared_passes_nowhere():
    found = comparisons()
    assert found.exit_status == 3
    assert ET.fromstring(as_junit([found])).find("testsuite").get("errors") == "1"
    assert annotations([found]) == ["::error title=concurrency-bench::No case was compared."]
    assert "❌ No case was compared." in as_markdown([found])
    assert terminal(found).startswith("No case was compared.\n")


@QUICK
@given(TEXT, TEXT, TEXT)
def test_junit_is_xml_and_says_what_it_was_given(name, reason, label):
    found = comparisons(
        case(name, Verdict.FAILED, case=name, reason=reason), head=Side(label, {label: name}), notes=[name]
    )
    root = ET.fromstring(as_junit([found, found]).encode())
    for suite in root:
        assert suite.get("name") == sanitized(f"{label} against main (1a2b3c4)")
        assert suite.find("testcase/error").text == sanitized(f"{name}: {words.sentence(found, found.cases[0])}")
        assert suite.find("testcase").get("name") == sanitized(f"{label}: {name} (time)")


# markdown


def cells(markdown):
    """The texts of a table's cells, as GitHub's dialect reads them; HTML among them would fail."""
    found = []
    for token in MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(markdown):
        if token.type == "inline":
            assert {each.type for each in token.children} <= {"text", "text_special"}, token.content
            found.append("".join(each.content for each in token.children).replace("\u200b", ""))
    return found


@QUICK
@given(TEXT, TEXT)
@example("\\", "|")
@example("\\|", "a\\")
@example("", "/0/")
def test_escaped_text_is_one_cell_of_text_and_nothing_else(first, second):
    table = f"| a | b |\n|---|---|\n| x {escaped(first)} | x {escaped(second)} |\n"
    expected = [" ".join(f"x {sanitized(publishable(each), 300)}".split()) for each in (first, second)]
    assert [" ".join(each.split()) for each in cells(table)] == ["a", "b", *expected]


@QUICK
@given(TEXT)
def test_names_neither_notify_nor_refer_to_anybody(name):
    for live in (r"@\w", r"#\d", r"://", r"(?i)\bgh-\d", r"(?i)\bwww\."):
        assert not re.search(live, escaped(name))


@QUICK
@given(st.lists(TEXT, min_size=3, max_size=3))
def test_a_comment_keeps_its_shape_whatever_the_names(names):
    name, reason, label = names

    def shape(found):
        text = as_markdown([found])
        tokens = MarkdownIt("commonmark").enable(["table"]).parse(text)
        return [each.type for each in tokens], text.count("\n"), text.count("<")

    def of(*texts):
        one = case(f"x{texts[0]}", Verdict.FAILED, reason=f"x{texts[1]}")
        return comparisons(
            one, base=Side(f"x{texts[2]}", {f"x{texts[2]}": f"x{texts[0]}"}), method=texts[1] + "x", notes=[texts[0]]
        )

    made, plainly = shape(of(name, reason, label)), shape(of("a", "b", "c"))
    assert made[:2] == plainly[:2]
    assert made[2] == plainly[2] + as_markdown([of(name, reason, label)]).count("\\<")


# annotations


def unescaped(line):
    """What GitHub's runner takes from a line: level, title, message."""
    level, title, message = re.fullmatch(r"::(\w+) title=([^:,]*)::(.*)", line, re.DOTALL).groups()
    for code, character in (("%3A", ":"), ("%2C", ","), ("%0D", "\r"), ("%0A", "\n"), ("%25", "%")):
        title = title.replace(code, character)
        message = message if code in {"%3A", "%2C"} else message.replace(code, character)
    return level, title, message


@QUICK
@given(TEXT, TEXT)
@example("a::b,c:d%", "%0A::error::x")
def test_a_workflow_command_is_one_line_and_says_what_it_was_given(title, message):
    line = command("error", title, message)
    assert len(line.splitlines()) == 1
    assert unescaped(line) == ("error", sanitized(title), sanitized(message))


def test_more_annotations_than_github_shows_end_in_how_many_more():
    found = comparisons(*(case(f"work_{n}", Verdict.REGRESSED, (1.1, 1.05, 1.2)) for n in range(25)))
    lines = annotations([found])
    assert len(lines) == MOST_OF_A_LEVEL
    assert lines[-1] == "::error title=concurrency-bench::and 16 more: see the job summary"


# the options


def run(*arguments, found=None, **environment):
    """A command that shows what was found."""

    @click.command()
    @comparison_options
    def shown(outputs):
        show(replace(typical() if found is None else found, accepted=outputs.accepted), outputs)

    without = dict.fromkeys(("GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY"))
    return CliRunner().invoke(shown, arguments, env=without | environment)


def test_by_default_there_is_a_table_and_nothing_else(tmp_path):
    done = run()
    assert done.stdout.startswith("1 of 9 comparisons regressed: primes thread_pool, time +5.1 %")
    assert "::" not in done.stdout
    assert done.exit_code == 0


def test_files_are_written_whole_and_standard_output_is_the_programs(tmp_path):
    comment, junit = tmp_path / "comment.md", tmp_path / "junit.xml"
    comment.write_text("old")
    done = run("--json", "--markdown", str(comment), "--junit", str(junit), "--github")
    assert of_json(done.stdout) == typical()
    assert done.stderr.startswith("::error title=primes thread_pool%2C time::")
    assert comment.read_text() == as_markdown([typical()])
    assert junit.read_text() == as_junit([typical()])
    assert sorted(os.listdir(tmp_path)) == ["comment.md", "junit.xml"]
    assert run("--markdown", "-").stdout == as_markdown([typical()])


def test_a_link_stays_one_and_a_pipe_is_written_into(tmp_path):
    (tmp_path / "link").symlink_to("file")
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    done = run("--markdown", str(tmp_path / "link"), "--junit", str(tmp_path / "pipe"))
    assert done.exception is None
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "file").read_text().startswith(MARKER)
    assert os.read(reader, 100_000).decode() == as_junit([typical()])
    os.close(reader)


def test_in_github_actions_it_annotates_adds_to_the_summary_and_fences_what_it_shows(tmp_path):
    summary = tmp_path / "summary.md"
    summary.write_text("before\n")
    found = comparisons(case(HOSTILE[1], Verdict.FAILED, reason="\n::error::owned"))
    done = run(found=found, GITHUB_ACTIONS="true", GITHUB_STEP_SUMMARY=str(summary))
    lines = done.stdout.splitlines()
    token = lines[0].removeprefix("::stop-commands::")
    closing = lines.index(f"::{token}::")
    assert [line for line in lines if line.startswith("::error") and line not in annotations([found])] == [], (
        "but fenced"
    )
    assert [unescaped(line)[0] for line in lines[closing + 1 :]] == ["error"]
    assert summary.read_text() == f"before\n\n{as_markdown([found])}\n"
    assert "::" not in run("--no-github", GITHUB_ACTIONS="true").stdout


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (["--json", "--markdown", "-"], UsageError, "--json and --markdown - both want standard output"),
        (["--accept", "inconclusiv"], UnknownNameError, "did you mean 'inconclusive'"),
        (["--accept", "regressed"], UsageError, "larger --tolerance"),
        (["--junit", "no/such/junit.xml"], StorageError, "there is no folder no/such; make it or give another --junit"),
        (["--markdown", "/"], StorageError, "cannot write /: it is a folder; give --markdown a file"),
        (
            ["--junit", "/dev/full"],
            StorageError,
            "cannot write /dev/full: No space left on device; give another --junit",
        ),
    ],
)
def test_what_cannot_be_done_is_one_clear_line(arguments, error, message):
    done = run(*arguments)
    assert isinstance(done.exception, error)
    assert message in str(done.exception)
    assert (done.stdout == "") == (arguments[-1] != "/dev/full"), (
        "all but a full disk is said before anything is measured"
    )


def test_a_summary_that_cannot_be_written_is_one_clear_line():
    done = run("--github", GITHUB_STEP_SUMMARY="/no/such/file")
    assert isinstance(done.exception, StorageError)
    assert "cannot write the job summary to /no/such/file" in str(done.exception)


@pytest.mark.parametrize(
    ("text", "accepted"),
    [("none", set()), ("new, missing", {Verdict.NEW, Verdict.MISSING}), ("equivalent", {Verdict.EQUIVALENT})],
)
def test_what_is_accepted_is_what_is_named(text, accepted):
    assert json.loads(run("--accept", text, "--json").stdout)["accepted"] == sorted(accepted)
    assert json.loads(run("--json").stdout)["accepted"] == ["inconclusive", "new"]


def test_several_comparisons_are_shown_one_after_the_other(capsys, tmp_path):
    wanted = Outputs(False, None, tmp_path / "junit.xml", False, frozenset())
    show([typical(), quiet()], wanted)
    told = capsys.readouterr().out
    assert told.index(words.headline(typical())[:20]) < told.index(words.headline(quiet())[:20])
    root = ET.parse(tmp_path / "junit.xml").getroot()
    assert [len(each.findall("testcase")) for each in root] == [9, 13]
    names = [each.get("name") for each in root.iter("testcase")]
    assert len(set(names)) == len(names)


# the documented workflows

CI = ROOT / "docs" / "ci.md"
YAML = re.compile(r"<!-- (\S+\.yml) -->\n```yaml\n(.*?)```", re.DOTALL)


@pytest.mark.parametrize(
    ("name", "needed"),
    [
        (
            ".github/workflows/bench.yml",
            [
                "permissions:\n  contents: read\n",
                "          fetch-depth: 0\n",
                "    timeout-minutes: ",
                "uses: OWNER/concurrency-bench@main",
                "head.repo.full_name == github.repository",
                MARKER,
            ],
        ),
        (
            ".gitlab-ci.yml",
            [
                '  variables:\n    GIT_DEPTH: "0"\n',
                '--base "$CI_MERGE_REQUEST_DIFF_BASE_SHA"',
                "  artifacts:\n    when: always\n",
                "    reports:\n      junit: bench.xml\n",
            ],
        ),
    ],
)
def test_the_documented_workflows_hold_what_a_gate_needs(name, needed):
    text = dict(YAML.findall(CI.read_text()))[name]
    assert yaml.safe_load(text)
    assert [part for part in needed if part not in text] == []
    assert all((len(line) - len(line.lstrip())) % 2 == 0 and "\t" not in line for line in text.splitlines())
    run = " ".join(text.split()).partition("python -m bench check ")[2].partition("bench.xml")[0]
    known = {name for each in options() for name in each.opts} | {"--base"}
    assert set(re.findall(r"--\w+", run)) <= known
    assert not re.search(r"run: .*\$\{\{", text), "what others may name reaches no shell"


def test_the_documented_inputs_of_the_action_are_the_ones_it_has():
    inputs = yaml.safe_load((ROOT / "action.yml").read_text())["inputs"]
    text = CI.read_text()
    table = text.partition("| input | what it is |")[2].partition("\n\n")[0]
    assert {
        each for row in re.findall(r"^\| (.*?) \|", table, re.MULTILINE) for each in re.findall(r"`(\w+)`", row)
    } == set(inputs)
    workflow = yaml.safe_load(dict(YAML.findall(text))[".github/workflows/bench.yml"])
    (used,) = [each for each in workflow["jobs"]["check"]["steps"] if "concurrency-bench" in each.get("uses", "")]
    assert set(used["with"]) <= set(inputs)


def options():
    @click.command()
    @comparison_options
    def shown(outputs):
        """Nothing."""

    return shown.params


def test_the_documented_keys_of_json_are_the_ones_there_are():
    text = CI.read_text()
    made = json.loads(as_json(typical()))
    for key in {*made, *made["cases"][0], *(made["cases"][0]["ratio"] or {})}:
        assert f"`{key}`" in text, key


if __name__ == "__main__":
    for name, text in golden().items():
        (GOLDEN / name).write_text(text)

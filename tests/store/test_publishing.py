"""What is published: no secret, no name and no absolute path, in whatever field of whatever record it stands."""

import dataclasses
import enum
import os
import shlex
import time
import types
import typing

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bench import publishing
from bench.errors import UsageError
from bench.publishing import publishable
from bench.records.block import Block
from bench.records.case import Case
from bench.records.run import Ending, Header
from bench.store.published import _WORDS, check_options, published
from bench.store.runs import RunWriter, read
from bench.store.trials import Trial
from tests.builders import typical_run
from tests.checkouts.test_worktrees import git, repository, write
from tests.conftest import only_run
from tests.sessions.test_check import check

SECRETS = ("hunter2hunter2", "ghp_0123456789abcdefghijABCDEFGHIJ", "alice", "machine7", "/srv/", "clients", "tok3n")
PLANTED = (
    "in /srv/clients/x.py, file:///srv/clients/y.py, PATH=/a:/srv/clients/bin host:/srv/clients/z ./../clients/w.py -I/srv/clients/i "
    "/home/alice/deep/u.py '/srv/my clients/v.py' API_TOKEN=hunter2hunter2 password='a hunter2hunter2' --secret-key hunter2hunter2 "
    "https://alice:tok3n@example.org/a ghp_0123456789abcdefghijABCDEFGHIJ alice@example.org on machine7 by alice, mine.py:f a/b.py"
)


@pytest.fixture(autouse=True)
def somebody(monkeypatch):
    """A user and a machine with names that can be told from words."""
    monkeypatch.setattr(publishing.getpass, "getuser", lambda: "alice")
    monkeypatch.setattr(publishing.platform, "node", lambda: "machine7.example.org")
    monkeypatch.setenv("MY_SECRET", "s3cr3t-of-the-environment")
    for each in (publishing._names, publishing._of_environment):
        each.cache_clear()
    yield
    for each in (publishing._names, publishing._of_environment):
        each.cache_clear()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("x=password=hunter2", "x=password=…"),
        ('run="a --password=hunter2 b"', 'run="a --password=… b"'),
        ("failed: password: hunter2", "failed: password: …"),
        ("file:///srv/a/y.py", "file://…/y.py"),
        ("PATH=/a:/srv/b/bin:/usr/bin", "PATH=/a:…/bin:…/bin"),
        ("host:/srv/b/x", "host:…/x"),
        ("./../b/x.py", "…/x.py"),
        ("../../x.py", "…/x.py"),
        ("a/../b/x.py", "a/../b/x.py"),
        ("a/../../b/x.py", "…/x.py"),
        ("/home/bob", "~"),
        ("gcc -I/srv/a/inc -L/home/bob/lib", "gcc -I…/inc -L~/lib"),
        ("'/srv/my project/x.py'", "'…/x.py'"),
        ("sqlite:////srv/a/x.sqlite", "sqlite://…/x.sqlite"),
        ("TOKEN=abc make", "TOKEN=… make"),
        ("TOKEN='a b' DB_PASSWORD=\"c d\" make", "TOKEN=… DB_PASSWORD=… make"),
        ("AWS_SECRET_ACCESS_KEY=a/b+c", "AWS_SECRET_ACCESS_KEY=…"),
        ("TOKEN='never closed", "TOKEN=…"),
        ("curl --password x --api-key=y -v", "curl --password … --api-key=… -v"),
        ("{'password': 'x y', 'n': 1}", "{'password': …, 'n': 1}"),
        ('{"apiToken": "x"}', '{"apiToken": …}'),
        ("Authorization: Bearer abcdefghij", "Authorization: … …"),
        ("https://user:p@ss@host/a/b", "https://host/a/b"),
        ("it was s3cr3t-of-the-environment", "it was …"),
        ("bob@example.org", "…"),
        ("by alice on machine7", "by … on …"),
        *((each, each) for each in (
            "mine:f/standard/serial/-/a=1,b=/cpython-3.11.7", "mymodule:parse", "benchmarks/mine.py", "1/2 of 3",
            "https://github.com/a/b/issues/1", "http://127.0.0.1:80/a/b", "git@github.com:a/b.git", "key=lambda x: x",
            "max_tokens=512", "unexpected token: x", "KeyError: 'k'", "tests/a.py::test[a/b]", "malice", "no such key: 3",
            "--tolerance 3% --base HEAD~1", "cpython-3.11.7", "a == b", "x/y//z", "PWD=~/x",
        )),
    ],
)  # fmt: skip
def test_what_is_private_is_left_out_and_the_rest_stays(text, shown):
    assert publishable(text) == shown
    assert publishable(shown) == shown


@given(
    st.lists(
        st.sampled_from([*" =:/'\"-.~…@ab", "TOKEN=", "/home/", "../", "file://", "password", "alice"]), max_size=30
    )
)
@example(["alice", "=", "password", "=", ":"])
@example(["~", "/home/", "password", "/home/", "="])
@example(["-", "/home/", "/home/", "="])
def test_twice_is_once(pieces):
    once = publishable("".join(pieces))
    assert publishable(once) == once


@pytest.mark.parametrize("piece", ["a", "/a", "a/", "../", "a@", "TOKEN=", "'", "-a ", "://", "…/"])
def test_a_long_text_takes_time_in_proportion(piece):
    began_s = time.process_time()
    publishable(piece * 20_000)
    assert time.process_time() - began_s < 30


def test_who_wants_to_be_found_is_and_secrets_still_are_not():
    assert publishable("TOKEN=x /srv/a/b alice", identified=True) == "TOKEN=… /srv/a/b alice"


# --------------------------------------------------------------------------------------------------------- every record


def filled(kind, text):
    """A value of a type, with `text` in every text in it."""
    origin, inside = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        return filled(next(each for each in inside if each is not type(None)), text)
    if origin is list:
        return [filled(inside[0], text)]
    if origin is dict:
        return {filled(inside[0], text): filled(inside[1], text)}
    if dataclasses.is_dataclass(kind):
        hints = typing.get_type_hints(kind)
        return kind(**{each.name: filled(hints[each.name], text) for each in dataclasses.fields(kind)})
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return next(iter(kind))
    return text if kind is str else kind(1)


def texts(value, field=""):
    """All texts in decoded JSON, but those of names that the user's code has given."""
    if isinstance(value, str):
        yield field, value
    elif isinstance(value, list):
        for each in value:
            yield from texts(each, field)
    elif isinstance(value, dict):
        for key, each in value.items():
            if key in ("case", "cases", "works", "demonstrations"):
                continue
            if field not in ("rounds", "tolerances", "one_sided", "broken"):
                yield field, key
            yield from texts(each, key)


@pytest.mark.parametrize("kind", [Header, Block, Ending, Trial], ids=lambda kind: kind.__name__)
def test_nothing_that_is_planted_in_any_field_is_written(kind):
    record = published(filled(kind, PLANTED), identified=False)
    seen = list(texts(msgspec.json.decode(msgspec.json.encode(record))))
    words = {"alice", "machine7"}  # which may be words of this tool's or of the language's, where a field holds such
    for field, text in seen:
        left = [each for each in SECRETS if each in text]
        assert not left or (set(left) <= words and (field in _WORDS or "example.org on machine7" in text)), (
            field,
            text,
        )
    assert any("mine.py:f a/b.py" in text for _, text in seen)


def test_a_record_without_anything_private_is_written_as_it_is():
    for kind in (Header, Block, Ending):
        record = filled(kind, "mine.py:f and a/b.py")
        assert published(record, identified=False) == record


def test_an_options_value_that_is_private_is_refused_and_others_are_taken():
    header = filled(Header, "x")
    for value, is_fine in (("data/x", True), ("/srv/a/x", False), ("https://u:p@h/x", False)):
        case = Case("w", "standard", "serial", 1, "cpython-3.11.7", {"data": value})
        plan = dataclasses.replace(header.plan, cases=[case])
        other = dataclasses.replace(
            header, plan=plan, environment=dataclasses.replace(header.environment, identity=None)
        )
        if is_fine:
            check_options(other)
        else:
            with pytest.raises(UsageError, match="give a relative path"):
                check_options(other)


def test_the_writer_is_where_it_happens(tmp_path):
    header = dataclasses.replace(typical_run().header, command=PLANTED)
    with RunWriter(tmp_path, header) as writer:
        writer.append(dataclasses.replace(filled(Ending, PLANTED), status="complete", finished_utc=""))
    raw = writer.path.read_text()
    assert not [each for each in SECRETS if each in raw]
    assert read(writer.path).header.plan == header.plan


# ------------------------------------------------------------------------------------------------------------ the program

TASK = """
import os
from bench import workload
@workload(inputs=lambda size, rng: list(range(size)), scales={"standard": 2})
def good(x):
    return x
@workload(inputs=lambda size, rng: list(range(size)), scales={"standard": 2})
def bad(x):
    raise OSError("in file:///srv/clients/y.py PATH=/a:/srv/clients/bin API_TOKEN=" + os.environ["API_TOKEN"])
"""


def test_a_check_publishes_none_of_its_setup_and_of_what_tasks_say(tmp_path):
    folder = repository(tmp_path / "mine", {"mine.py": TASK, ".gitignore": "results/\n"})
    write(folder, {"mine.py": TASK + "# changed\n", "broken.py": "raise ValueError('see host:/srv/clients/x tok3n')\n"})
    git(folder, "add", "--all")
    setup = f"TOKEN='hunter2 hunter2' A=/srv/clients/a DATA={shlex.quote(str(tmp_path))}/x/y true --password tok3n"
    done = check(
        folder, *("--base", "HEAD", "mine.py", "--setup", setup, "--budget", "1ms", "--accept", "inconclusive"),
        *("--junit", "out.xml", "--markdown", "out.md"), env={"API_TOKEN": "hunter2hunter2"},
    )  # fmt: skip
    assert "Traceback" not in done.stderr
    for name in (only_run(folder), folder / "out.xml", folder / "out.md"):
        text = name.read_text()
        assert not [
            each
            for each in ("hunter2", "tok3n", "clients", str(tmp_path), os.path.expanduser("~") + "/")
            if each in text
        ]
    command = read(only_run(folder)).header.command
    assert "TOKEN=…" in command
    assert "--password …" in command
    assert "--base HEAD mine.py" in command


def test_a_side_that_is_broken_tells_no_folder(tmp_path):
    folder = repository(tmp_path / "mine", {"mine.py": TASK, ".gitignore": "results/\n"})
    write(folder, {"mine.py": "open('/srv/clients/deep/x.json')\n" + TASK})
    check(folder, "--base", "HEAD", "mine.py", "--budget", "1ms")
    raw = only_run(folder).read_text()
    assert "clients" not in raw
    assert any("x.json" in each for each in read(only_run(folder)).header.plan.gate.broken.values())

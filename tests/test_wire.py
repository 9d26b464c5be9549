"""What the command asks for arrives as it was asked, at supervisors and at hosts."""

import json
import subprocess
import sys
from dataclasses import fields, is_dataclass
from typing import get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as some

from bench.measure.host.inputs import opened
from bench.measure.wire.requests import BlockRequest, FileRequest, PreparationRequest, message_of, request_of
from tests.conftest import ROOT, environment, only_run

ANY = (
    some.none()
    | some.booleans()
    | some.text()
    | some.lists(some.integers())
    | some.dictionaries(some.text(), some.text())
)
FLOATS = some.floats(allow_nan=False, allow_infinity=False)


def requests(kind):
    """Requests of a kind, with anything in their fields that JSON has."""
    own = {name: ANY for name, kind in get_type_hints(kind).items() if name == "prepared"}
    return some.builds(kind, **own)


some.register_type_strategy(float, FLOATS)


def through(message):
    return json.loads(json.dumps(message))


@pytest.mark.parametrize("kind", [PreparationRequest, BlockRequest, FileRequest])
def test_a_request_arrives_as_it_was_asked(kind):
    @given(requests(kind))
    def holds(request):
        message = through(message_of(request))
        assert_same(opened(message), request)
        assert request_of(message) == request

    holds()


def assert_same(found, request):
    """What a host gets has every attribute of the record, with its value."""
    for each in fields(request):
        value = getattr(request, each.name)
        if is_dataclass(value):
            assert_same(getattr(found, each.name), value)
        else:
            assert getattr(found, each.name) == value


ADDED = """
    greeting: str = field(default="", metadata=option("What hosts say before they measure (nothing)."))
"""
USED = """    if request.conditions.greeting:
        raise WrongResult(f"{request.conditions.greeting} from the host")
"""


@pytest.fixture
def copied(tmp_path):
    """A copy of the tool, and what runs a command of it in an empty folder."""
    for path in (*ROOT.glob("bench/**/*.py"), *ROOT.glob("workloads/**/*.py")):
        target = tmp_path / "copy" / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "mine.py").write_text("def twice(x):\n    return 2 * x\n")
    own = environment(PYTHONPATH=str(tmp_path / "copy"))

    def command(*words):
        asked = [sys.executable, "-m", "bench", *words]
        return subprocess.run(asked, cwd=folder, env=own, capture_output=True, text=True, check=False)

    return tmp_path / "copy", folder, command


def test_an_option_that_reaches_the_host_takes_its_declaration_and_its_use(copied):
    tool, folder, command = copied
    declaration, use = tool / "bench/records/conditions.py", tool / "bench/measure/host/main.py"
    declaration.write_text(declaration.read_text() + ADDED)
    begins = "    strategy = sources.load_strategy("
    assert use.read_text().count(begins) == 1
    use.write_text(use.read_text().replace(begins, USED + begins))
    for name in ("run", "all", "check"):
        assert "What hosts say before they measure (nothing)." in " ".join(command(name, "--help").stdout.split())
    words = ("run", "mine.py:twice", "--inputs", "1..3", "--strategy", "serial", "--blocks", "1", "--rounds", "2")
    done = command(*words, "--greeting", "hello")
    assert done.returncode == 3, done.stderr
    assert "wrong: hello from the host" in done.stderr
    path = only_run(folder)
    assert json.loads(path.read_text().splitlines()[0])["plan"]["greeting"] == "hello"
    path.unlink()
    assert command(*words).returncode == 0

"""A message is written and read as `json` does it, and by nothing that measured code can get at."""

import json
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.processes.json_line import dumps, loads
from tests.conftest import ROOT, environment

KEYS = st.text() | st.integers() | st.floats() | st.booleans() | st.none()
PLAIN = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
MESSAGES = st.recursive(PLAIN, lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner) | st.tuples(inner, inner))


@given(MESSAGES)
def test_a_line_is_what_json_writes(message):
    assert dumps(message) == json.dumps(message).encode()


@given(MESSAGES)
def test_a_line_is_read_as_json_reads_it(message):
    line = json.dumps(message).encode()
    assert repr(loads(line)) == repr(json.loads(line))


@given(st.text('[]{}:,"\\ \t\r\nabu0123456789.-+eNaInfity', max_size=12))
def test_what_json_refuses_is_refused(text):
    try:
        expected = repr(json.loads(text))
    except ValueError:
        with pytest.raises(ValueError, match="."):
            loads(text.encode())
    else:
        assert repr(loads(text.encode())) == expected


def test_what_no_json_can_hold_is_refused_each_time():
    circular = []
    circular.append(circular)
    for wrong, error in ((circular, ValueError), ({1, 2}, TypeError), ([b""], TypeError), ({(): 1}, TypeError)):
        for _ in range(2):
            with pytest.raises(error):
                dumps(wrong)
    assert dumps([[]]) == b"[[]]"


def test_no_rebinding_of_names_reaches_it():
    program = """
from bench.processes.json_line import dumps, loads
import json, _json, json.encoder, json.decoder
for module in (json, _json, json.encoder, json.decoder):
    for name in [each for each in vars(module) if not each.startswith("__")]:
        setattr(module, name, None)
assert loads(dumps({"a": [1.5, "\\u00e4", None]})) == {"a": [1.5, "\\u00e4", None]}
"""
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, env=environment(), check=True)

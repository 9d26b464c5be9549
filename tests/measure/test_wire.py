"""What the command asks for arrives as it was asked, at supervisors and at hosts."""

import json
from dataclasses import fields, is_dataclass
from typing import get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as some

from bench.measure.host.inputs import opened
from bench.measure.wire.requests import BlockRequest, FileRequest, PreparationRequest, message_of, request_of

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

"""A document as JSON for programs, whatever it is of."""

import json
import math
from typing import Any


def json_text(document: Any, indent: int = 2) -> str:
    """The document as JSON that every reader takes: a number that is none (infinite, NaN) is null."""
    return json.dumps(_finite(document), indent=indent, allow_nan=False)


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {name: _finite(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(each) for each in value]
    return value

"""The environment variables that processes of the tool are started with."""

import os
from collections.abc import Mapping


def environment_with(changes: Mapping[str, str | None]) -> dict[str, str]:
    """This process's variables with some set and some removed."""
    kept = {name: value for name, value in os.environ.items() if name not in changes}
    return kept | {name: value for name, value in changes.items() if value is not None}

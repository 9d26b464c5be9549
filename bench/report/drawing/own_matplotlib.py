"""Loads matplotlib without the user's settings: figures look alike everywhere, and no setting there is can break a report.

Whatever draws imports this before anything of matplotlib. A `matplotlibrc` in the current folder is read by matplotlib in
any case; `DEFAULTS` take its place at once, because some pieces look at settings when they are made.
"""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any


@contextmanager
def _without_settings() -> Iterator[None]:
    given = {name: os.environ.pop(name, None) for name in ("MPLBACKEND", "MATPLOTLIBRC")}
    spec = find_spec("matplotlib")
    if spec is not None and spec.origin is not None:
        os.environ["MATPLOTLIBRC"] = os.path.join(os.path.dirname(spec.origin), "mpl-data", "matplotlibrc")
    try:
        yield
    finally:
        os.environ.pop("MATPLOTLIBRC", None)
        os.environ.update({name: value for name, value in given.items() if value is not None})


logging.getLogger("matplotlib").setLevel(logging.ERROR)  # where a user has no home, it advises on that in three lines
with _without_settings():
    import matplotlib as mpl

DEFAULTS: dict[Any, Any] = {name: mpl.rcParamsDefault[name] for name in mpl.rcParamsDefault if "backend" not in name}
"""What matplotlib comes with; nothing here has a backend, which draws into windows."""
mpl.rcParams.update(DEFAULTS)

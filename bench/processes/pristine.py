"""The standard library as it was before anybody rebound a name in it: `from bench.processes.pristine import time`.

Measured code may freeze, scale or mock the clock, or put another encoder into `json`, and the libraries that do so rebind
the names in every module that is loaded, this tool's included. What is here they do not reach: copies of modules that stand
in no `sys.modules`, held by objects that are no modules. A function that is patched in C stays patched; the supervisor
sees that from outside (`bench.measure.supervisor.clock_check`). For what is loaded in measured processes; standard library only.
"""

from __future__ import annotations

import sys
from _frozen_importlib import BuiltinImporter, module_from_spec  # `importlib` itself imports much else
from types import SimpleNamespace

TYPE_CHECKING = False
if TYPE_CHECKING:
    import _json as json
    import gc
    import os
    import resource
    import time
    from typing import Any

__all__ = ["gc", "json", "os", "resource", "time"]
_FROM = {"gc": "gc", "json": "_json", "os": "posix", "resource": "resource", "time": "time"}
"""Each name and the module that is copied for it: of `os` only what the system itself offers, of `json` what is written in C."""


def __getattr__(name: str) -> Any:
    """The copy of a module, made when it is first asked for."""
    if name not in _FROM:
        raise AttributeError(name)
    try:
        copy = _builtin_copy(_FROM[name]) if _FROM[name] in sys.builtin_module_names else _imported_copy(_FROM[name])
    except ImportError:  # elsewhere than on Unix there may be nothing of it
        copy = SimpleNamespace()
    return globals().setdefault(name, copy)


def _builtin_copy(name: str) -> SimpleNamespace:
    spec = BuiltinImporter.find_spec(name)
    assert spec is not None
    module = module_from_spec(spec)
    BuiltinImporter.exec_module(module)
    return SimpleNamespace(**vars(module))


def _imported_copy(name: str) -> SimpleNamespace:
    """A module that is imported once more; who imports it afterwards gets the one that was there, or their own."""
    there = sys.modules.pop(name, None)
    try:
        return SimpleNamespace(**vars(__import__(name)))
    finally:
        sys.modules.pop(name, None)
        if there is not None:
            sys.modules[name] = there

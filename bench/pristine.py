"""The standard library as it was before anybody rebound a name in it: `from bench.pristine import time`.

Measured code may freeze, scale or mock the clock, or put another encoder into `json`, and the libraries that do so rebind
the names in every module that is loaded, this tool's included. What is here they do not reach: copies of modules that stand
in no `sys.modules`, held by objects that are no modules. A function that is patched in C stays patched; the supervisor
sees that from outside (`bench.measure.clock_check`). For what is loaded in measured processes; standard library only.
"""

import importlib
import importlib.util
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import gc
    import json
    import os
    import resource
    import time

__all__ = ["gc", "json", "os", "resource", "time"]
_FROM = {"gc": "gc", "json": "json", "os": "posix", "resource": "resource", "time": "time"}
"""Each name and the module that is copied for it: of `os` only what the system itself offers."""


def __getattr__(name: str) -> Any:
    """The copy of a module, made when it is first asked for."""
    if name not in _FROM:
        raise AttributeError(name)
    try:
        copy = _builtin_copy(_FROM[name]) if _FROM[name] in sys.builtin_module_names else _package_copy(_FROM[name])
    except ImportError:  # elsewhere than on Unix there may be nothing of it
        copy = SimpleNamespace()
    return globals().setdefault(name, copy)


def _builtin_copy(name: str) -> SimpleNamespace:
    spec = importlib.util.find_spec(name)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return SimpleNamespace(**vars(module))


def _package_copy(name: str) -> SimpleNamespace:
    """A module or package of Python code, imported once more; who imports it afterwards gets the one that was there, or their own."""
    others = _taken_out(name)
    try:
        return SimpleNamespace(**vars(importlib.import_module(name)))
    finally:
        _taken_out(name)
        sys.modules.update(others)


def _taken_out(package: str) -> dict[str, Any]:
    names = [each for each in sys.modules if each == package or each.startswith(f"{package}.")]
    return {each: sys.modules.pop(each) for each in names}

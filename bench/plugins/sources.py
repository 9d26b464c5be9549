"""Loads workloads and strategies from where they are defined.

A source is text: a module (`bench.workloads.primes`), a file (`path/to/mine.py`), or a function in either
(`package.module:function`, `mine.py:function`). The same text loads the same thing in the catalogue, the preparation
and the host; children of the host find it by module name, because a file's folder is put on `sys.path`: behind the
standard library, so that no file of the user's takes its place there, and before what is installed, as in a script.
"""

from __future__ import annotations

import os
import sys
from types import FunctionType, ModuleType

from bench.errors import AbsentSourceError, SourceError, UnknownNameError
from bench.plugins import registry
from bench.plugins.names import sanitized
from bench.plugins.registry import Strategy, Workload
from bench.plugins.signatures import Starred

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

try:
    _FOLDER = os.getcwd()
except FileNotFoundError:
    _FOLDER = "/"
"""What relative files are of, wherever imported code goes to."""


def split(source: str) -> tuple[str, str | None]:
    """`source` as its module or file, and the function named in it, if one is."""
    place, colon, function = source.rpartition(":")
    if not colon or function.endswith(".py") or os.sep in function:  # a drive letter is no function
        return source, None
    return place, function


def is_source(text: str) -> bool:
    """Whether a word on the command line names a file or a function rather than something registered."""
    place, function = split(text)
    return place.endswith(".py") or function is not None


def load(source: str, *, star: bool = False) -> list[Workload | Strategy]:
    """Import what `source` names and return what it defines; `star` as `load_workload` has it.

    Raises:
        SourceError: if it cannot be imported or defines nothing.
        UnknownNameError: if the module has no such function.
    """
    place, function = split(source)
    _check_form(source, place, function)
    module = _import_file(place) if place.endswith(".py") else _import(place, place)
    defined = list(registry.defined_in(module.__name__))
    if function is not None:
        return [_function(source, module, function, defined, star=star)]
    if not defined:
        raise SourceError(
            f"{source} defines no workload and no strategy; decorate a function, or name one: {source}:function"
        )
    return defined


def _check_form(source: str, place: str, function: str | None) -> None:
    """Raise `SourceError` for what is neither a file nor a module, with one function in it or none."""
    is_module = all(each.isidentifier() for each in place.split("."))
    if (place.endswith(".py") or is_module) and function != "":
        return
    file = place.rstrip(":").removesuffix(".py") + ".py"
    meant = (
        f"{file}:{function}"
        if function and os.path.isfile(os.path.join(_FOLDER, file))
        else "FILE.py:FUNCTION or package.module:FUNCTION"
    )
    raise SourceError(f"{source!r} names no function in a file or a module; write {meant}")


def file_of(source: str) -> str:
    """The file that a source which is loaded was loaded from; empty where it is in none."""
    place, _ = split(source)
    name = os.path.basename(place).removesuffix(".py") if place.endswith(".py") else place
    return os.path.realpath(getattr(sys.modules.get(name), "__file__", None) or "")


def load_workload(source: str, name: str, *, star: bool = False) -> Workload:
    """The workload called `name` that `source` defines; with `star`, an input of a plain function is a list of its arguments."""
    return next(each for each in load(source, star=star) if isinstance(each, Workload) and each.name == name)


def load_strategy(source: str, name: str) -> Strategy:
    """The strategy called `name` that `source` defines."""
    return next(each for each in load(source) if isinstance(each, Strategy) and each.name == name)


def put_before_installed(path: list[str], folders: list[str]) -> None:
    """Have modules found in these folders before they are found among what is installed, and after the standard library.

    What PYTHONPATH names counts as installed: Python puts it before the standard library, and here it comes behind both, as
    it comes behind a script's own folder. This text is also a part of another program, before anything can be imported
    from here (`bench.processes.child`).

    Args:
        path: such as `sys.path`; it is changed.
    """
    named = [os.path.abspath(each) for each in os.environ.get("PYTHONPATH", "").split(os.pathsep) if each]
    installed = [each for each in path if each.endswith("-packages") or os.path.abspath(each) in named]
    home = os.path.dirname(os.__file__)
    standard = path.index(home) if home in path else 0
    early = [each for each in path[:standard] if each in installed]
    path[:standard] = [each for each in path[:standard] if each not in early]
    at = next((number for number, each in enumerate(path) if each in installed), len(path))
    path[at:at] = [each for each in folders if each not in path[:at]] + early


def _function(
    source: str, module: ModuleType, name: str, defined: list[Workload | Strategy], *, star: bool
) -> Workload | Strategy:
    function: Any = module
    for part in name.split("."):  # a method of a class that takes no instance
        try:
            function = getattr(function, part)
        except AttributeError:
            raise UnknownNameError(f"function in {module.__name__}:", name, _functions_in(module)) from None
    if not callable(function):
        raise SourceError(f"{source} is of type {type(function).__name__}; name a function of one argument")
    for each in defined:
        if function is (each.task if isinstance(each, Workload) else each.open):
            return each
    task = Starred(function) if star else function
    return registry.plain_workload(f"{module.__name__}:{name}", task, module.__name__)


def is_installed(file: str) -> bool:
    """Whether a file lies where packages are installed."""
    return any(folder.endswith("-packages") for folder in os.path.dirname(file).split(os.sep))


def _functions_in(module: ModuleType) -> list[str]:
    """The functions that a source can name: those of the module, and static and class methods of its classes."""
    defined = vars(module).items()
    methods = [
        f"{name}.{each}"
        for name, value in defined
        if isinstance(value, type) and value.__module__ == module.__name__
        for each, method in vars(value).items()
        if isinstance(method, (staticmethod, classmethod))
    ]
    return [name for name, value in defined if isinstance(value, FunctionType)] + methods


def _import_file(path: str) -> ModuleType:
    full = os.path.normpath(os.path.join(_FOLDER, path))
    if not os.path.isfile(full):
        raise AbsentSourceError(f"there is no file {path}")
    folder, file = os.path.split(full)
    name = file.removesuffix(".py")
    if not name.isidentifier():
        raise SourceError(f"{path} cannot be imported: {name!r} is no module name; rename the file")
    put_before_installed(sys.path, [folder])
    try:
        module = _import(name, path)
    except SourceError as error:
        if isinstance(error.__cause__, ImportError) and "relative import" in str(error.__cause__):
            dotted = os.path.relpath(full, _FOLDER).removesuffix(".py").replace(os.sep, ".")
            raise SourceError(f"{error}; it belongs to a package: name it {dotted}:FUNCTION") from error.__cause__
        raise
    found = getattr(module, "__file__", None)
    if found is None or not os.path.samefile(found, full):
        raise SourceError(f"{path} has the name of another module, {name!r}; rename the file")
    return module


def _import(name: str, shown: str) -> ModuleType:
    try:
        __import__(name)
        return sys.modules[name]
    except ModuleNotFoundError as error:
        if error.name is not None and (name == error.name or name.startswith(error.name + ".")):
            raise AbsentSourceError(
                f"there is no module {shown!r} here; is it installed, or in this folder?"
            ) from error
        raise SourceError(f"{shown} needs the module {sanitized(str(error.name), 200)!r}; pip install it") from error
    except SourceError:
        raise
    except BaseException as error:  # a user's module may raise anything, SystemExit included
        raise SourceError(f"{shown} cannot be imported: {type(error).__name__}: {_message(error)}") from error


def _message(error: BaseException) -> str:
    """On one line; a class of the user's may not even have one."""
    try:
        return sanitized(str(error), 500)
    except Exception:
        return "(no message)"

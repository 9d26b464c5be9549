"""Modules that an arm of a gate has loaded from elsewhere than its own checkout: the working tree, or a copy that is installed.

With an editable install, say, or with the project installed beside this tool, both arms would run the same code, and always
be equal. Hosts load this in a gate only.
"""

import os
import re
import sys
import sysconfig
from collections.abc import Iterator
from glob import escape, iglob

from bench import bounds

_DEPTHS = ("", "*/", "*/*/")
"""How deep in a checkout projects and their packages are looked for."""
_LONGEST_PROJECT_BYTES = 1 << 20
"""Of a file that says what a project is called."""


def why_foreign(top: str, root: str) -> str:
    """Why an arm does not run its own code; empty where it does.

    Args:
        top: the user's working tree.
        root: the arm's checkout.
    """
    above, own = (os.path.realpath(each) + os.sep for each in (top, root))
    installed = [os.path.realpath(path) + os.sep for path in sysconfig.get_paths().values()]
    copies = {} if os.path.realpath(sys.prefix).startswith(own) else _installed_copies(root)
    for file in _loaded():
        module, distribution = copies.get(file, ("", ""))
        if module and _has(root, module):
            return (
                f"{module} was loaded from {distribution}, which is installed, and not from the checkout; install "
                "each revision with --setup into an interpreter of its own (--python .venv/bin/python), or uninstall it here"
            )
        if file.startswith(above) and not file.startswith((own, *installed)):
            name = os.path.relpath(file, above)
            return f"{name} was loaded from the working tree and not from the checkout (an editable install?)"
    return ""


def _loaded() -> Iterator[str]:
    """The files of all modules, the tool's own left out."""
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if isinstance(file, str) and name.partition(".")[0] not in {"bench", "__main__"}:
            yield os.path.realpath(file)


def _installed_copies(root: str) -> dict[str, tuple[str, str]]:
    """The files of the checkout's own projects that this interpreter has installed: each one's path in its distribution, and which that is."""
    from importlib.metadata import Distribution, PackageNotFoundError

    found = {}
    for name in sorted(set(_projects(root))):
        try:
            distribution = Distribution.from_name(name)
        except (PackageNotFoundError, ValueError):
            continue
        for each in map(str, distribution.files or ()):
            found[os.path.realpath(str(distribution.locate_file(each)))] = each, f"{name} {distribution.version}"
    return found


def _has(root: str, module: str) -> bool:
    """Whether a module of a distribution lies in a checkout: what only an installer writes, for an editable install say, does not."""
    return any(
        os.path.exists(os.path.join(each, module))
        for depth in _DEPTHS
        for each in iglob(os.path.join(escape(root), depth))
    )


def _projects(root: str) -> Iterator[str]:
    """What the projects in a checkout are called, at its top and up to two folders below it."""
    for depth in _DEPTHS:
        for file in iglob(f"{depth}pyproject.toml", root_dir=root):
            yield from _named_in_toml(os.path.join(root, file))
        for file in iglob(f"{depth}setup.*", root_dir=root):
            if os.path.basename(file) in ("setup.py", "setup.cfg"):
                yield from re.findall(
                    r"""^[^\S\n]*name[^\S\n]*=[^\S\n]*["']?([\w.-]+)""", _text(os.path.join(root, file)), re.MULTILINE
                )


def _text(path: str) -> str:
    """What a file of a project's says; nothing where it is none, or longer than what people write."""
    try:
        with bounds.opened(path) as file:
            read = file.read(_LONGEST_PROJECT_BYTES + 1)
    except OSError:
        return ""
    return read.decode(errors="replace") if len(read) <= _LONGEST_PROJECT_BYTES else ""


def _named_in_toml(path: str) -> Iterator[str]:
    import tomllib

    try:
        document = tomllib.loads(_text(path))
    except (ValueError, RecursionError):  # some tests' example of a broken one
        return
    tool = document.get("tool")
    for table in (document.get("project"), tool.get("poetry") if isinstance(tool, dict) else None):
        name = table.get("name") if isinstance(table, dict) else None
        if isinstance(name, str):
            yield name

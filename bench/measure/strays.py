"""Modules that an arm of a gate has loaded from the user's working tree instead of its own checkout.

With an editable install, say, both arms would run the same code, and always be equal. Hosts load this in a gate only.
"""

import os
import sys
import sysconfig
from collections.abc import Iterator


def stray(top: str, root: str) -> str:
    """Why an arm does not run its own code; empty where it does.

    Args:
        top: the user's working tree.
        root: the arm's checkout.
    """
    above, own = (os.path.realpath(each) + os.sep for each in (top, root))
    for file in _loaded():
        if file.startswith(above) and not file.startswith(own):
            name = os.path.relpath(file, above)
            return f"{name} was loaded from the working tree and not from the checkout (an editable install?)"
    return ""


def _loaded() -> Iterator[str]:
    """The files of all modules outside of what is installed, the tool's own left out."""
    installed = {os.path.realpath(path) for path in sysconfig.get_paths().values()}
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if isinstance(file, str) and name.partition(".")[0] not in {"bench", "__main__"}:
            full = os.path.realpath(file)
            if not any(full.startswith(folder + os.sep) for folder in installed):
                yield full

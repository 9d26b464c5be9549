"""Keeps this package compiled where Python may not: with PYTHONDONTWRITEBYTECODE, as many container images set it, or `-B`.

Each process that measures would otherwise compile what it needs of this package anew, which takes it as long as all else that it
does until it is ready. A file for each module and interpreter in the user's folder for caches, and nothing for any module but
ours.
"""

import marshal
import os
import sys

# `importlib.util` and `importlib.machinery` have them from there, and take long to import
from _frozen_importlib_external import MAGIC_NUMBER, FileFinder, SourceFileLoader


def cache_folder() -> str:
    """Where the tool keeps what it can make again: `BENCH_CACHE`, or a folder where the user's caches are."""
    caches = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return os.environ.get("BENCH_CACHE") or os.path.join(caches, "concurrency-bench")


def folder() -> str:
    """Where code is kept."""
    return os.path.join(cache_folder(), "byte-code", f"{sys.implementation.cache_tag}-{sys.flags.optimize}")


class Loader(SourceFileLoader):
    """Loads a module as Python does, and faster where its code is kept."""

    def get_code(self, fullname: str):  # type: ignore[no-untyped-def] # noqa: ANN201
        """The module's code: kept for this very file, or compiled and kept from now on."""
        path = self.get_filename(fullname)
        seen = os.stat(path)
        stamp = MAGIC_NUMBER + f"{os.path.realpath(path)}\0{seen.st_mtime_ns} {seen.st_size}\0".encode(
            errors="surrogateescape"
        )
        kept = os.path.join(folder(), f"{fullname}.pyc")
        try:
            with open(kept, "rb") as file:
                content = file.read()
            if content.startswith(stamp):
                return marshal.loads(content[len(stamp) :])  # noqa: S302 - of a folder that is the user's own
        except (OSError, ValueError, EOFError, TypeError):
            pass
        code = super().get_code(fullname)
        fresh = f"{kept}.{os.getpid()}"
        try:
            os.makedirs(os.path.dirname(kept), mode=0o700, exist_ok=True)
            with open(fresh, "wb") as file:
                file.write(stamp + marshal.dumps(code))
            os.replace(fresh, kept)
        except (OSError, ValueError):
            pass
        return code


def keep(package: str) -> None:
    """Have the modules of the package in this folder kept, from now on and in this process."""

    def finder(path: str) -> FileFinder:
        if path != package and not path.startswith(package + os.sep):
            raise ImportError
        return FileFinder(path, (Loader, [".py"]))

    sys.path_hooks.insert(0, finder)
    sys.path_importer_cache.pop(package, None)  # this module was found there

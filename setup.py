"""What pyproject.toml has no word for: a file beside the package that Python reads when it starts."""

from pathlib import Path
from typing import Any, Self

from setuptools import setup
from setuptools.command.build_py import build_py
from setuptools.command.editable_wheel import editable_wheel

# `python -m bench` looks into the current folder first. A bench.py of the user's there would run instead, say nothing and
# exit with 0; a collections.py would end Python. This line is executed before that folder is on the path, in the few
# microseconds of its first comparison where it is not `python -m bench`. A package bench/ there is what is meant.
FIRST = """\
import os, sys; \
getattr(sys, "argv", [])[:1] == ["-m"] and sys.orig_argv[-len(sys.argv)] in ("bench", "-mbench") \
and not os.path.isfile("bench/__init__.py") and __import__("bench")
"""

# What finds the package of an editable installation. The one that setuptools writes imports pathlib, re and urllib whenever
# Python starts, which takes as long as Python itself. `importlib`, which Python does not need to start, has it from there, too.
FINDER = """\
import sys

from _frozen_importlib_external import PathFinder


class Finder:
    @staticmethod
    def find_spec(name, path=None, target=None):
        return PathFinder.find_spec(name, [{folder!r}]) if name == "bench" else None


sys.meta_path.append(Finder)
"""


class Build(build_py):
    """The package, and that line."""

    def run(self) -> None:
        """Write the line where `bench` will lie: into the wheel, which for an editable one is not where the modules are built."""
        super().run()
        folder = self.get_finalized_command("install").install_lib if self.editable_mode else self.build_lib
        Path(folder, "concurrency-bench.pth").write_text(FIRST, encoding="utf-8")


class Editable:
    """Writes that finder into the wheel of an editable installation, as `setuptools.command.editable_wheel.EditableStrategy`."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def __call__(self, wheel: Any, files: list[str], mapping: dict[str, str]) -> None:
        """Write it, and the line that has Python look there."""
        finder = FINDER.format(folder=str(Path(__file__).parent.resolve()))
        wheel.writestr("__editable___concurrency_bench_finder.py", finder)
        wheel.writestr("__editable__.concurrency_bench.pth", "import __editable___concurrency_bench_finder\n")


class EditableWheel(editable_wheel):
    """An editable installation with that finder."""

    def _select_strategy(self, *_: object) -> Editable:
        return Editable()


setup(cmdclass={"build_py": Build, "editable_wheel": EditableWheel})

"""What pyproject.toml has no word for: a file beside the package that Python reads when it starts."""

from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

# `python -m bench` looks into the current folder first. A bench.py of the user's there would run instead, say nothing and
# exit with 0; a collections.py would end Python. This line is executed before that folder is on the path, in the few
# microseconds of its first comparison where it is not `python -m bench`. A package bench/ there is what is meant.
FIRST = """\
import os, sys; \
getattr(sys, "argv", [])[:1] == ["-m"] and sys.orig_argv[-len(sys.argv)] in ("bench", "-mbench") \
and not os.path.isfile("bench/__init__.py") and __import__("bench")
"""


class Build(build_py):
    """The package, and that line."""

    def run(self) -> None:
        """Write the line where `bench` will lie: into the wheel, which for an editable one is not where the modules are built."""
        super().run()
        folder = self.get_finalized_command("install").install_lib if self.editable_mode else self.build_lib
        Path(folder, "concurrency-bench.pth").write_text(FIRST, encoding="utf-8")


setup(cmdclass={"build_py": Build})

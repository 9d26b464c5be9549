"""Puts into the README what its command for a function of one's own answers here and now: `make answer`, on an idle machine."""

import os
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

README = Path(__file__).parent.parent / "README.md"
FILE = re.compile(r"<!-- (mine\.py) -->\n```python\n(.*?)```", re.DOTALL)
COMMAND = re.compile(r"^\$ python (-m bench run mine\.py:f .*)$", re.MULTILINE)
ANSWER = re.compile(r"(?<=<!-- answer -->\n).*?(?=<!-- end -->)", re.DOTALL)
COLUMNS = 100


def main() -> None:
    """Run it in a folder of its own, and take the answer and the table: all up to the first empty line below the headings."""
    text = README.read_text(encoding="utf-8")
    [(name, source)], [command] = FILE.findall(text), COMMAND.findall(text)
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, name).write_text(source, encoding="utf-8")
        done = subprocess.run(
            [sys.executable, *shlex.split(command)], cwd=folder, env=os.environ | {"COLUMNS": str(COLUMNS)},
            stdout=subprocess.PIPE, text=True, check=True,
        )  # fmt: skip
    if "busy_machine" in done.stdout:
        sys.exit("this machine is busy: nothing was written; try again when it is idle")
    above, headings, below = done.stdout.partition("\nstrategy ")
    answer = above + headings + below.partition("\n\n")[0]
    README.write_text(ANSWER.sub(lambda _: f"```text\n{answer}\n```\n", text), encoding="utf-8")
    print(answer)


if __name__ == "__main__":
    main()

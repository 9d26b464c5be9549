"""Copies the charts that the docs show out of reports, in fewer colours: charts.py REPORT/index.html [REPORT/index.html …].

A chart that several reports have is taken from the last of them.
"""

import re
import sys
from pathlib import Path

from PIL import Image

DOCS = Path(__file__).parent
COLOURS = 64
"""Enough for flat charts, and a third of the bytes."""


def main(reports: list[Path]) -> None:
    """Fill `images/techniques` with what techniques.md shows, and renew the README's picture."""
    wanted = {
        DOCS / name: Path(name).name
        for name in re.findall(r"\]\((images/[^)]+)\)", (DOCS / "techniques.md").read_text())
    }
    wanted[DOCS / "images" / "speedup.png"] = "speedup.png"
    for target, name in wanted.items():
        found = [page.parent / name for page in reports if (page.parent / name).exists()]
        if not found:
            sys.exit(f"no report has {name}")
        target.parent.mkdir(parents=True, exist_ok=True)
        with Image.open(found[-1]) as picture:
            picture.convert("RGB").quantize(COLOURS).save(target, optimize=True)
    print(f"{len(wanted)} charts, {sum(path.stat().st_size for path in wanted) / 1e6:.1f} MB")


if __name__ == "__main__":
    main([Path(each) for each in sys.argv[1:]])

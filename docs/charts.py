"""Draws the charts that the docs show, in fewer colours: charts.py RUN.jsonl [RUN.jsonl …].

A chart that several runs have is taken from the last of them.
"""

import io
import re
import sys
from pathlib import Path

from PIL import Image

from bench.report.charts import charts
from bench.report.drawing import theme
from bench.report.kit.results import load_results

DOCS = Path(__file__).parent
PAGES = (*sorted(DOCS.glob("*.md")), DOCS.parent / "README.md")
COLOURS = 128
"""Enough for flat charts, and a third of the bytes. They are chosen to lie near all that occur, however little of it there is:
by how much there is of each, the blue of threads became the green of asyncio."""


def main(runs: list[Path]) -> None:
    """Fill `images/techniques` and `images/reference`, which the pages name, with what the runs have."""
    wanted = {
        Path(path).stem: DOCS / path
        for page in PAGES
        for path in re.findall(
            r"\]\((?:docs/)?(images/(?:techniques|reference)/[^)]+)\)", page.read_text(encoding="utf-8")
        )
    }
    drawn = {}
    for run in runs:
        for chart in charts(load_results(run)):
            if chart.name in wanted:
                picture = io.BytesIO()
                with theme.applied():
                    chart.figure.savefig(picture, **theme.save_options("png"))  # type: ignore[arg-type]
                drawn[chart.name] = picture
    if missing := wanted.keys() - drawn.keys():
        sys.exit(f"no run has {', '.join(sorted(missing))}")
    for name, target in wanted.items():
        target.parent.mkdir(parents=True, exist_ok=True)
        with Image.open(drawn[name]) as picture:
            picture.convert("RGB").quantize(COLOURS, Image.Quantize.MAXCOVERAGE).save(target, optimize=True)
    print(f"{len(wanted)} charts, {sum(path.stat().st_size for path in wanted.values()) / 1e6:.1f} MB")


if __name__ == "__main__":
    main([Path(each) for each in sys.argv[1:]])

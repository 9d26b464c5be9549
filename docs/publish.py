"""The published report: the page of a run, with its overviews as files: publish.py RUN.jsonl FOLDER.

All charts are in the page. As files a report of 25 workloads has hundreds, which `python -m bench report` makes of the run file.
"""

import sys
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.report.charts import jobs
from bench.report.charts.overview import OVERVIEW
from bench.report.drawing import pictures
from bench.report.kit.results import load_results
from bench.report.run.build import write_pages


def main(run: Path, folder: Path) -> None:
    """Write the page, its tables and the files of the overviews, one for each pattern, into a folder that is not there yet."""
    results = load_results(run)
    folder.mkdir(parents=True)
    with TemporaryDirectory() as all_files:
        drawn = pictures.draw(list(jobs(results)), Path(all_files), png=False)
        published = [each if each.name.startswith(OVERVIEW) else replace(each, kinds=()) for each in drawn]
        for picture in published:
            for kind in picture.kinds:
                name = f"{picture.name}{kind}"
                (folder / name).write_bytes((Path(all_files) / name).read_bytes())
    write_pages(results, published, folder)
    files = list(folder.iterdir())
    print(f"{len(files)} files, {sum(each.stat().st_size for each in files) / 1e6:.1f} MB in {folder}")


if __name__ == "__main__":
    main(*(Path(each) for each in sys.argv[1:]))

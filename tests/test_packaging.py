"""What is installed works outside the source tree."""

import json
import os
import subprocess
import sys

from tests.conftest import ROOT, environment


def test_an_installed_copy_runs_from_any_folder(tmp_path):
    target = tmp_path / "installed"
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(target), str(ROOT)],
        check=True, capture_output=True, env=environment(PIP_CONSTRAINT=str(ROOT / "constraints.txt")),
    )  # fmt: skip
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    # -P and the target first on the path: neither the source tree nor an editable install can answer
    command = [sys.executable, "-P", "-m", "bench"]
    where = environment(PYTHONPATH=str(target))

    def run(*arguments):
        return subprocess.run(
            [*command, *arguments], cwd=elsewhere, env=where, capture_output=True, text=True, check=False
        )

    script = "import bench, bench.workloads; print(bench.__file__, bench.workloads.__file__)"
    files = subprocess.run([sys.executable, "-P", "-c", script], env=where, capture_output=True, text=True, check=True)
    assert all(path.startswith(str(target) + os.sep) for path in files.stdout.split())
    assert not (target / "workloads").exists(), "no package of that name is left in the user's way"
    ways = "serial,process_pool,queue,value,process_lock,one_after_another,start_process"
    short = ("--scale", "quick", "--blocks", "1", "--rounds", "2", "--start-method", "spawn")
    done = run("all", "--strategy", ways, *short)
    assert done.returncode == 0, done.stderr
    page = elsewhere / done.stdout.splitlines()[-1]
    assert page.is_file()
    cases = json.loads(run("report", "--json").stdout)["cases"]
    assert {each["pattern"] for each in cases} == {"map", "stream", "share", "sync", "serve", "start"}
    assert {each["outcome"] for each in cases} == {"ok"}

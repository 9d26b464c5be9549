"""What another package brings is listed with what is built in; what is wrong with it harms no command, and is told of it."""

import json

import pytest

from bench.errors import MeasurementError
from bench.measure.plan import catalogue
from tests.conftest import ROOT

GOOD = """
from bench import workload
@workload(inputs=lambda size, rng: [1, 2], scales={"quick": 2, "standard": 2})
def brought(x):
    return x
"""
BAD = {
    "exits": ("import os; os._exit(0)", "loading it ended Python itself"),
    "killed": ("import os; os.kill(os.getpid(), 9)", "loading it was ended by SIGKILL"),
    "hangs": ("while True: pass", "loading it still lasted after 2 s"),
    "ignores": (
        "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\ntime.sleep(600)",
        "loading it still lasted after 2 s",
    ),
    "leaves": ("raise SystemExit(1)", "cannot be imported: SystemExit: 1"),
    "raises": ("1 / 0", "cannot be imported: ZeroDivisionError: division by zero"),
    "talks": ("import os; os.write(1, b'[' * 200 + b'\\n'); x = 1", "defines no workload and no strategy"),
}


def bring(folder, modules):
    """What pip makes of a package with an entry point for each module: on PYTHONPATH, it counts as installed."""
    told = folder / "brought-1.0.dist-info"
    told.mkdir(parents=True)
    (told / "METADATA").write_text("Metadata-Version: 2.1\nName: brought\nVersion: 1.0\n")
    (told / "entry_points.txt").write_text("[bench.workloads]\n" + "".join(f"{each} = {each}\n" for each in modules))
    for name, text in modules.items():
        (folder / f"{name}.py").write_text(text)


@pytest.fixture
def brought(tmp_path, monkeypatch):
    def with_modules(modules):
        bring(tmp_path / "site", modules)
        monkeypatch.setenv("PYTHONPATH", str(tmp_path / "site"))
        monkeypatch.setattr(catalogue, "_POINT_LIMIT_S", 2.0)

    return with_modules


@pytest.mark.many(1)
@pytest.mark.parametrize("kind", BAD)
def test_what_is_wrong_with_an_entry_point_is_told_of_it_and_costs_nothing_else(tmp_path, brought, kind):
    text, why = BAD[kind]
    brought({kind: text, "zz_good": GOOD})
    (tmp_path / "mine.py").write_text("def double(x):\n    return 2 * x\n")
    found = catalogue.find([f"{tmp_path / 'mine.py'}:double"])
    assert {"primes", "brought"} <= {each.name for each in found.workloads}
    assert any(each.name.endswith("double") for each in found.workloads)
    (warning,) = found.warnings
    assert warning.startswith(f"entry point {kind} of brought (bench.workloads) is left out: ")
    assert why in warning


@pytest.mark.long
def test_several_that_end_or_hold_python_are_each_told_of(brought):
    brought({name: text for name, (text, _) in BAD.items()} | {"zz_good": GOOD})
    found = catalogue.find([])
    assert "brought" in {each.name for each in found.workloads}
    assert len(found.warnings) == len(BAD)
    for name, (_, why) in BAD.items():
        assert any(each.startswith(f"entry point {name} of") and why in each for each in found.warnings), name


def test_a_file_of_the_users_that_ends_python_is_not_put_down_to_an_entry_point(tmp_path, brought):
    brought({"zz_good": GOOD})
    mine = tmp_path / "mine.py"
    mine.write_text("import os; os._exit(0)")
    with pytest.raises(
        MeasurementError, match=r"loading .*mine\.py ended Python itself; what does it do when imported\?"
    ):
        catalogue.find([str(mine)])


def test_commands_go_on_beside_an_entry_point_that_ends_python(tmp_path, bench, monkeypatch):
    bring(tmp_path / "site", {"exits": "import os; os._exit(0)"})
    monkeypatch.setattr("tests.conftest.ROOT", f"{ROOT}:{tmp_path / 'site'}")
    done = bench("list", "--json")
    assert done.returncode == 0, done.stderr
    assert done.stderr.splitlines() == [
        "warning: entry point exits of brought (bench.workloads) is left out: loading it ended Python itself"
    ]
    assert json.loads(done.stdout)["strategies"]

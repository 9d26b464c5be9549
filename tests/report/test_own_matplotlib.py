"""Settings of the user's, for matplotlib and for the terminal, and names with braces: nothing of it changes or breaks a report."""

import pytest

from bench.analysis.history import Machine
from bench.report.history import text as history
from bench.report.kit import terminal
from tests import builders

SETTINGS = "text.usetex: True\nfigure.dpi: 30\naxes.grid: True\nlines.linewidth: 9\nsavefig.bbox: tight\ntimezone: Asia/Tokyo\n"


@pytest.mark.long
def test_a_users_settings_of_matplotlib_change_no_picture(begin, tmp_path):
    path = builders.stored(builders.typical_run(), tmp_path)
    (tmp_path / "settings").mkdir()
    (tmp_path / "settings" / "matplotlibrc").write_text(SETTINGS)
    ways = [
        {},
        {"env": {"MPLBACKEND": "rubbish", "MATPLOTLIBRC": str(tmp_path / "settings")}},
        {"files": {"matplotlibrc": SETTINGS}},
    ]
    made = []
    for number, way in enumerate(ways):
        command = begin("report", str(path), "--no-png", "--reports", str(tmp_path / f"reports-{number}"), **way)
        assert command.process.wait(120) == 0, command.stderr()
        made.append({each.name: each.read_bytes() for each in (tmp_path / f"reports-{number}").rglob("*.*")
                     if each.is_file()})  # fmt: skip
    assert made[1] == made[0]
    assert made[2] == made[0]


@pytest.mark.parametrize("size", ["9" * 400, "9" * 5000, "0", "-5", "x", "", "²", "٣", "1e3", " 80", "100000", "1"])
def test_any_columns_and_lines_are_borne(monkeypatch, capsys, size):
    monkeypatch.setenv("COLUMNS", size)
    monkeypatch.setenv("LINES", size)
    terminal.show("word " * 100)
    longest = max(len(line) for line in capsys.readouterr().out.splitlines())
    assert longest <= (1 if size == "1" else terminal.WIDTH)


def test_names_with_braces_are_names():
    found = Machine("a", {"{0}": "x", "{evil.__class__}": "{}", "cpu": "{1}", "cores": "2"})
    assert history.machine(found) == "{1}, 2 cores, {0} x, {evil.__class__} {}"

"""The check of style finds what is wrong in pages and in the texts of code, with its line, and leaves code alone."""

import importlib.util
import shutil
import subprocess
import sys

import pytest

from tests.conftest import ROOT


@pytest.fixture(scope="module")
def module():
    spec = importlib.util.spec_from_file_location("prose", ROOT / "docs" / "prose.py")
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


@pytest.fixture
def prose(module, monkeypatch, tmp_path):
    for name in ("pyproject.toml", "README.md", "CHANGELOG.md"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "docs").mkdir()
    (tmp_path / "bench").mkdir()
    monkeypatch.setattr(module, "ROOT", tmp_path)
    return module


def test_what_is_well_said_passes(prose, capsys):
    assert prose.main() == 0
    assert capsys.readouterr().out == ""


def test_a_page_and_a_message_are_looked_at_and_their_code_is_not(prose, capsys, tmp_path):
    (tmp_path / "docs" / "page.md").write_text(
        "# Pools\n\nA pool\nwaits for ever.\n\n```text\nfor ever\n```\n\n`wait for ever`\n"
    )
    (tmp_path / "bench" / "module.py").write_text('"""What waits."""\n\nMESSAGE = "the pool waits for ever; end it"\n')
    assert prose.main() == 1
    assert [line.partition(": ")[0] for line in capsys.readouterr().out.splitlines()] == [
        "docs/page.md:4",
        "bench/module.py:3",
    ]


def test_a_misspelled_word_is_found_in_pages_and_messages(tmp_path):
    (tmp_path / "page.md").write_text("A strategy that recieves nothing.\n")  # codespell:ignore
    (tmp_path / "module.py").write_text('MESSAGE = "no such stragety"\nsaid = "ot significant"\n')  # codespell:ignore
    done = subprocess.run(
        [sys.executable, "-m", "codespell_lib", "--toml", ROOT / "pyproject.toml", tmp_path],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode != 0
    assert "page.md:1: recieves ==> receives" in done.stdout  # codespell:ignore
    assert "module.py:1: stragety ==> strategy" in done.stdout  # codespell:ignore
    assert len(done.stdout.splitlines()) == 2

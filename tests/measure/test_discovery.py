"""Interpreters by what people call them."""

import os
import sys

import pytest

from bench.errors import UsageError
from bench.measure.plan.discovery import found

THIS = f"{sys.version_info[0]}.{sys.version_info[1]}"


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("BENCH_CACHE", str(tmp_path / "cache"))


@pytest.mark.parametrize("word", [THIS, f"python{THIS}", "python", sys.executable])
def test_this_one_is_found_with_its_own_packages(word):
    assert found(word).path == sys.executable  # and not what its virtual environment was made of


def test_a_relative_path_is_that_of_its_folder(tmp_path):
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "mine").symlink_to(sys.executable)
    assert found("bin/mine", str(tmp_path)).path == str(tmp_path / "bin" / "mine")


def test_a_folder_for_caches_that_cannot_be_made_is_no_harm_and_nothing_is_said(monkeypatch, capfd):
    monkeypatch.setenv("BENCH_CACHE", "/proc/nowhere")
    assert found(THIS).path == sys.executable
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("9.9", "no Python 9.9 was found here; name one by its version, such as 3.13 or 3.13t, or by its path"),
        ("no\nsense", "no Python no sense was found here; name one by its version, such as 3.13 or 3.13t, or by its path"),
        ("/bin/ls", "/bin/ls is no Python of version 3.11 or later"),
        ("./nowhere", "./nowhere cannot be run: No such file or directory"),
    ],
)  # fmt: skip
def test_what_is_none_is_said_with_what_to_do(word, said):
    with pytest.raises(UsageError) as caught:
        found(word)
    assert str(caught.value) == said


def test_a_broken_one_hides_no_other(tmp_path, monkeypatch):
    """A program of the version that is asked for, looked at before the right one, which does not run."""
    folder = tmp_path / "versions" / f"{THIS}.0" / "bin"
    folder.mkdir(parents=True)
    broken = folder / f"python{THIS}"
    broken.write_text("#!/bin/sh\necho no library >&2\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))
    monkeypatch.setattr(sys, "executable", str(broken))
    assert os.path.realpath(found(THIS).path) != str(broken)

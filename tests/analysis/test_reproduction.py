"""The command that makes a comparison again is the one that made it, without where its verdicts went."""

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.analysis.reproduction import again, quoted


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("python -m bench check --base origin/main mine.py", "python -m bench check --base 1a2b mine.py"),
        (
            "python -m bench check --base=main --head x mine.py:f",
            "python -m bench check --base 1a2b --head 3c4d mine.py:f",
        ),
        (
            "python -m bench check --base main mine.py --markdown bench.md --junit=bench.xml --json --github",
            "python -m bench check --base 1a2b mine.py",
        ),
        (
            "python -m bench check --base main mine.py --tolerance 'io_*=5%' --inputs …/a.jsonl",
            "python -m bench check --base 1a2b mine.py --tolerance 'io_*=5%' --inputs …/a.jsonl",
        ),
        ("python -m bench compare --no-github a.json b.json", "python -m bench compare a.json b.json"),
        ("python -m bench run primes", ""),
        ("python -m bench", ""),
        ("pytest tests", ""),
        ("python -m bench check --base 'cut", ""),
    ],
)
def test_what_decides_is_kept_and_branches_are_the_commits_that_they_were(command, said):
    assert again(command, {"--base": "1a2b", "--head": "3c4d"}) == said


@given(st.lists(st.text().filter(lambda word: not word.startswith("-")), max_size=5))
def test_every_word_comes_back_from_a_shell(words):
    command = " ".join(["python -m bench check", *map(quoted, words)])
    assert shlex.split(again(command, {})) == ["python", "-m", "bench", "check", *words]

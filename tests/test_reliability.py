"""docs/reliability.md names tests that are there."""

import ast
import re

from tests.conftest import ROOT

TEXT = (ROOT / "docs" / "reliability.md").read_text()
NAMED = re.findall(r"`(tests/[\w/]+\.py|\.ci/\w+\.py)(?:::(\w+))?`", TEXT)


def test_every_test_that_the_page_names_is_there():
    assert len(NAMED) > 30
    for file, name in NAMED:
        defined = {
            each.name for each in ast.walk(ast.parse((ROOT / file).read_text())) if isinstance(each, ast.FunctionDef)
        }
        assert not name or name in defined, (file, name)


def test_every_test_of_kills_and_of_the_table_is_run_by_the_gate():
    gate = (ROOT / ".ci" / "run").read_text()
    assert "BENCH_FAULT_TRIES=6 BENCH_FUZZ=20000 make test" in gate
    assert "BENCH_FAULT_TRIES=6 BENCH_FUZZ=20000" in TEXT

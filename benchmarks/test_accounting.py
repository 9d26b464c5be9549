"""The accounting against known truth and beside today's tools: the tables of docs/accuracy.md, one a benchmark.

`python -m benchmarks.accounting_report --write docs/accuracy.md` measures the same and puts them into the page.
"""

import pytest

from benchmarks.accounting_report import TABLES, machine


@pytest.mark.parametrize("name", TABLES)
def test_accounting_beside_todays_tools(benchmark, name):
    table = benchmark.pedantic(TABLES[name], kwargs={"short": False}, rounds=1)
    benchmark.extra_info.update(columns=table.columns, rows=table.rows, note=table.note)
    print(f"\n{name}: {machine()}\n{table.markdown}")

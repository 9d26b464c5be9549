# Two commands do everything on a machine that has Python >= 3.11 and nothing else:
#   make bench   measures, and prints the path of the report
#   make test    runs the tests
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
OPTIONS ?=

.PHONY: bench test check benchmarks reference clean

bench: $(VENV)/installed
	@$(BIN)/python -m bench all $(OPTIONS)

test: $(VENV)/installed-dev
	$(BIN)/python -m pytest -n 3  # on two cores: many of them wait

check: $(VENV)/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

benchmarks: $(VENV)/installed-dev
	$(BIN)/python -m pytest benchmarks --benchmark-enable --benchmark-only -p no:xdist -s

# The published run, its report, and all charts of the docs: about 25 minutes on a machine that does nothing else meanwhile.
REFERENCE := --results results/reference
reference: $(VENV)/installed
	rm -rf results/reference reports/reference
	$(BIN)/python -m bench run primes thumbnails --strategy serial,thread_pool,process_pool,pool_map --workers 1,2,3,4 $(REFERENCE) >/dev/null
	$(BIN)/python -m bench run --pattern start --start-method fork,spawn,forkserver --blocks 6 $(REFERENCE) >/dev/null
	$(BIN)/python -m bench all --blocks 6 $(REFERENCE) --reports reports/reference
	for run in results/reference/*.jsonl; do $(BIN)/python -m bench report $$run --reports reports/reference >/dev/null; done
	$(BIN)/python docs/charts.py results/reference/*.jsonl

$(VENV)/installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; this is %s. Try: make PYTHON=/path/to/python3.11" % sys.version.split()[0])'
	@$(PYTHON) -m venv $(VENV)
	@echo "installing into $(VENV) ..." >&2
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable .
	@touch $@

$(VENV)/installed-dev: $(VENV)/installed
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@

clean:
	rm -rf $(VENV) build *.egg-info

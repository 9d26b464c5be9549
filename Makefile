# Two commands do everything on a machine that has Python >= 3.11 and nothing else:
#   make bench   measures, and prints the path of the report
#   make test    runs the tests
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
OPTIONS ?=

.PHONY: bench test check benchmarks docs clean

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

# All charts of the docs, measured here: about 10 minutes on a machine that does nothing else meanwhile.
docs: $(VENV)/installed
	$(BIN)/python docs/charts.py $$($(BIN)/python -m bench all | tail -n 1) \
	  $$($(BIN)/python -m bench all --pattern start --start-method fork,spawn,forkserver | tail -n 1)

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

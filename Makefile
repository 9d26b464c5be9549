# Two commands do everything on a machine that has Python >= 3.11 and nothing else:
#   make bench   measures, and prints the path of the report
#   make test    runs the tests, but for those that take long
#   make test-all   runs all of them, as .ci/run does
#   make docs    builds the documentation site, and prints the path of its first page
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
OPTIONS ?=
unexport PYTHONDONTWRITEBYTECODE  # many images for containers set it, and hundreds of processes would compile all anew

.PHONY: bench test test-all check docs answer benchmarks reference clean

bench: $(VENV)/installed
	@$(BIN)/python -m bench all $(OPTIONS)

AT_ONCE ?= 3  # tests, on two cores: many of them wait

test: $(VENV)/installed-dev
	$(BIN)/python -m pytest -n $(AT_ONCE) -m "not long"

test-all: $(VENV)/installed-dev
	$(BIN)/python -m pytest -n $(AT_ONCE)

check: $(VENV)/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/codespell README.md CHANGELOG.md docs bench workloads
	$(BIN)/python docs/prose.py

docs: $(VENV)/installed-docs
	@$(BIN)/python -m sphinx --quiet --fail-on-warning --keep-going --builder html docs build/docs
	@echo build/docs/index.html

benchmarks: $(VENV)/installed-dev
	$(BIN)/python -m pytest benchmarks --benchmark-enable --benchmark-only -p no:xdist -s

# What `run mine.py:f` in the README answers: a minute, on a machine that does nothing else meanwhile.
answer: $(VENV)/installed
	@$(BIN)/python docs/answer.py

# The published runs, the report of the last, and all charts of the docs: about 25 minutes on a machine that does nothing
# else meanwhile. They replace the old ones at the end, so that the runs are of a work tree without changes.
NEW := .new-reference
reference: $(VENV)/installed
	rm -rf results/$(NEW) reports/$(NEW)
	$(BIN)/python -m bench run primes thumbnails --strategy serial,thread_pool,process_pool,pool_map --workers 1,2,3,4 --results results/$(NEW) >/dev/null
	$(BIN)/python -m bench run --pattern start --start-method fork,spawn,forkserver --blocks 6 --results results/$(NEW) >/dev/null
	$(BIN)/python -m bench all --budget 20m --json --results results/$(NEW) >/dev/null
	$(BIN)/python docs/publish.py "$$(ls results/$(NEW)/*.jsonl | tail -n 1)" reports/$(NEW)
	rm -rf results/reference reports/reference
	mv results/$(NEW) results/reference
	mv reports/$(NEW) reports/reference
	$(BIN)/python docs/charts.py results/reference/*.jsonl
	$(BIN)/python docs/answer.py

$(VENV)/installed: pyproject.toml setup.py constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; this is %s. Try: make PYTHON=/path/to/python3.11" % sys.version.split()[0])'
	@$(PYTHON) -m venv $(VENV)
	@echo "installing into $(VENV) ..." >&2
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable .
	@touch $@

$(VENV)/installed-dev: $(VENV)/installed
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@

$(VENV)/installed-docs: $(VENV)/installed
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[docs]'
	@touch $@

clean:
	rm -rf $(VENV) build *.egg-info

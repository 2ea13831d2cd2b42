# `make check` and `make test` need Python 3.11 or later, pip and make; everything else they install into .venv once.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/installed
EXAMPLES ?= 80
SEED ?= 0
JOBS ?= 2
REPORT ?= report
PROFILE ?= short

.PHONY: check test slow lint types doctest docs notebooks bench peers clean

check: $(STAMP)  ## the main job: every theorem against real instances; look at report.html afterwards
	$(BIN)/python -m proofs_check --examples $(EXAMPLES) --seed $(SEED) --jobs $(JOBS) --compact --html $(REPORT).html --json $(REPORT).json

test: $(STAMP)  ## the test suite, without what is marked slow
	HYPOTHESIS_PROFILE=ci $(BIN)/python -m pytest -n 2 -m "not slow"

slow: $(STAMP)  ## only what is marked slow
	HYPOTHESIS_PROFILE=ci $(BIN)/python -m pytest -n 2 -m slow

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(STAMP)
	$(BIN)/mypy

doctest: $(STAMP)  ## the examples of the docstrings and of the README
	$(BIN)/python -m pytest --doctest-modules --doctest-glob=README.md rltheory mdps proofs_check README.md

docs: $(STAMP)
	$(BIN)/python -m sphinx -E -W --keep-going -b html docs docs/_build/html

notebooks: $(STAMP)  ## run every notebook again, in place
	$(BIN)/python -m jupyter execute --inplace notebooks/*.ipynb

bench: $(STAMP)  ## side by side with the peers that are installed; `make peers` installs them all; or PROFILE=full
	$(BIN)/python -m benchmarks --profile $(PROFILE)

peers: $(STAMP)
	$(BIN)/python -m pip install --quiet --editable ".[bench]"

# The environment is rebuilt only when pyproject.toml has changed; a half-finished one is never reused.
$(STAMP): pyproject.toml
	rm -rf $(VENV)
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable ".[test,lint,docs]"
	touch $(STAMP)

clean:
	rm -rf $(VENV) docs/_build .pytest_cache .hypothesis .mypy_cache .ruff_cache

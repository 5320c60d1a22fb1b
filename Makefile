# Two commands do everything on a machine with Python 3.11+, make and a shell: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PYTEST := $(BIN)/pytest
JOBS ?= auto

export PIP_CONSTRAINT := $(CURDIR)/constraints.txt
export PIP_DISABLE_PIP_VERSION_CHECK := 1
unexport PYTHONDONTWRITEBYTECODE  # start-up is measured, and lived with, from bytecode

.PHONY: demo test lint format nightly bench snapshots picture clean

demo: $(VENV)/.run ## the four panes over simulated clouds (plain text without a terminal)
	@$(BIN)/clusterview demo

test: lint ## everything: lint, types, import contract, unit, protocol and UI tests
	$(PYTEST) -n $(JOBS) --dist worksteal

nightly: $(VENV)/.dev ## the tests that can be as big as is wanted, at full size, and what they carried; some minutes
	CLUSTERVIEW_TESTS=full $(PYTEST) -s --timeout 3600 tests/main_job/test_log_storm.py tests/main_job/test_log_weather.py \
		tests/main_job/test_carried.py

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/basedpyright --level error
	$(BIN)/lint-imports

format: $(VENV)/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.dev ## performance, as ratios against kubectl, gcloud and curl on the same work
	$(BIN)/python -m compileall -q tui screens widgets
	$(BIN)/python -m tests.bench

snapshots: $(VENV)/.dev ## approve what the screens look like now; look at every changed SVG
	$(PYTEST) -n $(JOBS) tests/ui --snapshot-update

picture: $(VENV)/.dev ## the README's picture, made from the app itself
	$(BIN)/python -m tests.picture

clean:
	rm -rf $(VENV) .pytest_cache .ruff_cache .import_linter_cache

$(VENV)/.run: pyproject.toml constraints.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing clusterview into $(VENV) …" >&2
	@$(BIN)/pip install --quiet --compile --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.run
	@$(BIN)/pip install --quiet --compile --editable '.[dev]'
	@touch $@

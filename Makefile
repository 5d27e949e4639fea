.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# Any Python from 3.11 on: `make test PYTHON=python3.12`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed

# Tests start hundreds of processes, each of which would compile the package anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help
help: ## List what can be made (the default)
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: setup
setup: $(INSTALLED) ## Create .venv and install everything, once

# Installs again only when what is to be installed has changed. Modules are compiled afterwards on all cores, which pip
# does on one; what cannot be compiled (templates of some packages) is not meant to be.
$(INSTALLED): pyproject.toml constraints.txt
	@command -v $(PYTHON) >/dev/null || \
		{ echo "make: $(PYTHON) was not found; cloudtrade needs Python 3.11 or newer" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("make: $(PYTHON) is Python %d.%d; " \
		"cloudtrade needs 3.11 or newer (try: make setup PYTHON=python3.12)" % sys.version_info[:2])'
	@$(PYTHON) -m venv $(VENV) || \
		{ echo "make: $(PYTHON) cannot create $(VENV); on Debian and Ubuntu install python3-venv" >&2; exit 1; }
	@echo "Installing into $(VENV) ..."
	@$(BIN)/python -m pip install --quiet --no-compile --disable-pip-version-check \
		--constraint constraints.txt --editable '.[dev]'
	@$(BIN)/python -m compileall -q -j 0 $(VENV)/lib >/dev/null 2>&1 || true
	@echo "Compiling the month's equations, once ..."
	@$(BIN)/python -W ignore -c "import sim; [sim.run(name, draws=1) for name in ('guiyang_pilot', 'bargain_spring_2019')]"
	@touch $@

.PHONY: run
run: $(INSTALLED) ## Run the status quo and the Guiyang pilot, and say who gains what
	$(BIN)/cloudtrade run status_quo guiyang_pilot

# Quick checks first. What takes long for what it adds is marked `depth`: pages in a browser, a cluster, the wheel in an
# empty environment, processes that are killed, every scenario where one of each kind says the same. What takes longest
# and hardly ever changes is marked `long`: a kill at every operation on the disk, coverage of intervals by the dozen.
# Types are checked beside the tests, which leave a core idle at their beginning and end.
.PHONY: test
test: CHOSEN := -m 'not depth and not long'
test: lint ## Check style and types, try every kind of behaviour

.PHONY: test-depth
test-depth: CHOSEN := -m 'not long' --hypothesis-profile depth
test-depth: lint ## Do all that `test` does, in depth, the built wheel and pages in a browser too

.PHONY: test-all
test-all: CHOSEN := --hypothesis-profile depth
test-all: lint ## Do all that `test-depth` does, and what takes minutes and hardly ever changes

test test-depth test-all:
	@$(MAKE) --no-print-directory --jobs 2 types behaviour CHOSEN="$(CHOSEN)"

.PHONY: behaviour
behaviour: export MPLBACKEND := Agg
behaviour: $(INSTALLED)
	$(BIN)/pytest --numprocesses auto --dist loadfile --no-loadscope-reorder $(CHOSEN)

.PHONY: lint
lint: $(INSTALLED) ## Check style (part of test)
	$(BIN)/ruff check
	$(BIN)/ruff format --check

.PHONY: types
types: $(INSTALLED) ## Check types (part of test)
	$(BIN)/mypy

.PHONY: format
format: $(INSTALLED) ## Lay out the code and mend what ruff can mend
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

.PHONY: example
example: $(INSTALLED) ## Make results/example again
	$(BIN)/cloudtrade example

.PHONY: validation
validation: $(INSTALLED) ## Make docs/validation.md again, model against published figures
	$(BIN)/cloudtrade validate --figures sim/studies/one_run

.PHONY: fit
fit: $(INSTALLED) ## Estimate trends again, and keep the posteriors that scenarios use
	for month in $(basename $(notdir $(wildcard sim/facts/posteriors/*.csv))); do \
		$(BIN)/cloudtrade fit --cutoff $$month --out results/fit-$$month && \
		cp results/fit-$$month/posterior.csv sim/facts/posteriors/$$month.csv || exit 1; \
	done

# JupyterLab is installed here only; the tests run the notebooks without it.
.PHONY: notebooks
notebooks: $(INSTALLED) ## Open the notebooks in JupyterLab
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check \
		--constraint constraints.txt --editable '.[dev,notebooks]'
	$(BIN)/jupyter lab --ServerApp.default_url=/lab/tree/notebooks/01_first_run.ipynb

.PHONY: what-decides
what-decides: $(INSTALLED) ## Ask again what decides the answers of the library (half an hour), for docs/why.md
	for pair in "status_quo guiyang_pilot" "status_quo nationwide_opening" "today_without_zones today"; do \
		set -- $$pair; $(BIN)/cloudtrade why $$1 $$2 --out build/what_decides || exit 1; \
		mkdir -p results/what_decides/$$2; \
		for name in groups entry within switching; do \
			cp build/what_decides/$${2}_why_$$1/$$name.csv results/what_decides/$$2/ || exit 1; \
		done; \
	done
	$(BIN)/python docs/what_decides.py

.PHONY: notebooks-run
notebooks-run: $(INSTALLED) ## Execute the notebooks again and keep what they show
	$(BIN)/python -m notebooks.execute

.PHONY: docs
docs: $(INSTALLED) ## Build the documentation as pages that can be searched, in build/site
	$(BIN)/python docs/site.py

.PHONY: screenshots
screenshots: $(INSTALLED) ## Take the README's pictures of the report and the explorer again (needs Chromium)
	$(BIN)/python docs/screenshots.py

# The peers to measure against are installed here only: nothing else needs them. First everything is tried in small.
.PHONY: bench
bench: export MPLBACKEND := Agg
bench: $(INSTALLED) ## Measure speed and memory beside other programs, write docs/performance.md and docs/scaling.md
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check \
		--constraint constraints.txt --editable '.[dev,bench]'
	$(BIN)/pytest benchmarks
	$(BIN)/python benchmarks/run.py
	$(BIN)/python -m benchmarks.scaling

.PHONY: clean
clean: ## Remove what checks and builds leave behind; .venv and results stay
	rm -rf build dist .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -path ./$(VENV) -prune -o -type d -name __pycache__ -exec rm -rf {} +

# `make report` sets up and runs the main case; `make test` sets up if need be and passes the tests.
# Needs make, Python 3.11 or newer with venv and pip, and about 1 GB of disk. `make help` lists the targets.

PYTHON ?= python3
VENV ?= .venv
OUT ?= out/iraq-2019
WORKERS ?= 2

# Tools run as modules of this interpreter, so that an environment which was moved still works.
PY := $(VENV)/bin/python
# The stamp names both folders: after a move, or with another VENV, set-up runs again.
STAMP := $(VENV)/.ready-$(shell printf '%s %s' '$(abspath $(VENV))' '$(CURDIR)' | cksum | cut -d' ' -f1)
PYTEST := $(PY) -m pytest -q -n $(WORKERS)

.DEFAULT_GOAL := help
.PHONY: help setup report test laws canon bench bench-peers bench-scaling priors studies docs lint types fmt coverage constraints wheel ci clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' Makefile

setup: $(STAMP) ## make .venv with the pinned dependencies and this tree

$(STAMP): constraints.txt pyproject.toml
	@command -v '$(PYTHON)' >/dev/null || { echo 'groundswell: "$(PYTHON)" was not found; name a Python 3.11 or newer: make PYTHON=/path/to/python3.11 ...' >&2; exit 1; }
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(v < (3, 11) and "groundswell needs Python 3.11 or newer, and $(PYTHON) is %d.%d; name another: make PYTHON=python3.11 ..." % v[:2])'
	@test -x $(PY) && $(PY) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || $(PYTHON) -m venv $(VENV) || { echo 'groundswell: could not make $(VENV); delete it and try again (on Debian and Ubuntu, install python3-venv)' >&2; exit 1; }
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r constraints.txt
	$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@rm -f $(VENV)/.ready-*
	@touch $@

report: setup ## run the case iraq-2019: report in out/iraq-2019, findings on claims in out/iraq-2019-claims
	$(PY) -m groundswell run iraq-2019 --out '$(OUT)' --force
	$(PY) -m groundswell claims iraq-2019 --out '$(OUT)-claims' > '$(OUT)-claims.txt'
	@echo "$(OUT)-claims/index.html"

test: lint types ## style, import contracts, types, then every test that is not slow
	$(PYTEST) -m 'not slow'

laws: setup ## only the guarantees: same digest for any threads, batches or order, and what is conserved
	$(PYTEST) tests/laws

canon: setup ## the slow checks too: published results, closed forms, long laws
	$(PYTEST) -m 'slow or canon' --timeout 1800

bench: setup ## time the kernels against a reference in the same process
	$(PY) bench/run.py

bench-peers: setup ## time one model in groundswell, Mesa, mesa-frames, AMBER and C; half an hour
	$(PY) bench/peers.py --record
	$(PY) bench/peers.py --docs

bench-scaling: setup ## time and memory of a case by its size; some minutes
	$(PY) bench/scaling.py --record
	$(PY) bench/scaling.py --docs

priors: setup ## what the joint prior says before any fit
	$(PY) bench/priors.py

studies: setup ## run all studies anew (data sets: studies/*/README.md); most of an hour
	@for study in studies/*/run.py; do $(PY) $$study || exit; done

docs: setup ## write docs/mechanisms, build the pages to out/docs; a warning is an error
	$(PY) docs/generate.py
	$(PY) -m sphinx -q -W --keep-going -b html docs out/docs

lint: setup ## ruff (rules and format) and the import contracts
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -c 'from importlinter.cli import lint_imports_command as main; main()' --no-cache

types: setup ## mypy, strict
	$(PY) -m mypy

fmt: setup ## format, and mend what ruff can mend
	$(PY) -m ruff check --fix-only .
	$(PY) -m ruff format .

coverage: setup ## lines that the quick tests run, with kernels as plain Python (slow)
	NUMBA_DISABLE_JIT=1 $(PY) -m coverage run -m pytest -q -m 'not slow' --timeout 3000
	$(PY) -m coverage combine -q
	$(PY) -m coverage report

constraints: ## pin all dependencies again; needs uv (CONTRIBUTING.md)
	uv pip compile --universal --generate-hashes --no-header --no-annotate --python-version 3.11 \
		--upgrade pyproject.toml --group dev -o constraints.txt

wheel: setup ## build the wheel into dist/
	$(PY) -m hatchling build -t wheel -d dist

ci: ## what the server runs
	.ci/run

clean: ## delete what the other targets wrote, but for .venv
	rm -rf out dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage .coverage.*

# Needs make and Python 3.11 or newer; uses uv where it is installed.
SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
READY := $(VENV)/.ready
UV := $(shell command -v uv 2>/dev/null)
SCENARIO ?= scenarios/baseline.yaml
OUT ?= out/$(basename $(notdir $(SCENARIO)))
PLOTS ?= main

.DEFAULT_GOAL := help
.PHONY: help run test check docs format schema notebook images bench bench-peers lock clean

help:
	@echo "make run      project SCENARIO ($(SCENARIO)) into OUT ($(OUT))"
	@echo "              pictures: PLOTS=main, all or none ($(PLOTS))"
	@echo "make test     run every test and the notebook"
	@echo "make check    formatting, lint, types, import contracts, schema"
	@echo "make docs     build the documentation into out/docs, with every notebook executed"
	@echo "make format   format the code"
	@echo "make schema   write schema/scenario.schema.json"
	@echo "make notebook write the .ipynb twins of notebooks/*.py"
	@echo "make images   draw the pictures of README and gallery again"
	@echo "make bench    measure speed"
	@echo "make bench-peers  run the same kernel in this library and in its peers (installs them)"
	@echo "make lock     pin requirements.txt again (needs uv)"
	@echo "make clean    remove the environment, outputs and caches"

# The environment is made once, and again when the pins or the project file change.
$(READY): requirements.txt pyproject.toml
	@rm -rf $(VENV)
ifneq ($(UV),)
	uv venv --quiet --python ">=3.11" $(VENV)
	uv pip install --quiet --python $(VENV) --require-hashes -r requirements.txt
	uv pip install --quiet --python $(VENV) --no-deps --no-build-isolation -e .
else
	@python=; for name in python3.11 python3 python python3.12 python3.13 py; do \
	  if "$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	    python=$$name; break; fi; done; \
	if [ -z "$$python" ]; then \
	  echo "fsinsure needs Python 3.11 or newer and found none (tried python3.11, python3, python," \
	    "python3.12, python3.13, py). Install one, or uv, and run make again." >&2; exit 1; fi; \
	echo "$$python -m venv $(VENV)"; "$$python" -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
endif
	@touch $(READY)

run: $(READY)
	$(BIN)/fsinsure run $(SCENARIO) --plots $(PLOTS) --out $(OUT)

test: $(READY)
	$(BIN)/python -m pytest -q -rs -n auto

check: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/fsinsure schema | diff schema/scenario.schema.json - \
	  || { echo "The schema is out of date: make schema" >&2; exit 1; }

# With FSINSURE_DOCS_EXECUTED="first_steps zh/index" these alone are executed, as tests do.
docs: $(READY)
	$(BIN)/python -m sphinx -q -W --keep-going -b html -d out/docs-state docs out/docs
	@echo "out/docs/index.html"

format: $(READY)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

schema: $(READY)
	$(BIN)/fsinsure schema --out schema/scenario.schema.json

notebook: $(READY)
	$(BIN)/jupytext --quiet --to ipynb notebooks/*.py
	$(BIN)/nbstripout notebooks/*.ipynb

images: $(READY)
	$(BIN)/fsinsure run scenarios/baseline.yaml --lang en --plots main --out out/images
	cp out/images/targets.png out/images/funds.png docs/images/
	$(BIN)/python docs/gallery.py

bench: $(READY)
	$(BIN)/python benchmarks/startup.py
	$(BIN)/python benchmarks/main_job.py
	$(BIN)/python benchmarks/memory.py
	$(BIN)/python -m pytest benchmarks --benchmark-enable --benchmark-only -q

ENGINES ?=
ROUNDS ?= 2

# Peers have many dependencies of their own, so they get an environment of their own.
PEERS := .venv-peers
PEERS_BIN := $(PEERS)/$(if $(filter Windows_NT,$(OS)),Scripts,bin)

$(PEERS)/.ready: benchmarks/kernel/requirements.txt pyproject.toml $(READY)
	@rm -rf $(PEERS)
ifneq ($(UV),)
	uv venv --quiet --python 3.11 $(PEERS)
	uv pip install --quiet --python $(PEERS) -r benchmarks/kernel/requirements.txt -e .
else
	$(BIN)/python -m venv $(PEERS)
	$(PEERS_BIN)/python -m pip install --quiet -r benchmarks/kernel/requirements.txt -e .
endif
	@touch $(PEERS)/.ready

bench-peers: $(PEERS)/.ready
	$(PEERS_BIN)/python benchmarks/kernel/run.py $(ENGINES) --rounds $(ROUNDS)

lock:
	uv pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest --generate-hashes \
	  --group dev --custom-compile-command "make lock" --output-file requirements.txt pyproject.toml

clean:
	rm -rf $(VENV) $(PEERS) out dist build .benchmarks .hypothesis .import_linter_cache .mypy_cache \
	  .pytest_cache .ruff_cache

# Everything a developer does here. Each target first makes what it needs: .venv/, Kafka's jars and
# Chromium. Nothing is written outside this folder and the usual caches (pip's and Maven's), but for
# Debian's package chromium where there is none.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-print-directory --no-builtin-rules

PYTHON ?= python3
BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest

.PHONY: help demo test bench lint format faults world walk fuzz screenshots clean venv jars chromium requirements

help: ## list what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' Makefile

demo: venv ## the whole service on real parts, with a small world around it
	@$(BIN)/countermand demo

test: venv jars chromium ## all tests, with a real Kafka, a real PostgreSQL and a real Chromium
	@$(if $(ARGS),$(PYTEST) -q $(ARGS),tests/all)

faults: venv jars ## the long test: workers killed and frozen while messages flow
	@$(BIN)/python -m tests.faults --kills 50 --freezes 20 $(ARGS)

world: venv jars ## the other long test: 5,000 orders in a world that reacts, calm and in a storm
	@$(BIN)/python -m tests.faults.world $(ARGS)

walk: venv ## every state of one order and its process; then ten thousand seeds of the whole core
	@$(BIN)/python -m tests.walk
	@$(BIN)/python -m tests.simulation --seeds 10000

fuzz: venv ## every call of the API asked by schemathesis, ten minutes long (ARGS="--minutes 2")
	@$(BIN)/python -m tests.fuzz $(ARGS)

screenshots: venv chromium ## every page as pictures, in light and dark, narrow and wide: build/screenshots
	@COUNTERMAND_SCREENSHOTS=build/screenshots $(PYTEST) -q tests/browser/test_pages.py
	@echo 'pictures: build/screenshots'

bench: venv jars ## what is measured, side by side with its peers
	@$(BIN)/python -m bench $(ARGS)

lint: venv ## ruff, mypy --strict, import rules
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/lint-imports --no-cache >.venv/lint-imports.log 2>&1 || { cat .venv/lint-imports.log; exit 1; }
	@echo 'lint: clean'

format: venv ## let ruff put the code in order
	@$(BIN)/ruff check --fix --quiet . || true
	@$(BIN)/ruff format --quiet .

clean: ## remove what was made here: .venv, build results, the embedded database, Kafka's jars
	@deploy/clean

requirements: venv ## compile the hashed requirements from pyproject.toml
	@$(BIN)/uv pip compile --quiet --generate-hashes --no-emit-index-url --no-header --universal --python-version 3.11 \
	  pyproject.toml -o requirements.txt
	@$(BIN)/uv pip compile --quiet --generate-hashes --no-emit-index-url --no-header --universal --python-version 3.11 \
	  pyproject.toml --group dev -o requirements-dev.txt
	@echo 'hatchling>=1.27' | $(BIN)/uv pip compile --quiet --generate-hashes --no-emit-index-url --no-header --universal \
	  --python-version 3.11 - -o requirements-build.txt
	@$(BIN)/uv pip compile --quiet --generate-hashes --no-emit-index-url --no-header --universal --python-version 3.11 \
	  deploy/client/requirements.in -o deploy/client/requirements.txt

# Two makes at once wait for each other; an install that was interrupted starts again from nothing.
venv:
	@$(PYTHON) deploy/venv

jars:
	@deploy/kafka/broker jars >/dev/null

chromium:
	@deploy/chromium >/dev/null

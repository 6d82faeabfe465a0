# `make help` tells what there is. tools/setup installs what a target needs and finds missing.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help run setup test check format lock bench faults screenshots package clean

# Processes that run tests side by side; 0 runs them in one.
JOBS ?= $(shell n=$$(nproc); echo $$((n < 8 ? n : 8)))
# What to give pytest: make test ARGS="tests/feel -k ranges"
ARGS ?=
export PORT ?= 8000
# Tests that draw their cases: the same ones in `make test`, new ones in `make faults`.
DRAWN = $(shell grep -rlE '^from (hypothesis|tests.chance) import' tests --include='test_*.py' | grep -v ^tests/faults/ | sort)

help: ## Tell what each target does
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## Install what is missing and serve the demo on http://127.0.0.1:8000 (PORT=...)
	@tools/setup run
	@exec .venv/bin/redress up

setup: ## Install what `make run` needs, without starting it
	@tools/setup run

test: ## Install what is missing and run the whole suite (ARGS="tests/feel -k ranges", JOBS=4)
	@tools/setup test
	PYTHONHASHSEED=0 .venv/bin/python -m pytest -n $(JOBS) --dist loadfile $(ARGS)

check: ## Format, lint, types (Python and TypeScript), import contracts
	@tools/setup check
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	.venv/bin/python tools/bundle.py --types

format: ## Format the Python sources and mend what ruff can mend
	@tools/setup check
	.venv/bin/ruff format .
	.venv/bin/ruff check --fix .

lock: ## Write requirements/*.txt anew from pyproject.toml (UPGRADE=1 moves to newer versions)
	@tools/setup check
	tools/lock $(if $(UPGRADE),--upgrade)

bench: ## Measure; prints a table and writes var/bench/latest.json (at most 20 minutes)
	@tools/setup bench
	.venv/bin/python -m tests.bench

faults: ## Crashes, full disks, and cases drawn by chance, for long (FAULT_ROUNDS=10, REDRESS_TEST_SEED=..., ARGS="-k storm")
	@tools/setup test
	@seed=$${REDRESS_TEST_SEED:-$$(shuf -i 1-999999 -n 1)}; rounds=$(or $(FAULT_ROUNDS),10); \
	echo "Repeat it with: make faults REDRESS_TEST_SEED=$$seed FAULT_ROUNDS=$$rounds"; \
	REDRESS_TEST_SEED=$$seed REDRESS_FAULT_ROUNDS=$$rounds PYTHONHASHSEED=$$seed \
	REDRESS_TEST_PROCESSES=$$((100 * rounds)) REDRESS_TEST_FILES=$$((300 * rounds)) \
		.venv/bin/python -m pytest -s --hypothesis-seed=$$seed tests/faults $(DRAWN) $(ARGS)

screenshots: ## Take the pictures of the README, and every page in both themes and three languages into var/screenshots
	@tools/setup test
	.venv/bin/python -m tests.browser.screenshots

package: ## Build the wheel into dist/, browser bundle included
	@tools/setup check
	.venv/bin/python -m hatchling build --target wheel

clean: ## Remove what was built and installed; the data in var/ stays
	rm -rf .venv dist web/static/build web/frontend/node_modules .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

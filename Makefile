# What people and CI run. Needs Python 3.11+ and make; everything else comes from the lock files.

PYTHON ?= python3
PYTEST_ARGS ?=
ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
UV_VERSION := 0.13.9
CODE := $(shell find bot handlers domain storage tests benchmarks -name '*.py' 2>/dev/null | cut -d/ -f1 | sort -u)
LOCKS := requirements.txt requirements-dev.txt requirements-bench.txt
LOCK_OPTIONS := --quiet --universal --no-strip-extras --python-version 3.11 --generate-hashes --no-header --no-annotate

.DEFAULT_GOAL := help
.NOTPARALLEL:
.DELETE_ON_ERROR:
.PHONY: help env demo test fmt fmt-check lint types layers deps migrations browser pytest bench lock clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

env: $(VENV)/.dev ## Create or update the environment (.venv) from the lock files

demo: $(VENV)/.runtime ## Start everything embedded with demo data; Ctrl-C stops it (ARGS="--port 9000")
	@exec $(BIN)/zhufen demo $(ARGS)

test: fmt-check lint types layers deps migrations pytest ## Run every check, as CI does

fmt: $(VENV)/.dev ## Format the code and repair what ruff can repair
	@$(BIN)/ruff check --quiet --fix-only $(CODE)
	@$(BIN)/ruff format $(CODE)

fmt-check: $(VENV)/.dev ## Check the format
	@echo '== format'
	@$(BIN)/ruff format --check $(CODE)

lint: $(VENV)/.dev ## Check the style rules (ruff)
	@echo '== lint'
	@$(BIN)/ruff check $(CODE)

types: $(VENV)/.dev ## Check the types (mypy, strict)
	@echo '== types'
	@$(BIN)/mypy $(CODE)

layers: $(VENV)/.dev ## Check who imports whom (import-linter)
	@echo '== layers'
	@$(BIN)/lint-imports --no-logo

deps: $(VENV)/.dev ## Check that what is imported is declared and what is declared is used (deptry)
	@echo '== dependencies'
	@$(BIN)/deptry --no-ansi .

migrations: $(VENV)/.dev ## Check that migrations and models agree
	@echo '== migrations'
	@if [ -f bot/__main__.py ]; then $(BIN)/python -m bot migrate --check; \
	else echo 'nothing to check yet'; fi

# Tests marked `browser` need Chromium. CI must have it; elsewhere they are left out, loudly.
browser: ## Install Chromium for the browser tests, where apt-get can
	@if $(HAVE_CHROMIUM); then :; \
	elif command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then \
		echo '== installing chromium'; \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
			apt-get install -qq -y --no-install-recommends chromium >/dev/null; \
	fi; \
	if $(HAVE_CHROMIUM); then exit 0; fi; \
	echo '*****************************************************************' >&2; \
	echo '** Chromium is missing: the browser tests will NOT run.        **' >&2; \
	echo '** Install it: the package is "chromium" (Debian, Homebrew).   **' >&2; \
	echo '*****************************************************************' >&2; \
	[ "$$CI" != true ]

HAVE_CHROMIUM = { command -v chromium || command -v chromium-browser || command -v google-chrome \
	|| [ -x "/Applications/Chromium.app/Contents/MacOS/Chromium" ]; } >/dev/null 2>&1

# With `worksteal` nobody is left alone with a thousand tests at the end. Three on two cores, for many wait.
# pytest's summary stays the last line: the coverage floor is checked in between and is silent when met.
pytest: $(VENV)/.dev browser ## Run the tests with coverage (PYTEST_ARGS="-k ledger")
	@echo '== tests'
	@{ if $(HAVE_CHROMIUM); then set --; else set -- -m 'not browser'; fi; \
	$(BIN)/python -m pytest -n 3 --dist worksteal --inline-snapshot=disable --cov --cov-report= "$$@" $(PYTEST_ARGS); \
	echo $$? > $(VENV)/.pytest-status; } 2>&1 | tee $(VENV)/.pytest-output
	@exit "$$(cat $(VENV)/.pytest-status)"
	@echo '== coverage of domain and handlers (100 %)'
	@$(BIN)/coverage report --include='domain/*,handlers/*' --fail-under=100
	@tail -n 1 $(VENV)/.pytest-output

bench: $(VENV)/.dev $(VENV)/.peers ## Measure; prints a table and writes benchmarks/out/results.json
	@$(BIN)/python -m benchmarks $(ARGS)

lock: $(VENV)/.lock/bin/uv ## Write the lock files after a change of dependencies (ARGS=--upgrade for newer versions)
	@$< pip compile $(LOCK_OPTIONS) $(ARGS) pyproject.toml -o requirements.txt >/dev/null
	@$< pip compile $(LOCK_OPTIONS) $(ARGS) pyproject.toml --group dev -c requirements.txt \
		-o requirements-dev.txt >/dev/null
	@$< pip compile $(LOCK_OPTIONS) $(ARGS) --group bench -c requirements.txt \
		-o requirements-bench.txt >/dev/null
	@if grep -nE '://|^ *-[^-]|^ *--[^h]' $(LOCKS); then \
		echo 'a lock file names an address or an index' >&2; exit 1; fi

clean: ## Remove the environment and what the tools left behind (never data)
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage .coverage.*
	find $(CODE) -name __pycache__ -type d -prune -exec rm -rf {} +

# The checkout is put on the path by a .pth file, so the program works from any folder. -P keeps the
# folder one stands in off the path: a stranger's bot/ there must not be run.
$(VENV)/.runtime: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(None if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed, e.g. make PYTHON=python3.13")'
	@echo '== creating $(VENV)'
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) install --require-hashes -r requirements.txt
	@printf '%s\n' '$(CURDIR)' > "$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/zhufen.pth"
	@printf '#!/bin/sh\nexec "%s" -P -m bot "$$@"\n' '$(CURDIR)/$(BIN)/python' > $(BIN)/zhufen
	@chmod +x $(BIN)/zhufen
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime requirements-dev.txt
	@echo '== adding the development tools'
	@$(PIP) install --require-hashes -r requirements-dev.txt
	@touch $@

# What is measured beside has its own packages, none of which the program may meet.
$(VENV)/.peers: requirements-bench.txt | $(VENV)/.dev
	@echo '== creating $(VENV)/peers'
	@$(PYTHON) -m venv $(VENV)/peers
	@$(VENV)/peers/bin/python -m pip --disable-pip-version-check --quiet install \
		--require-hashes -r requirements-bench.txt
	@touch $@

$(VENV)/.lock/bin/uv: | $(VENV)/.runtime
	@$(PYTHON) -m venv $(VENV)/.lock
	@$(VENV)/.lock/bin/python -m pip --disable-pip-version-check --quiet install uv==$(UV_VERSION)

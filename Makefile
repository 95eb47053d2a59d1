# make run · make test · make bench · make lint; `make help` lists all.
SHELL := /bin/bash
PYTHON ?= python3
UV_VERSION := 0.13.9
BIN := .venv/bin
export UV_COMPILE_BYTECODE := 1

.PHONY: help setup run test lint format bench bench-full serve-postgres chaos lock clean

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## / — /'

setup: .venv/.installed node_modules/.built web/translations/.compiled ## install everything into the checkout

run: setup ## demonstration at http://127.0.0.1:8000
	$(BIN)/duban serve --demo

test: setup .venv/.installed-dev ## all tests: unit, integration, scenarios, browser, chaos
	scripts/system-packages.sh
	$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder

lint: setup .venv/.installed-dev ## formatters, linters, types, import directions
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint --check --lint web/templates
	npm run --silent lint
	$(BIN)/python scripts/check_rooms.py

format: .venv/.installed-dev ## let the formatters write
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/djlint --reformat --quiet web/templates || true
	npm run --silent format

bench: setup .venv/.installed-dev ## ratios in one run, about ten minutes; fails when a goal is missed
	$(BIN)/python -m tests.bench --quick

bench-full: setup .venv/.installed-dev ## the same, longer
	$(BIN)/python -m tests.bench

chaos: setup .venv/.installed-dev ## kill -9 for ten minutes
	$(BIN)/pytest tests/chaos --chaos-seconds 600

serve-postgres: setup ## the server deployment's processes on a private PostgreSQL and Redis
	$(BIN)/python scripts/serve_postgres.py

lock: ## write the lock files anew
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url requirements.in -o requirements.lock
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url requirements-dev.in -o requirements-dev.lock

clean: ## forget what was installed and built (data in var/ stays)
	rm -rf .venv node_modules web/static/dist engine/expressions/bundle

.venv/bin/uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Duban needs Python 3.11 or newer; $(PYTHON) is older."; exit 1; }
	@$(PYTHON) -m venv .venv || { echo "Python cannot make a virtual environment here; on Debian: apt install python3-venv"; exit 1; }
	$(BIN)/python -m pip install -q --disable-pip-version-check uv==$(UV_VERSION)

.venv/.installed: .venv/bin/uv requirements.lock pyproject.toml
	VIRTUAL_ENV=.venv $(BIN)/uv pip install -q --require-hashes -r requirements.lock
	VIRTUAL_ENV=.venv $(BIN)/uv pip install -q --no-deps -e .
	touch $@

.venv/.installed-dev: .venv/.installed requirements-dev.lock
	VIRTUAL_ENV=.venv $(BIN)/uv pip install -q --require-hashes -r requirements-dev.lock
	touch $@

node_modules/.installed: package-lock.json
	@node -e 'process.exit(Number(process.versions.node.split(".")[0]) < 20 ? 1 : 0)' || { echo "Duban needs Node 20 or newer with npm."; exit 1; }
	npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	touch $@

node_modules/.built: node_modules/.installed vite.config.js vite.feel.config.js $(shell find web/frontend web/templates engine/expressions/js -type f 2>/dev/null)
	npm run --silent build
	touch $@

web/translations/.compiled: .venv/.installed $(wildcard web/translations/*/LC_MESSAGES/messages.po)
	$(BIN)/pybabel -q compile -d web/translations
	touch $@

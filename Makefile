# Needs GNU make 3.81 or later, a POSIX shell and Python 3.10 or later; neither root nor an activated environment.

PYTHON ?= python3
VENV   ?= .venv
# What `make run` reports on: a file or a URL. The default is a page recorded from a real server.
TARGET ?= examples/vllm-0.32.0.txt
# More words for the command behind `make test` and `make lock`.
ARGS   ?=

BIN := $(VENV)/bin
OBS := $(BIN)/python -m vllm_observability
# One worker per core; an idle one takes tests from the others, since some rule scenarios take half a minute.
PYTEST := $(BIN)/python -m pytest -n auto --dist worksteal

# Through the environment, so that no character in a URL is read by the shell.
export TARGET
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run quick test release-checks build check lint format lock tools up scorecard bench docs docs-serve docs-check preview preview-serve images live live-answers clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' Makefile

run: $(VENV)/.runtime ## Build the bundle and report on a recorded scrape, or on TARGET=FILE|URL
	@echo "Building dashboards, rules and runbooks…"
	@$(OBS) build --out .
	@mkdir -p .local
	@$(OBS) analyze "$$TARGET" --format json > .local/report.json
	@$(OBS) analyze "$$TARGET"
	@echo
	@echo "Where next"
	@echo "  report       .local/report.json: the one above, for programs"
	@echo "  your server  make run TARGET=http://HOST:8000/metrics"
	@echo "  dashboards   dashboards/*.json: Grafana > Dashboards > New > Import"
	@echo "  rules        alerts/*.yaml: name them under rule_files in prometheus.yml, then reload Prometheus"
	@echo "  routing      deploy/alertmanager/alertmanager.yml: an example for Alertmanager"
	@echo "  command      $(BIN)/vllm-obs --help"

# One worker more than cores, because some tests wait for servers.
test: $(VENV)/.dev tools ## Run every test; ARGS="-k name" narrows it
	@$(PYTEST) -n $$(($$(getconf _NPROCESSORS_ONLN) + 1)) $(ARGS)

# The loop of an edit: what most mistakes break, without a server and without waiting.
QUICK = layers catalog checks promql evaluate snapshot report formats languages settings
quick: $(VENV)/.dev tools ## Within a minute: style, types, imports, catalogue, queries, report, one build, promtool on the rules
	@$(MAKE) --no-print-directory lint check
	@$(PYTEST) -q $(QUICK:%=tests/test_%.py) tests/test_rules.py::test_promtool_finds_no_fault $(ARGS)

release-checks: $(VENV)/.dev tools ## What must hold before a release: docs/cost.md and docs/scorecard.md are of what there is
	@$(BIN)/python tests/cost_page_check.py
	@$(BIN)/python tools/scorecard.py fresh --digest
	@! grep -q '^HOME = .*\.example"' generator/vllm_observability/__init__.py || \
	  { echo "HOME in generator/vllm_observability/__init__.py is an example: name where this is published" >&2; exit 1; }

build: $(VENV)/.runtime ## Write dashboards, rules and runbooks from the catalogue
	@$(OBS) build --out .

check: $(VENV)/.runtime ## Fail if the written files differ from what the catalogue gives
	@$(OBS) build --check --out .

lint: $(VENV)/.dev ## Style, formatting, types and direction of imports
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

format: $(VENV)/.dev ## Format the code and apply safe fixes
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

# One resolution for all supported Pythons and systems. The second lock is held to the first, so both can share an environment.
UV_COMPILE = UV_CUSTOM_COMPILE_COMMAND="make lock" .local/uv/bin/uv pip compile --quiet --universal --generate-hashes \
	--python-version 3.10 --no-emit-index-url $(ARGS)
lock: $(VENV)/pyvenv.cfg ## Pin dependencies again; ARGS=--upgrade moves them to their newest versions
	@$(BIN)/python -m venv .local/uv && .local/uv/bin/pip install -qq uv
	@$(UV_COMPILE) --group build --output-file requirements/runtime.lock pyproject.toml
	@$(UV_COMPILE) --group dev --constraint requirements/runtime.lock --output-file requirements/dev.lock pyproject.toml
	@$(UV_COMPILE) --group docs --constraint requirements/dev.lock --output-file requirements/docs.lock pyproject.toml
	@rm -rf .local/uv

tools: $(VENV)/pyvenv.cfg ## Make promtool, prometheus, amtool and VictoriaMetrics available to the tests
	@$(BIN)/python tools/fetch_tools.py vmalert

# Node.js 20 and Chromium are not fetched: npm's packages are locked, and nothing they bring runs at installation.
PREVIEW = tools/preview
$(PREVIEW)/node_modules: $(PREVIEW)/package-lock.json
	@command -v npm >/dev/null || { echo "Pictures need Node.js 20 or later (npm is not installed)." >&2; exit 1; }
	@echo "Installing the preview's components (first run, about a minute)…"
	@cd $(PREVIEW) && npm ci --silent
	@touch $@

$(PREVIEW)/dist: $(PREVIEW)/node_modules $(PREVIEW)/index.html $(wildcard $(PREVIEW)/src/* $(PREVIEW)/src/panels/*)
	@cd $(PREVIEW) && npx vite build --logLevel warn
	@touch $@

# SCENARIO: an incident to play (`vllm-obs simulate --list`); UP: more words, as --patient. TARGET: your own server's URL.
up: $(VENV)/.dev tools ## A live stack without Docker: a simulated fleet (SCENARIO=overload) or TARGET=URL, until Ctrl-C
	@$(BIN)/python tools/up.py $(if $(SCENARIO),--scenario $(SCENARIO)) $(if $(filter command line environment,$(origin TARGET)),--target "$$TARGET") $(UP)

# Nothing is asked of the network: Material would otherwise look for a newer version of itself.
MKDOCS = NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs

scorecard: $(VENV)/.dev tools ## Play the simulated incidents against the alerts; stale parts of docs/scorecard.md are written again
	@$(BIN)/python tools/scorecard.py play

bench: $(VENV)/.dev tools ## Measure what boards, rules and the command cost, up to 1,000 engines; writes docs/cost.md (an hour)
	@$(BIN)/python tools/bench/run.py

docs: $(VENV)/.docs ## Build the documentation site into .local/site, offline and strict
	@$(MKDOCS) build --strict --quiet --config-file tools/docs/mkdocs.yml
	@echo "The site is in .local/site; \`make docs-serve\` shows it."

docs-serve: $(VENV)/.docs ## Show the documentation site at http://127.0.0.1:8001, until Ctrl-C
	@$(MKDOCS) serve --config-file tools/docs/mkdocs.yml --dev-addr 127.0.0.1:8001

docs-check: docs $(PREVIEW)/node_modules ## Follow every link of the site, then read it in Chromium (Node.js)
	@$(BIN)/python tools/docs/site_check.py .local/site

preview: $(VENV)/.dev tools $(PREVIEW)/dist ## Draw every board and report as a picture into .local/preview (Node.js, Chromium)
	@$(BIN)/python $(PREVIEW)/preview.py check .local/preview
	@$(BIN)/python $(PREVIEW)/reports.py check .local/preview/reports

preview-serve: $(VENV)/.dev tools $(PREVIEW)/dist ## Show the boards over a made-up fleet in a browser, until Ctrl-C
	@$(BIN)/python $(PREVIEW)/preview.py serve

images: $(VENV)/.dev tools $(PREVIEW)/dist ## Draw the pictures in docs/images again
	@$(BIN)/python $(PREVIEW)/preview.py images docs/images
	@$(BIN)/python $(PREVIEW)/preview.py incidents docs/images
	@$(BIN)/python $(PREVIEW)/reports.py images docs/images
	@$(MAKE) --no-print-directory docs
	@$(BIN)/python tools/docs/site_check.py .local/site docs/images

live: $(VENV)/.dev tools ## The whole chain around a real vLLM on this machine's CPU (2 GB into .tools, 7 minutes)
	@$(BIN)/python tools/live/check.py

live-answers: $(VENV)/.dev ## What `capacity` and `compare` say of a real vLLM on this machine's CPU, and what then happens (20 minutes)
	@$(BIN)/python tools/live/answers.py

clean: ## Remove the environment, fetched tools, local results and caches
	rm -rf $(VENV) .tools .local $(PREVIEW)/dist $(PREVIEW)/node_modules .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis dist
	find generator tests tools -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamps: nothing is installed again until a lock or pyproject.toml changes.
INSTALL = $(BIN)/python -m pip install -qq
EDITABLE = $(INSTALL) --no-build-isolation --no-deps --editable .

$(VENV)/.runtime: requirements/runtime.lock pyproject.toml | $(VENV)/pyvenv.cfg
	@echo "Installing dependencies (first run, about a minute)…"
	@$(INSTALL) --require-hashes --requirement requirements/runtime.lock
	@$(EDITABLE)
	@touch $@

# Holds everything that .runtime asks for.
$(VENV)/.dev: requirements/dev.lock requirements/runtime.lock pyproject.toml | $(VENV)/pyvenv.cfg
	@echo "Installing dependencies for development (first run, about a minute)…"
	@$(INSTALL) --require-hashes --requirement requirements/dev.lock
	@$(EDITABLE)
	@touch $(VENV)/.runtime $@

$(VENV)/.docs: requirements/docs.lock $(VENV)/.runtime
	@echo "Installing the site's generator (first run)…"
	@$(INSTALL) --require-hashes --requirement requirements/docs.lock
	@touch $@

# Debian and Ubuntu package ensurepip, without which there is no pip in an environment, apart from Python.
$(VENV)/pyvenv.cfg:
	@command -v "$(PYTHON)" >/dev/null || \
	  { echo "$(PYTHON) not found: install Python 3.10 or later, or name it: make PYTHON=/path/to/python3" >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 10))' || \
	  { echo "$$("$(PYTHON)" --version 2>&1) is too old: name Python 3.10 or later, as in make PYTHON=python3.12" >&2; exit 1; }
	@if ! "$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null; then \
	  package=$$("$(PYTHON)" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])'); \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    echo "Installing $$package…"; \
	    { apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends $$package; } >/dev/null; \
	  else \
	    echo "$(PYTHON) cannot make environments: install the package $$package (sudo apt-get install $$package), then repeat." >&2; exit 1; \
	  fi; \
	fi
	@"$(PYTHON)" -m venv $(VENV)

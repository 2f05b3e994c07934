# Event Lens. `make run` starts it, `make test` proves it; CONTRIBUTING.md describes every target.
# Needs Python 3.11 or newer with venv, Node 20 or newer (make check), git and make. Everything else is
# installed into .venv, at the versions and hashes of requirements/.

SHELL := /bin/bash
.DEFAULT_GOAL := run
.DELETE_ON_ERROR:
.PHONY: run test check check-dashboard check-node check-sdks dashboard script format lock docs screenshots bench fuzz campaign faults clean

# Overridable: make test PYTHON=python3.13 TESTS=tests/enrich
PYTHON ?= python3
TESTS ?= tests
PYTEST_ARGS ?=

# What a developer's shell or a CI machine sets for its own installations must not redirect ours.
unexport PIP_USER PIP_TARGET PIP_PREFIX PIP_ROOT PIP_CONSTRAINT PIP_BUILD_CONSTRAINT PIP_REQUIREMENT PIP_NO_DEPS
unexport PIP_REQUIRE_VIRTUALENV PIP_NO_BINARY PIP_ONLY_BINARY
unexport PYTHONPATH PYTHONHOME PYTHONSTARTUP PYTHONWARNINGS

BIN := .venv/bin
# Published npm packages that tests drive; where npm is missing, those tests are skipped by name.
CLIENTS := $(if $(shell command -v npm),tests/clients/node_modules/.stamp sdks/node/node_modules/.stamp sdks/.cache/next/.stamp)
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
# The lock holds the build backend too, so the project itself installs offline.
INSTALL_SELF := $(PIP) install --no-deps --no-build-isolation --editable .

# The dashboard is built into the package. Where npm is missing, the API is served alone.
DASHBOARD := $(if $(shell command -v npm),eventlens/dashboard/index.html)
DASHBOARD_LOCK := $(addprefix dashboard/,package.json package-lock.json .npmrc)
DASHBOARD_SOURCE := $(shell find dashboard/src dashboard/public -type f ! -name schema.d.ts) \
	$(addprefix dashboard/,index.html replay.html vite.config.ts)

# So is the script for pages.
SCRIPT := $(if $(shell command -v npm),eventlens/scripts/e.js)
SDKS_LOCK := $(addprefix sdks/,package.json package-lock.json .npmrc) $(addsuffix /package.json,$(addprefix sdks/,web react vue nextjs))
SDKS_SOURCE := $(shell find sdks/web/src sdks/react/src sdks/vue/src sdks/nextjs/src -type f) sdks/build.mjs sdks/tsconfig.json

run: .venv/runtime.stamp $(DASHBOARD) $(SCRIPT)
	@$(if $(DASHBOARD),,echo "There is no npm here (it comes with Node 20 or newer): the API is served without the dashboard and the script." >&2;) \
	exec $(BIN)/eventlens serve

dashboard: eventlens/dashboard/index.html

script: eventlens/scripts/e.js

test: check $(CLIENTS) $(DASHBOARD) $(SCRIPT) $(if $(SCRIPT),sdks/.cache/packages.stamp)
	@# In the tree's order: files of few long tests would come last otherwise, and one core would wait for the other.
	$(BIN)/pytest -n auto --maxprocesses 8 --dist loadfile --no-loadscope-reorder $(PYTEST_ARGS) $(TESTS)

check: .venv/dev.stamp
	$(BIN)/ruff check --quiet
	$(BIN)/ruff format --check --quiet
	$(BIN)/lint-imports --no-logo
	$(BIN)/pyright
	@$(if $(DASHBOARD),$(MAKE) --no-print-directory check-dashboard check-node check-sdks,echo "There is no npm here: dashboard and SDKs are not checked." >&2)

# Types of the API as it is now; what it then has to satisfy is checked when either changed.
check-dashboard: .venv/dev.stamp
	@$(BIN)/python -m tools.openapi dashboard/.cache/openapi.json
	@$(MAKE) --no-print-directory dashboard/.cache/checked.stamp

# With the dashboard's compiler and linter: the package itself needs nothing.
check-node: sdks/node/.cache/checked.stamp

check-sdks: sdks/.cache/checked.stamp

format: .venv/dev.stamp
	$(BIN)/ruff check --quiet --fix
	$(BIN)/ruff format --quiet

docs: .venv/dev.stamp
	$(BIN)/python -m tools.docs

# SHOTS='overview funnels' takes some of them.
SHOTS ?=
screenshots: .venv/dev.stamp $(DASHBOARD)
	$(BIN)/python -m tools.screenshots $(SHOTS)

# BENCH='--only sustained' runs a part; docs/measuring.md.
bench: .venv/dev.stamp
	$(BIN)/python benchmarks/ingest.py $(BENCH)

# What it finds out about the code stays in .cache/fuzz and is where the next run begins.
FUZZ_SECONDS ?= 600
fuzz: .venv/dev.stamp
	@for target in payload doors sender; do \
		$(BIN)/python -m tests.fuzz.guided $$target --seconds $(FUZZ_SECONDS) --keep .cache/fuzz/$$target || exit; done

# Random streams against the slow answers of tests/oracle; CAMPAIGN='funnels paths' chooses kinds of question.
CAMPAIGN ?=
CAMPAIGN_SECONDS ?= 600
campaign: .venv/dev.stamp
	$(BIN)/python -m tests.oracle.campaign --seconds $(CAMPAIGN_SECONDS) $(CAMPAIGN)

# Every part killed and paused, again and again, under load; then each event must be there once, as the oracle says.
FAULT_SECONDS ?= 600
faults: .venv/dev.stamp
	FAULT_SECONDS=$(FAULT_SECONDS) $(BIN)/python -m pytest -q -s tests/journeys/test_many_processes.py

# Newest versions that pyproject.toml allows; dev.txt holds all of runtime.txt at the same versions.
COMPILE := .venv/bin/uv pip compile pyproject.toml --universal --python-version 3.11 --fork-strategy fewest --generate-hashes \
	--no-header --no-emit-index-url --quiet --upgrade
lock: .venv/dev.stamp
	$(COMPILE) --group build --output-file requirements/runtime.txt
	$(COMPILE) --group dev --constraints requirements/runtime.txt --output-file requirements/dev.txt
	$(subst pyproject.toml,,$(COMPILE)) --group pyproject.toml:deploy --constraints requirements/dev.txt --output-file requirements/deploy.txt

clean:
	rm -rf tests/clients/node_modules sdks/node_modules sdks/.cache sdks/node/node_modules sdks/node/.cache sdks/*/dist dashboard/node_modules dashboard/.cache \
		eventlens/dashboard eventlens/scripts .venv .cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/bin/python:
	@command -v "$(PYTHON)" >/dev/null || { echo "Event Lens needs Python 3.11 or newer; there is no '$(PYTHON)' here (set PYTHON=…)." >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Event Lens needs Python 3.11 or newer; $(PYTHON) is %d.%d (set PYTHON=…)." % sys.version_info[:2])'
	@"$(PYTHON)" -c 'import venv, ensurepip' 2>/dev/null || { echo "Event Lens needs Python's venv module; $(PYTHON) lacks it (on Debian: apt-get install python3-venv)." >&2; exit 1; }
	@"$(PYTHON)" -m venv --clear .venv

# One stamp per lock: set-up runs again only when a lock or the project's own metadata changed.
.venv/runtime.stamp: requirements/runtime.txt pyproject.toml | .venv/bin/python
	@echo "Installing what Event Lens needs into .venv (once; some hundred megabytes) ..."
	@$(PIP) install --require-hashes -r requirements/runtime.txt
	@$(INSTALL_SELF)
	@touch $@

.venv/dev.stamp: requirements/dev.txt pyproject.toml | .venv/bin/python
	@echo "Installing what Event Lens and its tests need into .venv (once; some hundred megabytes) ..."
	@$(PIP) install --require-hashes -r requirements/dev.txt
	@$(INSTALL_SELF)
	@touch .venv/runtime.stamp $@

# What the build needs, and what checks need beyond that.
dashboard/node_modules/.build.stamp: $(DASHBOARD_LOCK)
	@echo "Installing what the dashboard is built with into dashboard/node_modules (once) ..."
	@cd dashboard && npm ci --omit=dev --loglevel=error --no-progress
	@touch $@

dashboard/node_modules/.dev.stamp: $(DASHBOARD_LOCK)
	@echo "Installing what the dashboard is built and checked with into dashboard/node_modules (once) ..."
	@cd dashboard && npm ci --loglevel=error --no-progress
	@touch dashboard/node_modules/.build.stamp $@

eventlens/dashboard/index.html: dashboard/node_modules/.build.stamp $(DASHBOARD_SOURCE)
	@echo "Building the dashboard ..."
	@cd dashboard && npm run --silent build -- --logLevel error
	@touch $@

dashboard/.cache/checked.stamp: dashboard/node_modules/.dev.stamp dashboard/.cache/openapi.json $(DASHBOARD_SOURCE) \
		dashboard/tsconfig.json dashboard/eslint.config.js
	@cd dashboard && npm run --silent types >/dev/null && npm run --silent check
	@touch $@

sdks/node/.cache/checked.stamp: dashboard/node_modules/.dev.stamp $(wildcard sdks/node/src/*.ts) \
		$(addprefix sdks/node/,tsconfig.json eslint.config.js build.mjs)
	@cd sdks/node && npm run --silent check
	@mkdir -p $(@D) && touch $@

sdks/node/node_modules/.stamp: $(addprefix sdks/node/,package.json package-lock.json .npmrc)
	@echo "Installing the frameworks that tests run Node's SDK in into sdks/node/node_modules (once) ..."
	@cd sdks/node && npm ci --loglevel=error --no-progress
	@touch $@

# Chosen here and not locked: a lock holds Next's compilers only for the platforms that its registry has.
sdks/.cache/next/.stamp: sdks/.npmrc Makefile
	@echo "Installing Next, which the example of it is built with, into sdks/.cache/next (once) ..."
	@# With a package.json of its own: npm would install it into the nearest folder above that has one.
	@mkdir -p $(@D) && cp sdks/.npmrc $(@D) && echo '{"private":true}' >$(@D)/package.json && cd $(@D) && npm install --no-save --no-package-lock --loglevel=error --no-progress \
		next@16.4.6 react@19.3.1 react-dom@19.3.1 >/dev/null
	@touch $@

# What the script is built with; what the packages are checked and built with beyond that.
sdks/node_modules/.build.stamp: $(SDKS_LOCK)
	@echo "Installing what the script for pages is built with into sdks/node_modules (once) ..."
	@cd sdks && npm ci --omit=dev --loglevel=error --no-progress
	@touch $@

sdks/node_modules/.dev.stamp: $(SDKS_LOCK)
	@echo "Installing what the SDKs are built and checked with into sdks/node_modules (once) ..."
	@cd sdks && npm ci --loglevel=error --no-progress
	@touch sdks/node_modules/.build.stamp $@

eventlens/scripts/e.js: sdks/node_modules/.build.stamp $(SDKS_SOURCE)
	@cd sdks && npm run --silent script
	@touch $@

sdks/.cache/packages.stamp: sdks/node_modules/.dev.stamp $(SDKS_SOURCE)
	@cd sdks && npm run --silent packages
	@mkdir -p $(@D) && touch $@

# Linted with the dashboard's linter.
sdks/.cache/checked.stamp: sdks/node_modules/.dev.stamp dashboard/node_modules/.dev.stamp $(SDKS_SOURCE) sdks/eslint.config.js
	@cd sdks && npm run --silent check
	@mkdir -p $(@D) && touch $@

tests/clients/node_modules/.stamp: $(addprefix tests/clients/,package.json package-lock.json .npmrc)
	@echo "Installing the clients that tests drive into tests/clients/node_modules (once) ..."
	@cd tests/clients && npm ci --loglevel=error --no-progress
	@touch $@

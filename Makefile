# The verbs of the project: the same on a laptop, in CI and in the image.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
UV := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-strip-extras --no-emit-index-url --no-annotate \
      --custom-compile-command "make lock"
LOCK := $(UV) pyproject.toml requirements/build.in

.PHONY: help setup demo up build test test-formulas test-services test-builds test-front lint types check audit golden peers bench chaos fuzz guard soak spark scale screens lock clean

help: ## List what can be done
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

.venv/runtime: requirements/runtime.lock
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, found " + sys.version.split()[0] + ": set PYTHON=python3.12, say") if sys.version_info < (3, 11) else None'
	@echo "Setting up .venv (once; a minute or two) ..."
	@$(PYTHON) -m venv .venv
	@$(PIP) --require-hashes -r requirements/runtime.lock
	@$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

.venv/dev: .venv/runtime requirements/dev.lock
	@echo "Adding the test tools to .venv ..."
	@$(PIP) --require-hashes -r requirements/dev.lock
	@touch $@

setup: .venv/dev ## Make .venv with everything, test tools included

demo: .venv/runtime ## Run the whole product on the stand-in market; needs no internet
	@$(BIN)/quant up --demo

up: .venv/runtime ## Run the whole product on Binance and Yahoo
	@$(BIN)/quant up

build: .venv/runtime ## Build the warehouse once
	@$(BIN)/quant build

# Parts that share nothing, side by side: one waits while the others compute.
FORMULAS := tests/formulas tests/laws tests/oracle tests/udfs tests/proof
SERVICES := tests/ingest tests/chaos tests/simulation tests/scheduler tests/guard \
  $(wildcard tests/api/test_edge_*.py tests/api/test_feed*.py) tests/api/test_sql.py tests/api/test_stream.py tests/api/test_slow_streams.py
# What people see: pages and commands.
FRONT := tests/dashboard tests/quant/test_cli.py tests/quant/test_build.py

test: .venv/dev ## Run every test that needs no fault campaign, on two cores
	@$(MAKE) --no-print-directory --jobs=4 --output-sync=target test-formulas test-services test-builds test-front

test-formulas: .venv/dev
	@$(BIN)/python -m pytest $(FORMULAS) -o cache_dir=.pytest_cache/formulas

test-services: .venv/dev
	@$(BIN)/python -m pytest $(SERVICES) -o cache_dir=.pytest_cache/services

test-builds: .venv/dev
	@$(BIN)/python -m pytest tests $(FORMULAS:%=--ignore=%) $(SERVICES:%=--ignore=%) $(FRONT:%=--ignore=%) -o cache_dir=.pytest_cache/builds

test-front: .venv/dev
	@$(BIN)/python -m pytest $(FRONT) -o cache_dir=.pytest_cache/front

lint: .venv/dev ## Style of the Python code
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: .venv/dev ## mypy --strict
	@$(BIN)/mypy

check: lint types test ## All three

audit: .venv/dev ## Known vulnerabilities in the pinned set
	@$(BIN)/pip-audit --require-hashes -r requirements/runtime.lock

.venv-golden/programs: requirements/golden.lock
	@echo "Setting up .venv-golden for the programs that our numbers are compared with (once) ..."
	@$(PYTHON) -m venv .venv-golden
	@.venv-golden/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/golden.lock
	@touch $@

golden: .venv-golden/programs ## Make the golden values again, from independent programs on real series
	@for script in make_series $$(cd tests/golden && ls make_*.py | grep -v make_series | sed 's/\.py//'); do \
	    echo "$$script"; .venv-golden/bin/python -m tests.golden.$$script || exit 1; done

.venv-bench/peers: requirements/bench.lock
	@echo "Setting up .venv-bench for the peers that we compare with (once) ..."
	@$(PYTHON) -m venv .venv-bench
	@.venv-bench/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bench.lock
	@touch $@

peers: .venv-bench/peers ## The clients and peers of `make bench`, in an environment of their own

bench: .venv/dev .venv-bench/peers ## Start-up, freshness, readers, real clients, throughput beside peers: half an hour
	@$(BIN)/python -m bench.startup
	@$(BIN)/python -m bench.freshness
	@$(BIN)/python -m bench.readers
	@$(BIN)/python -m bench.clients
	@$(BIN)/python -m bench.ingest
	@$(BIN)/python -m bench.metrics
	@$(BIN)/python -m bench.correlations
	@$(BIN)/python -m bench.options
	@$(BIN)/python -m bench.edge
	@$(BIN)/python -m bench.api
	@$(BIN)/python -m bench.dashboard

chaos: .venv/dev ## Kill the recorder a hundred times, fail its disk, simulate, replay signals: more than an hour
	@$(BIN)/python -m tests.chaos
	@$(BIN)/python -m tests.chaos.replay
	@$(BIN)/python -m tests.simulation --seeds 0:200
	@$(BIN)/python -m tests.simulation --minutes 30

fuzz: .venv/dev ## Thousands of made-up questions to the API, its filters against SQL, any input to options and parsers
	@FUZZ_EXAMPLES=100 $(BIN)/python -m pytest tests/api/test_fuzz.py tests/api/test_filters.py -s
	@HYPOTHESIS_PROFILE=search $(BIN)/python -m pytest $(shell grep -rl "^from hypothesis" tests/udfs tests/ingest)

soak: .venv/dev ## Half of what the API can carry, with publishes and slow clients: half an hour, more with its build
	@$(BIN)/python -m bench.soak

guard: .venv/dev ## Every attack on POST /sql against a running API: in time, in memory, refused; two minutes
	@$(BIN)/python -m tests.guard

.venv/scale: .venv/dev requirements/scale.lock
	@echo "Adding Spark and an object store's client to .venv (half a gigabyte, once) ..."
	@$(PIP) --require-hashes -r requirements/scale.lock
	@touch $@

spark: .venv/scale ## Add Spark and the client of object stores to .venv; Java 17 is the system's

scale: .venv/scale ## Builds on a real Spark cluster of this machine: equal, killed, damaged, in an object store; needs Java 17
	@$(BIN)/python -m pytest tests/scale -o python_files='proof_*.py' -o cache_dir=.pytest_cache/scale

screens: .venv/dev ## Every page of the dashboard as a picture, light, dark and on a phone, into docs/screens
	@$(BIN)/python -m tests.dashboard.screens

lock: .venv/dev ## Pin the newest allowed versions
	@$(LOCK) --upgrade -o requirements/runtime.lock
	@$(LOCK) --upgrade --extra dev -o requirements/dev.lock -c requirements/runtime.lock
	@$(LOCK) --upgrade --extra dev --extra scale --extra proof -o requirements/scale.lock -c requirements/dev.lock
	@for group in bench golden; do \
	    $(BIN)/python -c 'import sys, tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["project"]["optional-dependencies"][sys.argv[1]], sep="\n")' $$group > .venv/$$group.in; \
	    $(UV) .venv/$$group.in --upgrade -o requirements/$$group.lock || exit 1; done

clean: ## Remove what can be made again; data stays
	@rm -rf .venv .venv-bench .venv-vollib .venv-golden target logs .mypy_cache .ruff_cache .pytest_cache

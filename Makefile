# Two commands for a newcomer: `make demo` and `make test`. Everything else is listed by `make help`.
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help demo test lint types imports pytest crash fuzz fuzz-text api-fuzz bulk bench bench-text profile lock system clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## /\1\t/' | expand -t 12

# ── what runs need ──────────────────────────────────────────────────────────
.venv/made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; name it with: make PYTHON=python3.12 ..."; exit 1; }
	@echo "── making .venv"
	@$(PYTHON) -m venv .venv && touch $@

.venv/core: .venv/made requirements.lock pyproject.toml
	@echo "── installing what the gateway needs (once)"
	@$(PIP) install --progress-bar on --require-hashes -r requirements.lock
	@$(PIP) install --quiet --no-deps --no-build-isolation -e . && touch $@

.venv/demo: .venv/core demo.lock
	@echo "── installing what the demo needs (once)"
	@$(PIP) install --quiet --require-hashes -r demo.lock && touch $@

.venv/test: .venv/core tests/requirements.lock
	@echo "── installing what the tests need (once)"
	@$(PIP) install --progress-bar on --require-hashes --no-build-isolation -r tests/requirements.lock && touch $@

system: ## install what tests need beside Python: Node.js with npm, Debian's jose and Chromium
	@missing=""; command -v node >/dev/null || missing="$$missing nodejs"; command -v npm >/dev/null || missing="$$missing npm"; \
	command -v jose >/dev/null || missing="$$missing jose"; \
	command -v chromium >/dev/null || missing="$$missing chromium"; \
	if [ -n "$$missing" ]; then \
	  as=""; [ "$$(id -u)" = 0 ] || as=sudo; \
	  command -v apt-get >/dev/null || { echo "please install:$$missing"; exit 1; }; \
	  echo "── installing$$missing"; \
	  $$as apt-get update -qq && $$as env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing >/dev/null; \
	fi

# ── to see it ───────────────────────────────────────────────────────────────
demo: .venv/demo ## the main job, for real, on this machine (KEEP=1 leaves it running, JSON=1 for programs)
	@$(BIN)/gateway demo $(if $(KEEP),--keep) $(if $(JSON),--json)

# ── to guard it ─────────────────────────────────────────────────────────────
test: system .venv/test lint types imports pytest ## everything that guards the project

lint: .venv/test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/test
	$(BIN)/mypy

imports: .venv/test
	$(BIN)/lint-imports

pytest: .venv/test
	$(BIN)/python -m pytest -n 2 --dist worksteal

SEED ?= 1
N ?= 2000
crash: .venv/test ## kill -9 at random moments: make crash N=2000 SEED=7
	GATEWAY_TEST_KILLS=$(N) GATEWAY_TEST_SEED=$(SEED) $(BIN)/python -m pytest tests/crash -q -s --timeout 3600

fuzz: .venv/test ## the canary oracle at length, on all cores: make fuzz N=1000000 SEED=7
	@nice $(BIN)/python -m tests.fuzz.run --count $(N) --seed $(SEED)

fuzz-text: .venv/test ## random Unicode against the recognisers of free text: make fuzz-text N=100000 SEED=7
	@nice $(BIN)/python -m tests.text.fuzz --count $(if $(filter file,$(origin N)),100000,$(N)) --seed $(SEED)

api-fuzz: .venv/test ## schemathesis against a running gateway at length: make api-fuzz N=1000 SEED=7
	GATEWAY_TEST_EXAMPLES=$(N) GATEWAY_TEST_SEED=$(SEED) $(BIN)/python -m pytest tests/e2e/test_api_fuzz.py -q -s

bulk: .venv/test ## a registry of so many residents through the whole path: make bulk N=1000000 SEED=7
	@nice $(BIN)/python -m tests.bulk --count $(N) --seed $(SEED)

# ── to measure it ───────────────────────────────────────────────────────────
bench: .venv/test ## this gateway and a naive one, side by side
	$(BIN)/python -m benchmarks.shape
	$(BIN)/python -m benchmarks.run
	$(BIN)/python -m benchmarks.registry

bench-text: .venv/test ## what free text still gives away, by kind and language (ARGS="--all --held-out")
	$(BIN)/python -m benchmarks.text $(ARGS)

profile: .venv/test ## where one transfer's CPU goes
	$(BIN)/python -m benchmarks.profile

# ── to keep it ──────────────────────────────────────────────────────────────
COMPILE := uv pip compile pyproject.toml --group build --generate-hashes --universal --python-version 3.11 \
  --no-header --no-annotate --quiet
lock: ## write the lock files anew (needs uv)
	$(COMPILE) --extra demo --extra gunicorn -o requirements.lock
	$(COMPILE) --extra demo --extra sdk -c requirements.lock -o demo.lock
	$(COMPILE) --extra demo --extra sdk --extra gunicorn --group test -c requirements.lock -o tests/requirements.lock

clean: ## remove what was made here
	rm -rf .venv var .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

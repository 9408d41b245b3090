# Development targets. The two that matter: `make demo` and `make test`.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON ?=
GAX_PORT ?= 18080
SANDBOX_DIR ?= build/sandbox
DIALECT ?=
HOSTS_DIR ?= build/hosts
ONLY ?=
SCENARIO ?=
ARGS ?=

# Newer than the requirements: the environment is complete.
stamp := .venv/.setup-done
export PYTHON

.PHONY: help setup demo test lint docs sandbox hosts-up hosts-down hosts-test soak molecule contract bench clean

help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' Makefile

# Progress goes to stderr: the first line that `make sandbox` writes to stdout is for programs.
$(stamp): requirements-dev.txt tests/sandbox/requirements.txt tools/setup.sh
	@tools/setup.sh >&2
	@touch $@

setup: $(stamp)  ## virtual environment with all tools (Python 3.11)

demo: $(stamp)  ## deploy a whole chat solution into the sandbox and prove it
	@.venv/bin/python tools/demo.py

test: $(stamp)  ## every check of the repository (ONLY=lint,unit for some)
	@.venv/bin/python tools/check.py $(if $(ONLY),--only $(ONLY))

lint: $(stamp)  ## linters and types only
	@.venv/bin/python tools/check.py --only lint

docs: $(stamp)  ## the documentation site, in build/docs/html (offline; warnings are errors)
	@.venv/bin/python tools/docs.py

sandbox: $(stamp)  ## the embedded environment, until interrupted (GAX_PORT, SANDBOX_DIR, DIALECT)
	@PYTHONPATH=tests exec .venv/bin/python -m sandbox run --gax-port $(GAX_PORT) --dir '$(SANDBOX_DIR)' $(if $(DIALECT),--dialect $(DIALECT))

hosts-up: $(stamp)  ## ten real hosts with systemd and sshd; needs root (HOSTS_DIR; docs/hosts.md)
	@PYTHONPATH=tests .venv/bin/python -m sandbox hosts up --dir '$(HOSTS_DIR)'

hosts-down: $(stamp)  ## remove the real hosts
	@PYTHONPATH=tests .venv/bin/python -m sandbox hosts down

hosts-test: $(stamp)  ## tests of the real hosts themselves; needs root
	@timeout 5400 .venv/bin/python -m pytest -q tests/hosts

soak: $(stamp)  ## upgrades under load, every fault at every phase, on two sets of real hosts; needs root, and hours; goes on where it was interrupted (ARGS=-k...)
	@PYTHONPATH=tests timeout --foreground 43200 .venv/bin/python -m hosts.soak $(ARGS)

molecule: $(stamp)  ## Molecule scenarios of the roles on real hosts; needs root (SCENARIO=package for one)
	@timeout 1800 .venv/bin/python tools/scenarios.py $(SCENARIO)

contract: $(stamp)  ## how does your GAX answer? GAX_URL, GAX_USERNAME, GAX_PASSWORD name it (ARGS=--read-only; docs/contract.md)
	@PYTHONPATH=tests .venv/bin/python -m contract --json build/contract/report.json $(ARGS)

bench: $(stamp)  ## measurements: tables, build/bench/*.json and a plot (about twenty-five minutes)
	@PYTHONPATH=tests .venv/bin/python -m benchmarks
	@PYTHONPATH=tests .venv/bin/python -m benchmarks.upgrade
	@PYTHONPATH=tests .venv/bin/python -m benchmarks.deploy
	@PYTHONPATH=tests .venv/bin/python -m benchmarks.agents
	@PYTHONPATH=tests .venv/bin/python -m benchmarks.picture

clean:  ## remove the virtual environment, caches and results
	@for record in /run/sandbox-hosts/*/hosts.json; do \
	    if grep -qs '"directory": "$(CURDIR)/' "$$record"; then \
	        prefix="$$(basename "$$(dirname "$$record")")"; \
	        echo "make clean: real hosts have their disks here; remove them first:" >&2; \
	        echo "  sudo PYTHONPATH=tests .venv/bin/python -m sandbox hosts down --prefix $$prefix" >&2; \
	        exit 1; \
	    fi; \
	done
	rm -rf .venv .cache .ansible .mypy_cache .pytest_cache .ruff_cache .hypothesis build dist tests/output
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Two commands matter: `make demo` runs the product, `make test` runs everything that CI runs.
# They need CPython 3.11 or 3.12 with venv, and make; nothing else.
PYTHON ?= $(shell for p in python3.12 python3.11 python3; do \
	  $$p -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null \
	    && { echo $$p; break; }; done)
VENV := .venv
RUN := $(VENV)/bin/python
ONLY ?=
MINUTES ?= 10

.DEFAULT_GOAL := help
.PHONY: help demo test check lint format messages bench faults lock services-stop clean

help:  ## this list
	@sed -n 's/^\([a-z-]*\):.*##/  make \1\t/p' $(MAKEFILE_LIST) | expand -t 24

demo: $(VENV)/.installed  ## run the product in the foreground; PORT and CSPLATFORM_HOME are honoured
	@exec $(RUN) -m csplatform.demo

test: $(VENV)/.installed-dev  ## format, lint, types, imports, migrations, translations and all tests
	@exec $(RUN) -m csplatform.checks

check: $(VENV)/.installed-dev  ## all of that but the tests; ONLY=name runs one
	@exec $(RUN) -m csplatform.checks $(or $(ONLY),fast)

lint: $(VENV)/.installed-dev  ## format and lint, without changing anything
	@exec $(RUN) -m csplatform.checks format lint

format: $(VENV)/.installed-dev  ## format the code and mend what ruff can mend
	@$(RUN) -m ruff format . && $(RUN) -m ruff check --fix .

messages: $(VENV)/.installed-dev  ## bring the language files to the strings in use, then name what is missing
	@$(RUN) -m csplatform.messages update && $(RUN) -m csplatform.messages compile && $(RUN) -m csplatform.messages check

bench: $(VENV)/.installed-dev  ## measure; ONLY=name runs one
	@exec $(RUN) -m tests.bench $(ONLY)

faults: $(VENV)/.installed-dev  ## kill processes at random under load for MINUTES=10
	@FAULT_MINUTES=$(MINUTES) exec $(RUN) -m pytest -m fault -q tests

lock:  ## pin versions and hashes anew
	@$(PYTHON) -m venv $(VENV)-lock && $(VENV)-lock/bin/python -m pip install --quiet uv
	@for name in requirements requirements-dev; do \
	  $(VENV)-lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	    --no-annotate $$name.in -o $$name.lock || exit 1; done
	@rm -r $(VENV)-lock

services-stop: $(VENV)/.installed  ## stop Postgres and Redis of this home, whoever started them
	@$(RUN) -m csplatform.embedded stop

clean:  ## remove the environment and caches; data in .csplatform stays
	rm -rf $(VENV) $(VENV)-lock .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} + ; find locale -name '*.mo' -delete 2>/dev/null || true

# The environment is made once; packages are installed again only when their lock changed.
$(VENV)/.made:
	@if [ -z "$(PYTHON)" ]; then \
	  echo "This needs CPython 3.11 or 3.12 (3.13 with a redis-server on PATH or REDIS_URL) with its venv module." >&2; \
	  echo "On Debian or Ubuntu: apt install python3-venv. Another Python: make demo PYTHON=/path/to/python3.12" >&2; \
	  exit 1; fi
	@$(PYTHON) -m venv --clear $(VENV) && touch $@

$(VENV)/.installed: requirements.lock | $(VENV)/.made
	@echo "• Installing packages (half a minute the first time)"
	@$(RUN) -P csplatform/install.py requirements.lock
	@touch $@

$(VENV)/.installed-dev: requirements-dev.lock | $(VENV)/.made
	@echo "• Installing packages for development (about a minute the first time)"
	@$(RUN) -P csplatform/install.py requirements-dev.lock
	@touch $@ $(VENV)/.installed

# make chat        set up .venv, build the index, serve the chat page on 127.0.0.1:7860
# make test        everything that has to hold: style, types, tests, and the evaluation's gate
# make lint        style and types alone
# make bench       how fast, each goal beside its reference (forty minutes)
# make clean       remove what builds and tests leave behind; `make distclean` removes .venv, too
#
#   make chat ARGS="--report my-report.pdf --port 8000"      talk about another report
#   make chat PYTHON=python3.12                              another interpreter (3.11 or newer)
#   make chat TORCH_INDEX=https://…                          take torch from this package index
#
# On Linux the package index's own torch brings gigabytes of CUDA libraries that this program does not use. Where disk
# or network are short, give the address of PyTorch's CPU builds (its install page has it) as TORCH_INDEX. Either way
# constraints.txt says which version.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
ARGS ?=
TORCH_INDEX ?=
TORCH_FROM := $(if $(TORCH_INDEX),--extra-index-url $(TORCH_INDEX))

# Each stamp says that a step was done; it is touched last, so that a step cut short is done again.
MADE := $(VENV)/.made
INSTALLED := $(VENV)/.installed
TESTABLE := $(VENV)/.installed-test

.PHONY: help chat test lint bench clean distclean

help:
	@sed -n 's/^# \{0,1\}//p' Makefile | sed -n '1,/^$$/p'

chat: $(INSTALLED)
	@$(BIN)/report-assistant chat $(ARGS)

test: lint
	$(BIN)/python -m pytest
	$(BIN)/python -m eval check

bench: $(TESTABLE)
	@$(BIN)/python -m eval bench $(ARGS)

lint: $(TESTABLE)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

$(MADE):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "report-assistant: Python 3.11 or newer is needed, but $(PYTHON) is $$($(PYTHON) --version 2>&1);" \
	       "name another one: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

# torch first and alone, so that its source can be chosen; the checkout itself is installed in place (-e).
$(INSTALLED): $(MADE) pyproject.toml constraints.txt
	$(PIP) install -c constraints.txt $(TORCH_FROM) torch
	$(PIP) install -c constraints.txt -e .
	@touch $@

$(TESTABLE): $(INSTALLED)
	$(PIP) install -c constraints.txt -e '.[test]'
	@touch $@

clean:
	rm -rf build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -not -path './$(VENV)/*' -prune -exec rm -rf {} +

distclean: clean
	rm -rf $(VENV)

# kerascomp: `make figures` and `make test` do all their own set-up, with kerascomp/setup.py. What the
# lessons need is in requirements.txt or requirements-modern.txt; requirements-dev.txt adds what tests,
# lint and benchmarks need, requirements-book.txt what the book needs. A second environment, beside
# the first one:
#     make test VENV=.venv-modern KERASCOMP_PYTHON=python3.13
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
VENV ?= .venv
export KERASCOMP_VENV := $(VENV)
PYTHON := $(VENV)/bin/python
READY := $(VENV)/.ready
READY_DEV := $(VENV)/.ready-dev
READY_BOOK := $(VENV)/.ready-book
# An environment that was copied or moved with its folder is made again.
ifneq ($(shell cat $(VENV)/.place 2>/dev/null),$(realpath $(VENV)))
  $(shell rm -f $(READY) $(READY_DEV) $(READY_BOOK))
endif
PINS := requirements.txt requirements-modern.txt pyproject.toml
# Two processes with a thread each are faster than one with two.
PYTEST := OMP_NUM_THREADS=1 TF_NUM_INTRAOP_THREADS=1 $(PYTHON) -m pytest -n 2 --dist worksteal
MODEL ?=

.PHONY: help install figures book test test-modern test-slow test-all style lint notebooks train tutorial results bench bench-stacks report clean

# Times are those of `make bench`.
TIMES := benchmarks/times.tsv
help: ## show this list
	@awk -F'\t|:.*## ' 'FNR == NR { if (/^#/) machine = substr($$0, 3); else time[$$1] = $$2; next } \
	  /^[a-z-]+:.*## / { printf "  make %-12s %-9s %s\n", $$1, time[$$1], $$2 } \
	  END { print "\n  Times were measured in a fresh clone on " machine "." }' $(TIMES) Makefile

install: $(READY) ## make .venv and install what the lessons need into it

$(READY): $(PINS)
	@sh .ci/install

$(READY_DEV): $(PINS) requirements-dev.txt
	@sh .ci/install --dev

$(READY_BOOK): $(PINS) requirements-dev.txt requirements-book.txt
	@sh .ci/install --book

figures: $(READY) ## execute the lessons that changed; redraw figures, say which numbers changed
	@$(PYTHON) -m kerascomp course run

book: $(READY_BOOK) ## build the site of the executed lessons in build/book
	@$(PYTHON) -m kerascomp course book

test: style ## everything that a change of code can break
	@$(PYTEST)

test-slow: $(READY_BOOK) lint ## the other tests: types, the book, every network and stored point again
	@$(PYTEST) -m slow

test-all: test ## all tests, and ten minutes of changed files instead of two
	@KERASCOMP_FUZZ_SECONDS=$${KERASCOMP_FUZZ_SECONDS:-20} $(MAKE) --no-print-directory test-slow

# The newest Python that the modern stack has wheels for.
MODERN := VENV=.venv-modern KERASCOMP_PYTHON=3.13
test-modern: $(READY_DEV) ## make test on the modern stack; files of one stack, read on the other
	@$(MAKE) --no-print-directory test $(MODERN)
	@for pair in ".venv .venv-modern" ".venv-modern .venv"; do \
	  set -- $$pair; rm -rf .cache/exchange; \
	  $$1/bin/python tests/exchange.py write .cache/exchange; \
	  $$2/bin/python tests/exchange.py read .cache/exchange; \
	done

style: $(READY_DEV)
	@$(PYTHON) -m ruff check .
	@$(PYTHON) -m ruff format --check kerascomp tests benchmarks
	@$(PYTHON) -m kerascomp course check

lint: style ## style and types of the code, shape of the lessons
	@$(PYTHON) -m mypy

notebooks: $(READY) ## build notebooks/*.ipynb and GLOSSARY.md from notebooks/src/*.py
	@$(PYTHON) -m kerascomp course build

train: $(READY) ## train the zoo again, or one network: make train MODEL=name
	@$(PYTHON) -m kerascomp course train $(MODEL)

tutorial: $(READY) ## train TensorFlow's tutorial network and ours again, and compare them
	@$(PYTHON) -m kerascomp course experiment tutorial

results: $(READY) ## measure every codec that has no stored rate points yet
	@$(PYTHON) -m kerascomp course measure

bench: $(READY_DEV) ## speed of coders and training against peers; times of these commands
	@$(PYTHON) benchmarks/speed.py
	@$(PYTHON) benchmarks/pictures.py
	@$(PYTHON) benchmarks/commands.py

bench-stacks: $(READY) ## a training step on the modern stack, against the classic one
	@$(MAKE) --no-print-directory install $(MODERN)
	@$(PYTHON) benchmarks/stacks.py

report: $(READY) ## results of the published networks
	@$(PYTHON) -m kerascomp course networks

clean: ## remove the environment, caches, executed lessons and book (keeps figures and weights)
	rm -rf $(VENV) .cache executed build

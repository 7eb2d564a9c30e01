# Thin on purpose: the work is in tools/, and each of those scripts can be run by itself.

.PHONY: help run test check bench bench-analyser bench-page watch e2e api-check faults soak sqlx setup clean-cache

help: ## This list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## Fetch what is missing, build, and serve TinyTummy with a demo family
	@tools/run

test: ## Everything CI runs
	@tools/test

check: ## The quick part of it: formatting and lints
	@tools/test check

bench: ## What the server does in a second, beside pgbench on the same database (QUICK=1: a minute), and bench-page
	@tools/bench
	@$(if $(QUICK),,tools/bench-page)

bench-analyser: ## How near the analyser comes to meals of known figures (CSV="a.csv b.csv" [FOODS=file] [WORST=20])
	@tools/bench-analyser $(CSV) $(if $(FOODS),--foods $(FOODS)) --worst $(or $(WORST),20)

bench-page: ## What a phone feels: Lighthouse, and from a tap to the entry on the page
	@tools/bench-page

watch: ## Run while you work: rebuild and reload on every change (first time: compiles cargo-leptos)
	@tools/watch

e2e: ## The browser tests alone
	@tools/e2e

api-check: ## The API against its document alone
	@tools/api-check

faults: ## Break one promise at a time, and see that a test notices
	@tools/faults/run

soak: ## Phones, a bad network and a dying server, for HOURS (1) with one seed after another
	@SYNC_HOURS=$(or $(HOURS),1) tools/with-postgres cargo test -p server --test sync -- --nocapture

sqlx: ## After changing a query or a migration: write .sqlx anew
	@tools/sqlx

setup: ## Fetch all tools now (compiler target, Node packages, PostgreSQL, Chromium, cargo-deny, schemathesis)
	@tools/setup rust node postgres browser deny schemathesis

clean-cache: ## Throw away everything that was fetched or built
	@. tools/env && rm -rf "$$CACHE"/{target,npm,bin,rust,rust.sh,pgserver-*,postgres-*,*.log,*.lock} end2end/node_modules && echo "Emptied $$CACHE"

SHELL := bash

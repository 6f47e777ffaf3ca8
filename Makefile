# Two commands matter: `make demo` and `make test`. Everything slow is kept in a cache, everything is safe to repeat.
SHELL := /bin/bash
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

help: ## this list
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

demo: ## a cut-off site with two HolmesGPT installations, made by `ansible-playbook site.yml -i airgap`
	@tests/tools/demo up

demo-down: ## take the demo away again
	@tests/tools/demo down

test: build lint unit sanity molecule e2e lab ## everything that has to pass

build: ## only what is slow, into the cache
	@tests/tools/site build --images full,light,light-0.16.1

lint: ## ruff, mypy strict, yamllint, ansible-lint (production)
	@tests/tools/lint

unit: ## unit and property tests, and playbooks without a cluster on the oldest and newest ansible-core
	@tests/tools/unit

sanity: ## ansible-test sanity on the built collection
	@tests/tools/sanity

molecule: ## molecule test, scenario default, in kind
	@tests/tools/in-venv molecule test

e2e: ## what must be shown on a cut-off cluster
	@tests/tools/e2e

lab: ## the lab itself: gap, pulls, two side by side, nothing left behind
	@tests/tools/in-venv pytest -p no:cacheprovider --verbose tests/lab/system

faults: ## kills, losses and hand edits while the role works, each in a lab; two hours, not part of test
	@tests/tools/lab-tests faults tests/faults

life: ## upgrade, rollback, plan, rotation, removal, accounts in both Helm majors, served throughout; an hour, not part of test
	@tests/tools/lab-tests life tests/life

fleet: ## bastions, ansible-runner, a remote worker, 20 hosts, slices, batches; needs openssh-client; 20 minutes, not part of test
	@tests/tools/lab-tests fleet tests/fleet

matrix: ## the role's whole path on three ansible-cores with both Helms; half an hour, not part of test
	@tests/tools/lab-tests matrix tests/matrix

mutation: ## breaks the rules in small ways and counts which breaks the tests notice; minutes, not part of test
	@tests/tools/mutation

bench: ## times and processor time beside raw commands and a plain playbook; half an hour, not part of test
	@tests/tools/bench

clean: ## the demo and the test labs; the cache stays
	@tests/tools/demo down
	@tests/tools/e2e down

.PHONY: help demo demo-down test build lint unit sanity molecule e2e lab faults life fleet matrix mutation bench clean

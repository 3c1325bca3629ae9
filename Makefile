# The tasks of this project: "make" lists them. GNU make and a POSIX shell are all they ask for.

BIN := .venv/bin
PYTHON_RUN := $(if $(wildcard $(BIN)/python),$(BIN)/python,python3)
SAM := AWS_DEFAULT_REGION=$${AWS_DEFAULT_REGION:-eu-west-1} SAM_CLI_TELEMETRY=0 .venv-sam/bin/sam
ARCHITECTURE ?= arm64
export ARCHITECTURE
PYTEST_ARGS ?=
# Two of them have a local stack and mostly wait for it.
WORKERS ?= 3
# Much of a run is the start of Pythons, which a machine that keeps no byte code makes several times slower.
unexport PYTHONDONTWRITEBYTECODE
COMPILE := $(BIN)/uv pip compile --quiet --generate-hashes --no-header --no-annotate --universal --python-version 3.12 --no-emit-index-url

# Our own files, committed or not; never what .gitignore names.
FILES = git ls-files --cached --others --exclude-standard --deduplicate
# Licences that a company can ship in its functions without asking its lawyers.
LICENCES := MIT;Apache;BSD;ISC;PSF;Python Software Foundation;CNRI

# The longest first.
CHECKS := types application templates secrets pages imports formatting lint licences
# Two at a time and to the end, each with its output in one piece where make can do that (GNU make 4).
TOGETHER := --keep-going -j 2 $(if $(filter output-sync,$(.FEATURES)),--output-sync=target)

.DEFAULT_GOAL := help
.PHONY: help up down test check $(CHECKS:%=check-%) fuzz bench build deploy smoke screenshots requirements secrets-baseline clean

help: ## list the tasks
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

up: ## start the local stack, or bring a running one up to date
	@infra/environment.sh local
	@$(BIN)/python -m infra.local.stack up

down: ## stop the local stack
	@infra/environment.sh local
	@$(BIN)/python -m infra.local.stack down

smoke: ## send a message through the running local stack, and a reply back
	@$(BIN)/python -m infra.local.stack.smoke

test: ## run all tests
	@infra/environment.sh development
	@infra/environment.sh helpdesk
	@infra/browser.sh
	@$(BIN)/python -m infra.frontend install
	$(BIN)/python -m pytest -n $(WORKERS) $(PYTEST_ARGS)

check: ## formatting, lint, types, import rules, built pages, template, secrets, licences
	@infra/environment.sh development
	@infra/environment.sh sam
	@$(MAKE) --no-print-directory $(TOGETHER) $(CHECKS:%=check-%)

check-types:
	$(BIN)/mypy
check-application:
	$(SAM) validate --lint
check-templates:
	$(BIN)/cfn-lint template.yaml infra/*.yaml
check-secrets:
	$(BIN)/detect-secrets-hook --baseline .secrets.baseline $$($(FILES)) || test $$? -eq 3 # 3: known ones have moved
check-pages:
	$(BIN)/python -m infra.frontend check
check-imports:
	$(BIN)/lint-imports
check-formatting:
	$(BIN)/ruff format --check .
check-lint:
	$(BIN)/ruff check .
check-licences:
	$(BIN)/pip-licenses --from=mixed --partial-match --allow-only="$(LICENCES)" \
		--packages $$(sed -n 's/^\([A-Za-z0-9._-]*\)==.*/\1/p' requirements/functions.txt) >/dev/null

screenshots: ## photograph both pages for the README, with a fresh local stack running
	@infra/browser.sh
	$(BIN)/python -m infra.documentation.screenshots

fuzz: ## fuzz a parser, guided by coverage: make fuzz TARGET=mail SECONDS=300
	@infra/environment.sh development
	$(BIN)/python -m tests.fuzz $(or $(TARGET),mail) --seconds $(or $(SECONDS),300)

bench: ## measure, and print the targets beside the results
	@infra/environment.sh development
	$(BIN)/python -m bench

build: ## build the pages, and the functions for AWS into .aws-sam/build (ARCHITECTURE=arm64 or x86_64)
	@infra/environment.sh local
	@infra/environment.sh frontend
	@infra/environment.sh sam
	@$(BIN)/python -m infra.frontend
	$(SAM) build --parameter-overrides Architecture=$(ARCHITECTURE)

deploy: build ## deploy to AWS; asks the first time and remembers in samconfig.local.toml
	@test -f samconfig.local.toml || cp samconfig.toml samconfig.local.toml
	SAM_CLI_TELEMETRY=0 .venv-sam/bin/sam deploy --guided --config-file "$(CURDIR)/samconfig.local.toml" \
		--parameter-overrides Architecture=$(ARCHITECTURE)

requirements: ## compile requirements/*.in into pinned and hashed *.txt
	@infra/environment.sh development
	$(COMPILE) requirements/development.in -o requirements/development.txt
	for name in installer webhook functions local frontend; do \
		$(COMPILE) -c requirements/development.txt requirements/$$name.in -o requirements/$$name.txt || exit 1; \
	done
	$(COMPILE) requirements/sam.in -o requirements/sam.txt
	$(COMPILE) requirements/helpdesk.in -o requirements/helpdesk.txt

secrets-baseline: ## accept the findings of the secret scan as they are now, after having looked at them
	$(BIN)/detect-secrets scan --exclude-files '^requirements/|^\.secrets|^tests/fixtures/|vectors\.json$$' $$($(FILES)) > .secrets.baseline.new
	mv .secrets.baseline.new .secrets.baseline

clean: ## remove what the tasks above have made, environments and the stopped local stack included
	@if [ -d .onethread ] && [ -x $(BIN)/python ]; then $(BIN)/python -m infra.local.stack down; fi
	rm -rf .onethread .aws-sam .cache .venv .venv-sam .venv-helpdesk .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis node_modules
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# What "sam build" calls for each function (template.yaml, BuildMethod: makefile).
build-WebhookFunction: FUNCTION := webhook
build-ChatFunction: FUNCTION := chat
build-SocketFunction: FUNCTION := socket
build-EmailFunction: FUNCTION := email
build-IngestFunction: FUNCTION := ingest
build-PublishFunction: FUNCTION := publish
build-DeliverFunction: FUNCTION := deliver
build-MediaFunction: FUNCTION := media
build-ForwardFunction: FUNCTION := forward
build-HelpdeskFunction: FUNCTION := helpdesk
build-WatchFunction: FUNCTION := watch
build-ApiFunction: FUNCTION := api
build-%Function:
	$(PYTHON_RUN) -m infra.packaging $(FUNCTION) "$(ARTIFACTS_DIR)" --architecture $(ARCHITECTURE)

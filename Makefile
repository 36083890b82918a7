# `make start` and `make test` need git, make, and Node.js 20 or later with npm; they install the rest.
# Recipes run on the Node.js that bin/find-node.js prints: the machine's, or a newer one in .toolchain/.
has_node = { command -v node && command -v npm; } >/dev/null || { echo "make: needs Node.js 20 or later with npm: https://nodejs.org/en/download" >&2; exit 69; };
on_node = $(has_node) node="$$(node bin/find-node.js)" && PATH="$$(dirname "$$node"):$$PATH" &&
# npm prints nothing itself, so a recipe prints only the output of its program.
npm = $(on_node) npm run --silent

# Clearer than Docker's own messages about sockets and flags.
wants = { $(1); } >/dev/null 2>&1 || { echo "make $@: needs Docker$(2), which is not available here: https://docs.docker.com/get-started/get-docker" >&2; exit 69; };
docker = $(call wants,docker version)
compose = $(call wants,docker compose version && docker version, with Compose)

.DEFAULT_GOAL := help
.PHONY: help install start seed dev test test-unit test-long fuzz mutation soak lint format typecheck coverage bench gate image up down clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-10s %s\n", $$1, $$2 }' Makefile

install: node_modules/.package-lock.json ## install the packages of the lockfile if they are missing

node_modules/.package-lock.json: package-lock.json
	@$(on_node) exec node bin/run-npm.js "installing packages" ci --include=dev
	@touch $@

start: install ## serve http://localhost:8000 with a demo team, until Ctrl-C
	@$(on_node) { grep -qs '^ *\(export  *\)\?TBG_HOST *=' .env || export TBG_HOST="$${TBG_HOST:-127.0.0.1}"; } && \
		exec node bin/tbg.js serve --demo

seed: install ## add POSTS (1000) demo posts, and print an API key
	@$(on_node) exec node bin/tbg.js seed $(if $(POSTS),--posts $(POSTS))

dev: install ## serve, and restart whenever a source file changes
	@$(on_node) exec npm run --silent dev

test: install ## run all tests; starts its own Postgres and Redis
	@$(on_node) node scripts/check-test-servers.ts && exec npm run --silent test </dev/null

test-unit: install ## run the tests that need neither servers nor other programs
	@$(npm) test:unit </dev/null

test-long: install ## run all tests, with races repeated 20 times; then fuzz, mutation and soak
	@export TBG_TEST_REPEAT=20 && $(npm) test </dev/null
	@$(MAKE) --no-print-directory fuzz mutation soak

fuzz: install ## send odd requests for FUZZ_SECONDS (120); FUZZ_SEED repeats a run
	@export FUZZ_SECONDS="$(or $(FUZZ_SECONDS),120)" && $(npm) fuzz </dev/null

mutation: install ## change the code and check that tests fail; AREA selects one area, MUTATION_SHARE a share of lines
	@$(npm) mutation </dev/null

soak: install ## run under load for SOAK_MINUTES (30) while servers and network fail
	@export SOAK_MINUTES="$(or $(SOAK_MINUTES),30)" && $(npm) soak </dev/null

lint: install ## run the linter
	@$(npm) lint

format: install ## format every file
	@$(npm) format

typecheck: install ## check the types
	@$(npm) typecheck

coverage: install ## run all tests and measure coverage; the report is in coverage/
	@$(npm) coverage </dev/null

bench: install ## run the benchmarks
	@$(on_node) exec node bench/run.ts

gate: install ## compare the CPU time of requests with the previous release; fails if it increases
	@$(on_node) exec node bench/run.ts gate

image: ## build the container image tbg-api; deploy/check-image.sh verifies it
	@$(docker) docker build --tag tbg-api \
		--build-arg TBG_BUILD_SHA="$$(git rev-parse --short HEAD 2>/dev/null || echo dev)" \
		--build-arg IMAGE_VERSION="$$(sed -n 's/^  "version": "\(.*\)",/\1/p' package.json)" \
		--build-arg IMAGE_SOURCE="$(IMAGE_SOURCE)" \
		--build-arg IMAGE_CREATED="$$(git log -1 --format=%cI 2>/dev/null)" .

up: ## start the service, TimescaleDB and Redis in containers; PROFILES="observability replicas" adds more
	@$(compose) $(if $(findstring observability,$(PROFILES)),TBG_OTLP_ENDPOINT="$${TBG_OTLP_ENDPOINT:-http://jaeger:4318}") \
		docker compose $(PROFILES:%=--profile %) up --build --detach --wait

down: ## stop these containers; the data stays
	@$(compose) docker compose --profile observability --profile replicas down

clean: ## remove the output of builds and test runs
	@rm -rf dist coverage test-results

# Run `make` for a list of what can be made. Needs Go; `make e2e` and `make testbed` need root and Debian's packages.
GO       ?= go
VERSION  ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
COMMIT   ?= $(shell git rev-parse --short=12 HEAD 2>/dev/null || echo unknown)
FUZZTIME ?= 10s
SOAK     ?= 1650
PACKAGES ?= ./...

LINT = $(GO) tool -modfile=.golangci/go.mod golangci-lint

# The race detector needs a C compiler; without one Go answers 0.
RACE = $(if $(filter 1,$(shell $(GO) env CGO_ENABLED)),-race)

.DEFAULT_GOAL := help
.PHONY: help build test e2e lint fuzz bench soak planted testbed prompts clean

help: ## this list
	@sed -n 's/^\([a-z0-9]*\):.*## \(.*\)/\1|\2/p' $(MAKEFILE_LIST) | \
		while IFS='|' read -r target text; do printf '  make %-9s %s\n' "$$target" "$$text"; done

build: ## bin/missedcalls, one static binary
	CGO_ENABLED=0 $(GO) build -trimpath -buildvcs=false \
		-ldflags '-s -w -X main.version=$(VERSION) -X main.commit=$(COMMIT)' -o bin/missedcalls ./cmd/missedcalls

# What simulates for long and has no goroutine goes without the race detector, which would find nothing and take minutes.
SIMULATIONS = missedcalls/queueflow/sim missedcalls/queueflow/estimate/scenario
tested      = $(shell $(GO) list $(PACKAGES))

test: ## every test that needs nothing but Go
	$(if $(RACE),,@echo 'no C compiler (cgo is off): testing without the race detector')
	$(if $(filter $(SIMULATIONS),$(tested)),$(GO) test -timeout 10m $(filter $(SIMULATIONS),$(tested)))
	$(if $(filter-out $(SIMULATIONS),$(tested)),$(GO) test $(RACE) -timeout 10m $(filter-out $(SIMULATIONS),$(tested)))

# Two packages at a time, for they mostly wait; the last by name takes longest and begins first.
e2e: build testbed ## the tests against a real Asterisk, with the built binary
	$(GO) test -tags e2e -count 1 -p 2 -parallel 4 -timeout 15m $$(dirname $$(grep -rl --include='*_test.go' '^//go:build e2e' .) | sort -ru)

lint: ## formatting, vet, golangci-lint, modules
	@unformatted=$$(gofmt -l .); test -z "$$unformatted" || { echo "run gofmt -w on:"; echo "$$unformatted"; exit 1; }
	$(GO) vet ./...
	$(GO) vet -tags e2e ./...
	$(GO) mod tidy -diff
	$(GO) mod verify
	$(LINT) run

fuzz: ## every fuzz target for FUZZTIME (10s)
	@for file in $$(grep -rl --include='*_test.go' '^func Fuzz' .); do \
		for target in $$(sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\)(.*/\1/p' "$$file"); do \
			echo "$$(dirname "$$file") $$target"; \
			$(GO) test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) "$$(dirname "$$file")" || exit 1; \
		done; \
	done

bench: ## every benchmark, without the tests
	$(GO) test -run '^$$' -bench . -benchmem $$(dirname $$(grep -rl --include='*_test.go' '^func Benchmark' .) | sort -u)

soak: ## the simulations with SOAK (1650) seeds, a line each; a twentieth of them for those with driver, client and stand-in
	$(GO) test -count 1 -timeout 2h -v -run '^TestSimulation$$' ./queueflow/sim -seeds=$(SOAK)
	$(GO) test -count 1 -timeout 2h -run InTrouble ./app/stasis -seeds=$$(( $(SOAK) / 20 ))

planted: ## bugs planted by hand, each of which a simulation must find
	queueflow/sim/testdata/planted.sh

testbed: ## the folder a real Asterisk runs from, once a machine
	testbed/build.sh

prompts: ## the WAVs of app/prompts whose text was changed; root on Debian
	app/prompts/make.sh

clean: ## remove what was built here; the testbed's folder stays
	rm -rf bin
	$(GO) clean -testcache

# Everything a person does with this repository. `make help` explains each target.
#
# Only Go and make are needed to build and run. Tools that are not part of Go (the protobuf compiler, the linter,
# benchstat) are Go modules pinned in tests/tools and built by `go tool` on first use.

GO      ?= go
BIN     := bin
PREFIX  ?= /usr/local
DESTDIR ?=

# The Mesos release whose interfaces the programs speak; clients read it from /version.
VERSION  ?= 1.11.0
REVISION := $(shell git rev-parse --short=12 HEAD 2>/dev/null)
BUILDDATE := $(shell git log -1 --format=%cI 2>/dev/null)
BUILDUSER := $(shell id -un)
LDFLAGS  := -X mesos/cmd/internal/version.Version=$(VERSION) -X mesos/cmd/internal/version.Revision=$(REVISION) \
            -X mesos/cmd/internal/version.BuildDate=$(BUILDDATE) -X mesos/cmd/internal/version.BuildUser=$(BUILDUSER)

# Every folder of cmd with a main.go is a program. What runs beside tasks is built on its own: static and small.
SMALL    := mesos-executor mesos-logger mesos-probe mesos-shim
PROGRAMS := $(filter-out $(SMALL),$(sort $(patsubst cmd/%/main.go,%,$(wildcard cmd/*/main.go))))
EXAMPLES := $(dir $(wildcard cmd/examples/*/main.go cmd/examples/*/*/main.go))

TOOL := $(GO) tool -modfile=tests/tools/go.mod
LINT := $(GO) tool -modfile=tests/tools/lint/go.mod golangci-lint

# Packages that need no built programs, and those of them that run concurrent code.
UNIT := ./messages/... ./actors/... ./isolators/... ./registry/... ./webui/... ./cmd/...
RACE := ./actors/...

RUN_FLAGS ?=
BENCH     ?= .
BENCHTIME ?= 1s
COUNT     ?= 1
OLD       ?=
SOAK      ?= 1m
ROUNDS    ?= 20
FAULTS    ?= 10m
MODEL     ?= 2000
SEEDS     ?= 1000
SEED      ?=

.DEFAULT_GOAL := help

.PHONY: help
help: ## Explain every target (this text)
	@echo 'usage: make <target> [NAME=value ...]'
	@echo
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: build
build: ## Build every program into bin/, the examples into bin/examples/
	@mkdir -p $(BIN)
	$(GO) build -o $(BIN)/ -ldflags '$(LDFLAGS)' $(PROGRAMS:%=./cmd/%)
	CGO_ENABLED=0 $(GO) build -o $(BIN)/ -ldflags '-s -w $(LDFLAGS)' $(SMALL:%=./cmd/%)
ifneq ($(EXAMPLES),)
	@mkdir -p $(BIN)/examples
	$(GO) build -o $(BIN)/examples/ $(EXAMPLES:%=./%)
endif

.PHONY: run
run: build ## Build, then run a cluster on this machine until Ctrl-C (RUN_FLAGS='--agents 3')
	$(BIN)/mesos local $(RUN_FLAGS)

.PHONY: test
test: build unit sim race suites ## Vet, unit tests, simulated hours, race detector on the actors, then real programs and real clients

.PHONY: unit
unit: ## The quick part of test: vet and every package's own tests
	$(GO) vet ./...
	$(GO) test $(UNIT)

.PHONY: sim
sim: ## The part of test that lives through SEEDS=1000 random hours of a simulated cluster (SEED=n: one of them, with its story)
	SEED='$(SEED)' SEEDS='$(SEEDS)' $(GO) test -count=1 -timeout 0 -run '^TestSeeds$$' $(if $(SEED),-v) ./actors/simtest

# The race detector is C code. Where no C compiler is found this says so instead of failing a machine that has only Go.
.PHONY: race
race: ## The part of test under the race detector (needs a C compiler)
	@if [ "$$($(GO) env CGO_ENABLED)" = 1 ] && command -v $$($(GO) env CC) >/dev/null; then \
	  echo '$(GO) test -race $(RACE)'; $(GO) test -race $(RACE); \
	else echo 'race: not run: the race detector needs cgo and the C compiler "'$$($(GO) env CC)'"'; fi

# -count=1: Go's test cache does not see the programs that these tests start.
# -p, -parallel: they mostly wait for timeouts of those programs, so more of them run at once than there are processors.
SUITES_FLAGS := -p 4 -parallel 8

.PHONY: suites
suites: build ## The part of test that starts the built programs as real processes
	MESOS_TEST_BIN='$(CURDIR)/$(BIN)' $(GO) test -count=1 $(SUITES_FLAGS) ./tests/...

# Four minutes on two idle cores, and only for who asks: tests that need the server are skipped without it.
# tests/consul finds it by this name.
CONSUL = $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/mesos-tests/consul-$(shell $(GO) env GOARCH)-$(shell sha256sum tests/consul/server/go.sum | cut -c1-12)

.PHONY: consul
consul: ## Build the Consul server that tests of an elected master need, once, into the user's cache (some minutes)
	@test -x '$(CONSUL)' || { mkdir -p '$(dir $(CONSUL))' && cd tests/consul/server && \
	  $(GO) build -trimpath -ldflags '-s -w' -o '$(CONSUL).new' github.com/hashicorp/consul && mv '$(CONSUL).new' '$(CONSUL)'; }
	@echo '$(CONSUL)'

.PHONY: sim-coverage
sim-coverage: ## Try every fault at every message and write of every protocol in the simulator, and print the table
	cd actors/simtest && SIM_COVERAGE=all $(GO) test -count=1 -timeout 0 -run '^TestCrashPoints$$'

.PHONY: mutations
mutations: ## Build each deliberate bug of tests/mutations and have the simulator find it; print the table (MUTATIONS=name,name: some)
	cd tests/mutations && MUTATIONS='$(or $(MUTATIONS),all)' $(GO) test -count=1 -timeout 0 -run '^TestMutations$$'

.PHONY: bench
bench: build ## Run benchmarks into bench.txt (BENCH=regexp COUNT=6; OLD=file compares with an earlier run)
	{ $(GO) test -run '^$$' -bench '$(BENCH)' -benchmem -benchtime $(BENCHTIME) -count $(COUNT) $(UNIT) && \
	  MESOS_TEST_BIN='$(CURDIR)/$(BIN)' $(GO) test -run '^$$' -bench '$(BENCH)' -benchtime $(BENCHTIME) -count $(COUNT) ./tests/e2e && \
	  cd tests/bench && $(GO) test -run '^$$' -bench '$(BENCH)' -benchmem -benchtime $(BENCHTIME) -count $(COUNT) .; } > bench.txt || { cat bench.txt; exit 1; }
	@cat bench.txt
ifneq ($(OLD),)
	$(TOOL) benchstat $(OLD) bench.txt
endif

.PHONY: soak
soak: build ## What takes long: a nemesis for FAULTS=10m, fuzzing for SOAK=1m a target, 140,000 steps of the allocator's model (MODEL=2000), 100,000 simulated hours, 10,000 frameworks, ROUNDS=20 of the race tests and suites
	MESOS_TEST_BIN='$(CURDIR)/$(BIN)' FAULTS_FOR=$(FAULTS) $(GO) test -timeout 0 -count=1 -v -run Nemesis ./tests/faults
	@for p in $$($(GO) list $(UNIT)); do \
	  for f in $$($(GO) test -list '^Fuzz' $$p | grep '^Fuzz'); do \
	    echo "fuzz $$p $$f for $(SOAK)"; \
	    $(GO) test -run '^$$' -fuzz "^$$f\$$" -fuzztime $(SOAK) $$p || exit 1; \
	  done; \
	done
	$(GO) test -timeout 0 -run TestModel -rapid.checks=$(MODEL) ./actors/allocator
	$(MAKE) sim SEEDS=100000
	FRAMEWORKS=10000 $(GO) test -count=1 -run FrameworksComeAndGo -v ./actors/master
	$(GO) test -race -timeout 0 -count=$(ROUNDS) $(RACE)
	MESOS_TEST_BIN='$(CURDIR)/$(BIN)' $(GO) test -timeout 0 -count=$(ROUNDS) $(SUITES_FLAGS) ./tests/...

.PHONY: lint
lint: ## Check style and common mistakes with golangci-lint (the first run builds it: some minutes)
	$(LINT) run ./...

.PHONY: generate
generate: ## Write the Go code of the protobuf messages anew
	cd messages && $(GO) tool -modfile=../tests/tools/go.mod buf generate

.PHONY: webui
webui: ## Say how the web pages get into the master (there is nothing to build)
	@echo 'webui: the master serves one plain page that is part of its Go code; nothing to build'

.PHONY: install
install: build ## Copy the programs to DESTDIR/PREFIX/bin (PREFIX=/usr/local)
	install -d '$(DESTDIR)$(PREFIX)/bin'
	install -m 755 $(addprefix $(BIN)/,$(PROGRAMS) $(SMALL)) '$(DESTDIR)$(PREFIX)/bin/'

.PHONY: clean
clean: ## Remove what the other targets made
	rm -rf $(BIN) bench.txt

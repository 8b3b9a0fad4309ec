# Everything a person does with this repository. `make help` explains each target.
#
# Only Go and make are needed to build and run; the web pages need Node, too, and are left out without it. Tools that
# are not part of Go (the protobuf compiler, the linter, benchstat) are Go modules pinned in tests/tools and built by
# `go tool` on first use.

GO      ?= go
BIN     := bin
PREFIX  ?= /usr/local
DESTDIR ?=
BUILD   := build# BUILD= installs and packs what is in bin/ already

# The Mesos release whose interfaces the programs speak; clients read it from /version.
VERSION  ?= 1.11.0
REVISION := $(shell git rev-parse --short=12 HEAD 2>/dev/null)
BRANCH := $(shell git symbolic-ref -q HEAD 2>/dev/null)
BUILDDATE := $(shell git log -1 --format=%cI 2>/dev/null)
BUILDUSER := $(shell id -un)
LDFLAGS  := -X mesos/cmd/internal/version.Version=$(VERSION) -X mesos/cmd/internal/version.Revision=$(REVISION) \
            -X mesos/cmd/internal/version.Branch=$(BRANCH) \
            -X mesos/cmd/internal/version.BuildDate=$(BUILDDATE) -X mesos/cmd/internal/version.BuildUser=$(BUILDUSER)

# Where mesos-init begins: see isolators/boot/early.
EARLY = $(if $(filter amd64,$(shell $(GO) env GOARCH)),-E mesos/isolators/boot/early.start)

# Every folder of cmd with a main.go is a program. What runs beside tasks is built on its own: static and small.
SMALL    := mesos-docker-executor mesos-executor mesos-init mesos-logger mesos-oci mesos-probe mesos-shim
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

WEBUI := $(if $(shell command -v npm 2>/dev/null),webui/dist/index.html.gz)

.PHONY: build
build: $(WEBUI) ## Build every program into bin/, the examples into bin/examples/
	@mkdir -p $(BIN)
	$(GO) build -o $(BIN)/ -ldflags '$(LDFLAGS)' $(PROGRAMS:%=./cmd/%)
	CGO_ENABLED=0 $(GO) build -o $(BIN)/ -ldflags '-s -w $(LDFLAGS)' -ldflags 'mesos/cmd/mesos-init=-s -w $(EARLY)' $(SMALL:%=./cmd/%)
ifneq ($(EXAMPLES),)
	@mkdir -p $(BIN)/examples
	CGO_ENABLED=0 $(GO) build -o $(BIN)/examples/ $(EXAMPLES:%=./%)
endif

.PHONY: run
run: build ## Build, then run a cluster on this machine until Ctrl-C (RUN_FLAGS='--agents 3')
	$(BIN)/mesos local $(RUN_FLAGS)

.PHONY: test
test: setup consul-ahead build unit sim race suites ## Vet, unit tests, simulated hours, race detector on the actors, then real programs and real clients

.PHONY: setup
setup: ## Install what the suites use beyond Go and make, by root on Debian (no time when all is there)
	@tests/setup.sh

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
	  echo '$(GO) test -race -timeout 20m $(RACE)'; $(GO) test -race -timeout 20m $(RACE); \
	else echo 'race: not run: the race detector needs cgo and the C compiler "'$$($(GO) env CC)'"'; fi

# -count=1: Go's test cache does not see the programs that these tests start.
# -p, -parallel: they mostly wait for timeouts of those programs, so more of them run at once than there are processors.
SUITES_FLAGS := -p 4 -parallel 8
# They are begun in this order: with the one that takes longest, which would go on alone otherwise when all others are over.
SUITES := ./tests/isolation ./tests/...

.PHONY: suites
suites: build consul ## The part of test that starts the built programs as real processes
	MESOS_TEST_BIN='$(CURDIR)/$(BIN)' MESOS_TEST_CONSUL='$(CONSUL)' $(GO) test -count=1 -timeout 20m $(SUITES_FLAGS) $(SUITES)

# Some minutes, once for each version: go test alone skips tests that need the server and finds none, make does not.
# tests/consul finds it by this name. One build at a time: who comes second waits for the first.
CONSUL = $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/mesos-tests/consul-$(shell $(GO) env GOARCH)-$(shell sha256sum tests/consul/server/go.sum | cut -c1-12)

.PHONY: consul
consul: ## Build the Consul server that tests of an elected master need, once, into the user's cache (some minutes)
	@GO='$(GO)' tests/consul/server/build.sh '$(CONSUL)'

# make test needs the server last, so its build goes on beside the unit tests, and gives way to them.
.PHONY: consul-ahead
consul-ahead: ## Begin to build the Consul server in the background, if it is not there
	@test -x '$(CONSUL)' || { mkdir -p '$(dir $(CONSUL))'; GO='$(GO)' nice -n 15 tests/consul/server/build.sh '$(CONSUL)' >'$(CONSUL).log' 2>&1 </dev/null & }

.PHONY: sim-coverage
sim-coverage: ## Try every fault at every message and write of every protocol in the simulator, and print the table
	cd actors/simtest && SIM_COVERAGE=all $(GO) test -count=1 -timeout 0 -run '^TestCrashPoints$$'

.PHONY: mutations
mutations: ## Build each deliberate bug of tests/mutations and have the simulator find it; print the table (MUTATIONS=name,name: some)
	cd tests/mutations && MUTATIONS='$(or $(MUTATIONS),all)' $(GO) test -count=1 -timeout 0 -run '^TestMutations$$'

.PHONY: bench-marathon
bench-marathon: ## Deploy 1,000 apps of 10 instances on a simulated cluster: time to all running, heap of all and of marathon alone (APPS=1000)
	MARATHON_APPS=$(or $(APPS),1000) $(GO) test -count=1 -v -run TestMarathonDeploysThousands ./actors/simtest

.PHONY: bench
bench: build ## Run benchmarks into bench.txt (BENCH=regexp COUNT=6; OLD=file compares with an earlier run)
	{ $(GO) test -run '^$$' -bench '$(BENCH)' -benchmem -benchtime $(BENCHTIME) -count $(COUNT) $(UNIT) && \
	  MESOS_TEST_BIN='$(CURDIR)/$(BIN)' $(GO) test -run '^$$' -bench '$(BENCH)' -benchtime $(BENCHTIME) -count $(COUNT) ./tests/e2e && \
	  cd tests/bench && $(GO) test -run '^$$' -bench '$(BENCH)' -benchmem -benchtime $(BENCHTIME) -count $(COUNT) .; } > bench.txt || { cat bench.txt; exit 1; }
	@cat bench.txt
ifneq ($(OLD),)
	$(TOOL) benchstat $(OLD) bench.txt
endif

# At the end of its time go test -fuzz now and then calls its own deadline a failure (golang.org/issue/75804): without an input
# that fails it is none.
.PHONY: soak
soak: build consul ## What takes long: a nemesis for FAULTS=10m, cuts and kills around three chronoses for as long, ROUNDS=20 upgrades behind haproxy, failovers of ROUNDS=20 leaders and faults of a minute, more tests under cgroup v2, fuzzing for SOAK=1m a target, 140,000 steps of the allocator's model (MODEL=2000), 100,000 simulated hours, 10,000 frameworks, 1,000 containers with faults, ROUNDS=20 of the race tests and suites
	MESOS_TEST_BIN='$(CURDIR)/$(BIN)' FAULTS_FOR=$(FAULTS) $(GO) test -timeout 0 -count=1 -v -run Nemesis ./tests/faults
	MESOS_TEST_BIN='$(CURDIR)/$(BIN)' ISOLATION_LONG=1 $(GO) test -timeout 0 -count=1 -v -run '^TestOnCgroupV2$$' ./tests/isolation
	MESOS_TEST_BIN='$(CURDIR)/$(BIN)' MESOS_TEST_CONSUL='$(CONSUL)' CHRONOS_FOR=$(FAULTS) $(GO) test -timeout 0 -count=1 -v -run '^TestChronosUnderCuts$$' ./tests/hosts
	SEEDS=1000 $(GO) test -timeout 0 -count=1 -run Nemesis ./actors/chronos
	MESOS_TEST_BIN='$(CURDIR)/$(BIN)' UPGRADES=$(ROUNDS) $(GO) test -timeout 0 -count=1 -v -run HAProxy ./tests/e2e
	MESOS_TEST_BIN='$(CURDIR)/$(BIN)' MESOS_TEST_CONSUL='$(CONSUL)' HOSTS_LONG=1 HOSTS_ROUNDS=$(ROUNDS) $(GO) test -timeout 0 -count=1 -parallel 4 -v ./tests/hosts
	@for p in $$($(GO) list $(UNIT)); do \
	  for f in $$($(GO) test -list '^Fuzz' $$p | grep '^Fuzz'); do \
	    echo "fuzz $$p $$f for $(SOAK)"; \
	    out=$$($(GO) test -timeout 0 -run '^$$' -fuzz "^$$f\$$" -fuzztime $(SOAK) $$p 2>&1) || { echo "$$out"; \
	      case "$$out" in *'Failing input'*) exit 1;; *'    context deadline exceeded'*) ;; *) exit 1;; esac; }; \
	  done; \
	done
	$(GO) test -timeout 0 -run TestModel ./actors/allocator -rapid.checks=$(MODEL)
	$(MAKE) sim SEEDS=100000
	LEAKS=1000 $(GO) test -timeout 0 -count=1 -run '^TestNothingIsLeft$$' ./actors/containerizer
	CROWD_AGENTS=1000 CROWD_FOR=$(FAULTS) $(GO) test -timeout 0 -count=1 -v -run '^TestCrowd$$' ./tests/webui
	FRAMEWORKS=10000 $(GO) test -count=1 -run FrameworksComeAndGo -v ./actors/master
	$(GO) test -race -timeout 0 -count=$(ROUNDS) $(RACE)
	MESOS_TEST_BIN='$(CURDIR)/$(BIN)' MESOS_TEST_CONSUL='$(CONSUL)' $(GO) test -timeout 0 -count=$(ROUNDS) $(SUITES_FLAGS) ./tests/...

.PHONY: lint
lint: ## Check style and common mistakes with golangci-lint (the first run builds it: some minutes)
	$(LINT) run ./...

.PHONY: generate
generate: ## Write the Go code of the protobuf messages anew
	cd messages && $(GO) tool -modfile=../tests/tools/go.mod buf generate

# npm ci loads exactly what package-lock.json says, by checksum.
.PHONY: webui
webui: ## Check and build the web pages into webui/dist, which the master embeds (needs Node 18 and npm)
	cd webui && npm ci --no-audit --no-fund --loglevel=error && npx tsc && node build.mjs

# Where npm is found the pages are part of the build; without it, or without a network, the master says how to add them.
webui/dist/index.html.gz: $(shell find webui/src -type f) webui/build.mjs webui/package-lock.json
	@$(MAKE) --no-print-directory webui || echo 'webui: not built; the master will say how to add its pages'

# Units name the programs by the place where the Debian package has them. Settings that are there stay as they are.
.PHONY: install
install: $(BUILD) ## Copy programs, systemd units, their settings, alert rules and a dashboard to DESTDIR (PREFIX=/usr/local; settings in /etc/default)
	install -d '$(DESTDIR)$(PREFIX)/bin' '$(DESTDIR)$(PREFIX)/lib/systemd/system' '$(DESTDIR)$(PREFIX)/lib/sysusers.d' '$(DESTDIR)/etc/default'
	install -m 755 $(addprefix $(BIN)/,$(PROGRAMS) $(SMALL)) '$(DESTDIR)$(PREFIX)/bin/'
	install -m 644 cmd/mesos-master/mesos.sysusers '$(DESTDIR)$(PREFIX)/lib/sysusers.d/mesos.conf'
	install -d '$(DESTDIR)$(PREFIX)/share/mesos'
	install -m 644 actors/metrics/ready/alerts.yml actors/metrics/ready/dashboard.json '$(DESTDIR)$(PREFIX)/share/mesos/'
	@set -e; for d in mesos-master mesos-agent marathon chronos; do \
	  unit='$(DESTDIR)$(PREFIX)/lib/systemd/system/'$$d.service settings='$(DESTDIR)/etc/default/'$$d; \
	  sed 's,^ExecStart=/usr/bin/,ExecStart=$(PREFIX)/bin/,' cmd/$$d/$$d.service >"$$unit"; chmod 644 "$$unit"; \
	  test -e "$$settings" || install -m 644 cmd/$$d/$$d.default "$$settings"; \
	done

# A later commit is a later version for dpkg.
DEB_ARCH    := $(shell $(GO) env GOARCH)
DEB_VERSION ?= $(VERSION)+git$(or $(shell TZ=UTC git log -1 --date=format-local:%Y%m%d%H%M%S --format=%cd 2>/dev/null),0).$(or $(REVISION),local)
DEB         ?= $(BIN)/mesos_$(DEB_VERSION)_$(DEB_ARCH).deb
DEB_STAGE   := bin/deb# as cmd/deb/nfpm.yaml says

.PHONY: deb
deb: ## Build a Debian package of what install copies into bin/ (the first run builds the packager: a minute)
	rm -rf '$(DEB_STAGE)'
	$(MAKE) --no-print-directory install DESTDIR='$(CURDIR)/$(DEB_STAGE)' PREFIX=/usr
	DEB_ARCH='$(DEB_ARCH)' DEB_VERSION='$(DEB_VERSION)' \
	  $(GO) tool -modfile=tests/tools/deb/go.mod nfpm package -f cmd/deb/nfpm.yaml -p deb -t '$(DEB)'
	rm -rf '$(DEB_STAGE)'
	@echo '$(DEB)'

.PHONY: clean
clean: ## Remove what the other targets made
	rm -rf $(BIN) bench.txt webui/node_modules
	find webui/dist -type f ! -name .gitignore -delete

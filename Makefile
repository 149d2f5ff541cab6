# webmon: "make demo" shows it, "make test" proves it, "make help" lists the rest.

GO      ?= go
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
COMMIT  := $(shell git rev-parse --short=12 HEAD 2>/dev/null || echo unknown)
LDFLAGS := -s -w -X webmon/app.version=$(VERSION) -X webmon/app.commit=$(COMMIT)
PREFIX  ?= /usr/local

# The linter is not a dependency of the module, so its version is kept here.
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2

# How long "make fuzz" stays with each target.
FUZZTIME ?= 10s

# What "make torture" does: every fault TIMES times, spread over DURATION.
SEED     ?= 1
TIMES    ?= 20
DURATION ?= 8m

.DEFAULT_GOAL := build
.PHONY: help deps deps-node deps-browser go build test lint docs pictures fuzz torture bench demo docker install clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  %-9s %s\n", $$1, $$2 }' Makefile

deps: go ## install the Debian packages that are missing
	@.ci/install-deps

deps-node: deps
	@.ci/install-deps node
	@.ci/npm-tools

deps-browser: deps-node
	@.ci/install-deps browser

go:
	@.ci/check-go $(GO)

build: deps ## build bin/webmon
	$(GO) build -trimpath -ldflags '$(LDFLAGS)' -o bin/webmon .

# Most tests wait for processes, so more of them run at once than there are cores.
test: deps deps-browser lint ## run every check and test, with the race detector
	$(GO) test -race -parallel 6 ./...

lint: deps deps-node ## check the format, the code and the API's description
	@unformatted=$$(gofmt -l .); test -z "$$unformatted" || { echo "not formatted, run gofmt -w on: $$unformatted"; exit 1; }
	$(GO) vet ./...
	$(GO) run $(STATICCHECK) ./...
	.ci/lint-openapi $(GO) run .

docs: build ## write docs/plugins.md anew
	bin/webmon plugins --markdown > docs/plugins.md

pictures: deps-browser ## take the pictures of the README anew
	$(GO) test -count=1 -timeout 30m -run '^TestPictures$$' ./app/browser -args -pictures=$(CURDIR)/docs/pictures -race-detector=false

# "go test -fuzz" takes one target of one package at a time.
fuzz: deps ## try each fuzz target for FUZZTIME
	@set -e; grep -rl --include='*_test.go' '^func Fuzz' . | sort | while read -r file; do \
		for target in $$(sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\)(.*/\1/p' "$$file"); do \
			echo "$$target in $$(dirname "$$file")"; \
			$(GO) test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) "$$(dirname "$$file")"; \
		done; \
	done

# The long form of app/torture; "make test" runs a short one. Give the SEED that a
# failure prints to run it again.
torture: deps ## break a whole webmon in every way, for DURATION, and count what is lost
	$(GO) test -count=1 -parallel=1 -timeout 3h -v ./app/torture -args -seed=$(SEED) -times=$(TIMES) -duration=$(DURATION) -jobs=100000 -race-detector=false

bench: deps ## run the benchmarks
	$(GO) test -run '^$$' -bench . -benchmem ./...

demo: build ## watch a demonstration site, or URLS="https://…"; ONCE=1 ends after the first defacement
	bin/webmon demo $(if $(ONCE),--once) $(URLS)

docker: ## build the container image webmon:VERSION
	docker build --build-arg VERSION=$(VERSION) --build-arg COMMIT=$(COMMIT) -t webmon:$(VERSION) .

install: build ## install the program and the systemd units (DESTDIR and PREFIX are honoured)
	install -D -m 0755 bin/webmon $(DESTDIR)$(PREFIX)/bin/webmon
	install -d $(DESTDIR)/etc/systemd/system
	@for unit in configs/systemd/*.service; do \
		sed 's#/usr/local/bin/#$(PREFIX)/bin/#' $$unit > $(DESTDIR)/etc/systemd/system/$${unit##*/}; \
	done
	install -d -m 0750 $(DESTDIR)/etc/webmon
	@# A file that an administrator has changed stays.
	@test -e $(DESTDIR)/etc/webmon/webmon.yaml || install -m 0640 configs/webmon.yaml $(DESTDIR)/etc/webmon/webmon.yaml
	@echo "next: systemctl daemon-reload && systemctl enable --now webmon-all"

clean: ## remove what was built
	rm -rf bin build

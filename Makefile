# descent: times gradient descent on this machine's processors. `make report` does it all.
.DEFAULT_GOAL := help
.PHONY: help build report peers test bench study lint shadercheck generate deps dist clean

# OpenGL is built in where its headers are; CGO_ENABLED=0 in the environment leaves it out.
go = CGO_ENABLED=$${CGO_ENABLED:-$$(sh gpu/deps.sh cgo)} go
tags = -tags "$$(sh gpu/deps.sh tags)"
version := $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: deps ## bin/descent, with OpenGL where its headers are
	$(go) build $(tags) -trimpath -ldflags '-X main.version=$(version)' -o bin/descent ./cmd/descent

report: build ## the main result: the article's problem on every contender that works here; installs NumPy and TensorFlow, or PEERS=numpy, PEERS=none
	@PYTHON="$(PYTHON)" sh bench/peers/install.sh --report $(PEERS)
	bin/descent run --peers auto --out results-$$(date +%Y%m%d-%H%M%S).jsonl

peers: ## the outside programs: NumPy, JAX and TensorFlow in an environment in build, or PEERS=numpy alone; and GoMLX
	PYTHON="$(PYTHON)" sh bench/peers/install.sh $(PEERS)
	CGO_ENABLED=0 go -C bench/peers/gomlx build -trimpath -o ../../../build/peers/gomlx .

test: deps ## all tests
	$(go) test $(tags) ./...
	go -C bench/peers/gomlx test .

bench: deps ## Go benchmarks of the backends
	$(go) test $(tags) -run '^$$' -bench . -benchtime 200ms ./cpu/... ./dataset ./gpu

study: ## how often the driver calls equals different, and what slow-downs it finds, on this machine: 20 minutes
	go run ./cmd/study

lint: deps ## gofmt, vet, staticcheck
	@files=$$(gofmt -l .); [ -z "$$files" ] || { echo "gofmt -w $$files"; exit 1; }
	$(go) vet $(tags) ./...
	go -C cpu/internal/kernel/gen vet .
	go -C bench/peers/gomlx vet .
	$(go) tool staticcheck $(tags) ./...

shadercheck: deps ## every variant of every shader through glslangValidator
	$(go) run ./shaders/check

generate: ## what is generated from source: the assembly of the SIMD kernels
	$(go) generate ./...

deps: ## install what the OpenGL build lacks, or say how
	@sh gpu/deps.sh install

dist: deps ## an archive for machines without Go, and without X11: descent and gpu-check.sh
	GOOS= GOARCH= $(go) run ./cmd/dist -target "$$(go env GOOS)/$$(go env GOARCH)" -version $(version)

clean: ## remove what was built
	rm -rf bin dist build

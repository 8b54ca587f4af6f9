# descent: times gradient descent on this machine's processors. `make report` does it all.
.DEFAULT_GOAL := help
.PHONY: help build report peers test bench study lint shadercheck generate deps dist clean

# OpenGL is built in if its headers are there. CGO_ENABLED=0 in the environment leaves it out.
go = CGO_ENABLED=$${CGO_ENABLED:-$$(sh gpu/deps.sh cgo)} go
tags = -tags "$$(sh gpu/deps.sh tags)"
version := $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: deps ## build bin/descent, with OpenGL if its headers are there
	$(go) build $(tags) -trimpath -buildvcs=false -ldflags '-X main.version=$(version)' -o bin/descent ./cmd/descent

report: build ## measure the article's problem on all that works here, and from which size the GPU wins; first install NumPy and TensorFlow (PEERS=none: nothing)
	@PYTHON="$(PYTHON)" sh bench/peers/install.sh --report $(PEERS)
	bin/descent run --peers auto --out results-$$(date +%Y%m%d-%H%M%S).jsonl
	bin/descent sweep --out results-sweep-$$(date +%Y%m%d-%H%M%S).jsonl

peers: ## install NumPy, JAX and TensorFlow for the CPU (PEERS=numpy: NumPy alone), and build GoMLX
	PYTHON="$(PYTHON)" sh bench/peers/install.sh $(PEERS)
	CGO_ENABLED=0 go -C bench/peers/gomlx build -trimpath -buildvcs=false -o ../../../build/peers/gomlx .

test: deps ## run all tests; what this machine lacks is skipped
	$(go) test $(tags) -timeout 60m ./...
	go -C bench/peers/gomlx test .

bench: deps ## run the Go benchmarks of the backends
	$(go) test $(tags) -run '^$$' -bench . -benchtime 200ms ./cpu/... ./dataset/... ./gpu

study: ## measure how often runs and sweeps err on this machine, in half an hour
	go run ./cmd/study
	go run ./cmd/study crossover

lint: deps ## run gofmt, vet and staticcheck
	@files=$$(gofmt -l .); [ -z "$$files" ] || { echo "gofmt -w $$files"; exit 1; }
	$(go) vet $(tags) ./...
	go -C cpu/internal/kernel/gen vet .
	go -C bench/peers/gomlx vet .
	$(go) tool staticcheck $(tags) ./...

shadercheck: deps ## check every variant of every shader with glslangValidator
	$(go) run ./shaders/check

generate: ## generate the assembly of the SIMD kernels
	$(go) generate ./...

deps: ## install what the OpenGL build lacks, or print how
	@sh gpu/deps.sh install

dist: deps ## build an archive for machines without Go: descent and gpu-check.sh
	GOOS= GOARCH= $(go) run ./cmd/dist -target "$$(go env GOOS)/$$(go env GOARCH)" -version $(version)

clean: ## remove what was built
	rm -rf bin dist build

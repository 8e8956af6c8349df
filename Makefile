# make run     builds Postern and serves it on http://localhost:8080 out of ./data
# make test    builds and tests everything; the last line says `N passed, N failed`
# make check   the long tests: sanitizers, fuzzers, power cuts
# make bench   how fast it is, beside other servers
# make build   build/postern and build/postern-pdf, which belong beside each other
# make deps    installs what the above need; they do it themselves
# make format  formats the C code
# make clean   removes what was built; never your data

# make run DATA=/srv/portal LISTEN=0.0.0.0:8080 NAME="Your Practice" ADMIN=you@example.com URL=https://mail.example.com
DATA ?= ./data
LISTEN ?= 127.0.0.1:8080
NAME = My Portal
ADMIN = admin@localhost
URL =
export DATA LISTEN NAME ADMIN URL

.PHONY: run test check bench build deps format clean

run: build
	@exec packaging/run

build:
	@packaging/install-deps build --npm
	@test -f build/build.ninja || meson setup build
	@ninja -C build postern postern-pdf

test:
	@packaging/install-deps build test --npm
	@exec tests/run

check:
	@packaging/install-deps build test check --npm
	@exec tests/check

bench:
	@packaging/install-deps build bench --npm
	@exec bench/run

deps:
	@packaging/install-deps build test check bench --npm

format:
	@packaging/install-deps check
	@git ls-files '*.c' '*.h' | xargs clang-format -i

clean:
	rm -rf build build-*

# What a developer runs. `make` alone lists it.

SWIFT  ?= swift
PREFIX ?= /usr/local
VENV   := .build/venv
VENV1  := .build/venv-mcp1
VENVHAR := .build/venv-har
ONLY   ?=

.PHONY: help build release demo test prove bench fuzz format install clean packages clients

help:
	@echo 'make demo      see it work: a PostgreSQL sandbox, the gateway before it, psql and pgbench, the timeline, the proof'
	@echo 'make test      build and test everything, fuzz for seconds, kill ten times (what .ci/run runs)'
	@echo 'make prove     the full figures: 200 kills, power loss, full disks, 100,000 mutations, PostgreSQL'\''s own tests, fuzzing (about 2 h)'
	@echo 'make bench     ratios against pgbouncer, HAProxy and nginx (ONLY=latency,tls,rules,... for some)'
	@echo 'make fuzz      20 s of libFuzzer per target (SECONDS_PER_TARGET=600 for more)'
	@echo 'make format    format the sources'
	@echo 'make install   build release and install wiretrail below PREFIX ($(PREFIX))'

packages:
	@Scripts/install-packages test

# Python client libraries, for the tests only.
clients: $(VENV)/.done $(VENV1)/.done $(VENVHAR)/.done
$(VENV)/.done: Tests/Clients/requirements.txt
$(VENV1)/.done: Tests/Clients/requirements-mcp1.txt
$(VENVHAR)/.done: Tests/Clients/requirements-har.txt
%/.done: | packages
	/usr/bin/python3 -m venv $*
	$*/bin/pip install --quiet --disable-pip-version-check -r $<
	@touch $@

build: packages
	$(SWIFT) build

release:
	Scripts/build-release

demo:
	@Scripts/install-packages demo
	@Scripts/demo

test: packages clients
	$(SWIFT) build --build-tests
	Fuzz/run 20
	$(VENV)/bin/python Tests/Harness/kills.py --kills 10 --connections 10 --wiretrail .build/debug/wiretrail
	$(VENV)/bin/python Tests/Harness/kills.py --protocol http --kills 10 --connections 10 --wiretrail .build/debug/wiretrail
	$(VENV)/bin/python Tests/Harness/exactness.py --seeds 4 --large 67108864 --wiretrail .build/debug/wiretrail
	$(VENV)/bin/python Tests/Harness/http_exactness.py --seeds 4 --large 67108864 --wiretrail .build/debug/wiretrail
	$(VENV)/bin/python Tests/Harness/flows.py --flows 70000 --wiretrail .build/debug/wiretrail
	$(VENV)/bin/python Tests/Harness/exports.py --bytes 30000000 --wiretrail .build/debug/wiretrail
	$(VENV)/bin/python Tests/Harness/wireshark.py --wiretrail .build/debug/wiretrail fixtures/public fixtures/http2/upgrade*.pcap
	Tests/run

prove: clients release
	@Scripts/install-packages prove
	Scripts/prove

bench: release
	@Scripts/install-packages bench
	@Bench/bench.py $(if $(ONLY),--only $(ONLY))

fuzz: packages
	Fuzz/run $(or $(SECONDS_PER_TARGET),20)

format:
	$(SWIFT) format -i -r -p Package.swift Sources Tests Fuzz/Package.swift Fuzz/Sources

install: release
	install -D -m 755 "$$(Scripts/build-release)" $(DESTDIR)$(PREFIX)/bin/wiretrail

clean:
	$(SWIFT) package clean
	rm -rf $(VENV) $(VENV1) $(VENVHAR)

# README has the two that matter: make demo, make test.
.PHONY: setup demo test unit lint lock bench-calls bench-menus bench-rating bench-tftp bench-snmp
.DEFAULT_GOAL := help

help:
	@echo "make demo         one real call, forwarded and charged, on a containerised Asterisk"
	@echo "make test         every test"
	@echo "make unit         the tests that need neither containers nor PostgreSQL"
	@echo "make lint         ruff and mypy"
	@echo "make bench-calls  Denwaban beside Asterisk's own Dial, SIPp at both ends"
	@echo "make bench-menus  100 dialled menus at once beside a menu in Asterisk's own dialplan"
	@echo "make bench-rating charges, hooks and a re-rated month of 10 million calls, each beside a peer"
	@echo "make bench-snmp   1,000 devices a minute watched by SNMP, 100 of them dead, beside snmpget"
	@echo "make bench-tftp   500 phones that start at once, beside tftpd-hpa"
	@echo "make lock         requirements.lock anew from pyproject.toml"

setup:
	@scripts/setup.sh

demo: setup
	@.venv/bin/python -m lab.demo

lint:
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy

# Three files at a time: most tests wait for a call to ring or to end.
test: setup lint
	.venv/bin/pytest -n 3 --dist loadfile

unit:
	.venv/bin/pytest -n 2 --dist loadfile -m "not lab and not postgres"

bench-calls: setup
	.venv/bin/python -m bench.calls

bench-menus: setup
	.venv/bin/python -m bench.menus

bench-rating: setup
	.venv/bin/python -m bench.rating

bench-snmp: setup
	.venv/bin/python -m bench.snmp

bench-tftp: setup
	.venv/bin/python -m bench.tftp

lock:
	.venv/bin/uv pip compile pyproject.toml --group dev --all-extras --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-emit-find-links --quiet --custom-compile-command "make lock" \
		--output-file requirements.lock

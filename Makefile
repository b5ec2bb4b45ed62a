# `make run` and `make test` do all on a fresh machine with Python 3.11+, git and make.
PYTHON ?= python3
VENV := .venv
SPARK_VENV := .venv-spark
BIN := $(VENV)/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)
export DBT_PROJECT_DIR := $(CURDIR)
export DBT_PROFILES_DIR := $(CURDIR)

.DEFAULT_GOAL := help
.PHONY: help run test test-all test-spark spark soak app docs bench lint compact clean

help:  ## print this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "make %-10s %s\n", $$1, $$2}'

run: $(VENV)/run.done  ## set up, build the samples into data/callsheet.duckdb, publish it
	callsheet build

test: $(VENV)/test.done  ## set up, then every check and test but the long ones; prints each suite's time
	python -m tests.suites test

test-all: $(VENV)/test.done $(SPARK_VENV)/done  ## the long tests: whole builds, kills, PostgreSQL, a browser, Spark where there is Java; CI runs both
	python -m tests.suites long

spark: $(SPARK_VENV)/done  ## set up what runs on Apache Spark; then .venv-spark/bin/python scripts/run_on_spark.py --help

test-spark: $(SPARK_VENV)/done  ## both products on a Spark cluster on this machine and on DuckDB: every mart equal; needs Java 17
	$(SPARK_VENV)/bin/python -m pytest tests/spark --durations 0

soak: $(VENV)/test.done  ## the long tests: 200 kills, 200 loads of a table that is written; writes date, commit and result into docs/soak.md
	python -m tests.soak

app: $(VENV)/app.done  ## open what is published in a browser, on this machine only; ARGS=--internal adds the team's page
	callsheet app $(ARGS)

docs: $(VENV)/run.done  ## write the docs site: one HTML file that opens without a server
	dbt build --quiet --exclude-resource-type test unit_test
	dbt docs generate --static
	@echo "Open $${CALLSHEET_HOME:-.}/target/static_index.html"

bench: $(VENV)/test.done  ## measure, and write the tables of docs/performance.md anew
	python -m benchmarks.percentiles
	python -m benchmarks.pulse
	python -m benchmarks.resonance
	python -m benchmarks.resonance_guards
	python -m benchmarks.slates
	python -m benchmarks.deployment
	python -m benchmarks.postgres_latency
	python -m benchmarks.app

lint: $(VENV)/test.done  ## the static checks alone
	python -m tests.suites lint

compact: $(VENV)/run.done  ## rewrite the database without the space that deleted rows left; state stays
	python scripts/compact.py

# Make splits words at blanks and cannot quote them, so only the shell ever holds the home's name.
clean:  ## remove what can be made again; the database, its state and the secrets in data/ stay
	@home="$${CALLSHEET_HOME:-.}"; \
	case "$$home" in /*) ;; *) home="./$$home" ;; esac; \
	if ! [ "$$home" -ef . ] && [ -e "$$home" ]; then \
	    if [ "$$home" -ef / ] || [ "$$home" -ef "$$HOME" ] \
	        || ! { [ -f "$$home/data/callsheet.duckdb" ] || [ -d "$$home/data/state" ] || [ -L "$$home/data/published" ]; }; then \
	        printf '%s\n' "callsheet: CALLSHEET_HOME is $$home, which is no home of callsheet: nothing was removed; name the right folder, or unset it." >&2; \
	        exit 2; \
	    fi; \
	fi; \
	rm -rf -- "$$home/target" "$$home/logs" "$$home"/data/.published-*; \
	if [ -L "$$home/data/published" ]; then rm -- "$$home/data/published"; fi
	rm -rf $(VENV) $(SPARK_VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The lock files name every package with its version, so pip resolves nothing, and one call installs all that a target needs.
define set_up
$(PYTHON) -c 'import sys; sys.exit(0 if (3, 11) <= sys.version_info < (3, 14) else "callsheet needs Python 3.11, 3.12 or 3.13 (dbt fails on 3.14): set PYTHON=python3.11")'
$(PYTHON) -m venv $(dir $@)
$(dir $@)bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-compile $(addprefix --requirement ,$(filter %.lock,$^))
$(dir $@)bin/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
endef

$(VENV)/run.done: requirements.lock pyproject.toml
	$(set_up)
	cp requirements.lock $@

$(VENV)/app.done: requirements.lock requirements-app.lock pyproject.toml
	$(set_up)
	cp requirements.lock $(VENV)/run.done
	touch $@

$(VENV)/test.done: requirements.lock requirements-app.lock requirements-dev.lock pyproject.toml
	$(set_up)
	cp requirements.lock $(VENV)/run.done
	touch $(VENV)/app.done $@

$(SPARK_VENV)/done: requirements-spark.lock pyproject.toml
	$(set_up)
	touch $@

# make crawl | browser | alerts | test | image | lint | docs | bench | chaos | truth | sandbox-build | lock

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Where the machine has certificates of its own, a package registry behind a proxy may need them.
UV := $(BIN)/uv $(if $(wildcard /etc/ssl/certs/ca-certificates.crt),--system-certs) pip

.PHONY: crawl browser alerts test image lint docs bench chaos truth sandbox-build lock clean

crawl: $(VENV)/runtime
	@$(BIN)/python -m sandbox.demo

# What pages need that only a browser sees.
browser: $(VENV)/browser
	@scripts/require-debian chromium-headless-shell libatomic1

# What ALERTS_FILE and ALERTS_WEBHOOK need.
alerts: $(VENV)/alerts

test: $(VENV)/dev
	@scripts/require-debian chromium-headless-shell libatomic1 redis-server prometheus prometheus-node-exporter systemd bubblewrap
	$(BIN)/python -m pip check
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(MAKE) --no-print-directory docs
	$(BIN)/pytest -n auto --dist loadfile --cov --cov-report=term-missing

# A page that is read anew each time says each time what is wrong with it. Links are as GitHub has them, from the root.
docs: $(VENV)/docs/ready
	$(VENV)/docs/bin/sphinx-build --quiet --fresh-env --nitpicky --fail-on-warning -c docs -d build/doctrees . build/docs
	@echo '<meta http-equiv="refresh" content="0; url=docs/index.html">' > build/docs/index.html

# Both targets of the Dockerfile, built and tried; it asks the package registries, as no other test does.
image: $(VENV)/dev
	@scripts/require-debian buildah mmdebstrap bubblewrap
	$(BIN)/pytest -m image tests/deploy

# Crawls are measured as operators run them, without the packages of the tests: pyarrow and Scrapy load what they find.
bench: $(VENV)/dev $(VENV)/operator/ready $(VENV)/scrapy-redis/ready
	$(BIN)/python bench/flight.py
	$(VENV)/operator/bin/python bench/crawl.py
	$(BIN)/python -m bench.publish
	$(VENV)/operator/bin/python -m bench.workers

chaos: $(VENV)/dev
	$(BIN)/python -m tests.chaos
	$(BIN)/python -m tests.frontier

# Node.js and npm are needed for these two alone; what they make is committed.
truth: $(VENV)/dev
	cd tests/truth && npm install --no-package-lock --omit=optional --ignore-scripts && npm run truth
	$(BIN)/pytest -q tests/flight/test_truth.py

sandbox-build:
	node sandbox/catalogue/build.mjs

lint: $(VENV)/dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/mypy
	$(BIN)/lint-imports

# The environment: uv, because one tool then resolves, locks with hashes and installs, and does it in seconds.
# Python's own pip brings uv itself, from a locked file as well.
$(BIN)/uv: requirements/uv.lock
	@scripts/require-venv "$(PYTHON)"
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.lock
	@touch $@

$(VENV)/runtime: $(BIN)/uv requirements/runtime.lock
	$(UV) install --quiet --require-hashes -r requirements/runtime.lock
	@touch $@

$(VENV)/browser: $(VENV)/runtime requirements/browser.lock
	$(UV) install --quiet --require-hashes -r requirements/browser.lock
	@touch $@

$(VENV)/alerts: $(VENV)/runtime requirements/alerts.lock
	$(UV) install --quiet --require-hashes -r requirements/alerts.lock
	@touch $@

$(VENV)/dev: $(VENV)/runtime requirements/dev.lock
	$(UV) install --quiet --require-hashes -r requirements/dev.lock
	@touch $@

$(VENV)/docs/ready: $(BIN)/uv requirements/docs.lock
	$(PYTHON) -m venv $(VENV)/docs
	$(UV) install --quiet --python $(VENV)/docs/bin/python --require-hashes -r requirements/docs.lock
	@touch $@

$(VENV)/operator/ready: $(BIN)/uv requirements/runtime.lock
	$(PYTHON) -m venv $(VENV)/operator
	$(UV) install --quiet --python $(VENV)/operator/bin/python --require-hashes -r requirements/runtime.lock
	@touch $@

# What the frontier is measured beside.
$(VENV)/scrapy-redis/ready: $(BIN)/uv requirements/scrapy-redis.lock
	$(PYTHON) -m venv $(VENV)/scrapy-redis
	$(UV) install --quiet --python $(VENV)/scrapy-redis/bin/python --require-hashes -r requirements/scrapy-redis.lock
	@touch $@

lock: $(BIN)/uv
	$(UV) compile --quiet --universal --generate-hashes --upgrade --python-version 3.11 requirements/uv.in -o requirements/uv.lock
	$(UV) compile --quiet --universal --generate-hashes --upgrade --python-version 3.11 pyproject.toml -o requirements/runtime.lock
	$(UV) compile --quiet --universal --generate-hashes --upgrade --python-version 3.11 pyproject.toml --extra browser -c requirements/runtime.lock -o requirements/browser.lock
	$(UV) compile --quiet --universal --generate-hashes --upgrade --python-version 3.11 pyproject.toml --extra alerts -c requirements/browser.lock -o requirements/alerts.lock
	$(UV) compile --quiet --universal --generate-hashes --upgrade --python-version 3.11 pyproject.toml --extra browser --extra alerts --group dev -c requirements/browser.lock -c requirements/alerts.lock -o requirements/dev.lock
	$(UV) compile --quiet --universal --generate-hashes --upgrade --python-version 3.11 --group docs -o requirements/docs.lock
	$(UV) compile --quiet --universal --generate-hashes --upgrade --python-version 3.11 requirements/scrapy-redis.in -c requirements/runtime.lock -o requirements/scrapy-redis.lock

clean:
	rm -rf $(VENV) exports build

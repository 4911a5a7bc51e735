# Set-up is made of files: each is made again when what it is made from has changed, so a second start is quick.
#   make run · make test · make lint · make bench · make backup [TO=folder] · make lock (developers: after a change of pyproject.toml)

PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
PAGE := bot/web/page
GATEWAY := tests/gateway
EXTRAS := $(shell cat config/extras.txt config/local-extras.txt 2>/dev/null | sed 's/\#.*//')
# Without pip in the environment: Debian's python3 has no ensurepip, and one pip is enough.
INSTALL := $(PYTHON) -m pip --python $(VENV) install --quiet --disable-pip-version-check --require-hashes
# Vite runs on these; an older or missing Node is replaced by the one in a wheel.
NODE := $(shell node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 22 || (a == 22 && b >= 12) || (a == 20 && b >= 19) ? 0 : 1)' 2>/dev/null && echo system || echo wheel)
NPM := PATH="$(CURDIR)/$(VENV)/bin:$$PATH" npm --prefix $(PAGE)

.PHONY: run test lint bench backup setup lock clean
.DELETE_ON_ERROR:

run: setup
	@exec $(PY) -m bot run

test: setup $(VENV)/tests $(GATEWAY)/node_modules/.package-lock.json
	@bash tests/browser.sh
	@$(MAKE) --no-print-directory lint
	@$(PY) -m pytest -q
	@$(NPM) test --silent

lint: setup $(VENV)/tests
	@$(PY) -m ruff check
	@$(PY) -m ruff format --check --quiet
	@$(PY) -m basedpyright --level error
	@$(NPM) run check --silent

bench: setup $(VENV)/tests
	@$(PY) -m tests.bench

backup: $(VENV)/run
	@$(PY) -m bot backup $(TO)

setup: $(VENV)/run $(PAGE)/dist/index.html build/avatar/made

$(VENV)/bin/python:
	@echo "正在准备环境 / setting up $(VENV) …"
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "需要 Python 3.11 以上 / Python 3.11 or newer is needed")'
	@$(PYTHON) -m venv --without-pip $(VENV)

$(VENV)/run: $(PY) config/requirements.txt $(wildcard config/extras.txt config/local-extras.txt)
	@echo "正在安装依赖 / installing what she needs …"
	@for extra in $(EXTRAS); do test -f config/requirements-$$extra.txt || { echo "config/extras.txt: 没有 $$extra 这个可选部分 / no such extra; choose from: $$(ls config | sed -n 's/^requirements-\(.*\)\.txt$$/\1/p' | grep -v -e test -e node | tr '\n' ' ')"; exit 2; }; done
	@$(INSTALL) -r config/requirements.txt $(EXTRAS:%=-r config/requirements-%.txt)
	@touch $@

$(VENV)/tests: $(VENV)/run config/requirements-test.txt
	@$(INSTALL) -r config/requirements-test.txt
	@touch $@

$(VENV)/node-$(NODE): $(PY) config/requirements-node.txt
	@if [ $(NODE) = wheel ]; then echo "正在安装 Node / installing Node …"; $(INSTALL) -r config/requirements-node.txt; fi
	@touch $@

$(PAGE)/node_modules/.package-lock.json: $(PAGE)/package-lock.json $(VENV)/node-$(NODE)
	@echo "正在安装页面的依赖 / installing what the page is built from …"
	@$(NPM) ci --silent --no-audit --no-fund --ignore-scripts
	@touch $@

# The real Wechaty gateway that the tests talk to.
$(GATEWAY)/node_modules/.package-lock.json: $(GATEWAY)/package-lock.json $(VENV)/node-$(NODE)
	@echo "正在安装测试用的 Wechaty 网关 / installing the Wechaty gateway of the tests …"
	@PATH="$(CURDIR)/$(VENV)/bin:$$PATH" npm --prefix $(GATEWAY) ci --silent --no-audit --no-fund --ignore-scripts --omit=optional --omit=peer
	@touch $@

$(PAGE)/dist/index.html: $(PAGE)/node_modules/.package-lock.json $(shell find $(PAGE)/src $(PAGE)/index.html $(PAGE)/vite.config.ts -type f)
	@echo "正在构建页面 / building the page …"
	@$(NPM) run build --silent -- --logLevel warn
	@touch $@

build/avatar/made: $(VENV)/run $(wildcard bot/avatar/*.py)
	@echo "正在画她的样子 / drawing her …"
	@$(PY) -m bot.avatar --out build/avatar >/dev/null
	@touch $@

# The lock names packages, versions and hashes; never a host. Needs uv.
COMPILE := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate
lock:
	@$(COMPILE) pyproject.toml -o config/requirements.txt
	@for extra in amr ja mcp sphinx; do $(COMPILE) pyproject.toml --extra $$extra -c config/requirements.txt -o config/requirements-$$extra.txt || exit 1; done
	@$(COMPILE) pyproject.toml --group test --all-extras -c config/requirements.txt -o config/requirements-test.txt
	@$(COMPILE) --group node -o config/requirements-node.txt
	@$(NPM) run lock --silent
	@PATH="$(CURDIR)/$(VENV)/bin:$$PATH" npm --prefix $(GATEWAY) run lock --silent

clean:
	@rm -rf $(VENV) build $(PAGE)/dist $(PAGE)/node_modules $(GATEWAY)/node_modules

# Everything happens in .venv; nothing is installed elsewhere but what `make test` says.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test check bench chromium screens clean

demo: .venv/.installed  ## Plays the whole story, then leaves the service up.
	@$(BIN)/voicegit demo

test: .venv/.developing chromium check  ## Style, types, layers, tests.
	@$(BIN)/python -m pytest -n 2 --dist loadgroup -q

check: .venv/.developing
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache

bench: .venv/.developing
	@$(BIN)/python benchmarks/turn.py

screens: .venv/.developing chromium  ## The pictures of docs/screens.
	@$(BIN)/python -m tests.browser.screens

chromium:  # What the browser tests drive. Without it they fail, and say so.
	@command -v chromium-headless-shell >/dev/null || { \
	  echo "Installing Debian's chromium-headless-shell for the browser tests, with apt-get (about 300 MB) …"; \
	  as=; [ "$$(id -u)" = 0 ] || as=sudo; \
	  { $$as apt-get update -qq && $$as env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends chromium-headless-shell fonts-dejavu-core >/dev/null; } \
	  || command -v chromium >/dev/null \
	  || echo "It could not be installed: the browser tests will fail until it is there. Install it by hand: apt-get install chromium-headless-shell"; }

.venv/.installed: pyproject.toml
	@echo "Installing voicegit and what it needs into .venv (about 500 MB, a few minutes at the first time) …"
	@$(PYTHON) -m venv .venv
	@$(BIN)/pip install --quiet --disable-pip-version-check -e .
	@touch $@

.venv/.developing: pyproject.toml
	@echo "Installing into .venv: voicegit, and for the tests pytest, playwright, axe, hypothesis, pillow, ruff, mypy and import-linter …"
	@$(PYTHON) -m venv .venv
	@$(BIN)/pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $@ .venv/.installed

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis

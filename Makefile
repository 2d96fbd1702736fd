# Everything happens in .venv; nothing is installed elsewhere but what `make test` says.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test check bench clean

demo: .venv/.installed  ## Plays the whole story, then leaves the service up.
	@$(BIN)/voicegit demo

test: .venv/.developing check  ## Style, types, layers, tests.
	@$(BIN)/python -m pytest -n 2 -q

check: .venv/.developing
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache

bench: .venv/.developing
	@$(BIN)/python benchmarks/turn.py

.venv/.installed: pyproject.toml
	@echo "Installing voicegit and what it needs into .venv (about 500 MB, a few minutes at the first time) …"
	@$(PYTHON) -m venv .venv
	@$(BIN)/pip install --quiet --disable-pip-version-check -e .
	@touch $@

.venv/.developing: pyproject.toml
	@echo "Installing into .venv: voicegit, and for the tests pytest, hypothesis, ruff, mypy and import-linter …"
	@$(PYTHON) -m venv .venv
	@$(BIN)/pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $@ .venv/.installed

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis

# `make run` opens the app, `make test` checks everything. Both create what they need in .venv,
# may be repeated at any time, and are quick when nothing has changed.
#
# Only what every make and every /bin/sh knows is used here (macOS still ships GNU make 3.81).

PYTHON ?= python3
# More for `streamlit run`, as in: make run ARGS="--server.port 8600"
ARGS ?=
# How many test processes; each has its own server and browser. Who is done takes over from who is not.
WORKERS ?= 2

IN_VENV = .venv/bin/python

.PHONY: run test lint format bench ready ready-dev ready-browser python

run: ready
	@$(IN_VENV) -m streamlit run app.py $(ARGS)

test: ready-browser lint
	@$(IN_VENV) -m pytest -n $(WORKERS) --dist worksteal

lint: ready-dev
	@$(IN_VENV) -m ruff check .
	@$(IN_VENV) -m ruff format --check .
	@$(IN_VENV) -m mypy

format: ready-dev
	@$(IN_VENV) -m ruff check --fix .
	@$(IN_VENV) -m ruff format .

bench: ready-browser
	@$(IN_VENV) -m bench

ready: python
	@$(PYTHON) tools/prepare.py requirements.txt

ready-dev: python
	@$(PYTHON) tools/prepare.py requirements.txt requirements-dev.txt

ready-browser: ready-dev
	@$(IN_VENV) -m tools.browser

python:
	@command -v $(PYTHON) >/dev/null 2>&1 || { \
		echo "ConvScope needs Python 3.11 or newer, and there is no '$(PYTHON)' here; name yours with: make PYTHON=/path/to/python"; \
		exit 1; }

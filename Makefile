# Everything sets itself up: `make demo` and `make test` are all there is to type on a fresh machine.
VENV ?= .venv
export VENV
unexport PYTHONDONTWRITEBYTECODE
PYTHON = $(VENV)/bin/python
WORKERS ?= 2

.PHONY: help setup demo demo-serve test check docs clean

help:  ## What can be made here
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 12

setup:  ## Install Troth for development
	@scripts/setup.sh dev

demo:  ## Set up, then the main job on an example: promised, broken, planned, done, proven
	@scripts/setup.sh run
	@$(PYTHON) examples/janusipm/demo.py

demo-serve:  ## Set up, then serve the desk on the example, with staff and open requests, until Ctrl-C
	@scripts/setup.sh run
	@$(PYTHON) examples/janusipm/serve.py $(if $(FRESH),--fresh) $(if $(PORT),--port $(PORT))

test: setup  ## Set up, then every test
	@$(PYTHON) -m pytest -n $(WORKERS)

check: setup  ## Style, types and who may import whom
	@$(VENV)/bin/ruff check src tests bench examples
	@$(VENV)/bin/ruff format --check src tests bench examples
	@$(VENV)/bin/mypy
	@$(VENV)/bin/lint-imports

clean:  ## Remove what was installed and cached here
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

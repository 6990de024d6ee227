# Everything runs in an environment inside this checkout; nothing installed elsewhere is used.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# uv takes seconds where pip takes a minute and a half; pip is there where uv finds no index.
WANTED := -c constraints.txt -e '.[dev,docs]'
# Every process would compile what it imports anew.
unexport PYTHONDONTWRITEBYTECODE
# Two workers test at a time: in each, BLAS and OpenMP keep to the thread that calls them.
ALONE := OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1

.DEFAULT_GOAL := help
.PHONY: help demo test test-all docs bench lint types contracts clean

help:
	@echo "make demo      set up and run the demonstration; leaves vcassay-demo/report.html"
	@echo "make test      set up, then lint, types, contracts and tests"
	@echo "make test-all  the same with the slow tests"
	@echo "make docs      the documentation, built and run; leaves docs/_build/html/index.html"
	@echo "make bench     this package beside others on the same inputs: some 20 minutes, peers in environments of their own"

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "vcassay needs Python 3.11 or newer; name one with make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python $(WANTED) || $(BIN)/python -m pip install --quiet $(WANTED)
	@touch $(STAMP)

demo: $(STAMP)
	$(BIN)/vcassay demo -o vcassay-demo

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(STAMP)
	$(BIN)/mypy

contracts: $(STAMP)
	PATH="$(abspath $(BIN)):$$PATH" $(BIN)/lint-imports

test: lint types contracts
	$(ALONE) $(BIN)/pytest -n 2 --dist loadfile -m 'not slow'

test-all: lint types contracts
	$(ALONE) $(BIN)/pytest -n 2 --dist loadfile

docs: $(STAMP)
	$(ALONE) $(BIN)/python -m sphinx -b html -q -W --keep-going -n -j 2 -d docs/_build/doctrees docs docs/_build/html

bench: $(STAMP)
	for part in de score distances moments cluster; do PYTHONWARNINGS=ignore $(BIN)/python benchmarks/$$part.py || exit 1; done

clean:
	rm -rf $(VENV) vcassay-demo docs/_build .mypy_cache .ruff_cache .pytest_cache .hypothesis

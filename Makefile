# make train   from nothing to a Gemma that reads Dutch numerals, and measured
# make test    every test but those of make witnesses
# make witnesses  other tools against exports of the real base; takes many minutes
# make venv    the virtual environment that both use, everything in it pinned
# make lint    style, types and the import contract
# make bench   the benchmarks that need no adapter; writes docs/results.md

PYTHON ?= python3
BIN := .venv/bin
PAGE := src/getalwoord/server/page
TSC := npx --yes --package=typescript@7.0.2 tsc --noEmit --allowJs --checkJs --strict \
	--target es2022 --module esnext --moduleResolution bundler --lib es2023,dom,dom.iterable \
	$(PAGE)/page.js $(PAGE)/types.d.ts

.PHONY: venv train test witnesses lint bench

venv: .venv/.installed

.venv/.installed: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --no-compile --constraint constraints.txt \
		--editable '.[bench,dev,files,jax,serve]'
	touch $@

train: venv
	$(BIN)/getalwoord train --resume --out runs/default

test: venv
	OMP_NUM_THREADS=1 $(BIN)/pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder --ignore tests/model/test_witnesses.py --ignore tests/model/test_witnesses_of_base.py

witnesses: venv
	$(BIN)/pytest tests/model/test_witnesses.py tests/model/test_witnesses_of_base.py

lint: venv
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	@if command -v npx >/dev/null; then $(TSC); else echo "no npx: the types of the page are not checked"; fi

bench: venv
	$(BIN)/python benchmarks/parsing.py
	$(BIN)/python benchmarks/kinds.py
	$(BIN)/python benchmarks/telbench.py
	$(BIN)/python benchmarks/loading.py
	$(BIN)/python benchmarks/files.py
	$(BIN)/python benchmarks/fuzz_service.py
	$(BIN)/python benchmarks/training.py
	$(BIN)/python benchmarks/memory.py
	$(BIN)/python benchmarks/quantized.py
	$(BIN)/python benchmarks/larger.py

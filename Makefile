# make run: the application · make demo: the same on invented notes, nothing kept · make test: everything a fresh machine can check · make venv: only set up
# make lock: renew the locked dependencies · make audit: known weaknesses in them · make sbom: their list in CycloneDX · make licences: their licences into SECURITY.md
# make load: twenty-five people at one server for two minutes · make soak: for twenty minutes
# make messages: what the interface says, from the code into the translations
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/.run
TEST := $(VENV)/.test
TOOLS := build/tools
LOCKS := .ci/requirements
PORT ?= 8501

.PHONY: run demo test venv lint format messages lock audit sbom licences load soak clean

run: $(RUN)
	$(VENV)/bin/streamlit run app.py --server.port $(PORT)

demo: $(RUN)
	$(VENV)/bin/clinicode demo --port $(PORT)

# Two at a time, a file's tests together; more threads than processors only wait for one another.
test: $(TEST) lint
	OMP_NUM_THREADS=1 $(VENV)/bin/python -m pytest --numprocesses 2 --dist loadfile

lint: $(TEST)
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy

format: $(TEST)
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .

venv: $(TEST)

# Every file that comes in is one whose hash the lock has; what comes as source is built by the locked setuptools. PyPI's torch for
# Linux needs NVIDIA's libraries, which are installed only with it.
PIP := -m pip --disable-pip-version-check
LOCKED := $(PIP) install --quiet --no-deps --no-build-isolation --require-hashes

$(RUN): pyproject.toml $(LOCKS)-build.txt $(LOCKS)-cpu.txt $(LOCKS).txt $(LOCKS)-gpu.txt
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed" if sys.version_info < (3, 11) else 0)'
	test -x $(VENV)/bin/python || $(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python $(LOCKED) --requirement $(LOCKS)-build.txt
	$(VENV)/bin/python $(LOCKED) --requirement $(LOCKS)-cpu.txt 2>/dev/null || echo "No CPU build of torch is at hand: PyPI's is taken"
	$(VENV)/bin/python $(LOCKED) --requirement $(LOCKS).txt
	if $(VENV)/bin/python $(PIP) check | grep '^torch .* requires'; then $(VENV)/bin/python $(LOCKED) --requirement $(LOCKS)-gpu.txt; fi
	$(VENV)/bin/python $(PIP) install --quiet --no-deps --no-build-isolation --editable .
	$(VENV)/bin/python $(PIP) check
	touch $(RUN)

$(TEST): $(RUN) $(LOCKS)-dev.txt
	$(VENV)/bin/python $(LOCKED) --requirement $(LOCKS)-dev.txt
	touch $(TEST)

$(TOOLS)/.installed: $(LOCKS)-tools.txt
	test -x $(TOOLS)/bin/python || $(PYTHON) -m venv $(TOOLS)
	$(TOOLS)/bin/python $(PIP) install --quiet --no-deps --require-hashes --requirement $(LOCKS)-tools.txt
	touch $@

lock: $(TOOLS)/.installed
	$(TOOLS)/bin/python .ci/lock.py

audit: $(TOOLS)/.installed
	$(TOOLS)/bin/python .ci/audit.py

sbom: $(RUN) $(TOOLS)/.installed
	$(TOOLS)/bin/cyclonedx-py environment --pyproject pyproject.toml --output-reproducible --output-file build/sbom.cdx.json $(VENV)/bin/python

load: $(TEST)
	$(VENV)/bin/python -m tests.load.load

soak: $(TEST)
	$(VENV)/bin/python -m tests.load.load --minutes 20

messages: $(TEST)
	$(VENV)/bin/python .ci/messages.py

licences: $(RUN)
	$(VENV)/bin/python .ci/licences.py

clean:
	rm -rf $(VENV) build .pytest_cache .mypy_cache .ruff_cache *.egg-info

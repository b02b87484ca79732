# Two commands matter: `make lab` opens the course, `make test` checks all of it.
# `make help` names the rest. Everything is installed into .venv, in this folder, and nowhere else.

PYTHON = python3
ARGS =
ONLY =
PARTS =
EXTRAS = test,bench,sweep,atari,video

# Threads that wait soon fall asleep, and leave the processor to others: see scripts/prepare_jupyter.py.
export GOMP_SPINCOUNT = 1000

# Compiled modules may be kept: PyTorch starts in a third of the time.
export PYTHONDONTWRITEBYTECODE =

VENV = .venv/bin/python
UV = uv==0.13.9

# uv installs in seconds what pip installs in minutes. It follows its own settings (UV_INDEX_URL,
# SSL_CERT_FILE ...); where only pip has been told the way out, pip does the same work.
define install
$(VENV) -m pip --version >/dev/null 2>&1 || $(VENV) -m ensurepip --upgrade
{ $(VENV) -m pip install --quiet "$(UV)" && \
  $(VENV) -m uv pip install --python $(VENV) --constraint constraints.txt $(1); } || \
{ echo "uv could not install this; pip tries the same now, which takes longer."; \
  $(VENV) -m pip install --constraint constraints.txt $(1); }
touch $@
endef

# What scripts write into the lessons, and read out of them.
define generated
$(VENV) scripts/notebook_heads.py
$(VENV) scripts/navigation.py
$(VENV) scripts/minutes.py
$(VENV) scripts/course.py
endef

# In a container one is often root, where JupyterLab wants to be asked twice.
ROOT = $(if $(filter 0,$(shell id -u)),--allow-root)

.DELETE_ON_ERROR:

.PHONY: help lab check test notebooks course slides student measure format lock

help:
	@echo "make lab        install, then open JupyterLab at the first lesson (ARGS are passed on to it)"
	@echo "make check      style, types and the quick tests, in some minutes: before every commit"
	@echo "make test       install what tests need, then run all of them (PARTS=\"lint unit\" for some)"
	@echo "make notebooks  run the lessons and store their outputs (ONLY=06 for one)"
	@echo "make course     bring navigation and minutes of the lessons up to date"
	@echo "make slides     lessons as slides, in build/slides (ONLY=06 for one)"
	@echo "make student    lessons without solutions and instructor's notes, in build/student"
	@echo "make measure    how long the lessons run and what memory they take, into docs/measured_lessons.md"
	@echo "make format     let ruff put code and notebooks into shape"
	@echo "make lock       choose the exact versions in constraints.txt anew"

lab: .venv/lab.stamp
	$(VENV) -m jupyterlab notebooks/00_start_here.ipynb --ServerApp.root_dir="$(CURDIR)" $(ROOT) $(ARGS)

check: .venv/check.stamp
	$(VENV) scripts/check.py quick

test: .venv/test.stamp .venv/oldest.stamp
	$(VENV) scripts/check.py $(PARTS)

notebooks: .venv/test.stamp
	$(VENV) scripts/notebooks.py $(ONLY)
	$(generated)

course: .venv/test.stamp
	$(generated)

slides: .venv/test.stamp
	$(VENV) scripts/slides.py $(ONLY)

student: .venv/test.stamp
	$(VENV) scripts/student.py

measure: .venv/test.stamp
	$(VENV) scripts/measure_lessons.py $(ONLY)

format: .venv/test.stamp
	$(VENV) -m ruff check --fix .
	$(VENV) -m ruff format .

lock: .venv/test.stamp
	$(VENV) -m pip install --quiet "$(UV)"
	$(VENV) -m uv pip compile --universal --python-version 3.11 --all-extras --upgrade \
		--no-header --no-annotate --no-emit-index-url --no-emit-find-links \
		--quiet --output-file constraints.txt pyproject.toml

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || { \
	  echo "cnnlab needs Python 3.11, 3.12 or 3.13, and $(PYTHON) is not one of them: name one, as in  make lab PYTHON=python3.12"; \
	  exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' || { \
	  echo "This Python cannot make a virtual environment: on Debian or Ubuntu, first  sudo apt install python3-venv"; \
	  exit 1; }
	$(PYTHON) -m venv --clear .venv

.venv/lab.stamp: .venv/bin/python pyproject.toml constraints.txt scripts/prepare_jupyter.py
	@$(call install,--editable .)
	@$(VENV) scripts/prepare_jupyter.py

.venv/check.stamp: .venv/lab.stamp
	@$(call install,--editable ".[test]")

.venv/test.stamp: .venv/lab.stamp
	@$(call install,--editable ".[$(EXTRAS)]")

# The lowest versions that pyproject.toml allows, beside the newest: scripts/check.py runs some tests with them.
.venv/oldest.stamp: .venv/test.stamp scripts/oldest.py
	@rm -rf .venv/oldest
	@$(VENV) scripts/oldest.py > .venv/oldest.txt
	@$(VENV) -m uv pip install --python $(VENV) --target .venv/oldest --no-deps --resolution lowest \
		--only-binary :all: --requirements .venv/oldest.txt
	@touch $@

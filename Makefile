# Every command of the project. `make` alone prints this list.
PORT ?= 8001
BOOTSTRAP ?= python3
BIN := .venv/bin
PYTHON := $(BIN)/python
# For what runs in the folder of packpress.
ABSOLUTE := $(CURDIR)/$(PYTHON)
INSTALLED := .venv/installed
BUILD := build
PUBLIC := dist/public
EDITOR_SCHEMA := packpress/docs/datapackage.schema.json
# With DRAFTS=1 a build of its own is served, which holds the sources in progress too.
SERVED := $(if $(DRAFTS),dist/drafts,$(BUILD))
INPUTS := datapackage.json metadata.yml LICENSE-DATA.md $(wildcard data/*.csv data/sources/*.txt docs/*.md sql/*/*.sql) \
	pyproject.toml packpress/pyproject.toml $(shell find packpress/src scripts -name "*.py" 2>/dev/null)

.DEFAULT_GOAL := help
# Every target with a name of small letters is an errand and no file.
.PHONY: $(shell sed -n 's/^\([a-z-]*\):.*/\1/p' $(MAKEFILE_LIST))

help: ## Print this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 24

install: $(INSTALLED) ## Make .venv and install the pinned packages into it

$(INSTALLED): requirements.txt pyproject.toml packpress/pyproject.toml
	@rm -f $@
	@$(BOOTSTRAP) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
		|| { echo "$(BOOTSTRAP) is missing or older than Python 3.11; name another: make BOOTSTRAP=python3.12" >&2; exit 2; }
	@$(BOOTSTRAP) -c 'import ensurepip, venv' 2>/dev/null \
		|| { echo "$(BOOTSTRAP) lacks venv or ensurepip; install them (on Debian: apt-get install python3-venv)" >&2; exit 2; }
	@echo "Installing the pinned packages into .venv, about a minute the first time"
	@$(BOOTSTRAP) -m venv .venv
	@{ $(PYTHON) -m pip install --disable-pip-version-check --require-hashes -r requirements.txt \
		&& $(PYTHON) -m pip install --disable-pip-version-check --quiet --no-deps --no-build-isolation -e ./packpress -e . \
		&& touch $@; } \
		| awk '/^Collecting/ { printf "\r%d packages found", ++n; fflush() } /^Installing/ { printf ", installing them"; fflush() } END { print "" }'
	@test -e $@

build: $(INSTALLED) ## Publish the tables into build/: SQLite, CSV, Parquet, XLSX, zip, sums
	$(BIN)/packpress build --require-rules

$(BUILD)/ketamine_pain.db: $(INPUTS) | $(INSTALLED)
	@$(BIN)/packpress build --require-rules

dist/drafts/ketamine_pain.db: $(INPUTS) | $(INSTALLED)
	@$(BIN)/packpress build --require-rules --drafts --output dist/drafts

validate: $(INSTALLED) ## Check the tables by our rules, then by frictionless as a second opinion
	@$(BIN)/packpress validate --require-rules
	@$(PYTHON) -m scripts.second_opinion

generate: $(INSTALLED) ## Rewrite every file that is derived from the descriptor
	$(BIN)/packpress generate
	@cd packpress && $(ABSOLUTE) -m tests.documents
	$(BIN)/packpress schema --output $(EDITOR_SCHEMA)

conformance: $(INSTALLED) ## Ask frictionless about the conformance cases and write packpress/docs/validation.md
	@cd packpress && $(ABSOLUTE) -m tests.conformance

format: $(INSTALLED) ## Rewrite the tables as canonical CSV and the code as ruff has it
	$(BIN)/packpress format
	@$(BIN)/ruff format --quiet .
	@$(BIN)/ruff check --quiet --fix-only .

workbook: $(INSTALLED) ## Write the tables into a workbook for curators in dist/, all or those of SOURCE=
	@$(BIN)/packpress workbook $(if $(SOURCE),--only "sources=$(SOURCE)") $(if $(FORCE),--force)

import: $(INSTALLED) ## Take WORKBOOK= back into the tables: show what differs, ask, replace all or nothing; YES=1 asks not
	@test -n "$(WORKBOOK)" || { echo "name the workbook: make import WORKBOOK=dist/ketamine-pain-workbook.xlsx" >&2; exit 2; }
	@$(BIN)/packpress import $(if $(YES),--yes) -- "$(WORKBOOK)"

next-id: $(INSTALLED) ## Print the next free identifier of TABLE=, for rows of SOURCE=
	@test -n "$(TABLE)" || { echo "name the table: make next-id TABLE=claims SOURCE=fpm-ketamine" >&2; exit 2; }
	@$(BIN)/packpress next-id -- "$(TABLE)" $(if $(SOURCE),"$(SOURCE)")

add-source: $(INSTALLED) ## Add the text document FILE= as the draft ID=, cut into passages; SHORT_NAME=, RIGHTS= say more
	@test -n "$$FILE" -a -n "$$ID" || { echo "name a text and an id: make add-source FILE=clinic.txt ID=clinic-2024" >&2; exit 2; }
	@$(PYTHON) -m scripts.add_source $(if $(SHORT_NAME),--short-name "$$SHORT_NAME") $(if $(RIGHTS),--rights "$$RIGHTS") -- "$$FILE" "$$ID"

todo: $(INSTALLED) ## List what is left to curate, and suggest rows for drafts in dist/todo/; SOURCE= for one source
	@$(PYTHON) -m scripts.todo $(if $(SOURCE),--source "$(SOURCE)")

accept: $(INSTALLED) ## Take the suggested rows that you left in FROM=, such as dist/todo/clinic-2024, into the tables
	@test -n "$(FROM)" || { echo "name the folder of suggested rows: make accept FROM=dist/todo/clinic-2024" >&2; exit 2; }
	@$(PYTHON) -m scripts.accept -- "$(FROM)"

publish-source: $(INSTALLED) ## Publish the draft ID=, once every rule for published sources holds for it
	@test -n "$(ID)" || { echo "name the draft: make publish-source ID=clinic-2024" >&2; exit 2; }
	@$(PYTHON) -m scripts.publish_source -- "$(ID)"

review: $(INSTALLED) ## Write a blind copy of SOURCE= for a second reader, or compare it with a reading AGAINST=
	@$(PYTHON) -m scripts.review $(if $(SOURCE),--source "$(SOURCE)") $(if $(FIRST),--first "$(FIRST)") $(if $(AGAINST),--against "$(AGAINST)")

diff: $(INSTALLED) ## List the rows changed since BASE=, a revision of git or a zip, as Markdown and CSV in dist/
	@test -n "$(BASE)" || { echo "name a revision of git or a zip: make diff BASE=HEAD~1" >&2; exit 2; }
	@$(BIN)/packpress diff -- "$(BASE)"

release: $(INSTALLED) ## Make the release VERSION= in dist/, compared with the newest tag v… or BASE=
	@test -n "$(VERSION)" || { echo "name the version: make release VERSION=1.1.0" >&2; exit 2; }
	@$(BIN)/packpress release --require-rules $(if $(BASE),--base "$(BASE)") -- "$(VERSION)"

verify-anchors: $(INSTALLED) ## Look up every anchor of build/ in the documents that you hold, in SOURCES=
	@test -n "$(SOURCES)" || { echo "name the folder of the documents: make verify-anchors SOURCES=data/sources" >&2; exit 2; }
	@$(PYTHON) -m scripts.verify_anchors -- "$(SOURCES)"

serve: $(INSTALLED) ## Serve the built tables on 127.0.0.1, port 8001 or PORT=; DRAFTS=1 shows drafts too
	@$(MAKE) --silent $(SERVED)/ketamine_pain.db
	@$(BIN)/packpress serve $(SERVED) --port $(PORT)

$(PUBLIC)/ketamine_pain.db: $(INPUTS) | $(INSTALLED)
	@$(BIN)/packpress build --require-rules --output $(PUBLIC) --source-text quotes

serve-public: $(INSTALLED) ## Serve the edition for everybody, as to everybody: no SQL, bounds on all; PORT=, SITE=, PROXY=
	@$(MAKE) --silent $(PUBLIC)/ketamine_pain.db
	@$(BIN)/packpress serve $(PUBLIC) --profile public --port $(PORT) $(if $(SITE),--site "$(SITE)") $(if $(PROXY),--proxy "$(PROXY)")

static: $(INSTALLED) ## Write the site into dist/static/, files that any web host can serve (BASE_PATH=)
	@$(MAKE) --silent $(PUBLIC)/ketamine_pain.db
	@$(BIN)/packpress static $(PUBLIC) --output dist/static --base-path "$(or $(BASE_PATH),/)"

load: $(INSTALLED) ## Drive every type of page of the public site with wrk and print what it holds (minutes)
	@$(MAKE) --silent $(PUBLIC)/ketamine_pain.db
	$(PYTHON) -m benchmarks.load

mutate: $(INSTALLED) ## Break the tables in every way the descriptor and the rules forbid; each must be caught
	@PYTHONPATH=packpress/tests $(PYTHON) -m tests.mutants

fuzz: $(INSTALLED) ## Throw N= broken packages at the validator (20000 take ten minutes)
	@cd packpress && $(ABSOLUTE) -m tests.fuzz $(or $(N),20000)

test-exit: $(INSTALLED) ## Start N=1000 commands, eight at once; every exit code must be true
	@$(PYTHON) -m benchmarks.exit_codes $(or $(N),1000)

bench-validate: $(INSTALLED) ## Measure validation of many shapes beside frictionless and bare reading (an hour; ROWS=, ONLY=)
	$(PYTHON) -m benchmarks.validate $(ROWS) $(if $(ONLY),--only $(ONLY)) $(if $(ROUNDS),--rounds $(ROUNDS))

bench-build: $(INSTALLED) ## Measure each format of a build of four shapes, beside sqlite3, sqlite-utils, pandas and pyarrow (minutes; ROWS=)
	$(PYTHON) -m benchmarks.build $(ROWS)

bench-growth: $(INSTALLED) ## Measure checking and building from ten thousand to ten million rows (an hour; ROWS=)
	$(PYTHON) -m benchmarks.growth $(ROWS)

bench-suggest: $(INSTALLED) ## Measure what suggestions for each document are worth, learned from the others alone
	$(PYTHON) -m benchmarks.suggest

test: $(INSTALLED) ## Run the tests of packpress and of the data that take under a minute together
	cd packpress && $(ABSOLUTE) -m pytest -m "not long"
	$(PYTHON) -m pytest -m "not long"

test-all: $(INSTALLED) ## Run all tests of both, the long ones too
	cd packpress && $(ABSOLUTE) -m pytest
	$(PYTHON) -m pytest

check: check-format lint types fresh validate test ## Format, lint, types, freshness, validate, test

check-format: $(INSTALLED) ## Fail when a table or a module is not in its canonical form
	$(BIN)/packpress format --check
	$(BIN)/ruff format --check .

lint: $(INSTALLED) ## Look for faults of style in the code
	$(BIN)/ruff check .

types: $(INSTALLED) ## Check the types of the code
	$(BIN)/mypy

fresh: $(INSTALLED) ## Fail when a derived file is stale
	$(BIN)/packpress generate --check
	$(BIN)/packpress schema --output $(EDITOR_SCHEMA) --check
	@cd packpress && $(ABSOLUTE) -m tests.documents --check

lock: $(INSTALLED) ## Pin the packages of pyproject.toml anew, with hashes
	$(BIN)/pip-compile --quiet --generate-hashes --allow-unsafe --all-extras --strip-extras \
		--no-emit-index-url --no-emit-find-links --output-file requirements.txt pyproject.toml packpress/pyproject.toml

clean: ## Remove build/ and dist/, and nothing else
	rm -rf build dist

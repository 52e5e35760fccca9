# Every command of the project. `make` alone prints this list.
PORT ?= 8001
BOOTSTRAP ?= python3
BIN := .venv/bin
PYTHON := $(BIN)/python
# For commands that run in the folder packpress/.
ABSOLUTE := $(CURDIR)/$(PYTHON)
INSTALLED := .venv/installed
# Before a command, so that its messages name variables of make instead of options.
TELL := PACKPRESS_CALLER=make
BUILD := build
PUBLIC := dist/public
EDITOR_SCHEMA := packpress/docs/datapackage.schema.json
# With DRAFTS=1 a separate build is served, which includes sources in progress.
SERVED := $(if $(DRAFTS),dist/drafts,$(BUILD))
INPUTS := datapackage.json metadata.yml LICENSE-DATA.md $(wildcard data/*.csv data/sources/*.txt docs/*.md sql/*/*.sql) \
	pyproject.toml packpress/pyproject.toml $(shell find packpress/src scripts -name "*.py" 2>/dev/null)

.DEFAULT_GOAL := help
# Targets with lower-case names are commands, not files.
.PHONY: $(shell sed -n 's/^\([a-z-]*\):.*/\1/p' $(MAKEFILE_LIST))

help: ## Print this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 24

install: $(INSTALLED) ## Create .venv and install the pinned packages

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

build: $(INSTALLED) ## Publish the tables to build/: SQLite, CSV, Parquet, XLSX, zip, checksums
	$(BIN)/packpress build --require-rules

$(BUILD)/ketamine_pain.db: $(INPUTS) | $(INSTALLED)
	@$(BIN)/packpress build --require-rules

dist/drafts/ketamine_pain.db: $(INPUTS) | $(INSTALLED)
	@$(BIN)/packpress build --require-rules --drafts --output dist/drafts

validate: $(INSTALLED) ## Validate the tables, then again with frictionless as a second opinion
	@$(BIN)/packpress validate --require-rules
	@$(PYTHON) -m scripts.second_opinion

generate: $(INSTALLED) ## Rewrite every file that is derived from the descriptor
	$(BIN)/packpress generate
	@cd packpress && $(ABSOLUTE) -m tests.documents
	$(BIN)/packpress schema --output $(EDITOR_SCHEMA)

conformance: $(INSTALLED) ## Run frictionless on the conformance cases and update packpress/docs/validation.md
	@cd packpress && $(ABSOLUTE) -m tests.conformance

format: $(INSTALLED) ## Rewrite the tables as canonical CSV, and format the code with ruff
	$(BIN)/packpress format
	@$(BIN)/ruff format --quiet .
	@$(BIN)/ruff check --quiet --fix-only .

workbook: $(INSTALLED) ## Write the tables, or the rows of SOURCE=, to a workbook for curators in dist/
	@$(TELL) $(BIN)/packpress workbook $(if $(SOURCE),--only "sources=$(SOURCE)") $(if $(FORCE),--force)

import: $(INSTALLED) ## Import WORKBOOK= into the tables: show the changes, ask, replace all or none; YES=1 does not ask, MOVED=1 accepts moved columns
	@test -n "$(WORKBOOK)" || { echo "name the workbook: make import WORKBOOK=dist/ketamine-pain-workbook.xlsx" >&2; exit 2; }
	@$(TELL) $(BIN)/packpress import $(if $(YES),--yes) $(if $(MOVED),--moved) -- "$(WORKBOOK)"

git-setup: $(INSTALLED) ## Make git merge the tables of this clone by their keys, cell by cell
	@$(TELL) $(BIN)/packpress git-setup

next-id: $(INSTALLED) ## Print the next free identifier of TABLE=, for rows of SOURCE=
	@test -n "$(TABLE)" || { echo "name the table: make next-id TABLE=claims SOURCE=fpm-ketamine" >&2; exit 2; }
	@$(TELL) $(BIN)/packpress next-id -- "$(TABLE)" $(if $(SOURCE),"$(SOURCE)")

withdraw: $(INSTALLED) ## Withdraw the row ID= of TABLE= for the REASON=, with its links: show the difference, ask, write; ALSO=, REPLACED_BY=, SET=, YES=1
	@test -n "$$TABLE" -a -n "$$ID" || { echo 'name a row: make withdraw TABLE=claims ID=fpm-ketamine-c001 REASON="It says the same as another."' >&2; exit 2; }
	@$(TELL) $(BIN)/packpress withdraw $(if $(REPLACED_BY),--replaced-by "$$REPLACED_BY") $(if $(ALSO),--also "$$ALSO") $(if $(REASON),--reason "$$REASON") $(if $(SET),--set "$$SET") $(if $(YES),--yes) -- "$$TABLE" "$$ID"

rename: $(INSTALLED) ## Change the key ID= of a row of TABLE= to TO=, wherever it stands: show the difference, ask, write; REASON=, SET=, YES=1
	@test -n "$$TABLE" -a -n "$$ID" -a -n "$$TO" || { echo "name a row and its new key: make rename TABLE=conditions ID=complex-regional-pain-syndrome TO=crps" >&2; exit 2; }
	@$(TELL) $(BIN)/packpress rename $(if $(REASON),--reason "$$REASON") $(if $(SET),--set "$$SET") $(if $(YES),--yes) -- "$$TABLE" "$$ID" "$$TO"

merge: $(INSTALLED) ## Merge the row ID= of TABLE= into the row INTO=, with its links: show the difference, ask, write; KEEP=1, REASON=, SET=, YES=1
	@test -n "$$TABLE" -a -n "$$ID" -a -n "$$INTO" || { echo "name two rows: make merge TABLE=conditions ID=thoracic-surgery INTO=surgery" >&2; exit 2; }
	@$(TELL) $(BIN)/packpress merge $(if $(KEEP),--keep) $(if $(REASON),--reason "$$REASON") $(if $(SET),--set "$$SET") $(if $(YES),--yes) -- "$$TABLE" "$$ID" "$$INTO"

split: $(INSTALLED) ## Split the row ID= of TABLE=: links TO_NEW= go to the new row NEW=, those TO_BOTH= to both, and it gets the cells SET=; REASON=, YES=1
	@test -n "$$TABLE" -a -n "$$ID" || { echo 'name a row: make split TABLE=claims ID=fpm-ketamine-c001 TO_NEW="claim_conditions=pain" SET="statement=…"' >&2; exit 2; }
	@$(TELL) $(BIN)/packpress split $(if $(NEW),--new "$$NEW") $(if $(TO_NEW),--to-new "$$TO_NEW") $(if $(TO_BOTH),--to-both "$$TO_BOTH") $(if $(REASON),--reason "$$REASON") $(if $(SET),--set "$$SET") $(if $(YES),--yes) -- "$$TABLE" "$$ID"

add-source: $(INSTALLED) ## Add FILE= (text, saved page, PDF, record, article in JATS) as the draft ID=, or references (RIS, BibTeX); TEXT= as corrected, YES=1 as it is, SHORT_NAME=, RIGHTS=
	@test -n "$$FILE" -a -n "$$ID" || { echo "name a file and an id: make add-source FILE=clinic.html ID=clinic-2024" >&2; exit 2; }
	@$(PYTHON) -m scripts.add_source $(if $(TEXT),--text "$$TEXT") $(if $(YES),--yes) $(if $(SHORT_NAME),--short-name "$$SHORT_NAME") $(if $(RIGHTS),--rights "$$RIGHTS") -- "$$FILE" "$$ID"

join-passages: $(INSTALLED) ## Make one passage of the passages FROM= to TO= of a draft: show the difference, ask, write; YES=1 does not ask
	@test -n "$(FROM)" -a -n "$(TO)" || { echo "name two passages: make join-passages FROM=clinic-2024-p003 TO=clinic-2024-p004" >&2; exit 2; }
	@$(PYTHON) -m scripts.passages join $(if $(YES),--yes) -- "$$FROM" "$$TO"

split-passage: $(INSTALLED) ## Split the passage ID= of a draft before the words AT=: show the difference, ask, write; YES=1 does not ask
	@test -n "$$ID" -a -n "$$AT" || { echo 'name a passage and words: make split-passage ID=clinic-2024-p003 AT="It may also"' >&2; exit 2; }
	@$(PYTHON) -m scripts.passages split $(if $(YES),--yes) -- "$$ID" "$$AT"

todo: $(INSTALLED) ## List what is left to curate, and suggest rows for drafts in dist/todo/; SOURCE= for one source
	@$(PYTHON) -m scripts.todo $(if $(SOURCE),--source "$(SOURCE)")

accept: $(INSTALLED) ## Add the suggested rows that you left in FROM=, such as dist/todo/clinic-2024, to the tables
	@test -n "$(FROM)" || { echo "name the folder of suggested rows: make accept FROM=dist/todo/clinic-2024" >&2; exit 2; }
	@$(PYTHON) -m scripts.accept -- "$(FROM)"

curate: $(INSTALLED) ## Curate the draft SOURCE= in a browser, on this machine only; READER=reader-b reads blind, READER=reader-d relates blind, PORT=
	@test -n "$(SOURCE)" || { echo "name the draft: make curate SOURCE=clinic-2024" >&2; exit 2; }
	@$(PYTHON) -m scripts.curate $(if $(READER),--reader "$(READER)") $(if $(filter-out file,$(origin PORT)),--port "$(PORT)") -- "$(SOURCE)"

publish-source: $(INSTALLED) ## Publish the draft ID=, once it follows all rules for published sources
	@test -n "$(ID)" || { echo "name the draft: make publish-source ID=clinic-2024" >&2; exit 2; }
	@$(PYTHON) -m scripts.publish_source -- "$(ID)"

review: $(INSTALLED) ## Write a blind copy of SOURCE= for a second reader, or compare it with the reading AGAINST=
	@$(PYTHON) -m scripts.review $(if $(SOURCE),--source "$(SOURCE)") $(if $(FIRST),--first "$(FIRST)") $(if $(AGAINST),--against "$(AGAINST)")

diff: $(INSTALLED) ## List the rows changed since BASE=, a git revision or a zip, as Markdown and CSV in dist/
	@test -n "$(BASE)" || { echo "name a revision of git or a zip: make diff BASE=HEAD~1" >&2; exit 2; }
	@$(BIN)/packpress diff -- "$(BASE)"

release: $(INSTALLED) ## Build the release VERSION= in dist/, compared with the newest tag v… or BASE=
	@test -n "$(VERSION)" || { echo "name the version: make release VERSION=2.0.0" >&2; exit 2; }
	@$(BIN)/packpress release --require-rules $(if $(BASE),--base "$(BASE)") -- "$(VERSION)"

verify-anchors: $(INSTALLED) ## Look up every anchor of build/ in your copies of the documents, in SOURCES=
	@test -n "$(SOURCES)" || { echo "name the folder of the documents: make verify-anchors SOURCES=data/sources" >&2; exit 2; }
	@$(PYTHON) -m scripts.verify_anchors -- "$(SOURCES)"

serve: $(INSTALLED) ## Serve the built tables on 127.0.0.1, port 8001 or PORT=; DRAFTS=1 shows drafts too
	@$(MAKE) --silent $(SERVED)/ketamine_pain.db
	@$(BIN)/packpress serve $(SERVED) --port $(PORT)

$(PUBLIC)/ketamine_pain.db: $(INPUTS) | $(INSTALLED)
	@$(BIN)/packpress build --require-rules --output $(PUBLIC) --source-text quotes

serve-public: $(INSTALLED) ## Serve the public edition with the public limits; PORT=, SITE=, PROXY=
	@$(MAKE) --silent $(PUBLIC)/ketamine_pain.db
	@$(BIN)/packpress serve $(PUBLIC) --profile public --port $(PORT) $(if $(SITE),--site "$(SITE)") $(if $(PROXY),--proxy "$(PROXY)")

static: $(INSTALLED) ## Write the site to dist/static/, as files for any web host (BASE_PATH=, SITE=)
	@$(MAKE) --silent $(PUBLIC)/ketamine_pain.db
	@$(BIN)/packpress static $(PUBLIC) --output dist/static --base-path "$(or $(BASE_PATH),/)" $(if $(SITE),--site "$(SITE)")

pictures: build static ## Photograph every type of page: docs/, the pictures for other sites, and sheets in dist/pictures/
	@PYTHONPATH=packpress/tests $(PYTHON) -m tests.data.pictures
	@cd packpress && $(ABSOLUTE) -m tests.pictures

load: $(INSTALLED) ## Load every type of page of the public site with wrk and print the results (minutes)
	@$(MAKE) --silent $(PUBLIC)/ketamine_pain.db
	$(PYTHON) -m benchmarks.load

mutate: $(INSTALLED) ## Break the tables in every way that the descriptor and the rules forbid; all must be caught
	@PYTHONPATH=packpress/tests $(PYTHON) -m tests.mutants

fuzz: $(INSTALLED) ## Validate N= broken packages (20000 take ten minutes)
	@cd packpress && $(ABSOLUTE) -m tests.fuzz $(or $(N),20000)

test-spark: $(INSTALLED) ## Compare what Apache Spark finds with what the validator finds (minutes; needs Java)
	@cd packpress && $(ABSOLUTE) -m tests.spark $(CURDIR)/.venv-spark

test-exit: $(INSTALLED) ## Run N=1000 commands, eight at a time; every exit code must be right
	@$(PYTHON) -m benchmarks.exit_codes $(or $(N),1000)

bench-validate: $(INSTALLED) ## Compare validation of many shapes with frictionless (an hour; ROWS=, ONLY=)
	$(PYTHON) -m benchmarks.validate $(ROWS) $(if $(ONLY),--only $(ONLY)) $(if $(ROUNDS),--rounds $(ROUNDS))

bench-build: $(INSTALLED) ## Measure each format of a build of four shapes, beside sqlite3, sqlite-utils, pandas and pyarrow (minutes; ROWS=)
	$(PYTHON) -m benchmarks.build $(ROWS)

bench-growth: $(INSTALLED) ## Measure validating and building from ten thousand to ten million rows (an hour; ROWS=)
	$(PYTHON) -m benchmarks.growth $(ROWS)

bench-init: $(INSTALLED) ## Compare packpress init with other tools, whose environment's interpreter is PEERS=
	@test -n "$(PEERS)" || { echo "name the interpreter of benchmarks/requirements-init.txt: make bench-init PEERS=DIR/bin/python" >&2; exit 2; }
	@PYTHONPATH=packpress/tests $(PYTHON) -m benchmarks.init $(PEERS)

bench-suggest: $(INSTALLED) ## Measure how good the suggestions for each document are, learned only from the others
	$(PYTHON) -m benchmarks.suggest

# Tests start hundreds of processes, which would each compile our modules again where the environment forbids to keep them.
test test-long test-exhaustive: export PYTHONDONTWRITEBYTECODE :=

test: $(INSTALLED) ## Run the tests of packpress and of the data that take under a minute
	cd packpress && $(ABSOLUTE) -m pytest -m "not long"
	$(PYTHON) -m pytest -m "not long"

test-standards: $(INSTALLED) .venv-standards/standards/installed .venv-standards/loading/installed ## Hold builds to the validators and readers of other tools
	REQUIRE_STANDARDS=1 $(PYTHON) -m pytest -n 2 tests/standards

# Each of these environments has the packages of its own lock: together they would not fit.
.venv-standards/%/installed: requirements-%.txt .venv-standards/uv/installed
	@rm -rf .venv-standards/$*
	@.venv-standards/uv/bin/uv venv --quiet --python $(BOOTSTRAP) --seed .venv-standards/$*
	@.venv-standards/uv/bin/uv pip install --quiet --python .venv-standards/$* --require-hashes -r $< \
		|| .venv-standards/$*/bin/python -m pip install --disable-pip-version-check --quiet --require-hashes -r $<
	@touch $@

.venv-standards/uv/installed: requirements-uv.txt
	@rm -rf .venv-standards/uv
	@$(BOOTSTRAP) -m venv .venv-standards/uv
	@.venv-standards/uv/bin/python -m pip install --disable-pip-version-check --quiet --require-hashes -r $<
	@touch $@

test-long: $(INSTALLED) ## Run the tests that `make test` leaves out
	cd packpress && $(ABSOLUTE) -m pytest -m "long and not exhaustive"
	$(PYTHON) -m pytest -m "long and not exhaustive"

test-all: test test-long ## Run the short tests and the long ones

test-exhaustive: $(INSTALLED) ## Run what is too long for test-all: every mutant, every wrong cell, every page, every statement that bursts
	cd packpress && $(ABSOLUTE) -m pytest -m exhaustive
	$(PYTHON) -m pytest -m exhaustive

test-kills: $(INSTALLED) ## Kill builds and curators' commands N= times, 100 if not given (ten minutes)
	cd packpress && KILLS=$(or $(N),100) $(ABSOLUTE) -m pytest -n 0 tests/test_publish_swap.py -k killed_at_any_moment
	KILLS=$(or $(N),100) $(PYTHON) -m pytest -n 0 tests/curation/test_concurrent_curators.py tests/curation/test_curate_kills.py -k kills

check: check-format lint types fresh validate test ## Format, lint, types, freshness, validate, test

check-format: $(INSTALLED) ## Fail when a table or a module is not in its canonical form
	@$(TELL) $(BIN)/packpress format --check
	$(BIN)/ruff format --check .

lint: $(INSTALLED) ## Lint the code
	$(BIN)/ruff check .

types: $(INSTALLED) ## Check the types of the code
	$(BIN)/mypy

fresh: $(INSTALLED) ## Fail when a derived file is stale
	@$(TELL) $(BIN)/packpress generate --check
	$(BIN)/packpress schema --output $(EDITOR_SCHEMA) --check
	@cd packpress && $(ABSOLUTE) -m tests.documents --check

lock: $(INSTALLED) ## Pin the packages of pyproject.toml again, with hashes
	$(BIN)/pip-compile --quiet --generate-hashes --allow-unsafe --all-extras --strip-extras \
		--no-emit-index-url --no-emit-find-links --output-file requirements.txt pyproject.toml packpress/pyproject.toml

lock-standards: .venv-standards/uv/installed ## Pin the tools of test-standards again, with hashes
	@for set in uv standards loading; do .venv-standards/uv/bin/uv pip compile --quiet --generate-hashes --no-emit-index-url \
		--no-annotate --universal --python-version 3.11 --custom-compile-command "make lock-standards" \
		--output-file requirements-$$set.txt requirements-$$set.in; done

clean: ## Remove build/ and dist/, and nothing else
	rm -rf build dist

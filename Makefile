# SPDX-License-Identifier: GPL-3.0-or-later
# make demo, make check: the two commands of README.source. Each target sets itself up: Debian packages by
# tools/need, everything from PyPI in .venv.

BIN     = .venv/bin
READY   = .venv/ready
TARBALL = build/eucalyptus_2.0.3~reference.orig.tar.gz

# The commands that each target runs beside Python's; tools/need knows their packages.
QUILT      = quilt patch diff gzip
CROSS      = i686-linux-gnu-gcc libc6-dev-i386-cross arm-linux-gnueabihf-gcc libc6-dev-armhf-cross \
             aarch64-linux-gnu-gcc libc6-dev-arm64-cross
NEED_demo  = $(QUILT)
NEED_browser = chromium
C          = ar clang libclang-rt-14-dev libcmocka-dev libxml2-dev libxslt1-dev gcc ld make perl xml2-config libvirt-dev libcurl4-openssl-dev libssl-dev zlib1g-dev
GUESTS     = cpio e2fsprogs ip kmod libvirt-daemon qemu-system-aarch64 qemu-system-x86_64 unshare virsh
IMAGES     = arch-test genext2fs mmdebstrap
JAVA       = ant autoconf javac
NEED_check = brz $(QUILT) $(C) $(CROSS) $(GUESTS) $(IMAGES) $(JAVA) $(PACKAGES) bash bzip2 clang-format dash dpkg-source groff indent mandoc perlcritic xz zstd
VERSATILE  = arm-linux-gnueabi-gcc libc6-dev-armel-cross bc bison flex make perl xz
NEED_guest-versatile = cpio e2fsprogs kmod $(VERSATILE)
NEED_slow  = $(VERSATILE) dch newuidmap qemu-arm-static valgrind
NEED_bench = $(QUILT) $(C) $(CROSS) $(GUESTS) abidiff pahole spatch rg
PACKAGES   = blhc diffoscope dpkg-buildpackage faketime lintian
NEED_packages = $(QUILT) $(PACKAGES) autopkgtest mmdebstrap newuidmap sbuild
NEED_lines = $(QUILT) indent
NEED_drift = $(QUILT) $(C) clang-format indent spatch wiggle apt-get dpkg-deb

# Compiled Python goes beside what else is made: kept, or every run of patchgen would compile it anew.
unexport PYTHONDONTWRITEBYTECODE
export PYTHONPYCACHEPREFIX = $(CURDIR)/build/pycache

.DEFAULT_GOAL = help
.PHONY: help demo check check-all lint format test refresh report mutants reference-tarball docs packages bench guest-versatile drift fuzz lines clean
.NOTPARALLEL:

help: ## say what there is
	@sed -n 's/^\([a-z-]*\):.*## /make \1\t/p' Makefile | expand -t 24

demo: need-demo $(READY) ## render the series on the reference tree, push and pop it with quilt, and say what happened
	@PATH="$(CURDIR)/$(BIN):$$PATH" tools/demo

check: need-check lint test ## the checkers, the fast tests, and whether patches/ is in step: about fifteen minutes on two cores

check-all: TESTING = -m '' --hypothesis-profile=large --timeout=1800 --cov --cov-report=term
check-all: need-slow guest-versatile packages check ## and the slow tests, 1,000 examples for each property, and the coverage

lint: need-check $(READY)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/patchgen lint
	$(BIN)/patchgen refresh --check

test: need-check need-browser $(READY)
	$(BIN)/pytest $(TESTING)

format: $(READY) ## lay out the Python code
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

refresh: need-demo $(READY) ## render patches/ again, on the reference tree
	$(BIN)/patchgen refresh

report: need-check $(READY) ## run every check on every prefix of the series, and write build/report.html
	$(BIN)/buildcheck report --output build/report.html

mutants: need-check $(READY) ## make wrong patches of the right ones, and see which check notices each, and how fast
	$(BIN)/python bench/mutants.py --json build/mutants.json

packages: need-packages $(READY) ## build the packages of the reference tree in sbuild, prove them, and run their autopkgtest
	tools/reference-tarball $(TARBALL)
	PATH="$(CURDIR)/$(BIN):$$PATH" tools/packages build/packages $(TARBALL)

reference-tarball: ## pack the reference tree as an orig tarball in build/
	tools/reference-tarball $(TARBALL)

docs: $(READY) ## write what is generated in docs/
	$(BIN)/python docs/generate.py

bench: need-bench $(READY) ## time it beside spatch, quilt and ripgrep, and print the ratios
	$(BIN)/python bench/run.py

guest-versatile: export XDG_CACHE_HOME = $(CURDIR)/build/test-cache
guest-versatile: need-guest-versatile $(READY) ## build the kernel of an armel guest, and the guest, in build/guests/arm; minutes, once
	nice $(BIN)/buildcheck guest arm -o build/guests/arm

drift: need-drift $(READY) ## carry three series over a hundred kinds of upstream change, beside quilt, git, wiggle and spatch
	PYTHONPATH=bench $(BIN)/python -m drift

lines: need-lines $(READY) ## make the trees of other lines of upstream in build/lines, and show which patch is for which
	rm -rf build/lines
	for line in 1.6 trunk 3.x; do tools/line $$line build/lines/$$line || exit; done
	$(BIN)/patchgen status --upstream tests/c/reference --upstream build/lines/1.6 --upstream build/lines/trunk --upstream build/lines/3.x

fuzz: $(READY) ## change what patchgen reads a million times, and keep in build/fuzz what goes wrong
	PYTHONPATH=tests/py nice $(BIN)/python -m fuzz

clean: ## remove everything that can be made again
	rm -rf build .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis tools/*.egg-info
	find bench docs tests tools -name __pycache__ -prune -exec rm -rf {} +

need-%:
	@tools/need git venv $(NEED_$*)

# Made anew whenever what it holds changes, so that it never holds more.
$(READY): pyproject.toml
	@tools/need git venv
	python3 -m venv --clear .venv
	$(BIN)/pip install --quiet --editable '.[test,lint]'
	@touch $@

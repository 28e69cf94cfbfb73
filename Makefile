# The front door. meson does the work: `meson setup build && ninja -C build products` is the same build.
#
# SPDX-License-Identifier: MIT
PREFIX ?= /usr/local
DESTDIR ?=
BUILD := build
ARGS ?=

all: $(BUILD)/build.ninja
	ninja -C $(BUILD) products

# For bench: `make bench ARGS=--quick`. For test, asan, tsan: arguments of meson test, for instance `ARGS=durable`.
bench: deps all
	$(BUILD)/tools/quire bench $(ARGS)

# quire beside what else there is to append with: installs those libraries and builds a command with all of them.
bench-peers:
	scripts/deps peers
	[ -e $(BUILD)-peers/build.ninja ] || meson setup $(BUILD)-peers -Dpeers=auto
	ninja -C $(BUILD)-peers products
	$(BUILD)-peers/tools/quire bench --peers all $(ARGS)

# Does comparing keep quiet when nothing changed? Some minutes, on a quiet machine. ARGS: see scripts/bench-aa.
bench-aa: deps all
	scripts/bench-aa $(BUILD)/tools/quire $(ARGS)

test: deps $(BUILD)/build.ninja
	scripts/run-tests $(BUILD) $(ARGS)

asan: deps $(BUILD)-asan/build.ninja
	scripts/run-tests $(BUILD)-asan $(ARGS)

# ThreadSanitizer of gcc 12 and clang 14 cannot live with much address randomisation: setarch -R turns it off. What has one
# thread, or what of the threads is seen in these suites already, says nothing to it.
tsan: deps $(BUILD)-tsan/build.ninja
	setarch -R scripts/run-tests $(BUILD)-tsan $(or $(ARGS),--suite unit --suite fault --suite examples)

# Hostile bytes, each target of tests/fuzz for TIME seconds. ARGS: their names, --fast, -j 2. Needs clang; fuzz-afl: afl++.
TIME := 60
fuzz: deps
	scripts/fuzz --time $(TIME) $(ARGS)

fuzz-afl: deps
	scripts/fuzz --engine afl --time $(TIME) $(ARGS)

# On ext4, XFS and btrfs, while the power goes and the disk fails: root, some minutes. `make test-fs ARGS=gate`, QUICK=1,
# FILE_SYSTEMS=xfs: see scripts/test-fs. libfuse3 may have come after the build directory was set up.
test-fs: deps
	scripts/deps fs
	meson setup $(if $(wildcard $(BUILD)/build.ninja),--reconfigure) $(BUILD)
	ninja -C $(BUILD) disk
	scripts/test-fs $(BUILD) $(ARGS)

# In a machine (qemu) whose power is cut, with Debian's kernels 6.1 and 6.12: root, some ten minutes. CUTS=20, KERNELS=6.12,
# METHODS, FILE_SYSTEMS, PROFILE, SEED, IMAGES: see scripts/test-vm.
test-vm: deps $(BUILD)/build.ninja
	scripts/deps vm
	ninja -C $(BUILD) vm
	scripts/test-vm $(BUILD)

# Quire with one safety removed, again and again: a test must notice. Half an hour. ARGS: patches.
twins: deps
	scripts/twins $(ARGS)

# How much of src/ the tests reach, in a build of its own: some minutes. ARGS=--no-run: of the last run.
coverage:
	scripts/deps coverage
	scripts/coverage $(ARGS) $(BUILD)-coverage

# Protocols of the threads, exhausted, and the order of memory; with planted bugs that must be found. ARGS: models.
models:
	scripts/deps models
	scripts/models $(ARGS)

# Every concurrent test under valgrind's helgrind: some minutes. ARGS: names of tests.
helgrind: deps $(BUILD)-helgrind/build.ninja
	scripts/deps ci
	scripts/helgrind $(BUILD)-helgrind $(ARGS)

# Everything that can fail is made to: some minutes. ARGS: see scripts/sweep.
sweep: deps $(BUILD)/build.ninja
	scripts/deps ci
	ninja -C $(BUILD) tools/quire tests/fault/fault-injections tests/fault/fault-memory tests/sweep/librefuse_memory.so
	scripts/sweep $(BUILD) $(ARGS)

$(BUILD)/build.ninja: | deps
	meson setup $(BUILD) -Dprefix=$(PREFIX)

$(BUILD)-asan/build.ninja: | deps
	meson setup $(BUILD)-asan -Db_sanitize=address,undefined -Db_ndebug=false -Dc_args=-fno-sanitize-recover=all

$(BUILD)-tsan/build.ninja: | deps
	meson setup $(BUILD)-tsan -Db_sanitize=thread -Db_ndebug=false

$(BUILD)-helgrind/build.ninja: | deps
	meson setup $(BUILD)-helgrind -Dio_uring=disabled "-Dc_args=-include $(CURDIR)/tests/helgrind.h"

deps:
	scripts/deps

install: $(BUILD)/build.ninja
	meson configure $(BUILD) -Dprefix=$(PREFIX) # first: the command is compiled with it
	ninja -C $(BUILD) products
	meson install --no-rebuild -C $(BUILD) $(if $(DESTDIR),--destdir $(abspath $(DESTDIR)))
	@[ -n "$(DESTDIR)" ] || [ "$$(id -u)" != 0 ] || ldconfig

# What is installed where is known only after the build directory was set up for that prefix.
uninstall: $(BUILD)/build.ninja
	meson setup --reconfigure $(BUILD) -Dprefix=$(PREFIX)
	scripts/uninstall $(BUILD) $(DESTDIR)

lint: $(BUILD)/build.ninja
	scripts/deps ci
	scripts/lint $(BUILD)

format:
	git ls-files --cached --others --exclude-standard '*.c' '*.h' | xargs clang-format -i

clean:
	rm -rf $(BUILD) $(BUILD)-asan $(BUILD)-tsan $(BUILD)-helgrind $(BUILD)-peers $(BUILD)-coverage build-fuzz build-fuzz-fast build-afl

.PHONY: twins all bench bench-peers bench-aa test asan tsan fuzz fuzz-afl deps install uninstall lint format clean test-fs test-vm \
	sweep coverage models helgrind

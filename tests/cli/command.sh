#!/bin/sh
# The command as a person or a script meets it: what it prints where, how it ends, and what it leaves behind.
#
#   command.sh QUIRE [CHECK_JSON]
#
# CHECK_JSON reads a report on stdin and exits 0 if it has the published shape; without it that case is skipped.
#
# SPDX-License-Identifier: MIT
set -u

quire=$1
check_json=${2:-}
passed=0 failed=0 skipped=0
work=$(mktemp -d "${TMPDIR:-/tmp}/quire-cli.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
dir=$work/data
mkdir "$dir"

ok() {
    passed=$((passed + 1))
}

bad() { # NAME WHY
    failed=$((failed + 1))
    echo "FAIL $1: $2"
    sed 's/^/  stdout: /' "$work/out" | head -n 5
    sed 's/^/  stderr: /' "$work/err" | head -n 5
}

# Runs the command; leaves its output in $work/out and $work/err, its exit status in $status.
run() {
    "$quire" "$@" >"$work/out" 2>"$work/err" </dev/null
    status=$?
}

nothing_left() {
    [ -z "$(ls -A "$dir")" ]
}

# refuses NAME STATUS ARGUMENT...: one sentence on stderr, nothing on stdout, no file.
refuses() {
    name=$1 expected=$2
    shift 2
    run "$@"
    if [ "$status" != "$expected" ]; then
        bad "$name" "exit status $status, not $expected"
    elif [ -s "$work/out" ]; then
        bad "$name" 'something on stdout'
    elif [ "$(wc -l <"$work/err")" != 1 ]; then
        bad "$name" 'not one line on stderr'
    elif ! nothing_left; then
        bad "$name" "left behind: $(ls -A "$dir")"
    else
        ok
    fi
}

# fits_a_screen NAME ARGUMENT...: exit 0, on stdout, at most 40 lines of at most 100 columns.
fits_a_screen() {
    name=$1
    shift
    run "$@"
    if [ "$status" != 0 ] || [ -s "$work/err" ]; then
        bad "$name" "exit status $status, or something on stderr"
    elif [ "$(wc -l <"$work/out")" -lt 5 ] || [ "$(wc -l <"$work/out")" -gt 40 ]; then
        bad "$name" "$(wc -l <"$work/out") lines"
    elif grep -qE '.{101}' "$work/out"; then
        bad "$name" 'a line of more than 100 columns'
    else
        ok
    fi
}

help_and_version() {
    fits_a_screen 'help' --help
    fits_a_screen 'help of bench' bench --help
    run --version
    if [ "$status" = 0 ] && grep -q '^quire [0-9]' "$work/out" && grep -qi 'features' "$work/out"; then
        ok
    else
        bad 'version' 'no version, or no features'
    fi
}

bad_usage() {
    refuses 'an unknown command' 2 frobnicate
    refuses 'an unknown option' 2 bench --frobnicate
    refuses 'a word too many' 2 bench more
    for records in '' x 128 128x x100 0x100 128x0 -1x5 128xfoo 128x100, ,128x100 128x100,,1Kx5 1e3x10 128x1.5 \
        128x99999999999999999999 99999999999999999999x1 64Gx1 '128 x 100' 128x100x2 128Kx100Q; do
        refuses "--records '$records'" 2 bench --dir "$dir" --records "$records"
    done
    for rounds in '' 0 -1 x 1.5 1000000; do
        refuses "--rounds '$rounds'" 2 bench --dir "$dir" --rounds "$rounds"
    done
    for threads in '' 0 -1 x 100000; do
        refuses "--threads '$threads'" 2 bench --dir "$dir" --threads "$threads"
    done
    for buffers in '' x 5000 1K 65M 4K,,8K -4K; do
        refuses "--buffers '$buffers'" 2 bench --dir "$dir" --buffers "$buffers"
    done
    refuses '--methods of no such name' 2 bench --dir "$dir" --methods paged,frobnicate
    refuses '--sync of no such name' 2 bench --dir "$dir" --sync sometimes
    refuses 'an option without its value' 2 bench --records
    refuses 'no such directory' 2 bench --dir "$dir/missing" --records 128x100 --rounds 1
    touch "$work/file"
    refuses 'a file for a directory' 2 bench --dir "$work/file" --records 128x100 --rounds 1
    refuses 'a report where none can be' 2 bench --dir "$dir" --records 128x100 --rounds 1 --json "$dir/missing/a.json"
}

small='--records 128x1000,1000x100 --rounds 2'

reports() {
    # shellcheck disable=SC2086 # words
    run bench --dir "$dir" $small
    if [ "$status" != 0 ] || ! nothing_left; then
        bad 'a small run' "exit status $status, left behind: $(ls -A "$dir")"
    elif LC_ALL=C grep -q "$(printf '\033')" "$work/out" "$work/err"; then
        bad 'a small run' 'escape bytes on a pipe'
    elif ! grep -q '^Direct Write ' "$work/out" || ! grep -q '^Memory Mapped ' "$work/out"; then
        bad 'a small run' 'rows are missing'
    else
        ok
    fi
    run bench --dir "$dir" --list
    if [ "$status" = 0 ] && grep -q 'Page-Aligned (16K)' "$work/out" && nothing_left; then
        ok
    else
        bad '--list' "exit status $status"
    fi
}

json() {
    if [ -z "$check_json" ]; then
        skipped=$((skipped + 1))
        echo '# skip json: built without jansson'
        return
    fi
    # shellcheck disable=SC2086 # words
    run bench --dir "$dir" $small --json -
    if [ "$status" != 0 ] || ! nothing_left; then
        bad '--json -' "exit status $status, left behind: $(ls -A "$dir")"
    elif ! "$check_json" <"$work/out" >"$work/err" 2>&1; then
        bad '--json -' 'not of the published shape'
    else
        ok
    fi
}

# stopped SIGNAL STATUS: a run that is interrupted in the middle ends soon, with that status, and leaves nothing.
stopped() {
    "$quire" bench --dir "$dir" --records 1Kx20K --rounds 1000 >"$work/out" 2>"$work/err" </dev/null &
    pid=$!
    tries=0
    while nothing_left && [ $tries -lt 400 ]; do
        sleep 0.05
        tries=$((tries + 1))
    done
    kill -s "$1" $pid
    wait $pid
    status=$?
    if [ "$status" != "$2" ]; then
        bad "SIG$1" "exit status $status, not $2"
    elif ! nothing_left; then
        bad "SIG$1" "left behind: $(ls -A "$dir")"
    else
        ok
    fi
}

on_tmpfs() {
    if [ "$(stat -f -c %T /dev/shm 2>/dev/null)" != tmpfs ]; then
        skipped=$((skipped + 1))
        echo '# skip tmpfs: /dev/shm is none'
        return
    fi
    memory=$(mktemp -d /dev/shm/quire-cli.XXXXXX)
    run bench --dir "$memory" --records 128x1000 --rounds 1
    if [ "$status" != 0 ] || ! grep -q 'tmpfs' "$work/out" || ! grep -q 'not available' "$work/out"; then
        bad 'tmpfs' "exit status $status, or it does not say what it is, or that direct I/O is not to be had"
    elif [ -n "$(ls -A "$memory")" ]; then
        bad 'tmpfs' 'something left behind'
    else
        ok
    fi
    rm -rf "$memory"
}

: >"$work/out"
: >"$work/err"
help_and_version
bad_usage
reports
json
stopped INT 130
stopped TERM 143
stopped HUP 129
on_tmpfs

echo "# $passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]

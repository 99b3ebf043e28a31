#!/bin/sh
# Runs every fuzz target of the workspace, one after another, each for $1 (20s).
set -eu
cd "$(dirname "$0")/.."
grep -rl --include='*_test.go' '^func Fuzz' pkg proto services tests | xargs -n 1 dirname | sort -u | while read -r dir; do
	grep -h '^func Fuzz' "$dir"/*_test.go | sed 's/^func \(Fuzz[A-Za-z0-9_]*\).*/\1/' | while read -r target; do
		go test "./$dir" -run '^$' -fuzz "^$target\$" -fuzztime "${1:-20s}"
	done
done

#!/usr/bin/env bash
# Plants each bug of folder planted into a copy of the last commit and runs the simulation that must find it: make planted
#
# A patch's first line names the package and the test. A bug that is not found is a failure, and so is a patch that does
# not fit any more: make it anew with git diff.
set -euo pipefail
cd "$(git -C "$(dirname "${BASH_SOURCE[0]}")" rev-parse --show-toplevel)"
bugs=("$PWD"/queueflow/sim/testdata/planted/*.patch)
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT

missed=0
for bug in "${bugs[@]}"; do
    name=$(basename "$bug" .patch)
    read -r _ package test < "$bug"
    rm -rf "$copy/tree" && mkdir "$copy/tree"
    git archive HEAD | tar -x -C "$copy/tree"
    patch -s -p1 -d "$copy/tree" < "$bug"
    if (cd "$copy/tree" && go test -count 1 -run "^$test\$" "$package") > "$copy/output" 2>&1; then
        echo "NOT FOUND  $name"
        missed=1
        continue
    fi
    seed=$(sed -n 's/.*\(go test .*-seed=[0-9]*.*\)/\1/p' "$copy/output" | head -n 1)
    if [ -z "$seed" ]; then
        echo "NO SEED    $name: it failed otherwise"
        tail -n 20 "$copy/output"
        missed=1
        continue
    fi
    echo "found      $name: $seed"
done
exit "$missed"

#!/usr/bin/env bash
# numpy-ts 1.7.0, Node.
# Belief: max, min and argmax pass NaN on, as in NumPy (nan, nan, 1); nanmax is there for the other meaning.
# Seen: max is 3, min 1 and argmax 2 for [1, NaN, 3]; median and sum are NaN.
# Matters: a diverged loss or a bad reading does not show in the statistics that are looked at first.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --ignore-scripts "numpy-ts@1.7.0"
cat >run.mjs <<'CODE'
import * as np from "numpy-ts";
const x = np.array([1, NaN, 3]);
console.log(JSON.stringify([np.max(x), np.min(x), np.argmax(x), np.median(x), np.sum(x)].map(String)));
CODE
expected='["3","1","2","NaN","NaN"]'
actual=$(node run.mjs 2>/dev/null | grep '^[[{]' | tail -n 1)
echo "$actual"
if [ "$actual" != "$expected" ]; then
  echo "changed: expected $expected" >&2
  exit 1
fi

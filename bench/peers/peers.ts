// Who simdgrad is compared with, and how each is started. Must not know what they compute.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { messageOf } from "../../examples/support/errors.js";
import { type Command, ProcessPeer, type Versions } from "./process.js";

interface Candidate {
  readonly name: string;
  /** Tried in turn. */
  readonly commands: readonly Command[];
  /** What a missing one needs. */
  readonly install: string;
  /** The npm package that must be in bench/peers/node_modules. */
  readonly npmPackage?: string;
}

const pathOf = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** The first of these that has the library: one's own choice, the usual one, Debian's. */
const PYTHONS = new Set([process.env["PYTHON"] ?? "python3", "python3", "/usr/bin/python3"]);

const python = (name: string, worker: string, debianPackages: string): Candidate => ({
  name,
  commands: [...PYTHONS].map((program) => [program, "-B", pathOf(`workers/${worker}`)]),
  install: `apt-get install ${debianPackages}`,
});

const node = (name: string, worker: string, npmPackage: string): Candidate => ({
  name,
  commands: [[process.execPath, "--import", "tsx", pathOf("workers/node_worker.ts"), worker]],
  install: "npm ci --prefix bench/peers",
  npmPackage,
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

export interface StartedPeers {
  readonly peers: Readonly<Record<string, ProcessPeer>>;
  /** Versions by name, or what is missing. */
  readonly found: Readonly<Record<string, Versions | string>>;
  close(): void;
}

/** Starts those that are there, all or by name; the others are missing, never an error. */
export async function startPeers(names?: readonly string[]): Promise<StartedPeers> {
  const wanted = PEERS.filter(({ name }) => names?.includes(name) ?? true);
  const started = await Promise.all(wanted.map(start));
  const peers: Record<string, ProcessPeer> = {};
  const found: Record<string, Versions | string> = {};
  wanted.forEach(({ name }, i) => {
    const outcome = started[i]!;
    found[name] = typeof outcome === "string" ? outcome : outcome.versions;
    if (typeof outcome !== "string") peers[name] = outcome.peer;
  });
  const close = (): void => {
    for (const peer of Object.values(peers)) peer.close();
  };
  return { peers, found, close };
}

/** The process, or what is missing and how to get it. */
async function start(candidate: Candidate): Promise<Awaited<ReturnType<typeof ProcessPeer.start>> | string> {
  const { name, commands, install, npmPackage } = candidate;
  if (npmPackage !== undefined && !existsSync(pathOf(`node_modules/${npmPackage}`)))
    return `not installed (${install})`;
  return ProcessPeer.start(name, commands).catch((error) => `${messageOf(error)} (${install})`);
}

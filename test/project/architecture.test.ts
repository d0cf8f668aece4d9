// Rules of the project that a compiler does not check: layers, the contents of the binaries, first lines and lengths of files.
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import {
  abs,
  backend,
  exp,
  grad,
  init,
  log1p,
  matmul,
  mean,
  power,
  random,
  scope,
  sigmoid,
  softmax,
  type Tensor,
  tanh,
  transpose,
} from "../../src/index.js";
import { knowsRelaxed } from "../../src/runtime/load/build-module.js";
import { getRuntime } from "../../src/runtime/memory/memory.js";
import { read, root, sourcesBelow } from "../support/sources.js";

const sources = sourcesBelow("src/");
const kernels = sourcesBelow("assembly/");

test("the rules apply to some sources", () => {
  expect(sources.length).toBeGreaterThan(20);
  expect(kernels.length).toBeGreaterThan(10);
});

describe("layers", () => {
  test("only the runtime says WebAssembly", () => {
    const others = sources.filter((file) => !file.startsWith("src/runtime/"));
    // In comments and messages, too, it is "wasm" elsewhere.
    expect(others.filter((file) => /\bWebAssembly\b/.test(read(file)))).toEqual([]);
  });

  test("one file of the runtime makes views, one grows the memory", () => {
    const views = /new (?:Float32|Float64|Uint32|Int32)Array\(buffer/;
    expect(sources.filter((file) => views.test(read(file)))).toEqual(["src/runtime/memory/views.ts"]);
    expect(sources.filter((file) => /memory\.grow\(/.test(read(file)))).toEqual(["src/runtime/memory/memory.ts"]);
  });

  test("kernels import kernels only", () => {
    const imports = kernels.flatMap((file) => [...read(file).matchAll(/from "([^"]+)"/g)].map(([, from]) => from!));
    expect(imports.filter((from) => !from.startsWith("./") && !from.startsWith("../"))).toEqual([]);
    expect(imports.filter((from) => from.includes("src/"))).toEqual([]);
  });

  test("the sources reach across the boundary for its vocabulary only", () => {
    const imports = sources.flatMap((file) =>
      [...read(file).matchAll(/from "([^"]*assembly[^"]*)"/g)].map(([, from]) => from!),
    );
    const vocabulary = /assembly\/(?:abi|ops\.generated)\.js$|^@/;
    expect(imports.filter((from) => !vocabulary.test(from))).toEqual([]);
  });

  test("imports point down", () => {
    const cruise = fileURLToPath(new URL("node_modules/dependency-cruiser/bin/dependency-cruise.mjs", root));
    const rules = ["--config", ".dependency-cruiser.cjs", "src", "assembly/abi.ts", "assembly/ops.ts"];
    expect(() => execFileSync(process.execPath, [cruise, ...rules], { cwd: root, stdio: "pipe" })).not.toThrow();
  });

  test("no test has a time limit of its own: only what hangs may fail by time", () => {
    const tests = sourcesBelow("test/").filter((file) => file.endsWith(".test.ts"));
    expect(tests.filter((file) => /\{ timeout: [\d_]+ \}/.test(read(file)))).toEqual([]);
  });

  test("kernels use no mathematics of JavaScript's, whose engines differ", () => {
    const code = kernels.map((file) => [file, read(file).replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, "")] as const);
    expect(code.filter(([, text]) => /\b(?:Math|Mathf|NativeMath)\./.test(text)).map(([file]) => file)).toEqual([]);
  });
});

/** The statement that a type assertion is in and that begins a line, with its comment; undefined for `as const`. */
function assertionIn(node: ts.Node): string | undefined {
  if (!ts.isAsExpression(node) || ts.isConstTypeReference(node.type)) return undefined;
  let statement: ts.Node = node;
  while (!ts.isStatement(statement) || !/^\s*[\n/]/.test(statement.getFullText())) statement = statement.parent;
  return statement.getFullText().trim();
}

test("types carry: a type assertion is rare, and a comment says why it holds", () => {
  const assertions = sources.flatMap((file) => {
    const found: string[] = [];
    const visit = (node: ts.Node): void => {
      const text = assertionIn(node);
      if (text !== undefined) found.push(`${file}: ${text}`);
      ts.forEachChild(node, visit);
    };
    visit(ts.createSourceFile(file, read(file), ts.ScriptTarget.Latest, true));
    return found;
  });
  expect(assertions.length).toBeLessThan(25);
  expect(assertions.filter((text) => !/: \/\/ (?:.*\n\s*\/\/ )*Cast: /.test(text))).toEqual([]);
});

test("no code tells ops apart by their names", () => {
  const above = sources.filter((file) => /^src\/(compile|transform)\//.test(file));
  expect(above.filter((file) => /\bname (?:===|!==)|\[\w*\.?op\.name\]|\(op\.name\)/.test(read(file)))).toEqual([]);
});

test("every option takes undefined, as exactOptionalPropertyTypes asks", () => {
  const INTERNAL = /interface (?:\w*Definition|Place|WholeOptions)\b.*\{\n[\s\S]*?\n\}/g;
  const refusing = sources
    .filter((file) => !file.startsWith("src/runtime/") || file === "src/runtime/init.ts")
    .flatMap((file) => [
      ...read(file)
        .replace(INTERNAL, "")
        .matchAll(/\*\/\n\s+readonly (\w+)\?: ([^;]*);/g),
    ])
    .filter(([, , type]) => !/undefined$|^never$|^infer /.test(type!));
  expect(refusing.map(([text]) => text)).toEqual([]);
});

describe("files", () => {
  test.each([...sources, ...kernels])("%s begins with its purpose and has at most 350 lines", (file) => {
    const lines = read(file).trimEnd().split("\n");
    expect(lines[0]).toMatch(/^\/\/ \S.{20,}/);
    expect(lines.length).toBeLessThanOrEqual(350);
  });
});

/** Every binary with its exports besides the interpreter, and whether its memory is shared. */
const BINARIES = ["simd", "threads", "relaxed", "relaxed-threads"].map((name) => {
  const threaded = name.endsWith("threads");
  return { name, threaded, also: threaded ? ["conduct", "join", "serve"] : [] };
});

/** Where the memory of a binary that is not the constants' begins. */
function heapBaseOf(text: string): number {
  return Number(/\n \(func \$assembly\/index\/heapBase [\s\S]*?i32\.const (\d+)/.exec(text)![1]);
}

describe.each(BINARIES)("the module $name", ({ name, threaded, also }) => {
  const text = read(`build/${name}.wat`);
  /** The module's own entries, without the bodies of functions. */
  const entries = text.split("\n").filter((line) => /^ \(/.test(line));
  const kind = (name: string): string[] => entries.filter((line) => line.startsWith(` (${name} `));

  test("runs nothing when it is instantiated", () => {
    expect(kind("start")).toEqual([]);
  });

  test("imports its memory and nothing else", () => {
    expect(kind("import").length).toBe(1);
    expect(kind("import")[0]).toContain(` (import "env" "memory" (memory $0 1 65536${threaded ? " shared" : ""}))`);
  });

  test("exports the interpreter, where the heap begins, and the memory", () => {
    const names = kind("export").map((line) => /"([^"]+)"/.exec(line)![1]);
    expect(names.sort()).toEqual(["heapBase", "memory", "run", ...also].sort());
  });

  test("has no state of its own, so that several instances may share one memory", () => {
    expect(kind("global").filter((line) => line.includes("(mut "))).toEqual([]);
    expect(kind("table")).toEqual([]);
  });

  test("has its constants at fixed places below the heap, which begins at the same address in all binaries", () => {
    const heapBase = heapBaseOf(text);
    const places = kind("data").map((line) => Number(/^ \(data \$\d+ \(i32\.const (\d+)\)/.exec(line)![1]));
    expect(Math.min(...places)).toBeGreaterThanOrEqual(1024);
    expect(Math.max(...places)).toBeLessThan(heapBase);
    for (const other of BINARIES) expect(heapBaseOf(read(`build/${other.name}.wat`))).toBe(heapBase);
  });

  test.runIf(knowsRelaxed() || !name.startsWith("relaxed"))("has constants that no op changes", async () => {
    await init({ threads: threaded ? 2 : 1, relaxed: name.startsWith("relaxed") });
    expect(backend()).toMatchObject({ threads: threaded ? 2 : 1, reasons: [] });
    const heapBase = heapBaseOf(text);
    const constants = (): Buffer => Buffer.from(getRuntime().memory.buffer.slice(0, heapBase));
    const before = constants();
    expect(before.some((byte) => byte !== 0)).toBe(true);
    scope(() => {
      const x = random.normal([70, 50], { seed: 1 });
      const f = (w: Tensor<[50, 40]>): Tensor<[]> => mean(softmax(tanh(log1p(exp(sigmoid(matmul(x, w)))))));
      grad(f)(random.normal([50, 40], { seed: 2 }));
      power(abs(transpose(x)), 2.5);
    });
    expect(constants().equals(before)).toBe(true);
  });

  test("uses relaxed and atomic instructions only if its name says so", () => {
    expect(/relaxed_/.test(text)).toBe(name.startsWith("relaxed"));
    expect(/atomic/.test(text)).toBe(threaded);
  });
});

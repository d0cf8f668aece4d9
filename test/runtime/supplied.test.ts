// Where the kernels come from: modules that users give, workers from a file, and engines that refuse. Each error says what to change.
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { wasmText } from "../../src/runtime/load/wasm.generated.js";
import { workerSource } from "../../src/runtime/threads/worker.generated.js";
import { freshLibrary, type Library } from "../support/memory.js";
import { root, runModule } from "../support/sources.js";

const file = (name: string): URL => new URL(`build/${name}.wasm`, root);
const bytes = readFileSync(file("simd"));
const folder = mkdtempSync(join(tmpdir(), "simdgrad-"));

/** The kernels with the name that their last section gives them changed. */
function renamed(from: string, to: string): Buffer {
  const copy = Buffer.from(bytes);
  copy.write(to, copy.lastIndexOf(from));
  return copy;
}

function expectToCompute({ matmul, tensor }: Library): void {
  const a = tensor([
    [1, 2],
    [3, 4],
  ]);
  expect(matmul(a, a).toArray()).toEqual([
    [7, 10],
    [15, 22],
  ]);
}

let server: Server;
let origin: string;

beforeAll(async () => {
  server = createServer((request, response) => {
    const type = { "/kernels.wasm": "application/wasm", "/bytes": "application/octet-stream" }[request.url!];
    if (request.url === "/none") response.writeHead(404).end();
    else if (type === undefined) response.writeHead(200, { "content-type": "text/html" }).end("<!doctype html>");
    else response.writeHead(200, { "content-type": type }).end(bytes);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

describe("init({ module })", () => {
  test.each<[string, () => unknown]>([
    ["a module", () => new WebAssembly.Module(bytes)],
    ["a typed array", () => new Uint8Array(bytes)],
    ["an ArrayBuffer", () => new Uint8Array(bytes).buffer],
    ["a file's URL", () => file("simd")],
    ["a URL as text", () => `${origin}/kernels.wasm`],
    ["a URL whose type is another", () => new URL(`${origin}/bytes`)],
    ["a response", async () => fetch(`${origin}/kernels.wasm`)],
    ["a promise of one whose type is another", () => fetch(`${origin}/bytes`)],
  ])("takes %s, and uses it instead of its own", async (_, source) => {
    const library = await freshLibrary();
    await library.init({ module: source() as object });
    const decoded = vi.spyOn(Buffer, "from");
    expectToCompute(library);
    expect(decoded).not.toHaveBeenCalledWith(wasmText, "latin1");
  });

  test("takes the threaded binary, and uses it once threads are asked for", async () => {
    const library = await freshLibrary();
    const module = new WebAssembly.Module(readFileSync(file("threads")));
    expect(await library.init({ module })).toMatchObject({ variant: "simd", threads: 1 });
    const compiled = vi.spyOn(WebAssembly, "compile");
    expect(await library.init({ threads: 2 })).toEqual({ variant: "threads", threads: 2, reasons: [] });
    expect(compiled).not.toHaveBeenCalled();
    expectToCompute(library);
    await library.init({ threads: 1 });
  });

  test.each<[string, () => unknown, RegExp]>([
    [
      "of another version",
      () => renamed(" ", " 000000000000"),
      /another version of simdgrad \(kernels 0{12}, .*copy it again/,
    ],
    ["of something else", () => new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]), /not simdgrad's/],
    [
      "that is a page",
      () => `${origin}/other`,
      /http.*\/other \(text\/html\) is not wasm: did the server answer with a page/,
    ],
    ["that is text", () => new TextEncoder().encode("wasm"), /the buffer is not wasm/],
    ["that is missing", () => `${origin}/none`, /\/none was answered with status 404/],
    ["that is no file", () => new URL("none.wasm", root), /none\.wasm could not be loaded: ENOENT/],
    ["of nobody", () => "http://127.0.0.1:1/simd.wasm", /127\.0\.0\.1:1\/simd\.wasm could not be loaded/],
    ["without an origin", () => "/simd.wasm", /"\/simd\.wasm" is not a URL that can be loaded here/],
    ["that was cut off", () => bytes.subarray(0, 1000), /cannot be compiled: their bytes are damaged/],
  ])("refuses one %s", async (_, source, message) => {
    const library = await freshLibrary();
    const refused = library.init({ module: source() as object });
    await expect(refused).rejects.toThrow(message);
    await expect(refused).rejects.toBeInstanceOf(library.BackendError);
    expect(library.backend()).toEqual({ variant: "simd", threads: 1, reasons: [] });
    expectToCompute(library);
  });

  test.each([[null], [1], [{}], [true]])("refuses %j by its type", async (module) => {
    const { init } = await freshLibrary();
    await expect(init({ module: module as object })).rejects.toThrow(TypeError);
  });
});

describe("init({ workerUrl })", () => {
  test("starts workers from a file", async () => {
    const library = await freshLibrary();
    const worker = join(folder, "worker.mjs");
    writeFileSync(worker, workerSource);
    expect(await library.init({ threads: 2, workerUrl: pathToFileURL(worker) })).toEqual({
      variant: "threads",
      threads: 2,
      reasons: [],
    });
    expectToCompute(library);
    await library.init({ threads: 1 });
  });

  test("says so if the file does not exist", async () => {
    const { init } = await freshLibrary();
    const { threads, reasons } = await init({ threads: 2, workerUrl: pathToFileURL(join(folder, "none.mjs")) });
    expect(threads).toBe(1);
    expect(reasons.join()).toMatch(/none\.mjs/);
  });

  test("refuses one of another origin, where a browser would", async () => {
    const { BackendError, init } = await freshLibrary();
    for (const [name, value] of Object.entries({ Worker: class {}, document: {}, origin: "https://page.example" })) {
      vi.stubGlobal(name, value);
    }
    const refused = init({ workerUrl: "https://cdn.example/worker.js" });
    await expect(refused).rejects.toThrow(
      /workerUrl: https:\/\/cdn\.example\/worker\.js has another origin than the page, .*serve a copy of simdgrad\/worker/,
    );
    await expect(refused).rejects.toBeInstanceOf(BackendError);
    await init({ workerUrl: "https://page.example/worker.js" });
  });

  test("refuses one that is inlined, in few words, where a browser's worker would share no memory", async () => {
    const { BackendError, init } = await freshLibrary();
    for (const [name, value] of Object.entries({ Worker: class {}, document: {}, origin: "https://page.example" })) {
      vi.stubGlobal(name, value);
    }
    const refused = init({ threads: 2, workerUrl: `data:text/javascript,${encodeURIComponent(workerSource)}` });
    await expect(refused).rejects.toThrow(
      /^init: workerUrl: a worker from a data: URL shares no memory with the page: .{0,80}no-inline in Vite\)$/,
    );
    await expect(refused).rejects.toBeInstanceOf(BackendError);
  });

  test("takes an inlined worker in Node, and refuses a URL that is not a file", async () => {
    const { BackendError, backend, init } = await freshLibrary();
    const refused = init({ threads: 2, workerUrl: "http://127.0.0.1/worker.js" });
    await expect(refused).rejects.toThrow(/^init: workerUrl: http:\/\/127\.0\.0\.1\/worker\.js is not a file: URL$/);
    await expect(refused).rejects.toBeInstanceOf(BackendError);
    expect(backend().reasons).toEqual([]);
    const workerUrl = `data:text/javascript,${encodeURIComponent(workerSource)}`;
    expect((await init({ threads: 2, workerUrl })).threads).toBe(2);
    await init({ threads: 1 });
  });

  test.each([["worker.js"], [{}], [null]])("refuses %j, which is not a URL", async (workerUrl) => {
    const { init } = await freshLibrary();
    await expect(init({ workerUrl: workerUrl as string })).rejects.toThrow(
      /workerUrl must be a URL that can be loaded here/,
    );
  });
});

/** What the first op says in a process of its own, changed beforehand. */
async function firstError(name: string, change: string): Promise<string> {
  const code = `${change}
    import("simdgrad").then(({ zeros }) => {
      try {
        zeros([1]);
        console.log("computed");
      } catch (error) {
        const { name, message } = error as Error;
        console.log(name + ": " + message);
      }
    });`;
  return (await runModule(name, code)).trim();
}

describe("an engine that refuses says what to change", () => {
  test("no WebAssembly", async () => {
    const said = await firstError("no-wasm", "delete (globalThis as { WebAssembly?: unknown }).WebAssembly;");
    expect(said).toMatch(/^BackendError: the kernels cannot be compiled: there is no WebAssembly here/);
  });

  test("no SIMD", async () => {
    const said = await firstError(
      "no-simd",
      `WebAssembly.validate = () => false;
       WebAssembly.Module = class { constructor() { throw new WebAssembly.CompileError("invalid opcode"); } } as never;`,
    );
    expect(said).toMatch(/^BackendError: .*no WebAssembly SIMD: use Chrome 91, Firefox 89, Safari 16\.4/);
  });

  test("a Content-Security-Policy without wasm-unsafe-eval", async () => {
    const said = await firstError(
      "forbidden",
      `WebAssembly.Module = class { constructor() { throw new WebAssembly.CompileError("Refused to compile"); } } as never;`,
    );
    expect(said).toMatch(
      /^BackendError: .*add 'wasm-unsafe-eval' to script-src .*init\({ module }\).*Refused to compile/,
    );
  });

  test("a bundle that was read in another encoding", async () => {
    const said = await firstError(
      "encoding",
      `Buffer.from = ((text: string) => new TextEncoder().encode(text)) as never;`,
    );
    expect(said).toMatch(/^BackendError: .*not read as UTF-8/);
  });
});

test("read by a page's encoding instead of UTF-8, the bytes are the same", async () => {
  const { bytesOf } = await import("../../src/runtime/load/text-bytes.js");
  vi.stubGlobal("Buffer", undefined);
  for (const characterSet of ["windows-1252", "windows-1251", "ISO-8859-2"]) {
    vi.stubGlobal("document", { characterSet });
    const read = new TextDecoder(characterSet).decode(new TextEncoder().encode(wasmText));
    expect(read.length).toBeGreaterThan(wasmText.length);
    expect(Uint8Array.from(bytes)).toEqual(bytesOf(read));
    expect(Uint8Array.from(bytes)).toEqual(bytesOf(wasmText));
  }
  vi.unstubAllGlobals();
});

test("without Buffer the bytes are the same", async () => {
  const { bytesOf } = await import("../../src/runtime/load/text-bytes.js");
  expect(Buffer.from(bytesOf(wasmText)).equals(bytes)).toBe(true);
  vi.stubGlobal("Buffer", undefined);
  const decoded = bytesOf(wasmText);
  vi.unstubAllGlobals();
  expect(Buffer.from(decoded).equals(bytes)).toBe(true);
});

test("a tensor of another copy of the package is refused by name", async () => {
  const [one, other] = [await freshLibrary(), await freshLibrary()];
  expect(one.Tensor).not.toBe(other.Tensor);
  const stranger = other.tensor([1, 2]) as never;
  expect(() => one.neg(stranger)).toThrow(
    /neg: expected a tensor, got a tensor of another copy of simdgrad; install and bundle/,
  );
  expect(() => one.grad((x: never) => one.sum(x))(stranger)).toThrow(
    /argument 0 is a tensor of another copy of simdgrad; install and bundle/,
  );
});

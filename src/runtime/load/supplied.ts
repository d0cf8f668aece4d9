// Kernels that users supply: as a module, its bytes, a URL or a response. Must not know memory or the use of the kernels.
import { BackendError, messageOf, shown } from "../../errors.js";
import { host, nodeModule } from "../host.js";
import { compile, explained } from "./build-module.js";
import { kernels } from "./id.generated.js";
import type { Variant } from "./variant.js";

/** The custom section that names a binary's variant and sources. */
const SECTION = "simdgrad";

/**
 * Compiles the source, unless it is a module already, and identifies the binary.
 * @throws TypeError for another kind of value, BackendError for a source that cannot be loaded or is not a binary of this package
 */
export async function receive(source: unknown): Promise<{ variant: Variant; module: WebAssembly.Module }> {
  const awaited = await source;
  const module = isA("WebAssembly.Module", awaited) ? awaited : await moduleFrom(awaited);
  return { variant: identify(module), module };
}

/** Avoids instanceof, which is false for objects of another realm. */
function isA(name: "WebAssembly.Module", source: unknown): source is WebAssembly.Module;
function isA(name: "ArrayBuffer", source: unknown): source is ArrayBuffer;
function isA(name: string, source: unknown): boolean {
  return Object.prototype.toString.call(source) === `[object ${name}]`;
}

function moduleFrom(source: unknown): Promise<WebAssembly.Module> {
  // Cast: engines refuse shared bytes by themselves.
  if (isA("ArrayBuffer", source) || ArrayBuffer.isView(source)) return fromBytes(source as BufferSource, "the buffer");
  if (isResponse(source)) return fromResponse(source);
  if (typeof source === "string" || isUrl(source)) return fromUrl(String(source));
  throw new TypeError(
    `init: module must be a WebAssembly.Module, its bytes, a URL or a Response, got ${shown(source)}`,
  );
}

function isResponse(source: unknown): source is Response {
  const { arrayBuffer, headers }: Partial<Response> = Object(source);
  return typeof arrayBuffer === "function" && headers !== undefined;
}

function isUrl(source: unknown): boolean {
  const { href }: { readonly href?: unknown } = Object(source);
  return typeof href === "string";
}

async function fromUrl(url: string): Promise<WebAssembly.Module> {
  let where: URL;
  try {
    where = new URL(url, host.location?.href);
  } catch (error) {
    throw new BackendError(`init: module: "${url}" is not a URL that can be loaded here`, { cause: error });
  }
  const files = where.protocol === "file:" ? nodeModule("node:fs/promises") : undefined;
  try {
    if (files) return await fromBytes(await files.readFile(where), where.href);
    return await fromResponse(await host.fetch!(where));
  } catch (error) {
    if (error instanceof BackendError) throw error;
    throw new BackendError(`init: module: ${where.href} could not be loaded: ${messageOf(error)}`, { cause: error });
  }
}

/** Compiles the response while it arrives, if its type is application/wasm. Engines refuse to stream other types. */
async function fromResponse(response: Response): Promise<WebAssembly.Module> {
  const from = response.url || "the response";
  if (!response.ok) throw new BackendError(`init: module: ${from} was answered with status ${response.status}`);
  const type = response.headers.get("content-type")?.split(";")[0]?.trim() ?? "no type";
  if (type.toLowerCase() !== "application/wasm" || !("compileStreaming" in WebAssembly)) {
    return fromBytes(await response.arrayBuffer(), `${from} (${type})`);
  }
  try {
    return await WebAssembly.compileStreaming(response);
  } catch (error) {
    throw explained(error);
  }
}

async function fromBytes(bytes: BufferSource, from: string): Promise<WebAssembly.Module> {
  const view = ArrayBuffer.isView(bytes) ? bytes : new Uint8Array(bytes);
  const start = new Uint8Array(view.buffer, view.byteOffset, Math.min(4, view.byteLength));
  if (start.join() !== "0,97,115,109") {
    throw new BackendError(`init: module: ${from} is not wasm: did the server answer with a page?`);
  }
  return compile(bytes);
}

/** @throws BackendError if it does not belong to this version of the package */
function identify(module: WebAssembly.Module): Variant {
  const [section] = WebAssembly.Module.customSections(module, SECTION);
  if (section === undefined) {
    throw new BackendError(
      "init: module: it is not simdgrad's: pass simdgrad/simd.wasm or another .wasm file of the package",
    );
  }
  const [variant, id] = String.fromCharCode(...new Uint8Array(section)).split(" ");
  if (id !== kernels) {
    throw new BackendError(
      `init: module: it belongs to another version of simdgrad (kernels ${id}, not ${kernels}): copy it again after each update`,
    );
  }
  // Cast: the build writes the variant beside the id.
  return variant as Variant;
}

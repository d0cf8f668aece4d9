// The kernels from what users give: a module, its bytes, or where they are. Must not know memory, nor what is done with them.
import { BackendError, messageOf, shown } from "../../errors.js";
import { host, nodeModule } from "../host.js";
import { compile, explained } from "./build-module.js";
import { kernels } from "./id.generated.js";
import type { Variant } from "./variant.js";

/** The custom section in which every binary says which it is. */
const SECTION = "simdgrad";

/**
 * Compiles what was given, if need be, and says which binary it is.
 * @throws TypeError where it is nothing of the kind, BackendError where it cannot be had or is not this package's
 */
export async function receive(source: unknown): Promise<{ variant: Variant; module: WebAssembly.Module }> {
  const awaited = await source;
  const module = isA("WebAssembly.Module", awaited) ? (awaited as WebAssembly.Module) : await moduleFrom(awaited);
  return { variant: identify(module), module };
}

/** Not by instanceof, which what another realm made fails. */
function isA(name: string, source: unknown): boolean {
  return Object.prototype.toString.call(source) === `[object ${name}]`;
}

function moduleFrom(source: unknown): Promise<WebAssembly.Module> {
  if (isA("ArrayBuffer", source) || ArrayBuffer.isView(source)) return fromBytes(source as BufferSource, "the bytes");
  if (isResponse(source)) return fromResponse(source);
  if (typeof source === "string" || isUrl(source)) return fromUrl(String(source));
  throw new TypeError(`init: module is a WebAssembly.Module, its bytes, a URL or a Response, got ${shown(source)}`);
}

function isResponse(source: unknown): source is Response {
  return typeof (source as Partial<Response> | null)?.arrayBuffer === "function" && "headers" in (source as object);
}

function isUrl(source: unknown): boolean {
  return typeof (source as { href?: unknown } | null)?.href === "string";
}

async function fromUrl(url: string): Promise<WebAssembly.Module> {
  let where: URL;
  try {
    where = new URL(url, host.location?.href);
  } catch (error) {
    throw new BackendError(`init: module: "${url}" is no URL that can be loaded from here`, { cause: error });
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

/** While it arrives, where its type allows that: engines refuse to stream anything but application/wasm. */
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
    throw new BackendError(`init: module: ${from} is no wasm: does the server answer with a page of its own?`);
  }
  return compile(bytes);
}

/** @throws BackendError where it is not of this version of the package */
function identify(module: WebAssembly.Module): Variant {
  const [section] = WebAssembly.Module.customSections(module, SECTION);
  if (section === undefined) {
    throw new BackendError("init: module: it is not simdgrad's: give simdgrad/simd.wasm or its like");
  }
  const [variant, id] = String.fromCharCode(...new Uint8Array(section)).split(" ");
  if (id !== kernels) {
    throw new BackendError(
      `init: module: it is of another version of simdgrad (kernels ${id}, not ${kernels}): copy it again after each update`,
    );
  }
  return variant as Variant;
}

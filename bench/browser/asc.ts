// `../asc.ts` as pages have it: the server runs the compiler, and who asks waits, as only workers may. Must not know what is compiled.

/** Where the server answers. */
export const COMPILER_PATH = "/compile";

export function runCompiler(source: URL, features: readonly string[]): Uint8Array<ArrayBuffer> {
  const request = new XMLHttpRequest();
  const query = new URLSearchParams({ source: source.pathname, features: features.join(",") });
  request.open("GET", `${COMPILER_PATH}?${query}`, false);
  request.responseType = "arraybuffer";
  request.send();
  if (request.status !== 200) throw new Error(`${source.pathname} could not be compiled: ${request.statusText}`);
  return new Uint8Array(request.response as ArrayBuffer);
}

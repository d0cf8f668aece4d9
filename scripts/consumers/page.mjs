// A page in Chromium without a driver: serves a folder, opens it, waits for what the page sends. Knows nothing of the package.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";

const TYPES = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".wasm": "application/wasm",
};
const PAGE_MS = 90_000;

export function findChromium() {
  return [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(
    (path) => path && existsSync(path),
  );
}

function listen(server) {
  return new Promise((listening) =>
    server.listen(0, "127.0.0.1", () => listening(`http://127.0.0.1:${server.address().port}/`)),
  );
}

/** Serves files as a cross-origin isolated page needs them. */
export async function serveFolder(folder, policy) {
  const server = createServer((request, response) => {
    const path = normalize(new URL(request.url, "http://page").pathname);
    const file = join(folder, path.endsWith("/") ? `${path}index.html` : path);
    if (!existsSync(file)) return response.writeHead(404).end();
    response.setHeader("Content-Type", TYPES[extname(file)] ?? "application/octet-stream");
    response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
    response.setHeader("Cross-Origin-Embedder-Policy", "require-corp");
    if (policy) response.setHeader("Content-Security-Policy", policy);
    return response.end(readFileSync(file));
  });
  return { url: await listen(server), close: () => server.close() };
}

/** Where a page can send its report, and the report. */
export async function listenForReport() {
  let send;
  const report = new Promise((sent) => {
    send = sent;
  });
  const server = createServer(async (request, response) => {
    response.setHeader("Access-Control-Allow-Origin", "*");
    const parts = [];
    for await (const part of request) parts.push(part);
    response.end();
    if (request.method === "POST") send(Buffer.concat(parts).toString());
  });
  return { url: await listen(server), report, close: () => server.close() };
}

/** Opens a page and returns what it reports. */
export async function openPage(url, { url: reportUrl, report, close }, folder) {
  const profile = mkdtempSync(join(folder, "chromium-"));
  const browser = spawn(
    findChromium(),
    [
      ...["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"],
      ...["--enable-logging=stderr", `--user-data-dir=${profile}`, `${url}?report=${encodeURIComponent(reportUrl)}`],
    ],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  let said = "";
  browser.stderr.on("data", (text) => (said += text));
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => {
      const console = said.split("\n").filter((line) => line.includes("CONSOLE"));
      reject(new Error(`the page reported nothing in ${PAGE_MS / 1000} s\n${console.join("\n")}`));
    }, PAGE_MS);
  });
  try {
    return await Promise.race([report, late]);
  } finally {
    clearTimeout(timer);
    browser.kill("SIGKILL");
    close();
  }
}

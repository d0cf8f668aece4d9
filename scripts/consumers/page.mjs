// Pages in browsers without a driver: serves a folder, opens a page of it, waits for what it sends. Knows nothing of the package.
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";

const TYPES = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".txt": "text/plain",
  ".wasm": "application/wasm",
};
const PAGE_MS = 300_000;

const BROWSERS = {
  chromium: {
    paths: [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"],
    args: (profile) => [
      ...["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"],
      ...["--enable-logging=stderr", `--user-data-dir=${profile}`],
    ],
  },
  firefox: {
    paths: [process.env.FIREFOX, "/usr/bin/firefox-esr", "/usr/bin/firefox"],
    args: (profile) => ["--headless", "--no-remote", "--profile", profile],
  },
};

/** Where a browser lies; undefined if it is not installed. */
export function findBrowser(name) {
  return BROWSERS[name].paths.find((path) => path && existsSync(path));
}

export function versionOfBrowser(name) {
  const said = execFileSync(findBrowser(name), ["--version"], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  return `${name} ${/[\d.]+/.exec(said)}`;
}

function listen(server) {
  return new Promise((listening) =>
    server.listen(0, "127.0.0.1", () => listening(`http://127.0.0.1:${server.address().port}`)),
  );
}

function headersFor({ isolated = true, policy, shared = false }) {
  return {
    ...(isolated && { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" }),
    ...(shared && { "Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin" }),
    ...(policy && { "Content-Security-Policy": policy }),
  };
}

/**
 * Serves files on an origin of their own: cross-origin isolated or not, under a Content-Security-Policy, shared with pages of other
 * origins; `change` rewrites their texts.
 */
export async function serveFolder(folder, { change = (text) => text, ...kind } = {}) {
  const headers = headersFor(kind);
  const server = createServer((request, response) => {
    const path = normalize(new URL(request.url, "http://page").pathname);
    const file = join(folder, path.endsWith("/") ? `${path}index.html` : path);
    if (!existsSync(file)) return response.writeHead(404).end();
    response.writeHead(200, { ...headers, "Content-Type": TYPES[extname(file)] ?? "application/octet-stream" });
    const bytes = readFileSync(file);
    return response.end(/\.(?:html|m?js)$/.test(file) ? change(bytes.toString()) : bytes);
  });
  return { origin: await listen(server), close: () => server.close() };
}

/** Where a page can send its report, and the report. */
async function listenForReport() {
  let send;
  const report = new Promise((sent) => {
    send = sent;
  });
  const server = createServer(async (request, response) => {
    response.writeHead(200, headersFor({ shared: true }));
    const parts = [];
    for await (const part of request) parts.push(part);
    response.end();
    if (request.method === "POST") send(Buffer.concat(parts).toString());
  });
  return { origin: await listen(server), report, close: () => server.close() };
}

/** Opens a page in a browser and returns what it reports. */
export async function openPage(name, url, folder) {
  const { origin, report, close } = await listenForReport();
  const profile = mkdtempSync(join(folder, `${name}-`));
  const browser = spawn(
    findBrowser(name),
    [...BROWSERS[name].args(profile), `${url}?report=${encodeURIComponent(origin)}`],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  let said = "";
  browser.stderr.on("data", (text) => (said += text));
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => {
      const console = said.split("\n").filter((line) => line.includes("CONSOLE"));
      reject(new Error(`${name}: the page reported nothing in ${PAGE_MS / 1000} s\n${console.join("\n")}`));
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

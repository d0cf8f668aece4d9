// Packs the package and tries it as its users would: a project of its own for each consumer, installed, built and run.
// Arguments are names (or their beginnings); none: all. Prints a table, `--record` writes it to docs/consumers.md. Fails if any does.
import { execFile, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { consumers } from "./consumers.mjs";
import { findBrowser, openPage, serveFolder, versionOfBrowser } from "./page.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
/** Only what hangs may fail by time, however slow the machine is. */
const STEP_MS = 600_000;
/** How the check's report begins, when all is well. */
const WORKED = "simdgrad: ";
const SKIPPED = "skipped: ";
const environment = {
  ...process.env,
  CI: "1",
  NO_COLOR: "1",
  FORCE_COLOR: "0",
  WRANGLER_SEND_METRICS: "false",
  DO_NOT_TRACK: "1",
};

const wanted = process.argv.slice(2).filter((name) => !name.startsWith("--"));
const chosen = consumers.filter(({ name }) => wanted.length === 0 || wanted.some((start) => name.startsWith(start)));
if (chosen.length === 0) throw new Error(`no such consumer; there are ${consumers.map(({ name }) => name).join(", ")}`);

const work = mkdtempSync(join(tmpdir(), "simdgrad-consumers-"));
process.on("exit", () => rmSync(work, { recursive: true, force: true }));
execFileSync("npm", ["pack", "--silent", "--pack-destination", work], {
  cwd: root,
  stdio: ["ignore", "ignore", "inherit"],
});
const tarball = join(
  work,
  readdirSync(work).find((name) => name.endsWith(".tgz")),
);

/** Runs a command of the project's own packages, or a path, or what the system has. */
async function run(project, [command, ...args]) {
  const own = join(project, "node_modules/.bin", command);
  const file = command.includes("/") ? join(project, command) : existsSync(own) ? own : command;
  try {
    return (await promisify(execFile)(file, args, { cwd: project, env: environment, timeout: STEP_MS })).stdout;
  } catch (error) {
    throw new Error(`${[command, ...args].join(" ")}: ${error.message}\n${error.stdout ?? ""}${error.stderr ?? ""}`);
  }
}

function write(project, files) {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(project, name)), { recursive: true });
    writeFileSync(join(project, name), text);
  }
}

/** The check, for those who know no subpaths as well. */
function checkFor(subpaths) {
  const text = readFileSync(new URL("check.mjs", import.meta.url), "utf8");
  if (subpaths) return text;
  const [from, to] = ['{ adam } from "simdgrad/optim";', '{ optim } from "simdgrad";\nconst { adam } = optim;'];
  if (!text.includes(from)) throw new Error("the check does not import the subpath as it used to");
  return text.replace(from, to);
}

async function prepare({ name, install, files, settings, subpaths = true }) {
  const project = join(work, name);
  write(project, {
    "package.json": JSON.stringify({
      name: "consumer",
      version: "1.0.0",
      private: true,
      dependencies: install,
      ...settings,
    }),
    "check.mjs": checkFor(subpaths),
    ...files,
  });
  await run(project, ["npm", "install", "--no-audit", "--no-fund", "--silent", tarball]);
  return project;
}

/** A server that runs while `use` does. */
async function during(project, command, use) {
  const [name, ...args] = command;
  const server = spawn(join(project, "node_modules/.bin", name), args, {
    cwd: project,
    env: environment,
    detached: true,
  });
  let said = "";
  for (const stream of [server.stdout, server.stderr]) stream.on("data", (text) => (said += text));
  try {
    return await use();
  } catch (error) {
    throw new Error(`${error.message}\n${said}`);
  } finally {
    // With all that it has started itself; not if it has ended.
    if (server.exitCode === null) process.kill(-server.pid);
  }
}

async function answerOf(url) {
  for (const deadline = Date.now() + STEP_MS; ; await new Promise((wake) => setTimeout(wake, 200))) {
    try {
      return await (await fetch(url)).text();
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
  }
}

/** What a page says in each of the browsers: the same, or what went wrong. */
async function pageIn(browsers, url) {
  let said = "";
  for (const browser of browsers) {
    said = await openPage(browser, url, work);
    if (!said.startsWith(WORKED)) return `${browser}: ${said}`;
  }
  return said;
}

/** What the project's own server answers, and its page says. */
function served(project, { server, answers, browsers = [] }) {
  const port = 20_000 + Math.floor(Math.random() * 20_000);
  const url = `http://127.0.0.1:${port}/`;
  return during(project, server(port), async () => {
    const answer = await answerOf(url + (answers ?? ""));
    if (browsers.length === 0) return answer;
    const page = await pageIn(browsers, url);
    if (answers === undefined) return page;
    const failed = [answer, page].find((said) => !said.startsWith(WORKED));
    return failed ?? `${WORKED}server: ${answer.slice(WORKED.length)}; page: ${page.slice(WORKED.length)}`;
  });
}

/** What a page says whose files are served here, and those it has from another origin, too. */
async function opened(project, { page, browsers, isolated, policy, library, change = (text) => text }) {
  const other = library && (await serveFolder(project, { ...library, shared: true }));
  const own = await serveFolder(join(project, page), {
    isolated,
    policy,
    change: (text) => change(text).replaceAll("LIBRARY", other?.origin),
  });
  try {
    return await pageIn(browsers, `${own.origin}/`);
  } finally {
    own.close();
    other?.close();
  }
}

/** What the consumer says at the end. */
async function outcome(consumer) {
  const missing = consumer.browsers?.find((name) => findBrowser(name) === undefined);
  if (missing) return `${SKIPPED}there is no ${missing} here`;
  const project = await prepare(consumer);
  let said = "";
  for (const step of consumer.steps) said = await run(project, step);
  if (consumer.server) return served(project, consumer);
  if (consumer.browsers) return opened(project, consumer);
  return consumer.silent ? WORKED + consumer.silent : said;
}

/** Of what the consumer is about: a package, or browsers. */
function versionOf({ name, version, browsers }) {
  if (version === undefined) return browsers.filter(findBrowser).map(versionOfBrowser).join(", ");
  const file = join(work, name, "node_modules", version, "package.json");
  return existsSync(file) ? `${version} ${JSON.parse(readFileSync(file, "utf8")).version}` : version;
}

const rows = [];
for (const consumer of chosen) {
  const began = Date.now();
  const row = { name: consumer.name, ok: true };
  try {
    const said = (await outcome(consumer)).trim();
    row.ok = new RegExp(`^${WORKED}`, "m").test(said) || said.startsWith(SKIPPED);
    row.result = row.ok ? said.split("\n").at(-1).replace(WORKED, "") : said;
  } catch (error) {
    row.ok = false;
    row.result = error.message;
  }
  row.version = versionOf(consumer);
  row.seconds = Math.round((Date.now() - began) / 1000);
  rows.push(row);
  console.log(
    `${row.ok ? "ok    " : "FAILED"} ${row.name.padEnd(18)} ${row.version.padEnd(26)} ${String(row.seconds).padStart(4)} s  ${row.result}`,
  );
  rmSync(join(work, consumer.name), { recursive: true, force: true });
}

if (process.argv.includes("--record")) record(rows);
const failed = rows.filter(({ ok }) => !ok).length;
console.log(`${rows.length - failed} of ${rows.length} consumers`);
process.exitCode = failed > 0 ? 1 : 0;

/** Writes the table into the document, whose text stays; rows of consumers that did not run now stay as they are. */
function record(rows) {
  const path = join(root, "docs/consumers.md");
  const [text, table] = readFileSync(path, "utf8").split(/(?=^\| consumer \| version )/m);
  const old = new Map(table.split("\n").map((line) => [line.split("|")[1]?.trim(), line]));
  const today = new Date().toISOString().slice(0, 10);
  for (const { name, version, ok, result, seconds } of rows) {
    old.set(name, `| ${name} | ${version} | ${ok ? result : "**failed**"} | ${seconds} | ${today} |`);
  }
  writeFileSync(
    path,
    `${text}| consumer | version | result | s | tried |
| --- | --- | --- | --- | --- |
${consumers.flatMap(({ name }) => old.get(name) ?? []).join("\n")}

Last run on Node ${process.versions.node}, ${process.platform} ${process.arch}, ${cpus().length} cores.
`,
  );
}

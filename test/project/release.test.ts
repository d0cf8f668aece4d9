// `npm run release` in a repository of its own with an origin; and the pinned versions of the publishing workflow.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { read, root } from "../support/sources.js";

const script = fileURLToPath(new URL("scripts/release.mjs", root));
const CHANGELOG = "# Changelog\n\n## Unreleased\n\n### Added\n\n- Wheels.\n\n## 0.1.0 - 2026-01-02\n\n- All.\n";

let folder: string;
const at = (name: string): string => join(folder, "work", name);

function git(...args: string[]): string {
  const who = ["-c", "user.name=tester", "-c", "user.email=tester@example.org"];
  return execFileSync("git", [...who, ...args], { cwd: at("."), encoding: "utf8", stdio: "pipe" }).trim();
}

function change(name: string, text: string): void {
  writeFileSync(at(name), text);
  git("add", name);
  git("commit", "--quiet", "--message", `Change ${name}`);
}

function packageOf(more: object): string {
  const scripts = { check: "echo checked" };
  return `${JSON.stringify({ name: "wheels", version: "0.1.0", scripts, ...more }, null, 2)}\n`;
}

function release(...args: string[]): { said: string; failed: boolean } {
  const env = { ...process.env, GIT_AUTHOR_NAME: "tester", GIT_COMMITTER_NAME: "tester" };
  const emails = { GIT_AUTHOR_EMAIL: "tester@example.org", GIT_COMMITTER_EMAIL: "tester@example.org" };
  const { stdout, stderr, status } = spawnSync(process.execPath, [script, ...args], {
    cwd: at("."),
    encoding: "utf8",
    env: { ...env, ...emails },
  });
  return { said: stdout + stderr, failed: status !== 0 };
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "simdgrad-release-"));
  execFileSync("git", ["init", "--quiet", "--bare", join(folder, "origin")]);
  execFileSync("git", ["init", "--quiet", "--initial-branch", "main", join(folder, "work")]);
  git("remote", "add", "origin", "../origin");
  change("package.json", packageOf({ repository: { type: "git", url: "git+https://example.org/wheels.git" } }));
  change("package-lock.json", JSON.stringify({ name: "wheels", version: "0.1.0", lockfileVersion: 3, packages: {} }));
  change("CHANGELOG.md", CHANGELOG);
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("npm run release", () => {
  test("checks, dates the changelog, commits, tags and pushes", () => {
    const { said, failed } = release("minor");
    expect(said).toMatch(/checked[\s\S]*pushed v0\.2\.0:[\s\S]*- Wheels\./);
    expect(failed).toBe(false);
    const today = new Date().toISOString().slice(0, 10);
    expect(readFileSync(at("CHANGELOG.md"), "utf8")).toBe(
      CHANGELOG.replace("## Unreleased\n", `## Unreleased\n\n## 0.2.0 - ${today}\n`),
    );
    expect(JSON.parse(readFileSync(at("package.json"), "utf8"))).toMatchObject({ version: "0.2.0" });
    expect(JSON.parse(readFileSync(at("package-lock.json"), "utf8"))).toMatchObject({ version: "0.2.0" });
    expect(git("status", "--porcelain")).toBe("");
    expect(git("log", "-1", "--format=%s", "v0.2.0")).toBe("Release 0.2.0");
    expect(git("ls-remote", "origin", "refs/heads/main")).toContain(git("rev-parse", "v0.2.0^{commit}"));
    expect(git("ls-remote", "--tags", "origin")).toContain("refs/tags/v0.2.0");
    expect(release("--notes", "0.2.0").said).toBe("### Added\n\n- Wheels.\n");
    expect(release("patch")).toEqual({ said: "no release: CHANGELOG.md says nothing of Unreleased\n", failed: true });
  });

  test("with --dry-run it checks, and changes nothing", () => {
    const before = git("rev-parse", "HEAD");
    const { said, failed } = release("0.1.0", "--dry-run");
    expect(said).toMatch(/checked[\s\S]*would release v0\.1\.0:[\s\S]*- Wheels\./);
    expect(failed).toBe(false);
    expect([git("rev-parse", "HEAD"), git("status", "--porcelain"), git("tag")]).toEqual([before, "", ""]);
  });

  test.each([
    ["0.1.2", "minor", "0.2.0"],
    ["1.0.0-rc.1", "patch", "1.0.0"],
    ["1.1.0-rc.1", "minor", "1.1.0"],
    ["1.1.0-rc.1", "major", "2.0.0"],
    ["1.0.1-rc.1", "patch", "1.0.1"],
  ])("makes of %s a %s version: %s", (version, part, next) => {
    change("package.json", packageOf({ version, repository: { url: "git+https://example.org/wheels.git" } }));
    expect(release(part, "--dry-run").said).toContain(`would release v${next}:`);
  });

  test.each<[string, () => void, string[], RegExp]>([
    ["no version", () => undefined, [], /npm run release -- major\|minor\|patch/],
    ["what is no version", () => undefined, ["1.0"], /npm run release -- major\|minor\|patch/],
    ["a changed tree", () => writeFileSync(at("new"), ""), ["minor"], /changes that are not committed/],
    ["another branch", () => git("switch", "--quiet", "--create", "side"), ["minor"], /releases are made on main/],
    ["a tag that exists", () => git("tag", "v0.2.0"), ["minor"], /there is a tag v0\.2\.0 already/],
    ["no origin", () => git("remote", "remove", "origin"), ["minor"], /no remote origin/],
    ["no repository", () => change("package.json", packageOf({})), ["minor"], /package\.json has no repository\.url/],
    [
      "headings without entries",
      () => change("CHANGELOG.md", CHANGELOG.replace("- Wheels.\n", "")),
      ["minor"],
      /CHANGELOG\.md says nothing of Unreleased/,
    ],
  ])("refuses %s", (_, prepare, args, says) => {
    prepare();
    const before = git("rev-parse", "HEAD");
    const { said, failed } = release(...args);
    expect(said).toMatch(says);
    expect(said).not.toContain("checked");
    expect([failed, git("rev-parse", "HEAD")]).toEqual([true, before]);
  });

  test("says how to go on if it cannot push", () => {
    rmSync(join(folder, "origin"), { recursive: true });
    expect(release("patch").said).toMatch(
      /v0\.1\.1 is committed and tagged here, but not pushed; .*git push .*--atomic/,
    );
  });
});

test("the workflow pins its actions by version", () => {
  const uses = [...read(".github/workflows/release.yml").matchAll(/uses: (\S+)/g)].map(([, action]) => action);
  expect(uses.length).toBeGreaterThan(3);
  expect(uses.filter((action) => !/@v\d+\.\d+\.\d+$/.test(action!))).toEqual([]);
});

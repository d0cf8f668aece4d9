// A release by one command: checks, then the version and the changelog in one commit with its tag, pushed. Publishes nothing: that does
// .github/workflows/release.yml where the tag arrives. `--dry-run` checks everything and changes nothing; `--notes VERSION` prints
// what the changelog says of a version.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";

const USAGE = "npm run release -- major|minor|patch|X.Y.Z [--dry-run]";
const CHANGELOG = "CHANGELOG.md";
const BRANCH = "main";

const git = (...args) => execFileSync("git", args, { encoding: "utf8" }).trim();
const npm = (...args) => execFileSync("npm", args, { stdio: "inherit" });
const manifest = () => JSON.parse(readFileSync("package.json", "utf8"));
const changelog = () => readFileSync(CHANGELOG, "utf8");

class Refusal extends Error {}

function refuseIf(condition, why) {
  if (condition) throw new Refusal(why);
}

/** What stands below the heading of a version, or of "Unreleased". */
function notesOf(title) {
  const section = changelog()
    .split(/^## /m)
    .find((text) => text.split(/\s/, 1)[0] === title);
  const notes = section?.slice(section.indexOf("\n")).trim() ?? "";
  refuseIf(notes.replace(/^#.*$/gm, "").trim() === "", `${CHANGELOG} says nothing of ${title}`);
  return notes;
}

/** The version that is asked for: by itself, or by which part of the present one goes up, as npm counts: 1.0.0 is what 1.0.0-rc.1 was to be. */
function versionFor(asked) {
  if (/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(asked)) return asked;
  const part = ["major", "minor", "patch"].indexOf(asked);
  refuseIf(part < 0, USAGE);
  const [core, candidate] = manifest().version.split("-");
  const numbers = core.split(".").map(Number);
  if (candidate && numbers.every((number, i) => i <= part || number === 0)) return core;
  return numbers.map((number, i) => (i < part ? number : i === part ? number + 1 : 0)).join(".");
}

function checkAll(version) {
  refuseIf(
    !manifest().repository?.url,
    "package.json has no repository.url: npm's provenance says from which public repository a package was built, and refuses others",
  );
  refuseIf(git("status", "--porcelain") !== "", "the working tree has changes that are not committed");
  refuseIf(git("branch", "--show-current") !== BRANCH, `releases are made on ${BRANCH}`);
  refuseIf(git("tag", "--list", `v${version}`) !== "", `there is a tag v${version} already`);
  refuseIf(!git("remote").split("\n").includes("origin"), "there is no remote origin to push to");
  const notes = notesOf("Unreleased");
  npm("run", "check");
  return notes;
}

function release(version) {
  npm("version", version, "--no-git-tag-version", "--allow-same-version");
  const today = new Date().toISOString().slice(0, 10);
  writeFileSync(CHANGELOG, changelog().replace(/^## Unreleased$/m, `## Unreleased\n\n## ${version} - ${today}`));
  git("commit", "--quiet", "--message", `Release ${version}`, "--", "package.json", "package-lock.json", CHANGELOG);
  git("tag", "--annotate", "--message", `Release ${version}`, `v${version}`);
  const push = ["push", "--quiet", "--atomic", "origin", BRANCH, `v${version}`];
  try {
    git(...push);
  } catch {
    throw new Refusal(
      `v${version} is committed and tagged here, but not pushed; when it can be: git ${push.join(" ")}`,
    );
  }
}

try {
  const words = process.argv.slice(2);
  const [asked] = words.filter((word) => !word.startsWith("--"));
  if (words.includes("--notes")) console.log(notesOf(asked));
  else {
    const version = versionFor(asked);
    const notes = checkAll(version);
    const dry = words.includes("--dry-run");
    if (!dry) release(version);
    console.log(`${dry ? "would release" : "pushed"} v${version}:\n\n${notes}`);
  }
} catch (error) {
  if (!(error instanceof Refusal)) throw error;
  console.error(`no release: ${error.message}`);
  process.exitCode = 1;
}

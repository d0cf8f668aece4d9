// Runs the two example programs as a user does: their output, and their errors for bad input.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { decode } from "fast-png";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { decodeNpz } from "../../examples/support/npz.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "simdgrad-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(program: string, ...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const tsx = join(root, "node_modules/tsx/dist/cli.mjs");
  const { status, stdout, stderr } = spawnSync(process.execPath, [tsx, join("examples", program), ...args], {
    cwd: root,
    encoding: "utf8",
  });
  return { status, stdout, stderr };
}

const SMALL = ["--iterations", "3", "--examples", "200", "--hidden", "4"];

describe("the autoencoder", () => {
  test.each(["float64", "float32"])("trains in %s and writes picture, chart, model and figures", (dtype) => {
    const out = join(folder, dtype);
    const { status, stdout, stderr } = run("autoencoder.ts", ...SMALL, "--dtype", dtype, "--seed", "5", "--out", out);
    expect(stderr).toContain("iteration 3/3");
    for (const name of [`simdgrad compiled, ${dtype}`, `simdgrad eager, ${dtype}`, "plain JavaScript, per example"]) {
      expect(stdout).toContain(name);
    }
    expect(status).toBe(0);
    expect(readdirSync(out).sort()).toEqual(["cost.svg", "features.png", "model.npz", "run.json"]);
    expect(decode(readFileSync(join(out, "features.png"))).width).toBeGreaterThan(0);
    expect(readFileSync(join(out, "cost.svg"), "utf8")).toMatch(/^<svg/);
    const model = decodeNpz(readFileSync(join(out, "model.npz")), "model.npz");
    expect(Object.entries(model).map(([name, { shape }]) => [name, shape])).toEqual([
      ["w1", [64, 4]],
      ["b1", [4]],
      ["w2", [4, 64]],
      ["b2", [64]],
    ]);
    const figures = JSON.parse(readFileSync(join(out, "run.json"), "utf8"));
    expect(figures).toMatchObject({ iterations: 3, rows: 200, options: { seed: 5, dtype } });
    expect(figures.cost.history).toHaveLength(4);
    expect(figures.cost.after).toBeLessThan(figures.cost.before);
  });

  test("takes rows of a CSV file, fewer than asked for, and says so", () => {
    const data = join(folder, "rows.csv");
    const row = (i: number): string => Array.from({ length: 64 }, (_, j) => (i * 7 + j * 3) % 17).join(",");
    writeFileSync(data, Array.from({ length: 50 }, (_, i) => row(i)).join("\n"));
    const { status, stdout } = run("autoencoder.ts", ...SMALL, "--data", data, "--out", join(folder, "csv"));
    expect(stdout).toContain("50 patches");
    expect(stdout).toContain("200 were asked for");
    expect(status).toBe(0);
  });

  test("is silent with --quiet and explains itself with --help", () => {
    const quiet = run("autoencoder.ts", ...SMALL, "--quiet", "--out", join(folder, "quiet"));
    expect(quiet).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(run("autoencoder.ts", "--help").stdout).toContain("--iterations N");
  });

  test.each([
    ["a missing file", ["--data", "missing.png"], "missing.png"],
    ["a ragged table", ["--data", "ragged.csv"], "ragged.csv:2"],
    ["a fraction", ["--hidden", "2.5"], "--hidden"],
  ])("refuses %s with a message, exit code 1 and no output", (_, args, named) => {
    writeFileSync(join(folder, "ragged.csv"), "1,2,3\n1,2\n");
    const out = join(folder, "refused");
    const paths = args.map((arg) => (/\.(png|csv)$/.test(arg) ? join(folder, arg) : arg));
    const { status, stderr } = run("autoencoder.ts", ...paths, "--out", out);
    expect(stderr).toContain(named);
    expect(stderr).not.toContain("    at ");
    expect(status).toBe(1);
    expect(existsSync(out)).toBe(false);
  });
});

describe("the digits", () => {
  /** Digits that a straight line tells apart: the class is the brightest of the first ten pixels. */
  function write(name: string, rows: number): string {
    const lines = Array.from({ length: rows }, (_, i) => {
      const pixels = Array.from({ length: 64 }, (_, j) => (j === i % 10 ? 16 : (i * j) % 3));
      return [...pixels, i % 10].join(",");
    });
    const path = join(folder, name);
    writeFileSync(path, lines.join("\n"));
    return path;
  }

  test("are learned, with accuracy by epoch and a confusion matrix", () => {
    const [train, set] = [write("train.csv", 400), write("test.csv", 100)];
    const { status, stdout } = run("digits.ts", "--train", train, "--test", set, "--epochs", "8");
    expect(stdout).toContain("epoch   8: loss");
    expect(stdout).toContain("confusion on the test set");
    expect(Number(/test accuracy ([\d.]+) %\n$/.exec(stdout)?.[1])).toBeGreaterThan(90);
    expect(status).toBe(0);
  });

  test("are refused where files or options are wrong", () => {
    const train = write("train.csv", 20);
    expect(run("digits.ts", "--train", train)).toMatchObject({ status: 1, stderr: expect.stringContaining("--test") });
    const missing = run("digits.ts", "--train", train, "--test", join(folder, "none.csv"));
    expect(missing).toMatchObject({ status: 1, stderr: expect.stringContaining("none.csv") });
  });
});

// The relaxed binaries, in a process whose engine knows them (Node 20 takes a flag, which later ones refuse). Elsewhere `init` says why it refuses.
import { describe, expect, test } from "vitest";
import { init } from "../../src/index.js";
import { knowsRelaxed } from "../../src/runtime/load/build-module.js";
import { runModule } from "../support/sources.js";
import { sums } from "../tolerances.js";

/** Node 20 knows relaxed SIMD behind a flag only. */
const FLAGS = knowsRelaxed() ? [] : ["--experimental-wasm-relaxed-simd"];

/** Runs a module that imports the library in an engine with relaxed SIMD, and parses its output. */
async function runRelaxed(name: string, code: string): Promise<unknown> {
  return JSON.parse(await runModule(name, code, FLAGS));
}

describe("init({ relaxed: true })", () => {
  test.skipIf(knowsRelaxed())("is refused with the reason where the engine does not know it", async () => {
    expect(await init({ relaxed: true })).toMatchObject({
      variant: expect.not.stringContaining("relaxed"),
      reasons: ["this engine has no relaxed SIMD"],
    });
    expect((await init({ relaxed: false })).reasons).toEqual([]);
  });

  test("changes the binary on one thread and on several, and back", async () => {
    const found = await runRelaxed(
      "relaxed-variants",
      `import { backend, init, matmul, random } from "simdgrad";
       const found = [];
       const x = random.normal([100, 100], { seed: 1 });
       const look = (): void => {
         const { variant, threads, reasons } = backend();
         const bits = new Uint32Array(matmul(x, x).data.slice().buffer);
         found.push([variant, threads, reasons.length, bits.reduce((hash, word) => Math.imul(hash ^ word, 16777619), 0)]);
       };
       const changes = [{}, { relaxed: true }, { threads: 2 }, { relaxed: false }, { threads: 1 }, { relaxed: true }];
       for (const options of changes) {
         await init(options as never);
         look();
       }
       console.log(JSON.stringify(found));`,
    );
    const rows = found as [variant: string, threads: number, reasons: number, hash: number][];
    expect(rows.map(([variant, threads, reasons]) => [variant, threads, reasons])).toEqual([
      ["simd", 1, 0],
      ["relaxed", 1, 0],
      ["relaxed-threads", 2, 0],
      ["threads", 2, 0],
      ["threads", 1, 0],
      ["relaxed-threads", 1, 0],
    ]);
    const [plain, relaxed] = [rows[0]![3], rows[1]![3]];
    for (const i of [3, 4]) expect(rows[i]![3]).toBe(plain);
    for (const i of [2, 5]) expect(rows[i]![3]).toBe(relaxed);
  });

  test.each(["float32", "float64"])("keeps the bound on products: %s", async (dtype) => {
    // |error| / (eps |A| |B|), at most.
    const worst = await runRelaxed(
      `relaxed-bound-${dtype}`,
      `import { init, matmul, random } from "simdgrad";
       await init({ relaxed: true });
       const dtype = ${JSON.stringify(dtype)} as "float32";
       const worst = [];
       for (const [m, n, k] of [[1, 9, 300], [7, 5, 64], [66, 70, 513]] as const) {
         const a = random.normal([m, k], { seed: 1, dtype });
         const b = random.normal([k, n], { seed: 2, dtype });
         const c = matmul(a, b).data;
         let greatest = 0;
         for (let i = 0; i < m; i++) for (let j = 0; j < n; j++) {
           // Neumaier's compensated sum of the products.
           let [sum, rest, size] = [0, 0, 0];
           for (let l = 0; l < k; l++) {
             const term = a.data[i * k + l]! * b.data[l * n + j]!;
             const next = sum + term;
             rest += Math.abs(sum) >= Math.abs(term) ? sum - next + term : term - next + sum;
             sum = next;
             size += Math.abs(term);
           }
           greatest = Math.max(greatest, Math.abs(c[i * n + j]! - (sum + rest)) / (size * (dtype === "float32" ? 2 ** -24 : 2 ** -53)));
         }
         worst.push([k, greatest]);
       }
       console.log(JSON.stringify(worst));`,
    );
    for (const [k, error] of worst as [number, number][]) expect(error).toBeLessThan(sums.product(k));
  });
});

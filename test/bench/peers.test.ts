// Tests of the benchmark's other processes, as far as they are installed. No test asserts a time.
import { describe, expect, onTestFinished, test } from "vitest";
import { findDifference } from "../../bench/harness/check.js";
import { makeData } from "../../bench/harness/inputs.js";
import { startFirst, startPeers } from "../../bench/harness/peer-process.js";
import { PEERS } from "../../bench/peers/peers.js";

test("a program that is not there is an error, and the next one is tried", async () => {
  const missing = ["no-such-python"] as const;
  await expect(startFirst("NumPy", [missing])).rejects.toThrow("no-such-python");
  const script = 'console.log(JSON.stringify({ value: { Echo: "1" } }))';
  const peer = await startFirst("Echo", [missing, [process.execPath, "-e", script]]);
  peer.close();
  expect(peer.versions).toEqual({ Echo: "1" });
});

describe.each(PEERS)("$name", (candidate) => {
  test("is there or says how to get it; makes the same data, digests it the same way, and samples", async ({
    skip,
  }) => {
    const { peers, found, close } = await startPeers([candidate]);
    const { name } = candidate;
    onTestFinished(close);
    const peer = peers[name];
    if (peer === undefined) {
      expect(found[name]).toMatch(/\((apt-get install|npm ci) .*\)$/);
      skip();
      return;
    }
    expect(Object.values(found[name]!).every((version) => version !== "")).toBe(true);
    // A product, for every library has it; more elements than a digest has chunks.
    const a = { seed: 4294967295, shape: [70, 67], low: -1, high: 2 };
    const b = { seed: 7, shape: [67, 67], low: -1, high: 1 };
    const [x, y] = [makeData(a), makeData(b)];
    const expected = new Float64Array(70 * 67);
    for (let i = 0; i < 70; i++)
      for (let j = 0; j < 67; j++)
        for (let k = 0; k < 67; k++) expected[i * 67 + j]! += x[i * 67 + k]! * y[k * 67 + j]!;
    const tasks = await peer.prepare("product", { a, b }, ["float32", "float64"]);
    expect(tasks.length).toBeGreaterThan(0);
    for (const task of tasks) {
      const runner = peer.runner(task);
      const outputs = await runner.outputs();
      expect(findDifference([expected], outputs, task.precision === "float32" ? 1e-5 : 1e-13)).toBeUndefined();
      await runner.warmUp(0);
      const samples = await runner.sample(await runner.calibrate(0.2), 0.4);
      expect(samples.length).toBeGreaterThanOrEqual(1);
      expect(samples.every((sample) => sample > 0)).toBe(true);
    }
    expect(await peer.prepare("no such family", {}, ["float32"])).toEqual([]);
    await expect(peer.runner(tasks[0]!).outputs()).rejects.toThrow();
  });
});

test("an end in the middle is an error, not a wait", async () => {
  const script = 'console.log(JSON.stringify({ value: {} })); console.error("out of breath")';
  const peer = await startFirst("Runner", [[process.execPath, "-e", script]]);
  await expect(peer.prepare("product", {}, [])).rejects.toThrow("Runner's process ended: out of breath");
});

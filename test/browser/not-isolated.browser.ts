// Pages as most servers send them, without the headers that threads need: all runs on one thread, and backend() says why.
import { expect, test } from "vitest";
import { backend, init, matmul, ones } from "../../src/index.js";

test("the page is not isolated", () => {
  expect(crossOriginIsolated).toBe(false);
});

test("threads are refused with the names of the missing headers, and one thread goes on", async () => {
  const x = ones([3, 3]);
  const found = await init({ threads: 2 });
  expect(found).toEqual({
    variant: "simd",
    threads: 1,
    reasons: [
      "the page is not cross-origin isolated: serve it with the headers Cross-Origin-Opener-Policy: same-origin and " +
        "Cross-Origin-Embedder-Policy: require-corp",
    ],
  });
  expect(backend()).toEqual(found);
  expect(x.data.buffer).toBeInstanceOf(ArrayBuffer);
  expect(matmul(x, x).toArray()).toEqual(new Array(3).fill([3, 3, 3]));
});

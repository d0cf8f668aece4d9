// The README's examples compile under the project's own strictness and do what their comments say.
import { describe, expect, test, vi } from "vitest";
import { messagesOf } from "./support/compile.js";
import { read, writeModule } from "./support/sources.js";

const examples = [...read("README.md").matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code as string);

describe("the README's examples", () => {
  test("compile", { timeout: 60_000 }, () => {
    expect(examples.length).toBeGreaterThan(1);
    for (const code of examples) expect(messagesOf(code.split("\n")).filter(Boolean)).toEqual([]);
  });

  test("train XOR to the error that the comment names", async () => {
    const log = vi.spyOn(console, "log").mockImplementation(() => undefined);
    await import(/* @vite-ignore */ writeModule("readme", examples[0] as string));
    expect(log).toHaveBeenCalledOnce();
    expect(log.mock.calls[0]?.[0]).toBeLessThan(0.001);
    log.mockRestore();
  });
});

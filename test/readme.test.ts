// The README's examples compile under the project's own strictness and do what their comments say.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { describe, expect, test, vi } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = `${root}build/readme`;
mkdirSync(folder, { recursive: true });
const files = [...readFileSync(`${root}README.md`, "utf8").matchAll(/```ts\n(.*?)```/gs)].map(([, code], i) => {
  const path = `${folder}/example-${i + 1}.ts`;
  writeFileSync(path, code as string);
  return path;
});

describe("the README's examples", () => {
  test("compile", () => {
    const { config } = ts.readConfigFile(`${root}tsconfig.json`, ts.sys.readFile);
    const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files }, ts.sys, root);
    const { tsBuildInfoFile: _, incremental: __, ...wanted } = options;
    const program = ts.createProgram(files, wanted);
    const messages = ts
      .getPreEmitDiagnostics(program)
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
    expect(files.length).toBeGreaterThan(1);
    expect(messages).toEqual([]);
  });

  test("train XOR to the error that the comment names", async () => {
    const log = vi.spyOn(console, "log").mockImplementation(() => undefined);
    await import(/* @vite-ignore */ files[0] as string);
    expect(log).toHaveBeenCalledOnce();
    expect(log.mock.calls[0]?.[0]).toBeLessThan(0.001);
    log.mockRestore();
  });
});

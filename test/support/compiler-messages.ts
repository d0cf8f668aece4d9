// Compiles a few lines against the library and returns the compiler's messages. Must not know tests.
import { fileURLToPath } from "node:url";
import ts from "typescript";

const root = fileURLToPath(new URL("../../", import.meta.url));
const snippetPath = `${root}test/snippet.ts`;

/** The compiler's messages about each line of a file that exists only here; a line that compiles has an empty one. */
export function messagesOf(lines: readonly string[]): string[] {
  const { config } = ts.readConfigFile(`${root}tsconfig.json`, ts.sys.readFile) as { config: object };
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files: [] }, ts.sys, root);
  const compilerOptions: ts.CompilerOptions = { ...options, noEmit: true, incremental: false, noUnusedLocals: false };
  const host = ts.createCompilerHost({ ...compilerOptions, configFilePath: undefined });
  const { getSourceFile, fileExists } = host;
  const text = lines.join("\n");
  host.fileExists = (path) => path === snippetPath || fileExists(path);
  host.getSourceFile = (path, ...rest) =>
    path === snippetPath ? ts.createSourceFile(path, text, ts.ScriptTarget.ES2022) : getSourceFile(path, ...rest);
  const program = ts.createProgram([snippetPath], compilerOptions, host);
  const file = program.getSourceFile(snippetPath)!;
  const messages = lines.map(() => "");
  for (const { messageText, start = 0 } of [
    ...program.getSyntacticDiagnostics(file),
    ...program.getSemanticDiagnostics(file),
  ]) {
    messages[file.getLineAndCharacterOfPosition(start).line] += ts.flattenDiagnosticMessageText(messageText, "\n");
  }
  return messages;
}

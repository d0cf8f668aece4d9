// Installs the packed tarball of a folder into an empty project and uses it as a stranger would: runs it, type-checks it.
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const folder = process.argv[2];
const tarball = readdirSync(folder).find((name) => name.endsWith(".tgz"));
if (tarball === undefined) throw new Error(`no tarball in ${folder}`);
const project = join(folder, "consumer");
mkdirSync(project);
writeFileSync(join(project, "package.json"), JSON.stringify({ name: "consumer", private: true, type: "module" }));
writeFileSync(
  join(project, "main.ts"),
  `import { type Backend, grad, init, matmul, memory, mul, random, sum, tensor, type Tensor } from "simdgrad";
const a = tensor([[1, 2], [3, 4]]);
const c: Tensor<[2, 2]> = matmul(a, a);
const [[first]] = c.toArray() as [[number]];
const slope = grad((x: Tensor<[2, 2]>) => sum(mul(x, x)))(a).toArray();
if (first !== 7 || slope[1]?.[1] !== 8 || memory().tensors < 2) throw new Error("wrong result");
const x = random.normal([200, 200], { seed: 1 });
const alone = sum(matmul(x, x)).item();
const { variant, threads, reasons }: Backend = await init({ threads: 2 });
if (variant !== "threads" || threads !== 2) throw new Error("no threads: " + reasons.join("; "));
if (sum(matmul(x, x)).item() !== alone) throw new Error("two threads compute something else");
console.log("the package works when installed");
`,
);
const run = (command, args) => execFileSync(command, args, { cwd: project, stdio: "inherit" });
const tsc = fileURLToPath(new URL("../node_modules/typescript/bin/tsc", import.meta.url));
run("npm", ["install", "--no-audit", "--no-fund", "--silent", join(folder, tarball)]);
// For bundlers first: its output is then replaced by that for Node.
for (const [module, moduleResolution] of [
  ["preserve", "bundler"],
  ["nodenext", "nodenext"],
]) {
  const lib = ["es2022", "esnext.disposable", "dom"];
  const compilerOptions = { module, moduleResolution, target: "es2022", lib, types: [], strict: true };
  writeFileSync(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["main.ts"] }));
  run(process.execPath, [tsc, "-p", "."]);
}
run(process.execPath, ["main.js"]);
run(process.execPath, [
  "--input-type=module",
  "--eval",
  `import { readFileSync } from "node:fs";
   for (const name of ["simd.wasm", "threads.wasm", "relaxed.wasm", "relaxed-threads.wasm"]) {
     const path = new URL(import.meta.resolve("simdgrad/" + name));
     const valid = WebAssembly.validate(readFileSync(path));
     if (!valid && !name.startsWith("relaxed")) throw new Error(name + " is not valid");
   }`,
]);

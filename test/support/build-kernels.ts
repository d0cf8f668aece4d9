// Builds the kernels before any test runs, if their sources changed.
import { execFileSync } from "node:child_process";

export default function setup(): void {
  execFileSync(process.execPath, ["scripts/build.mjs", "--kernels"], { stdio: "inherit" });
}

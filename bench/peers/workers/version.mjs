// Versions of the libraries. Must not know what they do.
import { readFileSync } from "node:fs";

/** From the package's own description, which few packages export. */
export function versionOf(name) {
  return JSON.parse(readFileSync(new URL(`../node_modules/${name}/package.json`, import.meta.url), "utf8")).version;
}

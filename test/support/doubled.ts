// A computation that is worth dividing among threads. Needs no test runner, so that workers can run it.
import { add, arange, scope } from "../../src/index.js";
import { hashOf } from "./hash.js";

export const doubled = (): string => hashOf(scope(() => add(arange(0, 1e5, 1), arange(0, 1e5, 1)).data.slice()));

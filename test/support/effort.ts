// How much of the library's own code runs: counts, which are the same on every machine, where times are not. Node only. To be
// imported before the library: blocks of code that was compiled before are not counted.
import { Session } from "node:inspector";

interface Coverage {
  readonly result: readonly {
    readonly url: string;
    readonly functions: readonly { readonly ranges: readonly { readonly count: number }[] }[];
  }[];
}

const session = new Session();
session.connect();

function post(method: string, params?: object): unknown {
  let answer: unknown;
  session.post(method, params, (error, result) => {
    if (error) throw new Error(`${method}: ${error.message}`);
    answer = result;
  });
  return answer;
}

/** How often each block of `src/` has run since this was last asked, added up. */
function takeBlocks(): number {
  const { result } = post("Profiler.takePreciseCoverage") as Coverage;
  return result
    .filter(({ url }) => /\/src\/\w/.test(url))
    .flatMap(({ functions }) => functions.flatMap(({ ranges }) => ranges))
    .reduce((sum, { count }) => sum + count, 0);
}

post("Profiler.enable");
post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });

/** How often blocks of code of `src/` run while `body` does: each turn of a loop, branch and call counts once. */
export function blocksRun(body: () => void): number {
  takeBlocks();
  body();
  return takeBlocks();
}

// Shows how far a training is: a bar on a terminal, a line per tenth elsewhere. Knows nothing of what is trained.

import cliProgress from "cli-progress";

export interface ProgressOptions {
  /** The number of iterations. */
  readonly total: number;
  readonly quiet?: boolean;
  /** Where it is shown: by default stderr, so that stdout holds results only. */
  readonly stream?: NodeJS.WritableStream & { readonly isTTY?: boolean };
}

export interface Progress {
  /** After an iteration, counted from 1: shows its cost and the time left. */
  readonly update: (iteration: number, cost: number) => void;
  /** At the end, reached or not. Once stopped, it stays silent. */
  readonly stop: () => void;
}

export function startProgress({ total, quiet = false, stream = process.stderr }: ProgressOptions): Progress {
  if (quiet) return { update: () => undefined, stop: () => undefined };
  return stream.isTTY === true ? bar(total, stream) : lines(total, stream);
}

function bar(total: number, stream: NodeJS.WritableStream): Progress {
  const single = new cliProgress.SingleBar({
    format: "{bar} {value}/{total} | cost {cost} | {eta_formatted} left",
    barsize: 24,
    // An average over many iterations: single ones differ much, as a line search may take several evaluations.
    etaBuffer: 50,
    stream,
    // Training is synchronous: no timer fires and no signal handler runs until it ends, so the bar must draw itself
    // within update(), must not take Ctrl-C away from the system, and must leave cursor and line wrapping as they are.
    synchronousUpdate: true,
    gracefulExit: false,
    hideCursor: null,
    linewrap: true,
  });
  single.start(total, 0, { cost: "-" });
  return {
    update: (iteration, cost) => single.update(iteration, { cost: format(cost) }),
    stop: () => single.stop(),
  };
}

function lines(total: number, stream: NodeJS.WritableStream): Progress {
  const started = performance.now();
  let shown = 0;
  let stopped = false;
  return {
    update: (iteration, cost) => {
      const tenth = Math.floor((10 * iteration) / total);
      if (stopped || tenth <= shown) return;
      shown = tenth;
      const left = ((performance.now() - started) / 1000 / iteration) * Math.max(0, total - iteration);
      stream.write(`iteration ${iteration}/${total}, cost ${format(cost)}, ${Math.round(left)} s left\n`);
    },
    stop: () => {
      stopped = true;
    },
  };
}

function format(cost: number): string {
  return cost.toPrecision(6);
}

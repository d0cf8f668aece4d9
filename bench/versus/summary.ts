// How fast every peer is beside simdgrad, table by table. Must not know how that is printed or drawn.
import type { Row, TableResult } from "../harness.js";
import type { Statistics } from "../statistics.js";

/** A peer's fastest right form against simdgrad's fastest. */
export interface Relative {
  /** simdgrad's median time over the peer's: above 1 the peer is faster. Undefined if no form gave the right result. */
  readonly speed?: number;
  /** The same from the quartiles that are worst and best for the peer. */
  readonly range?: readonly [low: number, high: number];
  /** What is wrong with forms that are: name and reason. */
  readonly wrong: readonly string[];
}

export interface Work {
  readonly title: string;
  /** simdgrad's fastest form, milliseconds. */
  readonly time: Statistics;
  /** By the peer's name; undefined where it has no such task. */
  readonly relative: Readonly<Record<string, Relative>>;
}

export interface Summary {
  /** Those that took part, in the reports' order. */
  readonly peers: readonly string[];
  readonly works: readonly Work[];
}

/** @param peers the names in the order wanted */
export function summarise(results: readonly TableResult[], peers: readonly string[]): Summary {
  const works = results.map(({ title, rows }): Work => {
    const time = fastest(rows.filter(({ peer, ceiling }) => peer === undefined && !ceiling));
    if (time === undefined) throw new RangeError(`${title}: simdgrad was not timed`);
    const relative: Record<string, Relative> = {};
    for (const name of peers) {
      const own = rows.filter(({ peer }) => peer === name);
      if (own.length > 0) relative[name] = relativeOf(own, time);
    }
    return { title, time, relative };
  });
  return { peers: peers.filter((name) => works.some(({ relative }) => relative[name] !== undefined)), works };
}

function fastest(rows: readonly Row[]): Statistics | undefined {
  const times = rows.flatMap(({ time }) => time ?? []);
  return times.reduce<Statistics | undefined>(
    (best, time) => (best && best.median <= time.median ? best : time),
    undefined,
  );
}

function relativeOf(rows: readonly Row[], simdgrad: Statistics): Relative {
  const wrong = rows.flatMap(({ name, problem }) => (problem === undefined ? [] : `${name}: ${problem}`));
  const time = fastest(rows);
  if (time === undefined) return { wrong };
  return {
    speed: simdgrad.median / time.median,
    range: [simdgrad.lowerQuartile / time.upperQuartile, simdgrad.upperQuartile / time.lowerQuartile],
    wrong,
  };
}

/** Two significant digits, whole numbers from 10 on: 0.031, 0.45, 1.2, 17. */
export function formatSpeed(speed: number): string {
  const digits = 1 - Math.floor(Math.log10(speed));
  return speed.toFixed(Math.min(Math.max(digits, 0), 4));
}

// Which result takes over a donated argument's tensor: what became of it. Must not know memory or the order of execution.
import { AliasError } from "../../errors.js";
import { sameShape } from "../../tensor/shape.js";
import { type Graph, operandsOf, type Value, type View } from "./graph.js";
import { argumentAt } from "./signature.js";

/** A donated tensor. */
export interface Donor {
  readonly value: Value;
  /** Its place among the arguments: `[0].layers[1].w`. */
  readonly path: string;
}

/** A result that may take a donated tensor over. */
export interface Candidate extends View {
  /** Its place in what the function returns. */
  readonly path: string;
  /** The input that it is the next value of, after so many updates, where an optimizer said so. */
  readonly heir: Heir | undefined;
}

export interface Heir {
  readonly of: Value;
  readonly updates: number;
}

/**
 * For each result that takes a donated tensor over, whose it is. In this order: what an optimizer's `update` returned for the tensor,
 * the result at the same place, the one whose path ends in the tensor's keys (`.layers[1].w`), the only one of its shape and dtype.
 * Where none of these decides, or a match goes against what is computed from what, an error says so.
 * @throws AliasError naming the donated tensor and the results that it may become
 */
export function matchDonated(
  graph: Graph,
  donors: readonly Donor[],
  candidates: readonly Candidate[],
): Map<Candidate, Donor> {
  const matched = new Map<Candidate, Donor>();
  const served = new Set<Donor>();
  const match = (donor: Donor, candidate: Candidate | undefined): void => {
    if (candidate === undefined) return;
    matched.set(candidate, donor);
    served.add(donor);
  };
  const fits = ({ value }: Donor, candidate: Candidate): boolean =>
    sameShape(value.shape, candidate.shape) && value.dtype === candidate.value.dtype;
  const isOpen = (donor: Donor, candidate: Candidate): boolean =>
    !matched.has(candidate) &&
    fits(donor, candidate) &&
    (candidate.heir === undefined || candidate.heir.of === donor.value);

  for (const donor of donors) {
    const heirs = candidates.filter((candidate) => candidate.heir?.of === donor.value && fits(donor, candidate));
    const last = Math.max(...heirs.map(({ heir }) => heir!.updates));
    const latest = heirs.filter(({ heir }) => heir!.updates === last);
    const own = latest.find(({ path }) => path === donor.path);
    if (own === undefined && distinct(latest).length > 1) throw refusal([donor], latest);
    match(donor, own ?? latest[0]);
  }
  const sure = new Set(matched.keys());

  const left = (): Donor[] => donors.filter((donor) => !served.has(donor));
  for (const donor of left()) {
    match(
      donor,
      candidates.find(
        (candidate) => candidate.path === donor.path && !matched.has(candidate) && fits(donor, candidate),
      ),
    );
  }

  // A round of matches may leave others a single choice.
  for (let before = -1; before !== served.size; ) {
    before = served.size;
    const rest = left();
    const claims = new Map(candidates.map((one) => [one, rest.filter((donor) => isOpen(donor, one))]));
    const closest = new Map(candidates.map((one) => [one, namesakeOf(one, claims.get(one)!)]));
    for (const donor of rest) {
      const open = candidates.filter((one) => claims.get(one)!.includes(donor));
      const named = distinct(open.filter((one) => closest.get(one) === donor));
      if (named.length === 1) match(donor, named[0]!);
      else if (distinct(open).length === 1 && claims.get(open[0]!)!.length === 1) match(donor, open[0]!);
    }
  }
  for (const donor of left()) {
    const open = candidates.filter((candidate) => isOpen(donor, candidate));
    const rivals = left().filter((other) => open.some((candidate) => isOpen(other, candidate)));
    if (open.length > 0) throw refusal(rivals, open);
  }

  const made = new Map(donors.map((donor) => [donor, undefined as ReadonlySet<Value> | undefined]));
  const isMadeOf = ({ value }: View, donor: Donor): boolean => {
    const values = made.get(donor) ?? descendants(graph, donor.value);
    made.set(donor, values);
    return values.has(value);
  };
  for (const [candidate, donor] of matched) {
    if (sure.has(candidate) || isMadeOf(candidate, donor)) continue;
    const better = candidates.filter((other) => {
      const taker = matched.get(other);
      const isTaken = taker !== undefined && (sure.has(other) || isMadeOf(other, taker));
      return other !== candidate && !isTaken && fits(donor, other) && isMadeOf(other, donor);
    });
    if (better.length > 0) throw refusal([donor], [candidate, ...better]);
  }
  return matched;
}

/** The donor whose keys within its argument the result's path ends in; of several the one with the longest, if it is one. */
function namesakeOf({ path }: Candidate, donors: readonly Donor[]): Donor | undefined {
  const keysOf = (donor: Donor): string => donor.path.slice(donor.path.indexOf("]") + 1);
  const found = donors.filter((donor) => keysOf(donor) !== "" && path.endsWith(keysOf(donor)));
  const longest = Math.max(...found.map((donor) => keysOf(donor).length));
  const best = found.filter((donor) => keysOf(donor).length === longest);
  return best.length === 1 ? best[0] : undefined;
}

/** One of those that are the same value. */
function distinct(candidates: readonly Candidate[]): Candidate[] {
  const seen = new Set<Value>();
  return candidates.filter(({ value }) => !seen.has(value) && seen.add(value));
}

/** The values that depend on an input, itself included. */
function descendants(graph: Graph, input: Value): ReadonlySet<Value> {
  const found = new Set([input]);
  for (const value of graph.values) if (operandsOf(value).some((operand) => found.has(operand))) found.add(value);
  return found;
}

function refusal(donors: readonly Donor[], candidates: readonly Candidate[]): AliasError {
  const list = (names: readonly string[]): string =>
    names.slice(0, 4).join(" or ") + (names.length > 4 ? " or ..." : "");
  return new AliasError(
    `compile: donated ${list(donors.map(({ path }) => argumentAt(path)))} may become ` +
      `${list(candidates.map(({ path }) => `result${path}`))}: return the next values in the arguments' order, or write them with out`,
  );
}

// Which result takes over a donated argument's tensor: what became of it. Must not know memory or the order of execution.
import { AliasError } from "../../errors.js";
import { sameShape } from "../../tensor/shape.js";
import { operandsOf, type Value, type View } from "./graph.js";
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

/** What `score` says of an optimizer's word, and of the same place. */
const HEIR = 2e6;
const SAME = 1e6;

/** How good a claim a donated tensor has to a result; negative where it has none. */
function score({ value, path }: Donor, { value: { dtype }, shape, heir, path: place }: Candidate): number {
  if (!sameShape(value.shape, shape) || value.dtype !== dtype) return -1;
  if (heir?.of === value) return HEIR + 2 * heir.updates + Number(path === place);
  if (path === place) return SAME;
  const keys = path.slice(path.indexOf("]") + 1);
  return heir !== undefined ? -1 : place.endsWith(keys) ? keys.length : 0;
}

/** The items of the highest score, if that is not negative. */
function best<T>(items: readonly T[], score: (item: T) => number): T[] {
  const highest = Math.max(0, ...items.map(score));
  return items.filter((item) => score(item) === highest);
}

/**
 * For each result that takes a donated tensor over, whose it is. In this order: what an optimizer's `update` returned for the tensor,
 * the result at the same place, the one whose path ends in the tensor's keys (`.layers[1].w`), the only one of its shape and dtype.
 * Where none of these decides, or a match goes against what is computed from what, an error says so.
 * @throws AliasError naming the donated tensor and the results that it may become
 */
export function matchDonated(donors: readonly Donor[], candidates: readonly Candidate[]): Map<Candidate, Donor> {
  const matched = new Map<Candidate, Donor>();
  // A round of matches may leave others a single choice.
  for (let before = -1; before < matched.size; ) {
    before = matched.size;
    const served = new Set(matched.values());
    const rest = donors.filter((donor) => !served.has(donor));
    const open = candidates.filter((candidate) => !matched.has(candidate));
    let refused: AliasError | undefined;
    for (const donor of rest) {
      const choices = best(open, (candidate) => score(donor, candidate));
      const [first] = choices;
      if (first === undefined) continue;
      const claims = best(rest, (other) => score(other, first));
      const isClear =
        claims[0] === donor && claims.length === 1 && new Set(choices.map(({ value }) => value)).size === 1;
      if (isClear) matched.set(first, donor);
      else refused ??= refusal(claims.includes(donor) ? claims : [donor], choices);
    }
    if (before === matched.size && refused !== undefined) throw refused;
  }

  const isSure = (candidate: Candidate, donor: Donor): boolean =>
    score(donor, candidate) >= HEIR || isMadeOf(candidate.value, donor.value);
  for (const [candidate, donor] of matched) {
    if (isSure(candidate, donor)) continue;
    const better = candidates.filter((other) => {
      const taker = matched.get(other);
      return score(donor, other) >= 0 && isMadeOf(other.value, donor.value) && !(taker && isSure(other, taker));
    });
    if (better.length > 0) throw refusal([donor], [candidate, ...better]);
  }
  return matched;
}

/** Whether a value depends on an input, or is it. */
function isMadeOf(value: Value, input: Value): boolean {
  const seen = new Set([value]);
  for (const one of seen) for (const operand of operandsOf(one)) seen.add(operand);
  return seen.has(input);
}

function refusal(donors: readonly Donor[], candidates: readonly Candidate[]): AliasError {
  const list = (names: readonly string[]): string =>
    names.slice(0, 4).join(" or ") + (names.length > 4 ? " or ..." : "");
  return new AliasError(
    `compile: donated ${list(donors.map(({ path }) => argumentAt(path)))} may become ` +
      `${list(candidates.map(({ path }) => `result${path}`))}: return the next values in the arguments' order, or write them with out`,
  );
}

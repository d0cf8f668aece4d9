// Finds the result that replaces each donated argument's tensor. Must not know memory or the order of execution.
import { AliasError } from "../../errors.js";
import { sameShape } from "../../tensor/shape.js";
import { type Input, type Output, operandsOf, type Value } from "../trace/graph.js";
import { argumentAt } from "../trace/signature.js";

/** The scores of `scoreOf` for an optimizer's word, for the same place, and for the tensor itself. The last beats claims by shape only. */
const HEIR = 2e6;
const SAME = 1e6;
const ITSELF = 0.5;

const fits = (donor: Input, { value: { dtype }, shape }: Output): boolean =>
  sameShape(donor.shape, shape) && donor.dtype === dtype;

/**
 * The result at each donated tensor's place among the arguments, in the function's result or in a part of it. The part must serve all
 * donated tensors. If only some have a place, as in `[loss, nextA, nextB]`, places mean nothing.
 */
function homesOf(donors: readonly Input[], results: readonly Output[]): ReadonlyMap<Input, Output> {
  const homes = new Map<Input, Output>();
  const heirs = new Set(results.map(({ heir }) => heir?.of));
  for (const donor of donors) {
    const twins = donors.filter(
      (one) => !heirs.has(one) && one.dtype === donor.dtype && sameShape(one.shape, donor.shape),
    );
    const parts = results
      .map(({ path }) => path.slice(0, -donor.origin.path.length))
      .sort((a, b) => a.length - b.length);
    const resultIn = (part: string, twin: Input): Output | undefined =>
      results.find((result) => result.path === part + twin.origin.path && fits(twin, result));
    const part = parts.find((one) => twins.every((twin) => resultIn(one, twin) !== undefined));
    if (part !== undefined && twins.includes(donor)) homes.set(donor, resultIn(part, donor)!);
  }
  return homes;
}

/** The strength of a donated tensor's claim to a result; negative if it has none. */
function scoreOf(donor: Input, result: Output, home: Output | undefined): number {
  const { heir, passed, path: place } = result;
  if (!fits(donor, result)) return -1;
  const { path } = donor.origin;
  if (heir?.of === donor) return HEIR + 2 * heir.updates + Number(path === place);
  if (result === home) return SAME;
  const keys = path.slice(path.indexOf("]") + 1);
  if (heir !== undefined) return -1;
  return keys !== "" && place.endsWith(keys) ? keys.length : passed === donor ? ITSELF : 0;
}

/**
 * The donated input for each result that replaces one. A tensor's next value is, in this order: the value that an optimizer's `update`
 * returned for it, the result at the same place, the result whose path ends in the tensor's keys (`.layers[1].w`), the tensor itself, the
 * only result of its shape and dtype.
 * @throws AliasError if none of these decides, or the match contradicts the data flow. It names the donated tensor and the candidates.
 */
export function matchDonated(donors: readonly Input[], results: readonly Output[]): Map<Output, Input> {
  const homes = homesOf(donors, results);
  const claims = donors
    .flatMap((donor) => results.map((result) => ({ donor, result, score: scoreOf(donor, result, homes.get(donor)) })))
    .filter(({ score }) => score >= 0)
    .sort((a, b) => b.score - a.score);
  const matched = new Map<Output, Input>();
  const served = new Set<Input>();
  claims.forEach(({ donor, result, score }, i) => {
    const rivals: typeof claims = [];
    for (let j = i; claims[j]?.score === score; j++) {
      const rival = claims[j]!;
      if (!served.has(rival.donor) && !matched.has(rival.result)) rivals.push(rival);
    }
    if (rivals[0] !== claims[i]) return;
    const rivalDonors = rivals.filter((rival) => rival.result === result).map((rival) => rival.donor);
    const choices = rivals.filter((rival) => rival.donor === donor).map((rival) => rival.result);
    if (rivalDonors.length > 1 || choices.some(({ value }) => value !== result.value))
      throw refusal(rivalDonors, choices);
    matched.set(result, donor);
    served.add(donor);
  });

  // An argument returned in another one's place is meant to go there.
  const isSure = ({ heir, passed, value }: Output, donor: Input): boolean =>
    heir?.of === donor || passed !== undefined || isMadeOf(value, donor);
  for (const [result, donor] of matched) {
    if (isSure(result, donor)) continue;
    const better = results.filter((other) => {
      const taker = matched.get(other);
      return fits(donor, other) && !other.heir && isMadeOf(other.value, donor) && !(taker && isSure(other, taker));
    });
    if (better.length > 0) throw refusal([donor], [result, ...better]);
  }
  return matched;
}

/** True if a value is an input or depends on it. */
function isMadeOf(value: Value, input: Value): boolean {
  const seen = new Set([value]);
  for (const one of seen) for (const operand of operandsOf(one)) seen.add(operand);
  return seen.has(input);
}

function refusal(donors: readonly Input[], results: readonly Output[]): AliasError {
  const list = (names: readonly string[]): string =>
    names.slice(0, 4).join(" or ") + (names.length > 4 ? " or ..." : "");
  return new AliasError(
    `compile: donated ${list(donors.map(({ origin }) => argumentAt(origin.path)))} may become ` +
      `${list(results.map(({ path }) => `result${path}`))}: return the next values first, in the arguments' order, or write them with out`,
  );
}

// Who takes part: a table's contenders over the build that "simdgrad" stands for here and, with another build, their twins. Must not
// know how builds are made, nor how anything is timed.
import { memory, scope, Tensor } from "simdgrad";
import { type Contender, type Disposable, messageOf, type Table } from "./table.js";

type Data = Readonly<Record<string, Float64Array>>;

/** The same tables over another build, and what prepares them there. */
export interface OtherBuild {
  /** The git revision. */
  readonly ref: string;
  readonly TABLES: readonly Table[];
  readonly prepare: typeof prepare;
}

/** A table's contenders, and what lets go of all that they hold. */
export interface Entrants extends Disposable {
  readonly contenders: readonly Contender[];
}

/** Names what the other revision computes in tables, reports and ratios. */
export const nameAt = (name: string, ref: string): string => `${name} at ${ref}`;

export function prepare(table: Table, data: Data): Entrants {
  const tensorsBefore = memory().tensors;
  const kept: Disposable[] = [];
  let contenders: readonly Contender[] = [];
  scope(() => {
    contenders = table.prepare(data, (one) => {
      kept.push(one);
      return one;
    });
    // A scope keeps tensors, and looks for them in nothing else.
    return kept.filter((one) => one instanceof Tensor);
  });
  const dispose = (): void => {
    for (const one of kept) one.dispose();
    const leaked = memory().tensors - tensorsBefore;
    if (leaked !== 0) console.error(`${table.name}: ${leaked} tensors are left over`);
  };
  return { contenders, dispose };
}

/** What the package itself computes in a table, over the other build. An older revision may lack what the table needs. */
export function prepareTwins({ name }: Table, data: Data, other: OtherBuild): Entrants {
  try {
    const { contenders, dispose } = other.prepare(other.TABLES.find((table) => table.name === name)!, data);
    const ours = contenders.filter((one) => one.name.includes("simdgrad") && !("perCall" in one));
    return { contenders: ours.map((one) => ({ ...one, name: nameAt(one.name, other.ref) })), dispose };
  } catch (error) {
    console.error(`${name}: not at ${other.ref}: ${messageOf(error)}`);
    return { contenders: [], dispose: () => undefined };
  }
}

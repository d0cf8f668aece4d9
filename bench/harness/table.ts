// What a table is: start here. Must not know any table, nor how tables are timed, printed or drawn.
//
// A table holds contenders that compute the same thing. Each run checks their results, times them in turns and prints a row for each.
// To add one:
//
// 1. Call `defineTable` in a file beside its kind (`seeds/`, `limits/`, `ladder/`, `versus/`), and give it a name (`kind/size`) and a title.
// 2. `data` describes the inputs by seed, shape and range. Every process makes the same ones.
// 3. `rate` says how much a call computes or moves: `operations(n)` or `traffic({ reads, writes }, n)` of `ceiling/rates.ts`.
// 4. `prepare(data, keep)` lists the contenders, made by `plain`, `into`, `fresh` and `compiled` of `contenders.ts`. The first is the
//    reference. Names of what the package computes contain "simdgrad": `--against` runs these on the other revision as well.
//    Pass every tensor and compiled function that contenders use through `keep`.
// 5. `tolerance` is the largest error, relative to the largest element. Set `onRequest` if the table should run only when named.
// 6. Add it to `all-tables.ts`; to `page-tables.ts` as well if it needs no other process. Then: npm run bench -- --quick NAME

export type Precision = "float32" | "float64";

/** One result, row by row. */
export type Numbers = Float32Array | Float64Array;

/** Uniform numbers on [low, high): element i depends on the seed and i alone. */
export interface DataSpec {
  readonly seed: number;
  readonly shape: readonly number[];
  readonly low: number;
  readonly high: number;
}

/** Something in this process that can be timed. */
export interface Runnable {
  readonly name: string;
  readonly precision: Precision;
  /** One call; what it returns is consumed, so that no engine may leave the work out. A promise if `async` is set. */
  run(): number | Promise<number>;
  /** Set if the call is done only when its promise is. */
  readonly async?: boolean;
  /** Set if a call returns its milliseconds: those of its own process that are to be counted, or of one beyond another's. */
  readonly timesItself?: boolean;
  /** Restores what `run` overwrites; not timed. */
  before?(): void;
  /** The results of one call, made the same way as `run` makes them; none where nothing is to be checked. */
  outputs?(): readonly Numbers[] | Promise<readonly Numbers[]>;
}

/** Something in this process that computes what a table is about. */
export type LocalContender = Runnable & Required<Pick<Runnable, "outputs">>;

/** What the machine can do at best, timed in turn with the contenders: it computes something else, so is not checked. */
export interface Ceiling extends Runnable {
  /** What one call moves or computes, in the unit of the table's rate. */
  readonly perCall: number;
  run(): number;
}

export type Contender = LocalContender | Ceiling;

/** What one call of a table's contenders moves (bytes) or computes (operations), and the ceilings for that. */
export interface Rate {
  readonly unit: "GB/s" | "GFLOP/s";
  perCall(precision: Precision): number;
  /** Several ways of reaching for the same: the fastest is the ceiling. */
  ceilings?(precision: Precision): readonly Ceiling[];
}

/** Something that holds memory: a tensor, a compiled function. */
export interface Disposable {
  dispose(): void;
}

/** Hands over what contenders use; it lives until the table is done, every other tensor dies with `prepare`. */
export type Keep = <T extends Disposable>(one: T) => T;

export interface Table<Names extends string = string> {
  readonly name: string;
  readonly title: string;
  /** True for tables that only run when they are named. */
  readonly onRequest?: boolean;
  /** Left out where contenders do different things, whose times are all there is to say. */
  readonly rate?: Rate;
  /** Largest error relative to a result's largest magnitude. */
  readonly tolerance: Readonly<Record<Precision, number>>;
  readonly data: Readonly<Record<Names, DataSpec>>;
  /** The family of tasks that other processes bring. */
  readonly family?: string;
  /** The precisions that they bring them in, where it is not all. */
  readonly invites?: readonly Precision[];
  /** The first contender is the reference: the others' results are checked and their times compared with its. */
  prepare(data: Readonly<Record<Names, Float64Array>>, keep: Keep): readonly Contender[];
  /** The text of its results, where the usual table is not the best form. */
  format?(result: TableResult): string;
}

/** What is said of a contender's samples, in milliseconds per call. */
export interface Statistics {
  readonly median: number;
  /** A tenth of the samples are below it: how fast it is where nobody else keeps the processor busy. */
  readonly decile: number;
  readonly lowerQuartile: number;
  readonly upperQuartile: number;
}

export interface Row {
  readonly name: string;
  /** Undefined for this process. */
  readonly peer?: string;
  readonly precision: Precision;
  /** Why there are no times: the result was wrong, or it threw. */
  readonly problem?: string;
  readonly time?: Statistics;
  /** Calls per sample. */
  readonly batch?: number;
  readonly samples?: readonly number[];
  /** In the table's unit, at the median. */
  readonly rate?: number;
  /** The reference's median over this one's: above 1 is faster. */
  readonly speedup?: number;
  /** True for the machine's own figures. */
  readonly ceiling?: true;
  /** The rate over that of the fastest ceiling of its precision; 1 for that ceiling itself. */
  readonly ofCeiling?: number;
  /** The same at the fastest tenth of both: see `Statistics.decile`. */
  readonly ofCeilingAtBest?: number;
}

export interface TableResult {
  readonly name: string;
  readonly title: string;
  readonly unit: string;
  readonly rounds: number;
  readonly rows: readonly Row[];
}

/** Lets `prepare` know the names of its data, and lists hold tables of any. */
export function defineTable<const Names extends string>(table: Table<Names>): Table {
  return table as unknown as Table;
}

/** The message of whatever was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

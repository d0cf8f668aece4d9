// A random program as data, and how it is run on whatever can run one: the library, the oracle. Must not know either.

export type FloatType = "float32" | "float64";
export type Type = FloatType | "int32";

/** A value of a program, by number. */
export type Ref = number;

/** A value's name in code. */
export interface Named {
  readonly ref: Ref;
}

export type Operand = Named | number;

/** What an optimizer is made with. */
export interface Rule {
  readonly name: "sgd" | "momentum" | "adam";
  readonly learningRate: number;
}

export type Statement =
  /** `to = name(...operands, ...extras, options)`, or written into `out`. */
  | {
      readonly kind: "op";
      readonly name: string;
      readonly operands: readonly Operand[];
      /** True where the operands are one list. */
      readonly list?: boolean;
      readonly extras: readonly unknown[];
      readonly options?: Readonly<Record<string, unknown>> | undefined;
      readonly out?: Ref | undefined;
      readonly to?: Ref | undefined;
    }
  /** A function of some values, called in one of the ways there are. */
  | {
      readonly kind: "call";
      /** `into` is a compiled function's; `grad` and `valueAndGrad` are of the body's one result. */
      readonly how: "compile" | "into" | "grad" | "valueAndGrad" | "scope";
      /** True where `grad` is of a compiled function. */
      readonly compiled: boolean;
      readonly body: Body;
      readonly operands: readonly Ref[];
      readonly argnums: readonly number[];
      /** Positions of operands that a compiled function may write over: nothing reads them afterwards. */
      readonly donate: readonly number[];
      readonly outs: readonly Ref[];
      readonly to: readonly Ref[];
    }
  /** `update` of an optimizer. Without a state, `init` makes one. */
  | {
      readonly kind: "update";
      readonly rule: Rule;
      readonly params: readonly Ref[];
      readonly gradients: readonly Ref[];
      readonly state: readonly Ref[] | undefined;
      readonly donate: boolean;
      readonly to: readonly Ref[];
    };

export interface Body {
  readonly params: readonly Ref[];
  readonly statements: readonly Statement[];
  readonly results: readonly Ref[];
}

/** A tensor that is given to a program. */
export interface Given {
  readonly ref: Ref;
  readonly shape: readonly number[];
  readonly dtype: Type;
  readonly data: readonly number[];
}

export interface Program {
  readonly dtype: FloatType;
  /** Tensors from outside the function. */
  readonly outside: readonly Given[];
  readonly inputs: readonly Given[];
  readonly body: Body;
  /** What the results are like. */
  readonly outputs: readonly Pick<Given, "shape" | "dtype">[];
  /** Positions of donated inputs. */
  readonly donate: readonly number[];
  /** The keys of the results, if they are a dictionary. */
  readonly keys: readonly string[] | undefined;
}

export type Fn<T> = (...values: T[]) => T[];

/** What can run a program. */
export interface Machine<T> {
  op(statement: Extract<Statement, { kind: "op" }>, operands: readonly (T | number)[], out: T | undefined): T;
  call(
    statement: Extract<Statement, { kind: "call" }>,
    body: Fn<T>,
    operands: readonly T[],
    outs: readonly T[],
  ): readonly T[];
  update(
    rule: Rule,
    params: readonly T[],
    gradients: readonly T[],
    state: readonly T[] | undefined,
    donate: boolean,
  ): readonly T[];
}

/** A program's function on a machine, with its tensors from outside. */
export function functionOf<T>(program: Program, machine: Machine<T>, outside: readonly T[]): Fn<T> {
  const values: T[] = [];
  program.outside.forEach(({ ref }, i) => {
    values[ref] = outside[i]!;
  });
  const operandOf = (x: Operand): T | number => (typeof x === "number" ? x : values[x.ref]!);
  const all = (refs: readonly Ref[]): T[] => refs.map((ref) => values[ref]!);
  const keep = (refs: readonly Ref[], results: readonly T[]): void => {
    refs.forEach((ref, i) => {
      values[ref] = results[i]!;
    });
  };
  const run = (statement: Statement): void => {
    if (statement.kind === "op") {
      const { out, to } = statement;
      const y = machine.op(statement, statement.operands.map(operandOf), out === undefined ? undefined : values[out]!);
      if (to !== undefined) values[to] = y;
    } else if (statement.kind === "call") {
      const { body, operands, outs, to } = statement;
      keep(to, machine.call(statement, functionOfBody(body), all(operands), all(outs)));
    } else {
      const { rule, params, gradients, state, donate, to } = statement;
      keep(to, machine.update(rule, all(params), all(gradients), state && all(state), donate));
    }
  };
  const functionOfBody =
    ({ params, statements, results }: Body): Fn<T> =>
    (...given) => {
      keep(params, given);
      for (const statement of statements) run(statement);
      return all(results);
    };
  return functionOfBody(program.body);
}

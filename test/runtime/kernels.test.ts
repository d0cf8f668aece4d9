// Every kernel writes all of its output and nothing else, also in place, at every alignment.
// Must not know any op's arithmetic.
import { describe, expect, it } from "vitest";
import { Abi } from "../../assembly/abi.js";
import { type AnyTensor, backend, type DType, scope, zeros } from "../../src/index.js";
import { scratchAddress } from "../../src/runtime/memory/memory.js";
import { layouts } from "../cases/matmul.js";
import { allCases, type Case, cases, drawInputs, type Options, type Scenario, toTensor, toTensors } from "../cases.js";
import { type Nd, nd } from "../support/reference.js";
import { assertSameBits } from "../support/reference-compare.js";
import { randomFrom, shuffled } from "../support/reference-samples.js";

const SIZES = [0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 63, 64, 65, 127, 513];
/** The allocator's unit: a tensor's block is rounded up to it. */
const UNIT = 64;
/** The bytes of a guard, and their content. */
const GUARD_BYTES = 256;
const SENTINEL = 0xa5;
/** Makes NaN of every float. */
const NAN_BYTE = 0xff;

function bytes(x: AnyTensor): Uint8Array {
  return new Uint8Array(x.data.buffer, x.data.byteOffset, x.data.byteLength);
}

/** A tensor's block from the end of its elements on: nobody's bytes, which nobody may write either. */
function slack(x: AnyTensor): Uint8Array {
  const { buffer, byteOffset, byteLength } = x.data;
  const block = Math.max(UNIT, Math.ceil(byteLength / UNIT) * UNIT);
  return new Uint8Array(buffer, byteOffset + byteLength, block - byteLength);
}

function guard(): AnyTensor {
  return zeros([GUARD_BYTES / 8], "float64");
}

function endOf(x: AnyTensor): number {
  return x.data.byteOffset + x.data.byteLength + slack(x).length;
}

interface Guarded {
  readonly tensor: AnyTensor;
  /** @throws Error where a sentinel before, behind or in the slack of the tensor has changed */
  readonly check: (what: string) => void;
}

/** A tensor between two guards that lie against it in memory, and sentinels in all the bytes around its elements. */
function guarded(shape: readonly number[], dtype: DType): Guarded {
  // Neighbours in a fresh stretch of memory; what fell elsewhere stays allocated, so that the next try falls further on.
  for (let attempt = 0; attempt < 1000; attempt++) {
    const [left, x, right] = [guard(), zeros(shape, dtype) as AnyTensor, guard()];
    if (endOf(left) !== x.data.byteOffset || endOf(x) !== right.data.byteOffset) continue;
    const sentinels = (): Uint8Array[] => [bytes(left), slack(x), bytes(right)];
    for (const run of sentinels()) run.fill(SENTINEL);
    const check = (what: string): void => {
      for (const [i, run] of sentinels().entries()) {
        const at = run.findIndex((byte) => byte !== SENTINEL);
        if (at >= 0) throw new Error(`${what}: wrote ${["before", "into the slack of", "behind"][i]} out, byte ${at}`);
      }
    };
    return { tensor: x, check };
  }
  throw new Error("no three tensors lie side by side");
}

function describeCall(c: Case, s: Scenario, dtype: DType): string {
  return `${c.name} ${dtype} ${JSON.stringify(s.shapes)} ${JSON.stringify(s.options)}`;
}

/** Runs `body` for every scenario of a case at every size, with inputs, in a scope of its own. */
function forAll(c: Case, dtype: DType, body: (s: Scenario, inputs: readonly Nd[], what: string) => void): void {
  for (const size of SIZES) {
    for (const s of c.scenarios(size)) {
      scope(() => {
        body(s, drawInputs(c, s, dtype, size), describeCall(c, s, dtype));
      });
    }
  }
}

describe.each(allCases.map((c) => [c.name, c] as const))("%s", (_, c) => {
  it.each(c.dtypes)("writes all of out and nothing else: %s", (dtype) => {
    forAll(c, dtype, (s, inputs, what) => {
      const fresh = c.run(toTensors(c, inputs, s.options, dtype), s.options);
      const given = toTensors(c, inputs, s.options, dtype);
      // NaN behind every operand, where the last vector is read in part: it must not reach the result.
      for (const x of given) slack(x).fill(NAN_BYTE);
      const out = guarded(fresh.shape, fresh.dtype);
      bytes(out.tensor).fill(NAN_BYTE);
      const result = c.run(given, { ...s.options, out: out.tensor });
      expect(result).toBe(out.tensor);
      assertSameBits(out.tensor.data, fresh.data, what);
      out.check(what);
      given.forEach((x, i) => {
        assertSameBits(x.data, inputs[i]!.data, `${what}: operand ${i}`);
        assertSameBits(slack(x), new Uint8Array(slack(x).length).fill(NAN_BYTE), `${what}: slack of operand ${i}`);
      });
    });
  });

  it.each(c.dtypes)("writes only where it has allocated: %s", (dtype) => {
    // Holes of many sizes between guards: whatever a call makes falls into them.
    scope(() => {
      const guards: AnyTensor[] = [];
      const holes: AnyTensor[] = [];
      for (let i = 0; i < 200; i++) {
        holes.push(zeros([1 + (i % 40) * 8]));
        guards.push(guard());
      }
      for (const hole of holes) hole.dispose();
      for (const g of guards) bytes(g).fill(SENTINEL);
      forAll(c, dtype, (s, inputs, what) => {
        const operands = toTensors(c, inputs, s.options, dtype);
        const before = operands.map((x) => x.data.slice());
        c.run(operands, s.options);
        operands.forEach((x, i) => {
          assertSameBits(x.data, before[i]!, `${what}: operand ${i}`);
        });
      });
      for (const g of guards) expect(bytes(g).every((byte) => byte === SENTINEL)).toBe(true);
    });
  });
});

/** True where an operand has the result's shape, and so can be its `out`. */
function canHold(x: Nd, result: AnyTensor): boolean {
  return x.shape.join() === result.shape.join();
}

const inPlace = allCases.filter((c) => c.inPlace).map((c) => [c.name, c] as const);

describe.each(inPlace)("%s in place", (_, c) => {
  it.each(c.dtypes)("gives the same bits in each operand: %s", (dtype) => {
    forAll(c, dtype, (s, inputs, what) => checkInPlace(c, s, inputs, dtype, what));
    if (c.operands.length < 2) return;
    for (const [p, q] of [
      [[5, 7], [7]],
      [
        [5, 7],
        [5, 1],
      ],
      [[9, 33], []],
      [[300, 7], [7]],
      [
        [300, 7],
        [300, 1],
      ],
      [
        [2, 3, 5],
        [3, 1],
      ],
    ] as const) {
      for (const shapes of [
        [p, q, q],
        [q, p, p],
        [q, p, q],
      ]) {
        const s = { shapes: shapes.slice(0, c.operands.length), options: {} };
        scope(() => {
          checkInPlace(c, s, drawInputs(c, s, dtype, 9), dtype, describeCall(c, s, dtype));
        });
      }
    }
  });

  if (c.operands.length > 1)
    it.each(c.dtypes)("takes one tensor for all operands and out: %s", (dtype) => {
      for (const size of SIZES) {
        scope(() => {
          const [x] = drawInputs(c, { shapes: [[size]], options: {} }, dtype, size);
          const all = (tensor: AnyTensor): AnyTensor[] => c.operands.map(() => tensor);
          const fresh = c.run(all(toTensor(x!, dtype)), {});
          const own = toTensor(x!, dtype);
          assertSameBits(c.run(all(own), { out: own }).data, fresh.data, `${c.name} ${dtype} [${size}] on one tensor`);
        });
      }
    });
});

function checkInPlace(c: Case, { options }: Scenario, inputs: readonly Nd[], dtype: DType, what: string): void {
  const fresh = c.run(toTensors(c, inputs, options, dtype), options);
  inputs.forEach((x, i) => {
    if (!canHold(x, fresh)) return;
    const operands = toTensors(c, inputs, options, dtype);
    const out = operands[i]!;
    assertSameBits(c.run(operands, { ...options, out }).data, fresh.data, `${what} into operand ${i}`);
    expect(out.shape).toEqual(fresh.shape);
  });
}

/** Ordinary numbers with the odd one among them: kernels take other paths for vectors that hold one. */
function mixed(c: Case, position: number, dtype: DType, size: number): Nd {
  const random = randomFrom(size * 31 + position);
  const ordinary = drawInputs(c, { shapes: c.operands.map(() => [size]), options: {} }, dtype, size + 100)[position]!;
  if (dtype === "int32") return ordinary;
  const odd = shuffled([NaN, Infinity, -Infinity, 0, -0, Math.fround(1e-40), -1, 1, -2.5, 1e30, 100, -100], random);
  return nd(
    [size],
    ordinary.data.map((x, i) => (random() < 0.3 ? Math.fround(odd[i % odd.length]!) : x)),
  );
}

const elementwise = allCases.filter((c) => c.elementwise).map((c) => [c.name, c] as const);

describe.each(elementwise)("%s", (_, c) => {
  it.each(c.dtypes)("gives an element the same bits wherever it lies: %s", (dtype) => {
    const options: Options = c.scenarios(1).at(-1)!.options;
    for (const size of [3, 7, 37, 131]) {
      scope(() => {
        const inputs = c.operands.map((_operand, i) => mixed(c, i, dtype, size));
        const whole = c.run(
          inputs.map((x) => toTensor(x, dtype)),
          options,
        );
        const single = whole.data.slice();
        for (let i = 0; i < size; i++) {
          scope(() => {
            const one = inputs.map((x) => toTensor(nd([1], [x.data[i]!]), dtype));
            single[i] = c.run(one, options).data[0]!;
          });
        }
        assertSameBits(whole.data, single, `${c.name} ${dtype}, ${size} at once and one by one`);
      });
    }
  });
});

it.each(["float32", "float64"] as const)("scratch memory is large enough for the deepest and widest: %s", (dtype) => {
  scope(() => {
    const { threads } = backend();
    const end = scratchAddress(threads) + threads * Abi.scratchBytes;
    // Whatever lies behind the scratch memory: some tensor, once enough of them are made.
    let behind = guard();
    for (let i = 0; i < 10_000 && behind.data.byteOffset !== end; i++) behind = guard();
    expect(behind.data.byteOffset).toBe(end);
    bytes(behind).fill(SENTINEL);
    const run = (c: Case, shapes: readonly (readonly number[])[], options: Options): void => {
      scope(() => {
        const s = { shapes, options };
        c.run(toTensors(c, drawInputs(c, s, dtype, 1), options, dtype), options);
      });
    };
    for (const { shapes, options } of layouts(130, 1100, 300)) run(cases.matmul, shapes, options);
    for (const name of ["softmax", "logSoftmax", "logSumExp"] as const) run(cases[name], [[2, 9001]], {});
    for (const shape of [[1 << 18], [1 << 14, 17]]) {
      for (const name of ["sum", "max"] as const) run(cases[name], [shape], { axis: 0 });
    }
    expect(bytes(behind).every((byte) => byte === SENTINEL)).toBe(true);
  });
});

it.each(["float32", "float64"] as const)("matmul gives an element the same bits wherever it lies: %s", (dtype) => {
  const c = cases.matmul;
  for (const [m, n, k] of [
    [5, 6, 3],
    [9, 19, 257],
    [66, 7, 300],
  ] as const) {
    scope(() => {
      const shapes = [
        [m, k],
        [k, n],
      ];
      const [a, b] = drawInputs(c, { shapes, options: {} }, dtype, k) as [Nd, Nd];
      const whole = c.run([toTensor(a, dtype), toTensor(b, dtype)], {}).data.slice();
      const alone = whole.slice();
      for (let i = 0; i < m; i++) {
        for (let j = 0; j < n; j++) {
          scope(() => {
            const row = nd([1, k], a.data.slice(i * k, (i + 1) * k));
            const column = nd(
              [k, 1],
              Array.from({ length: k }, (_, l) => b.data[l * n + j]!),
            );
            alone[i * n + j] = c.run([toTensor(row, dtype), toTensor(column, dtype)], {}).data[0]!;
          });
        }
      }
      assertSameBits(whole, alone, `matmul ${dtype} ${m} x ${k} x ${n}, whole and element by element`);
    });
  }
});

it.each(["sum", "mean", "max", "min", "softmax", "logSoftmax", "logSumExp"] as const)(
  "%s gives a row the same bits whatever rows are beside it",
  (name) => {
    const c = cases[name];
    for (const dtype of ["float32", "float64"] as const) {
      for (const size of [1, 5, 33, 2050]) {
        scope(() => {
          const options = { axis: -1, ...(!name.endsWith("oftmax") && { keepDims: true }) };
          const [x] = drawInputs(c, { shapes: [[5, size]], options }, dtype, size) as [Nd];
          const whole = c.run([toTensor(x, dtype)], options);
          const width = whole.size / 5;
          for (let i = 0; i < 5; i++) {
            const row = toTensor(nd([1, size], x.data.slice(i * size, (i + 1) * size)), dtype);
            const part = whole.data.slice(i * width, (i + 1) * width);
            assertSameBits(c.run([row], options).data, part, `${name} ${dtype} of ${size}, row ${i}`);
          }
        });
      }
    }
  },
);

// The tensor: a handle that gives a shape and a dtype to bytes of the linear memory. No arithmetic.
// The reference below puts Symbol.dispose into the package's declarations, for users whose `lib` lacks it.
/// <reference lib="esnext.disposable" preserve="true" />
import { DisposedError, ShapeError, TraceError } from "../errors.js";
import { isStale, viewOf } from "../runtime/memory/views.js";
import type { TensorJSON } from "./data.js";
import { checkKept } from "./donated.js";
import { DTYPE_BYTES, DTYPE_CODES, type DType, type TypedArrayOf } from "./dtype.js";
import { beginLife, currentScope, endLife, liveTensors, unwatch, watch } from "./lifetime.js";
import { type InspectOptions, print } from "./print.js";
import { formatShape, type Shape, sizeOf } from "./shape.js";
import { Storage } from "./storage.js";
import { follow } from "./tape.js";
import { activeTracer } from "./tracer.js";
import type { NestedArray } from "./types.js";

/** The symbol of `using`. Engines without it, such as WebKit, get the one that compilers use in its place. */
const disposeSymbol: typeof Symbol.dispose = Symbol.dispose ?? Symbol.for("Symbol.dispose");

/**
 * An n-dimensional array in wasm memory, with its shape and element type in its TypeScript type.
 *
 * `tensor`, `zeros`, `random.normal` and the ops make tensors. `dispose`, `using` or the enclosing `scope` frees them.
 *
 * @example
 * const x = tensor([[1, 2, 3], [4, 5, 6]]); // Tensor<[2, 3], "float32">
 * x.data[0]; // 1
 * x.dispose();
 */
export class Tensor<S extends Shape = Shape, D extends DType = "float32"> {
  /**
   * @internal The shape for code of the package, which never writes to it. It is not frozen: V8 reads an element of a frozen array by a
   * call of 4 ns, and freezing takes 30 ns. Together that is a tenth of a small product with `out`, a quarter of a fresh one.
   */
  readonly extents: S;
  /** The element type. */
  readonly dtype: D;
  /** The number of elements. */
  readonly size: number;
  /** @internal Later tensors have greater ids. */
  readonly id: number;
  readonly #storage: Storage;
  #shape: S | undefined;
  #view: TypedArrayOf<D> | undefined;
  /** Why the tensor is disposed, if it is. */
  #gone: string | undefined;
  #scope: Set<AnyTensor> | undefined;
  /** @internal Its index in the list of tensors that wait for the registry: see lifetime.ts. */
  place = 0;

  /** @internal `tensor`, `zeros` and the ops make tensors. */
  constructor(shape: S, dtype: D, storage: Storage) {
    this.extents = shape;
    this.dtype = dtype;
    this.size = sizeOf(shape);
    this.id = beginLife();
    this.#storage = storage;
    this.#enter(currentScope());
  }

  /** Sizes of the axes, outermost first; frozen. */
  get shape(): S {
    this.checkOwn("shape");
    // Cast: a copy of a shape is that shape.
    this.#shape ??= Object.freeze(this.extents.slice()) as S;
    return this.#shape;
  }

  /**
   * The elements in row-major order: a live view of the wasm memory, never a copy. Writing to it changes the tensor. Do not keep the view;
   * read `data` again after making tensors. When the memory grows, older views get length 0. Their elements read as undefined, and writes
   * to them are lost without an error. Only methods such as `set` throw.
   * @throws DisposedError for a disposed tensor, TraceError while a function is compiled
   */
  get data(): TypedArrayOf<D> {
    this.assertAlive("data");
    if (this.#storage.isAbstract) {
      throw new TraceError(
        `compile: the ${this.named} tensor has no elements while its function is traced: use where(), or return the tensor and read it outside`,
      );
    }
    if (this.#view === undefined || isStale(this.#view)) {
      // Cast: the code is that of D.
      this.#view = viewOf(DTYPE_CODES[this.dtype], this.#storage.address, this.size) as TypedArrayOf<D>;
    }
    return this.#view;
  }

  /** True after `dispose`, or after the end of the tensor's scope. */
  get isDisposed(): boolean {
    this.checkOwn("isDisposed");
    return this.#gone !== undefined;
  }

  /**
   * The elements as nested JavaScript arrays; a number for a scalar.
   * @throws DisposedError for a disposed tensor, TraceError while a function is compiled
   * @example tensor([[1, 2], [3, 4]]).toArray(); // [[1, 2], [3, 4]]
   */
  toArray(): NestedArray<S> {
    const { data, extents: shape } = this;
    let at = 0;
    const nest = (axis: number): unknown =>
      axis === shape.length ? data[at++] : Array.from({ length: shape[axis]! }, () => nest(axis + 1));
    // Cast: as deep as the shape has axes.
    return nest(0) as NestedArray<S>;
  }

  /**
   * The only element of a tensor of size 1, as a number.
   * @throws ShapeError for any other size, DisposedError for a disposed tensor, TraceError while a function is compiled
   * @example sum(tensor([1, 2, 3])).item(); // 6
   */
  item(): number {
    if (this.size !== 1)
      throw new ShapeError(`item: the tensor has ${this.size} elements: ${formatShape(this.extents)}`);
    return this.data[0]!;
  }

  /**
   * The value for `JSON.stringify`: shape, dtype and flat data, with NaN, infinities and -0 as strings. `tensor` restores every bit.
   * @throws DisposedError for a disposed tensor, TraceError while a function is compiled
   * @example tensor(JSON.parse(JSON.stringify(tensor([1, -0])))).toArray(); // [1, -0]
   */
  toJSON(): TensorJSON<S, D> {
    const { shape, dtype, data } = this;
    const asJSON = (x: number): number | string => (Object.is(x, -0) ? "-0" : Number.isFinite(x) ? x : String(x));
    return { shape, dtype, data: Array.from(data, asJSON) };
  }

  /**
   * A copy with bytes of its own. Gradients pass through.
   * @throws DisposedError for a disposed tensor, OutOfMemoryError if the memory has no room
   * @example tensor([1, 2]).clone().toArray(); // [1, 2]
   */
  clone(): Tensor<S, D> {
    this.assertAlive("clone");
    const tracer = activeTracer();
    const copy = tracer?.copy(this) ?? allocateTensor("clone", this.extents, this.dtype);
    if (tracer === undefined) copy.data.set(this.data);
    follow(copy, this);
    return copy;
  }

  /**
   * Frees the bytes, unless another tensor shares them. A second call does nothing. Throws nothing.
   * @example
   * const x = tensor([1, 2]);
   * x.dispose();
   * x.isDisposed; // true
   */
  dispose(): void {
    this.end("dispose() was called");
  }

  /** @internal Disposes for a reason. Later errors give the reason. */
  end(why: string): void {
    if (this.isDisposed) return;
    this.#gone = why;
    this.#view = undefined;
    endLife();
    this.#leave();
    this.#storage.release();
  }

  /**
   * `using` calls this at the end of the block. Does the same as `dispose`. Throws nothing.
   * @example
   * {
   *   using x = tensor([1, 2]);
   *   x.size; // 2
   * }
   */
  [disposeSymbol](): void {
    this.dispose();
  }

  /**
   * Shape, dtype and elements, in NumPy's layout: in columns, with the fewest digits that tell an element from its neighbours, and at most
   * `precision` of them after the point. Of more than `threshold` elements it shows the first and last three along each axis. The text of
   * a disposed or traced tensor says so instead.
   * @throws TypeError for unknown options, RangeError for a precision other than 0 to 99 or a negative threshold
   * @example tensor([[0.1, 2]]).inspect({ precision: 3 }) === "Tensor(float32 [1, 2]) [[0.1, 2. ]]"; // true
   */
  inspect(options?: InspectOptions): string {
    const isReadable = #gone in this && this.#gone === undefined && !this.#storage.isAbstract;
    return print(this.label, this.extents, this.dtype, isReadable ? this.data : undefined, options);
  }

  /**
   * The same as `inspect()`. Consoles print it, too. Throws nothing.
   * @example String(tensor([0.1, 2])) === "Tensor(float32 [2]) [0.1, 2. ]"; // true
   */
  toString(): string {
    return this.inspect();
  }

  /**
   * The text in templates.
   * @throws TypeError if JavaScript wants a number: for `<`, `==`, `+` and other operators
   * @example `${tensor(2)}` === "Tensor(float32 []) 2."; // true
   */
  [Symbol.toPrimitive](hint: string): string {
    if (hint === "string") return this.toString();
    throw new TypeError("a tensor is not a number: use item(), or ops such as greater and add");
  }

  /** @internal Dtype and shape, for messages. */
  get label(): string {
    const state = !(#gone in this)
      ? ", a Proxy"
      : this.#gone
        ? ", disposed"
        : this.#storage.isAbstract
          ? ", traced: no elements"
          : "";
    return `Tensor(${this.dtype} ${formatShape(this.extents ?? [])}${state})`;
  }

  /** @internal Dtype and shape, for the sentence of a message. */
  get named(): string {
    return `${this.dtype} ${formatShape(this.extents)}`;
  }

  /** @internal The bytes, also of a disposed tensor. */
  get storage(): Storage {
    return this.#storage;
  }

  /** @internal Throws a DisposedError that names the caller and this tensor. */
  assertAlive(op: string): void {
    this.checkOwn(op);
    if (this.#gone !== undefined) throw new DisposedError(`${op}: the ${this.named} tensor is gone: ${this.#gone}`);
    checkKept(op, this);
  }

  /** @internal Throws a TypeError for a Proxy of a tensor, which lacks the private fields. */
  checkOwn(op: string): void {
    if (!(#gone in this)) throw new TypeError(`${op}: ${describeStranger(this)}`);
  }

  /** False for a Proxy of a tensor, unlike JavaScript's own check. Throws nothing. */
  static [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === "object" && value !== null && #gone in value;
  }

  /** @internal Moves this tensor to another scope, or out of all scopes if undefined. */
  moveTo(scope: Set<AnyTensor> | undefined): void {
    this.#leave();
    this.#enter(scope);
  }

  #enter(scope: Set<AnyTensor> | undefined): void {
    this.#scope = scope;
    if (scope) scope.add(this);
    else watch(this);
  }

  #leave(): void {
    if (this.#scope) this.#scope.delete(this);
    else unwatch(this);
  }
}

/** Marks tensors of every copy of this package. `instanceof` knows only those of this copy. */
const BRAND = Symbol.for("simdgrad.tensor");
Object.defineProperties(Tensor.prototype, {
  [BRAND]: { value: true },
  // Vue wraps only objects whose tag is "Object".
  [Symbol.toStringTag]: { value: "Tensor" },
  // Node, Bun and Deno call this. In a structure too deep to print they get the label alone.
  [Symbol.for("nodejs.util.inspect.custom")]: {
    value(this: AnyTensor, depth?: number) {
      return (depth ?? 0) < 0 ? this.label : this.toString();
    },
  },
});

/** True for a tensor of any copy of this package. */
export function isAnyCopysTensor(value: object): boolean {
  return BRAND in value;
}

/** Describes a value that looks like a tensor but is not one of this copy, for messages. */
export function describeStranger(value: object): string {
  return Object.getPrototypeOf(value) === Tensor.prototype
    ? "a Proxy of a tensor; pass the tensor itself"
    : "a tensor of another copy of simdgrad; install and bundle the package once";
}

/** A tensor of any shape and dtype. */
export type AnyTensor = Tensor<Shape, DType>;

/** A new tensor. Its elements are not initialized. */
export function allocateTensor<S extends Shape, D extends DType>(op: string, shape: S, dtype: D): Tensor<S, D> {
  const forWhat = (): string => `${op}: a ${dtype} tensor ${formatShape(shape)} beside ${liveTensors} others`;
  return new Tensor(shape, dtype, Storage.allocate(sizeOf(shape) * DTYPE_BYTES[dtype], forWhat));
}

/** A tensor without elements, for a function that is traced. */
export function abstractTensor<S extends Shape, D extends DType>(shape: S, dtype: D): Tensor<S, D> {
  return new Tensor(shape, dtype, new Storage(undefined));
}

/** A second tensor over the same bytes, in any shape of the same size. */
export function shareTensor<S extends Shape, D extends DType>(x: Tensor<Shape, D>, shape: S): Tensor<S, D> {
  activeTracer()?.reads(x);
  return new Tensor(shape, x.dtype, x.storage.retain());
}

/** A second handle on the same bytes that gradients treat as the same variable. */
export function aliasTensor(x: AnyTensor): AnyTensor {
  const alias = shareTensor(x, x.extents);
  follow(alias, x);
  return alias;
}

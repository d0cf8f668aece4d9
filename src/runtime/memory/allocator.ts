// A coalescing allocator over a growing range of addresses. Must not know wasm or tensors.

/** A run of bytes, linked to its neighbours in memory and, while free, to other blocks of its size class. */
export interface Block {
  readonly address: number;
  /** Bytes, a multiple of the alignment. */
  readonly size: number;
  readonly free: boolean;
}

interface Node extends Block {
  address: number;
  size: number;
  free: boolean;
  lower: Node | undefined;
  upper: Node | undefined;
  previous: Node | undefined;
  next: Node | undefined;
}

/** Size classes per power of two. A block taken from the class above a request wastes at most 1/16. */
const STEPS = 16;

/** The class of a size in units of the alignment. Classes rise with the size. */
function classOf(units: number): number {
  if (units < STEPS) return units;
  const exponent = 31 - Math.clz32(units);
  return (exponent - 3) * STEPS + ((units >>> (exponent - 4)) - STEPS);
}

/**
 * Two-level segregated fit (Masmano, Ripoll, Crespo, Real, "TLSF: a new dynamic memory allocator", ECRTS 2004), with both levels of
 * classes in one list and one bitmap. It finds a good fit, and merges released blocks with free neighbours at once. All bookkeeping is in
 * JavaScript, so the managed memory holds only data.
 *
 * @param start - the first address to hand out, rounded up to the alignment
 * @param end - the present end of the memory
 * @param grow - grows the memory to the given address or beyond and returns its new end, or undefined if that is impossible
 */
export class Allocator {
  /** Bytes handed out and not yet released. */
  used = 0;

  readonly #heads: (Node | undefined)[] = [];
  /** One bit for each class: 1 if its list is not empty. */
  readonly #filled = new Uint32Array(20);
  readonly #grow: (end: number) => number | undefined;
  readonly #alignment: number;
  #last: Node | undefined;
  #end: number;

  constructor(start: number, end: number, grow: (end: number) => number | undefined, alignment = 64) {
    this.#alignment = alignment;
    this.#grow = grow;
    this.#end = this.#roundUp(start);
    this.#extend(end);
  }

  /** The end of the managed range. */
  get end(): number {
    return this.#end;
  }

  /** A block of at least `bytes` bytes. If the memory cannot grow enough, returns undefined and changes nothing. */
  allocate(bytes: number): Block | undefined {
    // Classes count in 32-bit integers, and no address is above 2^32. The negation refuses NaN too.
    if (!(bytes <= 2 ** 32)) return undefined;
    const size = Math.max(this.#roundUp(bytes), this.#alignment);
    const node = this.#find(size) ?? this.#growFor(size);
    if (node === undefined) return undefined;
    this.#unlink(node);
    if (node.size > size) this.#split(node, size);
    node.free = false;
    this.used += node.size;
    return node;
  }

  /** Takes a block back and merges it with its free neighbours. */
  release(block: Block): void {
    // Cast: every block is a node, whose neighbours its owner does not see.
    let node = block as Node;
    if (node.free) throw new Error(`block at ${node.address} released twice`);
    this.used -= node.size;
    node.free = true;
    const { lower, upper } = node;
    if (upper?.free) {
      this.#unlink(upper);
      this.#join(node, upper);
    }
    if (lower?.free) {
      this.#unlink(lower);
      this.#join(lower, node);
      node = lower;
    }
    this.#link(node);
  }

  #roundUp(bytes: number): number {
    return Math.ceil(bytes / this.#alignment) * this.#alignment;
  }

  #classOf(size: number): number {
    return classOf(size / this.#alignment);
  }

  #find(size: number): Node | undefined {
    const first = this.#classOf(size);
    // Blocks of the request's own class may be a little too small.
    for (let node = this.#heads[first]; node !== undefined; node = node.next) {
      if (node.size >= size) return node;
    }
    const above = first + 1;
    for (let word = above >>> 5; word < this.#filled.length; word++) {
      let bits = this.#filled[word] ?? 0;
      if (word === above >>> 5) bits &= -1 << (above & 31);
      if (bits !== 0) return this.#heads[word * 32 + 31 - Math.clz32(bits & -bits)];
    }
    return undefined;
  }

  /** Grows by a quarter if possible, so that growth is rare; otherwise by just the missing bytes. */
  #growFor(size: number): Node | undefined {
    const top = this.#last?.free ? this.#last.size : 0;
    const needed = this.#end + size - top;
    const end = this.#grow(Math.max(needed, Math.ceil(this.#end * 1.25))) ?? this.#grow(needed);
    if (end === undefined || end < needed) return undefined;
    this.#extend(end);
    return this.#last;
  }

  #extend(end: number): void {
    const size = Math.floor((end - this.#end) / this.#alignment) * this.#alignment;
    if (size <= 0) return;
    const node = this.#insert(this.#end, size, this.#last);
    this.#end += size;
    this.used += size;
    this.release(node);
  }

  #split(node: Node, size: number): void {
    const rest = this.#insert(node.address + size, node.size - size, node);
    rest.free = true;
    node.size = size;
    this.#link(rest);
  }

  /** A block behind another one, or the first. */
  #insert(address: number, size: number, lower: Node | undefined): Node {
    const upper = lower?.upper;
    const node = { address, size, free: false, lower, upper, previous: undefined, next: undefined };
    if (lower) lower.upper = node;
    if (upper) upper.lower = node;
    else this.#last = node;
    return node;
  }

  #join(lower: Node, upper: Node): void {
    lower.size += upper.size;
    lower.upper = upper.upper;
    if (upper.upper) upper.upper.lower = lower;
    else this.#last = lower;
  }

  #link(node: Node): void {
    const index = this.#classOf(node.size);
    const head = this.#heads[index];
    node.previous = undefined;
    node.next = head;
    if (head) head.previous = node;
    this.#heads[index] = node;
    this.#filled[index >>> 5]! |= 1 << (index & 31);
  }

  #unlink(node: Node): void {
    const { previous, next } = node;
    if (next) next.previous = previous;
    if (previous) {
      previous.next = next;
      return;
    }
    const index = this.#classOf(node.size);
    this.#heads[index] = next;
    if (!next) this.#filled[index >>> 5]! &= ~(1 << (index & 31));
  }
}

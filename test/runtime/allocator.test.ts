// The allocator against a memory that is only a number: its invariants, in any order of calls.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Allocator, type Block } from "../../src/runtime/memory/allocator.js";
import { settings } from "../support/arbitraries.js";

const ALIGNMENT = 64;

/** A memory that grows in pages up to a limit, and records the requests. */
class FakeMemory {
  readonly asked: number[] = [];
  end: number;
  readonly #limit: number;
  readonly #page: number;

  constructor(end: number, limit = 2 ** 32, page = ALIGNMENT) {
    this.end = end;
    this.#limit = limit;
    this.#page = page;
  }

  readonly grow = (end: number): number | undefined => {
    this.asked.push(end);
    const grown = Math.ceil(end / this.#page) * this.#page;
    if (grown > this.#limit) return undefined;
    this.end = Math.max(this.end, grown);
    return this.end;
  };
}

function make(start: number, end: number, limit?: number): { allocator: Allocator; memory: FakeMemory } {
  const memory = new FakeMemory(end, limit);
  return { allocator: new Allocator(start, end, memory.grow), memory };
}

function take(allocator: Allocator, bytes: number): Block {
  const block = allocator.allocate(bytes);
  expect(block, `${bytes} bytes`).toBeDefined();
  return block!;
}

/** Expects that everything from `start` to the end is one free block again. */
function expectWhole(allocator: Allocator, memory: FakeMemory, start: number): void {
  expect(allocator.used).toBe(0);
  const growths = memory.asked.length;
  const whole = take(allocator, allocator.end - start);
  expect([whole.address, whole.size]).toEqual([start, allocator.end - start]);
  expect(memory.asked.length).toBe(growths);
  allocator.release(whole);
}

function permutations(items: readonly number[]): number[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item) => permutations(items.filter((other) => other !== item)).map((rest) => [item, ...rest]));
}

describe("blocks", () => {
  test("are aligned, as large as asked for, and not larger than the alignment makes them", () => {
    const { allocator } = make(1000, 1 << 20);
    for (const bytes of [0, 1, 63, 64, 65, 127, 128, 1000, 4096, 4097]) {
      const block = take(allocator, bytes);
      expect(block.address % ALIGNMENT).toBe(0);
      expect(block.address).toBeGreaterThanOrEqual(1000);
      expect(block.size).toBe(Math.max(ALIGNMENT, Math.ceil(bytes / ALIGNMENT) * ALIGNMENT));
    }
  });

  test("take another alignment", () => {
    const allocator = new Allocator(1, 4096, () => undefined, 16);
    expect(take(allocator, 1)).toMatchObject({ address: 16, size: 16 });
    expect(take(allocator, 17)).toMatchObject({ address: 32, size: 32 });
  });

  test("are handed out again after their release, without growth", () => {
    const { allocator, memory } = make(0, 1 << 16);
    const first = take(allocator, 1000);
    const second = take(allocator, 2000);
    take(allocator, 3000);
    const { address } = second;
    allocator.release(second);
    expect(take(allocator, 2000).address).toBe(address);
    allocator.release(first);
    for (let i = 0; i < 10_000; i++) allocator.release(take(allocator, 1 + (i % 1000)));
    expect(memory.asked).toEqual([]);
  });

  test("join their free neighbours, in any order of release", () => {
    for (const order of permutations([0, 1, 2, 3, 4])) {
      const { allocator, memory } = make(0, 1 << 14);
      const blocks = [64, 640, 128, 2048, 192].map((bytes) => take(allocator, bytes));
      for (const i of order) allocator.release(blocks[i]!);
      expectWhole(allocator, memory, 0);
    }
  });

  test("are refused a second release", () => {
    const { allocator } = make(0, 1 << 14);
    const [a, b, c] = [take(allocator, 64), take(allocator, 64), take(allocator, 64)];
    allocator.release(b!);
    expect(() => allocator.release(b!)).toThrow(/released twice/);
    // Merged into its neighbour it is still known as free.
    allocator.release(a!);
    expect(() => allocator.release(b!)).toThrow(/released twice/);
    expect(() => allocator.release(a!)).toThrow(/released twice/);
    expect(allocator.used).toBe(c!.size);
  });
});

describe("growth", () => {
  test("is by a quarter where less is needed", () => {
    const { allocator, memory } = make(0, 64_000);
    take(allocator, 64_000);
    take(allocator, 64);
    expect(memory.asked).toEqual([80_000]);
    expect(allocator.end).toBe(80_000);
  });

  test("is by the missing bytes if they are more than a quarter, after the free bytes at the end", () => {
    const { allocator, memory } = make(0, 64_000);
    take(allocator, 32_000);
    const block = take(allocator, 640_000);
    expect(memory.asked).toEqual([672_000]);
    expect(block.address).toBe(32_000);
  });

  test("falls back to the missing bytes if a quarter is refused", () => {
    const { allocator, memory } = make(0, 64_000, 64_640);
    take(allocator, 64_000);
    expect(take(allocator, 640)).toMatchObject({ address: 64_000, size: 640 });
    expect(memory.asked).toEqual([80_000, 64_640]);
    expect(allocator.allocate(1)).toBeUndefined();
  });

  test("that is refused changes nothing", () => {
    const steps = (allocator: Allocator, refused: boolean): (number | undefined)[] => {
      const blocks = [100, 2000, 300, 4000].map((bytes) => take(allocator, bytes));
      const tryLarge = (): void => {
        if (refused) expect(allocator.allocate(1 << 20)).toBeUndefined();
      };
      tryLarge();
      allocator.release(blocks[1]!);
      tryLarge();
      const next = [500, 700, 2000, 64].map((bytes) => allocator.allocate(bytes)?.address);
      tryLarge();
      return [...next, allocator.used, allocator.end];
    };
    const limited = (): Allocator => make(0, 1 << 14, 1 << 15).allocator;
    expect(steps(limited(), true)).toEqual(steps(limited(), false));
  });

  test("ends at 2^32: addresses above 2^31 are good ones", () => {
    const start = 2 ** 31 - 4096;
    const { allocator, memory } = make(start, 2 ** 31);
    const blocks = [4096, 2 ** 30, 2 ** 30 - ALIGNMENT, ALIGNMENT].map((bytes) => take(allocator, bytes));
    expect(blocks.map(({ address }) => address)).toEqual([start, 2 ** 31, 3 * 2 ** 30, 2 ** 32 - ALIGNMENT]);
    expect(allocator.end).toBe(2 ** 32);
    expect(allocator.allocate(1)).toBeUndefined();
    for (const block of blocks.reverse()) allocator.release(block);
    expectWhole(allocator, memory, start);
  });

  test("is refused for requests beyond any address, whatever their low bits", () => {
    const { allocator } = make(0, 1 << 20);
    for (const bytes of [2 ** 32 + 64, 2 ** 38 + 64_000, 2 ** 40 + 64, 2 ** 52, 2 ** 63, Number.MAX_VALUE, Infinity]) {
      expect(allocator.allocate(bytes), `${bytes} bytes`).toBeUndefined();
    }
    expect(allocator.used).toBe(0);
  });
});

/** What the allocator handed out, as a model that any two blocks can be held against. */
interface Model {
  readonly live: { readonly block: Block; readonly address: number; readonly size: number }[];
}

interface Real {
  readonly allocator: Allocator;
  readonly memory: FakeMemory;
}

const START = 100;
const FIRST = 128;

function checkInvariants({ live }: Model, { allocator, memory }: Real): void {
  const problems: string[] = [];
  let end = FIRST;
  for (const { block, address, size } of live.slice().sort((a, b) => a.address - b.address)) {
    if (block.free || block.address !== address || block.size !== size) problems.push(`block at ${address} changed`);
    if (address % ALIGNMENT !== 0) problems.push(`${address} is not aligned`);
    if (address < end) problems.push(`${address} lies below ${end}, the end of the block before`);
    end = address + size;
  }
  if (end > allocator.end || allocator.end > memory.end) problems.push(`${end}, ${allocator.end}, ${memory.end}`);
  if (allocator.used !== live.reduce((sum, { size }) => sum + size, 0)) problems.push(`used: ${allocator.used}`);
  expect(problems).toEqual([]);
}

class Allocate implements fc.Command<Model, Real> {
  readonly #bytes: number;

  constructor(bytes: number) {
    this.#bytes = bytes;
  }

  check(): boolean {
    return true;
  }

  run(model: Model, real: Real): void {
    const { used, end } = real.allocator;
    const block = real.allocator.allocate(this.#bytes);
    if (block === undefined) {
      expect([real.allocator.used, real.allocator.end]).toEqual([used, end]);
    } else {
      expect(block.size).toBeGreaterThanOrEqual(this.#bytes);
      model.live.push({ block, address: block.address, size: block.size });
    }
    checkInvariants(model, real);
  }

  toString(): string {
    return `allocate(${this.#bytes})`;
  }
}

class Release implements fc.Command<Model, Real> {
  readonly #choice: number;

  constructor(choice: number) {
    this.#choice = choice;
  }

  check({ live }: Model): boolean {
    return live.length > 0;
  }

  run(model: Model, real: Real): void {
    const [{ block }] = model.live.splice(this.#choice % model.live.length, 1) as [Model["live"][number]];
    real.allocator.release(block);
    checkInvariants(model, real);
  }

  toString(): string {
    return `release(${this.#choice})`;
  }
}

test("any calls: live blocks never overlap, and releasing all leaves one free block", () => {
  const bytes = fc.oneof(fc.nat(1000), fc.nat(20_000), fc.nat(300_000));
  const calls = fc.commands([bytes.map((n) => new Allocate(n)), fc.nat().map((n) => new Release(n))], {
    maxCommands: 150,
    size: "max",
  });
  fc.assert(
    fc.property(calls, (commands) => {
      const setup = (): { model: Model; real: Real } => ({
        model: { live: [] },
        real: make(START, 1 << 16, 1 << 20),
      });
      let state: { model: Model; real: Real } | undefined;
      fc.modelRun(() => {
        state = setup();
        return state;
      }, commands);
      const { model, real } = state!;
      for (const { block } of model.live) real.allocator.release(block);
      expectWhole(real.allocator, real.memory, FIRST);
    }),
    settings(60),
  );
});

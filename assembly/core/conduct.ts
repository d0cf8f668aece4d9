// Runs one program on many threads: the main one conducts, the others help. Must not know what is computed. It is the second entry of the
// threaded binaries.
//
// The conductor publishes an instruction in one 64-bit word: its address and the number of shares not yet taken. Each free thread takes
// shares by compare-and-swap, including the conductor, which goes on when all are done. A late, descheduled or ended worker takes no share,
// and no thread waits for it. The bits of a share depend only on its number, so results do not depend on who computes it.
import { Abi, Control, Field } from "../abi";
import { Nest } from "./nest";
import { run } from "./interpreter";

/**
 * How often a thread looks before it sleeps: about 40 us, a few times the time to wake it, and longer than most pauses between two large
 * instructions.
 */
const SPINS: i32 = 10000;

/** How long the conductor sleeps before its caller looks at the clock, in nanoseconds. */
const NAP: i64 = 100000000;

/** Runs shares until none is left. Returns their number. */
function takeShares(control: usize): u32 {
  let taken: u32 = 0;
  let state = atomic.load<u64>(control, Control.state);
  while (state & 255) {
    // If the word is unchanged, the share is free, however long this thread has slept.
    if (atomic.cmpxchg<u64>(control, state, state - 1, Control.state) == state) {
      run(<usize>(state >> 32), 1, (<u32>state & 255) - 1, (<u32>state >> 8) & 255);
      taken++;
    }
    state = atomic.load<u64>(control, Control.state);
  }
  return taken;
}

// ---- the main thread ----

/** True if all workers sleep. Waking one takes the main thread about 8 us. */
function allSleep(control: usize): bool {
  return atomic.load<u32>(control, Control.sleepers) == load<u32>(control, Control.workers);
}

/**
 * If instructions are worth a helper but too short to wake one, every one of this many wakes one all the same. The helpers then serve the
 * following instructions. If none follows, this costs 0.5 us for each instruction.
 */
function isDue(control: usize): bool {
  const alone = load<u32>(control, Control.alone) + 1;
  store<u32>(control, alone, Control.alone);
  return alone % 16 == 0;
}

/** Publishes an instruction and works on it until no share is left. Workers may still run theirs. */
function share(instruction: usize, shares: u32, wakes: bool, control: usize): void {
  const done = atomic.load<u32>(control, Control.done);
  atomic.store<u64>(control, ((<u64>instruction) << 32) | ((<u64>shares) << 8) | (shares - 1), Control.state);
  if (wakes && atomic.load<u32>(control, Control.sleepers)) atomic.notify(control + Control.state, shares - 1);
  // The last share is always the conductor's: the same part of every instruction, still in its caches.
  run(instruction, 1, shares - 1, shares);
  store<u32>(control, done + shares - 1 - takeShares(control), Control.expected);
}

/** Waits for the workers' shares of the current instruction. If that takes long, returns false and must be called again. */
export function join(control: usize): bool {
  const expected = load<u32>(control, Control.expected);
  for (let spins = SPINS; spins > 0; spins--) {
    if (atomic.load<u32>(control, Control.done) == expected) return true;
  }
  if (load<u32>(control, Control.maySleep) == 0) return false;
  atomic.store<u32>(control, 1, Control.waiting);
  let done = atomic.load<u32>(control, Control.done);
  while (done != expected) {
    const timedOut = atomic.wait<i32>(control + Control.done, done, NAP) == 2;
    done = atomic.load<u32>(control, Control.done);
    if (timedOut) break;
  }
  atomic.store<u32>(control, 0, Control.waiting);
  return done == expected;
}

/**
 * Runs `count` instructions from `program` on, one after the other, each divided into its `shares`. Returns 0 when all are done; otherwise
 * the number of unfinished ones. The first of them waits for a worker: `join` it, then conduct the rest.
 */
export function conduct(program: usize, count: u32, control: usize): u32 {
  for (; count > 0; count--) {
    const field = <u32>Nest.field(program, Field.shares);
    const shares = field & 255;
    const asleep = shares > 1 && allSleep(control);
    const wakes = (field & Abi.worthWaking) != 0 || (asleep && isDue(control));
    if (shares == 1 || (asleep && !wakes)) {
      run(program, 1, 0, 1);
    } else {
      share(program, shares, wakes, control);
      if (!join(control)) return count;
    }
    program += Abi.instructionBytes;
  }
  return 0;
}

// ---- a worker ----

/** Sleeps until the state changes, unless there are shares to take. */
function sleep(control: usize): void {
  atomic.add<u32>(control, 1, Control.sleepers);
  const state = atomic.load<u64>(control, Control.state);
  if (!(state & 255)) atomic.wait<i64>(control + Control.state, state, -1);
  atomic.sub<u32>(control, 1, Control.sleepers);
}

/** The whole life of worker `index`, until it is terminated. */
export function serve(control: usize, index: usize): void {
  atomic.store<u8>(control + index, 1, Control.ready);
  let spins = SPINS;
  for (;;) {
    const taken = takeShares(control);
    if (taken) {
      atomic.add<u32>(control, taken, Control.done);
      if (atomic.load<u32>(control, Control.waiting)) atomic.notify(control + Control.done, 1);
      spins = SPINS;
    } else if (--spins == 0) {
      sleep(control);
      spins = SPINS;
    }
  }
}

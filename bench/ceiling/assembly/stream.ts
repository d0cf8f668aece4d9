// Arrays read and written as fast as loads and stores go, one xor a vector beside them. Must not know what is held
// against it, nor what the bytes mean.

/** Which arrays a kernel reads, whether it writes one, and how many vectors it moves a round. */
@final
@unmanaged
class Read<Width> {
  @inline reads(): i32 {
    return 1;
  }
  @inline writes(): bool {
    return false;
  }
  @inline wide(): bool {
    return changetype<Width>(0).wide();
  }
}

@final
@unmanaged
class Write<Reads, Width> {
  @inline reads(): i32 {
    return changetype<Reads>(0).reads();
  }
  @inline writes(): bool {
    return true;
  }
  @inline wide(): bool {
    return changetype<Width>(0).wide();
  }
}

@final
@unmanaged
class None {
  @inline reads(): i32 {
    return 0;
  }
}

@final
@unmanaged
class One {
  @inline reads(): i32 {
    return 1;
  }
}

@final
@unmanaged
class Two {
  @inline reads(): i32 {
    return 2;
  }
}

@final
@unmanaged
class Three {
  @inline reads(): i32 {
    return 3;
  }
}

@final
@unmanaged
class Four {
  @inline wide(): bool {
    return false;
  }
}

@final
@unmanaged
class Eight {
  @inline wide(): bool {
    return true;
  }
}

/**
 * out[i] = a[i] ^ b[i] ^ c[i] ^ key, as many of them as P reads, or no more than the xor of a where P writes nothing;
 * `times` over. `bytes` is a multiple of 128. The key lies at `scratch`, where the result of reading is left.
 */
function run<P>(scratch: usize, out: usize, a: usize, b: usize, c: usize, bytes: usize, times: usize): void {
  const pattern = changetype<P>(0);
  const round: usize = pattern.wide() ? 128 : 64;
  const key = v128.load(scratch);
  let x0 = key;
  let x1 = key;
  let x2 = key;
  let x3 = key;
  let x4 = key;
  let x5 = key;
  let x6 = key;
  let x7 = key;
  for (; times > 0; times--) {
    let p = a;
    let q = b;
    let r = c;
    let to = out;
    const end = a + bytes;
    do {
      if (pattern.reads() > 0) {
        // What is only read is joined to what was read before, in as many chains as there are vectors a round.
        x0 = v128.xor(pattern.writes() ? key : x0, v128.load(p));
        x1 = v128.xor(pattern.writes() ? key : x1, v128.load(p, 16));
        x2 = v128.xor(pattern.writes() ? key : x2, v128.load(p, 32));
        x3 = v128.xor(pattern.writes() ? key : x3, v128.load(p, 48));
        if (pattern.wide()) {
          x4 = v128.xor(pattern.writes() ? key : x4, v128.load(p, 64));
          x5 = v128.xor(pattern.writes() ? key : x5, v128.load(p, 80));
          x6 = v128.xor(pattern.writes() ? key : x6, v128.load(p, 96));
          x7 = v128.xor(pattern.writes() ? key : x7, v128.load(p, 112));
        }
      }
      p += round;
      if (pattern.reads() > 1) {
        x0 = v128.xor(x0, v128.load(q));
        x1 = v128.xor(x1, v128.load(q, 16));
        x2 = v128.xor(x2, v128.load(q, 32));
        x3 = v128.xor(x3, v128.load(q, 48));
        if (pattern.wide()) {
          x4 = v128.xor(x4, v128.load(q, 64));
          x5 = v128.xor(x5, v128.load(q, 80));
          x6 = v128.xor(x6, v128.load(q, 96));
          x7 = v128.xor(x7, v128.load(q, 112));
        }
        q += round;
      }
      if (pattern.reads() > 2) {
        x0 = v128.xor(x0, v128.load(r));
        x1 = v128.xor(x1, v128.load(r, 16));
        x2 = v128.xor(x2, v128.load(r, 32));
        x3 = v128.xor(x3, v128.load(r, 48));
        if (pattern.wide()) {
          x4 = v128.xor(x4, v128.load(r, 64));
          x5 = v128.xor(x5, v128.load(r, 80));
          x6 = v128.xor(x6, v128.load(r, 96));
          x7 = v128.xor(x7, v128.load(r, 112));
        }
        r += round;
      }
      if (pattern.writes()) {
        v128.store(to, x0);
        v128.store(to, x1, 16);
        v128.store(to, x2, 32);
        v128.store(to, x3, 48);
        if (pattern.wide()) {
          v128.store(to, x4, 64);
          v128.store(to, x5, 80);
          v128.store(to, x6, 96);
          v128.store(to, x7, 112);
        }
        to += round;
      }
    } while (p < end);
  }
  if (!pattern.writes()) {
    const low = v128.xor(v128.xor(x0, x1), v128.xor(x2, x3));
    v128.store(scratch, v128.xor(low, v128.xor(v128.xor(x4, x5), v128.xor(x6, x7))));
  }
}

@final
@unmanaged
class Update {
  /** Four vectors in place. */
  @inline static four(at: usize, x0: v128, x1: v128, x2: v128, x3: v128): void {
    v128.store(at, v128.xor(v128.load(at), x0));
    v128.store(at, v128.xor(v128.load(at, 16), x1), 16);
    v128.store(at, v128.xor(v128.load(at, 32), x2), 32);
    v128.store(at, v128.xor(v128.load(at, 48), x3), 48);
  }
}

/** a[i], b[i] and c[i] ^= by[i]; `times` over. `bytes` is a multiple of 128. */
function update<Width>(by: usize, a: usize, b: usize, c: usize, bytes: usize, times: usize): void {
  const wide = changetype<Width>(0).wide();
  for (; times > 0; times--) {
    for (let i: usize = 0; i < bytes; i += wide ? 128 : 64) {
      const x0 = v128.load(by + i);
      const x1 = v128.load(by + i, 16);
      const x2 = v128.load(by + i, 32);
      const x3 = v128.load(by + i, 48);
      Update.four(a + i, x0, x1, x2, x3);
      Update.four(b + i, x0, x1, x2, x3);
      Update.four(c + i, x0, x1, x2, x3);
      if (wide) {
        const x4 = v128.load(by + i, 64);
        const x5 = v128.load(by + i, 80);
        const x6 = v128.load(by + i, 96);
        const x7 = v128.load(by + i, 112);
        Update.four(a + i + 64, x4, x5, x6, x7);
        Update.four(b + i + 64, x4, x5, x6, x7);
        Update.four(c + i + 64, x4, x5, x6, x7);
      }
    }
  }
}

export function read1x4(scratch: usize, out: usize, a: usize, b: usize, c: usize, bytes: usize, times: usize): void {
  run<Read<Four>>(scratch, out, a, b, c, bytes, times);
}

export function read1x8(scratch: usize, out: usize, a: usize, b: usize, c: usize, bytes: usize, times: usize): void {
  run<Read<Eight>>(scratch, out, a, b, c, bytes, times);
}

export function write1x4(scratch: usize, out: usize, a: usize, b: usize, c: usize, bytes: usize, times: usize): void {
  run<Write<None, Four>>(scratch, out, a, b, c, bytes, times);
}

export function write1x8(scratch: usize, out: usize, a: usize, b: usize, c: usize, bytes: usize, times: usize): void {
  run<Write<None, Eight>>(scratch, out, a, b, c, bytes, times);
}

export function read1write1x4(
  scratch: usize,
  out: usize,
  a: usize,
  b: usize,
  c: usize,
  bytes: usize,
  times: usize,
): void {
  run<Write<One, Four>>(scratch, out, a, b, c, bytes, times);
}

export function read1write1x8(
  scratch: usize,
  out: usize,
  a: usize,
  b: usize,
  c: usize,
  bytes: usize,
  times: usize,
): void {
  run<Write<One, Eight>>(scratch, out, a, b, c, bytes, times);
}

export function read2write1x4(
  scratch: usize,
  out: usize,
  a: usize,
  b: usize,
  c: usize,
  bytes: usize,
  times: usize,
): void {
  run<Write<Two, Four>>(scratch, out, a, b, c, bytes, times);
}

export function read2write1x8(
  scratch: usize,
  out: usize,
  a: usize,
  b: usize,
  c: usize,
  bytes: usize,
  times: usize,
): void {
  run<Write<Two, Eight>>(scratch, out, a, b, c, bytes, times);
}

export function read3write1x4(
  scratch: usize,
  out: usize,
  a: usize,
  b: usize,
  c: usize,
  bytes: usize,
  times: usize,
): void {
  run<Write<Three, Four>>(scratch, out, a, b, c, bytes, times);
}

export function read3write1x8(
  scratch: usize,
  out: usize,
  a: usize,
  b: usize,
  c: usize,
  bytes: usize,
  times: usize,
): void {
  run<Write<Three, Eight>>(scratch, out, a, b, c, bytes, times);
}

export function read4write3x4(
  scratch: usize,
  by: usize,
  a: usize,
  b: usize,
  c: usize,
  bytes: usize,
  times: usize,
): void {
  update<Four>(by, a, b, c, bytes, times);
}

export function read4write3x8(
  scratch: usize,
  by: usize,
  a: usize,
  b: usize,
  c: usize,
  bytes: usize,
  times: usize,
): void {
  update<Eight>(by, a, b, c, bytes, times);
}

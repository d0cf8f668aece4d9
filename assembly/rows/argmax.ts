// The index of the greatest value along the middle axis of [outer, count, inner]. Must not know axes or shapes.
import { Field } from "../abi";
import { Lanes } from "../core/lanes";
import { Nest, Share } from "../core/nest";

/**
 * The first index of the greatest value as int32; NaN counts as the greatest. Vectors run across `inner`. Each lane keeps its best value
 * and that value's index.
 */
@final
@unmanaged
export class ArgMax {
  run<T>(instruction: usize, thread: usize, threads: usize): void {
    const lanes = Lanes.count<T>();
    const a = Nest.field(instruction, Field.a);
    const out = Nest.field(instruction, Field.out);
    const count = Nest.field(instruction, Field.n);
    const inner = Nest.field(instruction, Field.k);
    const outer = Nest.field(instruction, Field.m);
    const end = Share.begin(outer, 1, thread + 1, threads);
    for (let o = Share.begin(outer, 1, thread, threads); o < end; o++) {
      for (let i: usize = 0; i < inner; i += lanes) {
        let p = a + (o * count * inner + i) * sizeof<T>();
        let best = v128.load(p);
        let index = i64x2.splat(0);
        for (let r: usize = 1; r < count; r++) {
          p += inner * sizeof<T>();
          const x = v128.load(p);
          // x beats best unless best >= x or best is NaN already; a NaN x beats every number.
          const keep = v128.or(v128.ge<T>(best, x), v128.ne<T>(best, best));
          best = v128.bitselect(best, x, keep);
          index = v128.bitselect(index, sizeof<T>() == 8 ? i64x2.splat(<i64>r) : i32x4.splat(<i32>r), keep);
        }
        const to = out + (o * inner + i) * 4;
        if (sizeof<T>() == 8) index = v128.shuffle<u32>(index, index, 0, 2, 0, 2);
        const left = inner - i;
        if (left >= lanes && sizeof<T>() == 4) v128.store(to, index);
        else Lanes.store<f32>(to, index, min(left, lanes));
      }
    }
  }
}

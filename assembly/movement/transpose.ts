// Transposes panels of a few rows, 16 bytes at a time, to pack matmul operands and transpose tensors. Must not know either.
import { Lanes } from "../core/lanes";

@final
@unmanaged
export class Panel {
  /**
   * dst[k * dstStride + w] = src[w * srcStride + k] for k < depth and w < width, width = vectors * lanes; strides in bytes.
   * Reads whole vectors (up to 16 bytes past a row's end); writes exactly depth * width elements.
   * `srcRows` < width repeats the last row, so that nothing is read beyond the matrix.
   */
  static turn<T>(
    dst: usize,
    dstStride: usize,
    src: usize,
    srcStride: usize,
    srcRows: usize,
    depth: usize,
    vectors: usize,
  ): void {
    const lanes = Lanes.count<T>();
    for (let v: usize = 0; v < vectors; v++) {
      const first = v * lanes;
      const last = srcRows - 1;
      const r0 = src + min(first, last) * srcStride;
      const r1 = src + min(first + 1, last) * srcStride;
      let to = dst + v * 16;
      if (sizeof<T>() == 8) {
        for (let k: usize = 0; k < depth; k += 2) {
          const x0 = v128.load(r0 + k * 8);
          const x1 = v128.load(r1 + k * 8);
          v128.store(to, v128.shuffle<u64>(x0, x1, 0, 2));
          if (k + 1 < depth) v128.store(to + dstStride, v128.shuffle<u64>(x0, x1, 1, 3));
          to += 2 * dstStride;
        }
      } else {
        const r2 = src + min(first + 2, last) * srcStride;
        const r3 = src + min(first + 3, last) * srcStride;
        for (let k: usize = 0; k < depth; k += 4) {
          const x0 = v128.load(r0 + k * 4);
          const x1 = v128.load(r1 + k * 4);
          const x2 = v128.load(r2 + k * 4);
          const x3 = v128.load(r3 + k * 4);
          const low01 = v128.shuffle<u32>(x0, x1, 0, 4, 1, 5);
          const low23 = v128.shuffle<u32>(x2, x3, 0, 4, 1, 5);
          const high01 = v128.shuffle<u32>(x0, x1, 2, 6, 3, 7);
          const high23 = v128.shuffle<u32>(x2, x3, 2, 6, 3, 7);
          v128.store(to, v128.shuffle<u64>(low01, low23, 0, 2));
          if (k + 1 < depth) v128.store(to + dstStride, v128.shuffle<u64>(low01, low23, 1, 3));
          if (k + 2 < depth) v128.store(to + 2 * dstStride, v128.shuffle<u64>(high01, high23, 0, 2));
          if (k + 3 < depth) v128.store(to + 3 * dstStride, v128.shuffle<u64>(high01, high23, 1, 3));
          to += 4 * dstStride;
        }
      }
    }
  }

  /**
   * dst[k * width + w] = src[k * srcStride + w], width = vectors * lanes; the stride in bytes. Reads whole vectors, so up
   * to one panel's width past a row's end.
   */
  static copy(dst: usize, src: usize, srcStride: usize, depth: usize, vectors: usize): void {
    if (vectors == 2) {
      for (; depth > 0; depth--) {
        v128.store(dst, v128.load(src));
        v128.store(dst, v128.load(src, 16), 16);
        src += srcStride;
        dst += 32;
      }
    } else {
      for (; depth > 0; depth--) {
        v128.store(dst, v128.load(src));
        src += srcStride;
        dst += 16;
      }
    }
  }
}

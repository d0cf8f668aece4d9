// Loads the handwritten digits of the UCI Machine Learning Repository from CSV. Knows nothing of training.

import { parseTable } from "./csv.js";
import { DataError } from "./errors.js";
import { readBytes } from "./file.js";

const PIXELS = 64;

export interface Digits {
  readonly rows: number;
  /** [rows x 64]: 8x8 images, row by row, ink from 0 to 16. */
  readonly images: Float64Array;
  /** [rows]: which digit it is, 0..9. */
  readonly labels: Int32Array;
}

/**
 * Loads rows of 64 pixels (0..16) and a class (0..9), with or without a header line.
 *
 * @throws {DataError} naming file and line, if it cannot be read or holds anything else
 */
export function loadDigits(path: string): Digits {
  const { rows, cols, values, place } = parseTable(readBytes(path), path);
  if (cols !== PIXELS + 1) throw new DataError(`${path}: ${cols} columns, expected 65 (64 pixels and a class)`);
  const images = new Float64Array(rows * PIXELS);
  const labels = new Int32Array(rows);
  for (let row = 0; row < rows; row++) {
    for (let col = 0; col < cols; col++) {
      const value = values[row * cols + col] as number;
      if (col < PIXELS) {
        if (value < 0 || value > 16) throw new DataError(`${place(row, col)}: ${value} is not a pixel in 0..16`);
        images[row * PIXELS + col] = value;
      } else {
        if (!Number.isInteger(value) || value < 0 || value > 9) {
          throw new DataError(`${place(row, col)}: ${value} is not a digit 0..9`);
        }
        labels[row] = value;
      }
    }
  }
  return { rows, images, labels };
}

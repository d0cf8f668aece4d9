// The memory that compiled programs need only while they run. One arena serves all, because no two run at once. Must not know programs.
import type { Block } from "./allocator.js";
import { allocate, countForPrograms, release } from "./memory.js";

/** The bytes each program needs. */
const needs: number[] = [];
let block: Block | undefined;

/** Makes the arena as large as the largest need. Its content is lost. */
function resize(): void {
  const bytes = needs.reduce((most, need) => Math.max(most, need), 0);
  if (bytes === (block?.size ?? 0)) return;
  if (block !== undefined) {
    countForPrograms(-block.size);
    release(block);
    block = undefined;
  }
  if (bytes === 0) return;
  block = allocate(bytes, () => "compile: the arena");
  countForPrograms(block.size);
}

/**
 * Makes room for a program that needs this many bytes, a multiple of the allocator's alignment. The arena may move.
 * @returns a function that gives the room back
 * @throws OutOfMemoryError; the arena then serves the other programs as before
 */
export function useArena(bytes: number): () => void {
  const end = (): void => {
    needs.splice(needs.indexOf(bytes), 1);
    resize();
  };
  needs.push(bytes);
  try {
    resize();
  } catch (error) {
    end();
    throw error;
  }
  return end;
}

/** The present address of the arena. */
export function arenaAddress(): number {
  return block?.address ?? 0;
}

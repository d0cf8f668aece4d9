// The interpreter: runs a list of instructions, each thread its share of every one. Must not know ops: the op table gives the kernel of
// an opcode.
import { Abi, Field } from "../abi";
import { Elementwise } from "../elementwise/elementwise";
import { FirstOp } from "../ops.generated";
import { runWhole } from "./kernels.generated";
import { Nest } from "./nest";

/**
 * Runs `count` instructions from `program` on, as thread t of n. All threads call it with the same program. Shares never overlap, and
 * depend only on the instruction and n.
 */
export function run(program: usize, count: u32, t: u32, n: u32): void {
  for (let i = program, end = program + count * Abi.instructionBytes; i < end; i += Abi.instructionBytes) {
    const op = <i32>Nest.field(i, Field.op);
    if (op < FirstOp.whole) Elementwise.run(i, t, n);
    else runWhole(op, <i32>Nest.field(i, Field.dtype), i, t, n);
  }
}

// scripts/shrink.mjs: functions compute the same after it. Hand-written pitfalls and random programs. Must not know kernels.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import wabt from "wabt";
import { root } from "../support/sources.js";

const { shrink } = (await import(new URL("scripts/shrink.mjs", root).href)) as { shrink(text: string): string };
const { parseWat } = await wabt();

const INPUTS = [
  [0, 0],
  [1, 2],
  [3, -1],
  [-7, 5],
  [100, 3],
] as const;

/** A module as asc prints one: f of $0 and $1, both i32, with some locals, zero at first; and functions beside it. */
function moduleOf(body: string, beside = ""): string {
  return `(module
 (memory $0 1)
 (data $0 (i32.const 8) "\\05\\00\\00\\00\\07\\00\\00\\00")
 (export "f" (func $f))
 (func $f (param $0 i32) (param $1 i32) (result i32)
  (local $a i32)
  (local $"b|<x,y>" i32)
  (local $fuel i32)
  (local $v v128)
  (local $w v128)
${body}
 )
${beside})
`;
}

function resultsOf(text: string): number[] {
  const features = { simd: true };
  const module = parseWat("test.wat", text.replaceAll(/\$"b\|<x,y>"/g, "$b"), features);
  const { buffer } = module.toBinary({});
  module.destroy();
  const { f } = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(buffer))).exports;
  return INPUTS.map((input) => (f as (...args: readonly number[]) => number)(...input));
}

function expectSame(text: string): void {
  expect(resultsOf(shrink(text))).toEqual(resultsOf(text));
}

/** Instructions on one line, as they are easier to read. */
const lines = (text: string): string => text.trim().replaceAll(/\s*[;\n]\s*/g, "\n");

describe("by hand", () => {
  test.each<[string, string]>([
    ["locals read before any write", "local.get $a; local.get $1; local.set $a; local.get $a; i32.add"],
    [
      "a local that is written on one way only",
      "local.get $0; if; local.get $1; local.set $a; end; i32.const 9; local.set $fuel; local.get $a; local.get $fuel; i32.add",
    ],
    [
      "a parameter that is another value from some point on",
      `local.get $0; local.get $1; local.set $0; local.get $0; i32.const 5; local.set $1; local.get $1; i32.add; i32.sub`,
    ],
    [
      "a parameter that is written in a loop, and read at its next round",
      `i32.const 4; local.set $fuel
       loop $l
       local.get $a; local.get $0; i32.add; local.set $a
       local.get $0; local.get $1; i32.mul; local.set $0
       local.get $fuel; i32.const 1; i32.sub; local.tee $fuel; br_if $l
       end
       local.get $a`,
    ],
    [
      "a value that is zero in the first round only",
      `i32.const 3; local.set $fuel
       loop $l
       local.get $a; i32.const 7; i32.add; local.get $0; i32.xor; local.set $a
       local.get $1; local.set $"b|<x,y>"
       local.get $fuel; i32.const 1; i32.sub; local.tee $fuel; br_if $l
       end
       local.get $a; local.get $"b|<x,y>"; i32.add`,
    ],
    ["tees whose local nobody reads", "local.get $0; local.tee $a; local.get $1; local.tee $a; i32.sub"],
    [
      "an if with a result, and one without else",
      `local.get $0; if (result i32); local.get $1; local.tee $a; else; i32.const 6; local.tee $"b|<x,y>"; end
       local.get $1; if; local.get $a; local.set $"b|<x,y>"; end
       local.get $a; i32.add; local.get $"b|<x,y>"; i32.add`,
    ],
    [
      "a branch out of an if, over what is written behind it",
      `local.get $0; if $i; i32.const 5; local.set $a; local.get $1; br_if $i; i32.const 6; local.set $a
       else; i32.const 8; local.set $"b|<x,y>"; end
       local.get $a; local.get $"b|<x,y>"; i32.sub`,
    ],
    [
      "a table of branches, and what is dead behind it",
      `block $x; block $y; block $z
       local.get $0; local.set $a; local.get $1; br_table $x $y $z
       i32.const 99; local.set $a; local.get $"b|<x,y>"; local.set $0
       end
       i32.const 10; local.set $a
       end
       local.get $a; i32.const 1; i32.add; local.set $"b|<x,y>"
       end
       local.get $a; local.get $"b|<x,y>"; i32.mul`,
    ],
    [
      "code behind a return and a trap",
      `local.get $0; if; local.get $1; local.set $a; local.get $a; return; local.get $"b|<x,y>"; local.set $a; end
       local.get $1; i32.const 1000; i32.eq; if; unreachable; local.get $a; local.set $1; end
       local.get $1; local.get $a; i32.add`,
    ],
    [
      "a loop with a result, and labels of the same name",
      `i32.const 3; local.set $fuel
       block $l (result i32)
       loop $l (result i32)
       local.get $a; local.get $0; i32.add; local.tee $a
       local.get $fuel; i32.const 1; i32.sub; local.tee $fuel; br_if $l
       end
       local.get $1; br_if $l
       local.get $a; i32.add
       end`,
    ],
    [
      "a constant that a loop loads twice, and its address beside it",
      `i32.const 3; local.set $fuel
       loop $l
       local.get $v; i32.const 8; v128.load32_splat; i32x4.add; local.set $v
       local.get $w; i32.const 8; v128.load32_splat; i32x4.sub; local.set $w
       i32.const 8; i32.load; local.get $a; i32.add; local.set $a
       i32.const 8; v128.load32_splat offset=4; local.get $v; v128.xor; local.set $v
       local.get $fuel; i32.const 1; i32.sub; local.tee $fuel; br_if $l
       end
       local.get $v; local.get $w; i32x4.mul; i32x4.extract_lane 2; local.get $a; i32.add`,
    ],
    ["nothing but its result", "i32.const 1"],
  ])("%s", (_, body) => expectSame(moduleOf(lines(body))));

  test("functions that are too short to be like others, and texts that end like the name of one", () => {
    const short = ["g", "h", "i"].map((name) => ` (func $${name} (result i32)\n  i32.const 1\n )\n`).join("");
    expectSame(moduleOf(lines("call $g; call $h; i32.add; call $i; i32.add"), short));
    const text = moduleOf("i32.const 1").replace(
      /^ \(export/m,
      ' (data $1 (i32.const 16) "$")\n (data $2 (i32.const 24) "a,b")\n$&',
    );
    expect(shrink(text)).toContain('"$")\n (data $2 (i32.const 24) "a,b")');
  });
});

/** A function of structured code, made from a list of choices. When they end, zeros follow, which end the function. */
function programOf(choices: readonly number[]): string {
  let at = 0;
  let labels = 0;
  const pick = (most: number): number => (choices[at++] ?? 0) % most;
  const local = (): string => ["$a", '$"b|<x,y>"', "$0", "$1"][pick(4)]!;
  const open: string[] = [];

  const value = (depth: number): string[] => {
    const kind = depth > 2 ? pick(2) : pick(7);
    const inner = (): string[] => value(depth + 1);
    if (kind === 0) return [`local.get ${local()}`];
    if (kind === 1) return [`i32.const ${pick(256)}`];
    if (kind === 2) return [...inner(), `local.tee ${local()}`];
    if (kind === 3) return [...inner(), "if (result i32)", ...inner(), "else", ...inner(), "end"];
    if (kind === 4) return ["i32.const 8", "v128.load32_splat", `i32x4.extract_lane ${pick(4)}`];
    return [...inner(), ...inner(), ["i32.add", "i32.sub", "i32.xor", "i32.mul"][pick(4)]!];
  };

  const target = (): string | undefined => open[pick(Math.max(1, open.length))];
  const within = (op: string): string[] => {
    const label = `$label${labels++}`;
    open.push(label);
    const code = [`${op} ${label}`, ...statements(), "end"];
    open.pop();
    return code;
  };
  // Only its own end branches back, and counts down: what runs ends.
  const loop = (): string[] => {
    const label = `$label${labels++}`;
    const again = ["local.get $fuel", "i32.const 1", "i32.sub", "local.tee $fuel", "i32.const 0", "i32.gt_s"];
    return [`loop ${label}`, ...statements(), ...again, `br_if ${label}`, "end"];
  };

  const statement = (): string[] => {
    const kind = pick(9);
    const label = target();
    if (kind === 1) return [...value(0), ...within("if")];
    if (kind === 2) return [...value(0), "if", ...statements(), "else", ...statements(), "end"];
    if (kind === 3) return within("block");
    if (kind === 4) return loop();
    if (kind === 5 && label !== undefined) return [...value(0), `br_if ${label}`];
    if (kind === 6 && label !== undefined) return [`br ${label}`, ...statements()];
    if (kind === 7 && label !== undefined) return [...value(0), `br_table ${label} ${target()} ${target()}`];
    if (kind === 8) return [...value(0), "return", ...statements()];
    return [...value(0), `local.set ${local()}`];
  };
  const statements = (): string[] => {
    const code: string[] = [];
    while (at < choices.length && pick(5) > 0) code.push(...statement());
    return code;
  };

  const all: string[] = [];
  while (at < choices.length) all.push(...statement());
  const sum = ["local.get $a", 'local.get $"b|<x,y>"', "i32.add", "local.get $0", "i32.xor", "local.get $1", "i32.sub"];
  return ["i32.const 20", "local.set $fuel", ...all, ...sum].join("\n");
}

test("random programs", () => {
  const choices = fc.array(fc.nat(255), { minLength: 50, maxLength: 400, size: "max" });
  fc.assert(
    fc.property(choices, (all) => expectSame(moduleOf(programOf(all)))),
    { numRuns: 300 },
  );
});

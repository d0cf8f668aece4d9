// The kernels' text rewritten so that gzip finds its repetitions. Knows WebAssembly's text, never what is computed.
//
// It does three things that binaryen's passes do not: no single pass, in front of it or in its place, makes the plain kernels
// smaller by more than 100 bytes. 28.6 KB with gzip without this file, 23.8 with it; without one of the three:
//  - numbers of locals, so that the copies of an unrolled step, and like functions, are the same bytes: 28.6
//    (coalesce-locals, reorder-locals: 28.5 to 29.2);
//  - the order of functions, so that like ones lie within the 32 KB that gzip looks back: 25.0 (reorder-functions: 28.5);
//  - constants that an innermost loop loads again are loaded before it: 22.9, but exp, log, tanh and softmax take 1.1 to 1.6
//    times as long (const-hoisting, licm: nothing, as they do not take a load for a constant).

/**
 * A value that lives for more of its function than this has a number that no short-lived one takes: a little less than one of four copies
 * of a step.
 */
const LASTING = 0.23;

/** Locals are declared by kind, then by type, in this order. */
const KINDS = ["short", "lasting", "constant"];
const TYPES = ["i32", "i64", "f32", "f64", "v128"];

/**
 * The least number of a kind's first local in every function: what like functions have in common is the same bytes then, however many
 * parameters and locals each has. Larger numbers, with more unused locals before them, make the kernels no smaller.
 */
const BEGINS = {
  "short i32": 12,
  "short v128": 18,
  "lasting i32": 28,
  "lasting v128": 34,
  "constant v128": 46,
};

/** A module in the linear text that asc prints, one instruction a line. */
export function shrink(text) {
  const parts = withPlainNames(text).split(/^(?= \(func )|(?<=^ \)\n)/m);
  const functions = parts.filter((part) => part.startsWith(" (func "));
  const first = parts.indexOf(functions[0]);
  const others = parts.filter((part) => !functions.includes(part));
  others.splice(first, 0, ...likeByLike(functions.map(rewrite)));
  return others.join("");
}

/** Names in quotation marks, which not every assembler knows, in plain characters; data may end in a $. */
function withPlainNames(text) {
  return text.replace(/(?<!^ \(data .*)\$"([^"]*)"/gm, (_, name) => `$${name.replaceAll(",", "+")}`);
}

function rewrite(text) {
  const code = new Code(text);
  hoistConstants(code);
  numberLocals(code);
  return code.print();
}

// ---- functions ----

/** How many instructions make a phrase, of which likeness is told. */
const PHRASE = 4;

/** The functions, each followed by the one most like it of those that are left: gzip looks back 32 KB at most. */
function likeByLike(functions) {
  const left = new Map(functions.map((text) => [text, phrasesOf(text)]));
  const ordered = [];
  let [next, phrases] = [...left].reduce((least, entry) => (entry[1].size < least[1].size ? entry : least));
  while (left.size > 0) {
    ordered.push(next);
    left.delete(next);
    let most = -1;
    const before = phrases;
    for (const [text, others] of left) {
      const shared = [...others].filter((phrase) => before.has(phrase)).length;
      const likeness = shared / Math.max(1, others.size);
      if (likeness > most) [most, next, phrases] = [likeness, text, others];
    }
  }
  return ordered;
}

function phrasesOf(text) {
  const lines = text.split("\n").slice(1);
  return new Set(lines.slice(PHRASE - 1).map((_, i) => lines.slice(i, i + PHRASE).join(";")));
}

/** One function: its parameters' and locals' types, and its instructions, a line each. */
class Code {
  constructor(text) {
    const [, name, rest, body] = text.match(/^ \(func (\S+)(.*)\n([\s\S]*)^ \)$/m);
    const params = [...rest.matchAll(/\(param (\S+) (\w+)\)/g)];
    const locals = [...body.matchAll(/^ {2}\(local (\S+) (\w+)\)$/gm)];
    this.name = name;
    this.constants = new Set();
    this.result = rest.match(/ \(result \w+\)/)?.[0] ?? "";
    this.params = params.length;
    this.types = [...params, ...locals].map(([, , type]) => type);
    const numbers = new Map([...params, ...locals].map(([, id], i) => [id, i]));
    this.instructions = body
      .split("\n")
      .map((line) => line.trim())
      .filter((line) => line !== "" && !line.startsWith("(local "))
      .map((line) => line.replace(/^(local\.\w+) (\S+)$/, (_, op, id) => `${op} ${numbers.get(id)}`));
  }

  print() {
    const declare = (kind, from, to) => this.types.slice(from, to).map((type, i) => `(${kind} $${from + i} ${type})`);
    const head = [` (func ${this.name}`, ...declare("param", 0, this.params)].join(" ") + this.result;
    const lines = [...declare("local", this.params), ...this.instructions].map((line) =>
      line.replace(/^(local\.\w+) (\d+)$/, "$1 $$$2"),
    );
    return `${[head, ...lines].join("\n")}\n )\n`;
  }
}

const opOf = (instruction) => instruction.split(" ", 1)[0];
const opens = (op) => op === "block" || op === "loop" || op === "if";

// ---- constants ----

/**
 * What an innermost loop loads more than once from one constant address is loaded before everything else: such addresses are
 * those of tables, which nobody writes. The copies of an unrolled loop are then alike, and faster by up to a fifth (softplus).
 */
function hoistConstants(code) {
  const { instructions, types } = code;
  const hoisted = new Map();
  for (const [begin, end] of innermostLoops(instructions)) {
    const counts = new Map();
    for (let i = begin; i < end; i++) {
      const load = constantLoad(instructions, i);
      if (load !== undefined) counts.set(load, (counts.get(load) ?? 0) + 1);
    }
    for (const [load, count] of counts) {
      if (count > 1 && !hoisted.has(load)) hoisted.set(load, types.push("v128") - 1);
    }
  }
  const rest = [];
  for (let i = 0; i < instructions.length; i++) {
    const local = hoisted.get(constantLoad(instructions, i));
    rest.push(local === undefined ? instructions[i] : `local.get ${local}`);
    if (local !== undefined) i++;
  }
  const before = [...hoisted].flatMap(([load, local]) => [...load.split("\n"), `local.set ${local}`]);
  code.instructions = [...before, ...rest];
  code.constants = new Set(hoisted.values());
}

/** The two instructions from i on, if they load a constant into every lane. */
function constantLoad(instructions, i) {
  const [address, load] = [instructions[i], instructions[i + 1]];
  const isOne = address.startsWith("i32.const ") && load?.match(/^v128\.load\d+_splat/);
  return isOne ? `${address}\n${load}` : undefined;
}

function innermostLoops(instructions) {
  const loops = [];
  const open = [];
  instructions.forEach((instruction, i) => {
    const op = opOf(instruction);
    if (opens(op)) open.push({ op, begin: i, loopsBefore: loops.length });
    if (op !== "end") return;
    const { op: opened, begin, loopsBefore } = open.pop();
    if (opened === "loop" && loops.length === loopsBefore) loops.push([begin, i]);
  });
  return loops;
}

// ---- locals ----

/**
 * Numbers the locals anew: every value its own lowest free number, so that what is computed alike is written alike. Values that last,
 * and constants, have numbers apart: what one copy of an unrolled loop leaves behind does not shift the next one's.
 */
function numberLocals(code) {
  const { instructions, params, types } = code;
  const accesses = instructions.map((instruction) => {
    const [, kind, local] = instruction.match(/^local\.(get|set|tee) (\d+)$/) ?? [];
    return kind === undefined ? undefined : { writes: kind !== "get", local: Number(local) };
  });
  const next = successors(instructions);
  const values = valuesOf(accesses, next, types.length);
  const live = liveness(accesses, values, next);
  const meets = interference(accesses, values, live, next);

  const locals = types.map((type, local) => ({ type, constant: code.constants.has(local) }));
  const about = new Map(locals.map((local, i) => [values.atEntry(i), local]));
  for (const [i, access] of accesses.entries()) if (access) about.set(values.at(i), locals[access.local]);
  const spans = new Map();
  for (const alive of live) for (const value of alive) spans.set(value, (spans.get(value) ?? 0) + 1);

  const slots = new Map();
  for (let local = 0; local < params; local++) slots.set(values.atEntry(local), { number: local });
  const used = new Map();
  for (const value of inOrder(accesses, values, live)) {
    if (slots.has(value)) continue;
    const { type, constant } = about.get(value);
    const lasts = (spans.get(value) ?? 0) > LASTING * instructions.length;
    const kind = `${constant ? "constant" : lasts ? "lasting" : "short"} ${type}`;
    const taken = new Set([...(meets.get(value) ?? [])].map((other) => slots.get(other)?.slot));
    let index = 0;
    while (taken.has(`${kind} ${index}`)) index++;
    slots.set(value, { slot: `${kind} ${index}` });
    used.set(kind, Math.max(used.get(kind) ?? 0, index + 1));
  }

  const declared = [];
  const numbers = new Map();
  for (const kind of KINDS.flatMap((kind) => TYPES.map((type) => `${kind} ${type}`))) {
    const type = kind.split(" ")[1];
    // Most functions hoist no constant, and end before; some have no local at all.
    const ends = kind.startsWith("constant") ? !used.has(kind) : used.size === 0;
    const begin = ends ? undefined : BEGINS[kind];
    while (params + declared.length < begin) declared.push("i32");
    for (let index = 0; index < (used.get(kind) ?? 0); index++) {
      numbers.set(`${kind} ${index}`, params + declared.push(type) - 1);
    }
  }
  code.types = [...types.slice(0, params), ...declared];
  code.instructions = instructions.map((instruction, i) => {
    if (accesses[i] === undefined) return instruction;
    const { number, slot } = slots.get(values.at(i));
    return `${opOf(instruction)} ${number ?? numbers.get(slot)}`;
  });
}

/** Values in the order in which they are met; those that begin as zeros first. */
function inOrder(accesses, values, live) {
  const met = new Set(live[0]);
  for (const [i, access] of accesses.entries()) if (access) met.add(values.at(i));
  return met;
}

/** Where each instruction may go on. */
function successors(instructions) {
  const open = [];
  const blocks = new Map();
  instructions.forEach((instruction, i) => {
    const [op, label] = instruction.split(" ");
    if (opens(op)) {
      const block = { op, label, begin: i };
      open.push(block);
      blocks.set(i, block);
    }
    if (op === "else") open.at(-1).middle = i;
    if (op === "end") open.pop().end = i;
  });
  const within = [];
  return instructions.map((instruction, i) => {
    const [op, ...labels] = instruction.split(" ");
    if (opens(op)) within.push(blocks.get(i));
    const targets = () =>
      labels.map((label) => {
        const block = within.findLast((candidate) => candidate.label === label);
        return block.op === "loop" ? block.begin : block.end;
      });
    const on = i + 1 < instructions.length ? [i + 1] : [];
    switch (op) {
      case "if":
        return [i + 1, (within.at(-1).middle ?? within.at(-1).end - 1) + 1];
      case "else":
        return [within.at(-1).end];
      case "end":
        within.pop();
        return on;
      case "br":
      case "br_table":
        return targets();
      case "br_if":
        return [...on, ...targets()];
      case "return":
      case "unreachable":
        return [];
      default:
        return on;
    }
  });
}

/**
 * The values that a function's locals hold: all writes that one read may see are one value. `at` an access and `atEntry`, before
 * the first write.
 */
function valuesOf(accesses, next, locals) {
  const parents = Array.from({ length: accesses.length + locals }, (_, i) => i);
  const find = (i) => {
    while (parents[i] !== i) i = parents[i] = parents[parents[i]];
    return i;
  };
  const entry = (local) => accesses.length + local;
  const seen = accesses.map(() => undefined);
  for (let local = 0; local < locals; local++) {
    if (!accesses.some((access) => access?.local === local)) continue;
    const reaching = accesses.map(() => new Set());
    const work = [0];
    reaching[0].add(entry(local));
    const visited = new Set();
    while (work.length > 0) {
      const i = work.pop();
      visited.add(i);
      const written = accesses[i]?.local === local && accesses[i].writes;
      const out = written ? [i] : [...reaching[i]];
      for (const to of next[i]) {
        const before = reaching[to].size;
        for (const write of out) reaching[to].add(write);
        if (reaching[to].size > before || !visited.has(to)) work.push(to);
      }
    }
    for (const [i, access] of accesses.entries()) {
      if (access?.local !== local) continue;
      // What is never reached may read anything.
      seen[i] = access.writes ? i : ([...reaching[i]][0] ?? entry(local));
      if (!access.writes) for (const write of reaching[i]) parents[find(write)] = find(seen[i]);
    }
  }
  return { at: (i) => find(seen[i]), atEntry: (local) => find(entry(local)) };
}

/** The values that are still read after each point, before the instruction there. */
function liveness(accesses, values, next) {
  const live = accesses.map(() => new Set());
  for (let changed = true; changed; ) {
    changed = false;
    for (let i = accesses.length - 1; i >= 0; i--) {
      const alive = aliveAfter(live, next, i);
      if (accesses[i]?.writes) alive.delete(values.at(i));
      else if (accesses[i] !== undefined) alive.add(values.at(i));
      if (alive.size > live[i].size) changed = true;
      live[i] = alive;
    }
  }
  return live;
}

function aliveAfter(live, next, i) {
  const alive = new Set();
  for (const to of next[i]) for (const value of live[to]) alive.add(value);
  return alive;
}

/** Which values are alive together, one written meanwhile, and so can't have one number: zeros that nobody writes can. */
function interference(accesses, values, live, next) {
  const meets = new Map();
  const meet = (a, b) => {
    if (a === b) return;
    for (const [one, other] of [
      [a, b],
      [b, a],
    ]) {
      if (!meets.has(one)) meets.set(one, new Set());
      meets.get(one).add(other);
    }
  };
  for (const [i, access] of accesses.entries()) {
    if (access?.writes) for (const other of aliveAfter(live, next, i)) meet(values.at(i), other);
  }
  return meets;
}

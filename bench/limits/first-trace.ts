// A program that a fresh process runs: prints the milliseconds that the cost of the sparse autoencoder takes to be traced and
// planned for the first time.
import { compile, square } from "simdgrad";
import { makeData } from "../harness/inputs.js";
import { COST, costAndGradient, costTensors } from "../seeds/backprop.js";

const { x, w1, b1, w2, b2 } = COST.data;
const data = { x: makeData(x), w1: makeData(w1), b1: makeData(b1), w2: makeData(w2), b2: makeData(b2) };
const tensors = costTensors(data, "float64", (one) => one);
// What the first op of all has to do is no part of it.
square(tensors[0].b1);
const program = compile(costAndGradient);
const start = performance.now();
program.explain(...tensors);
console.log(performance.now() - start);

// One case for every public op: its reference, domain, bounds and kinks; an op without one does not compile. Tests and
// benches iterate it, so it must not know the test runner.
import { activation } from "./cases/activation.js";
import { arithmetic } from "./cases/arithmetic.js";
import type { Case, OpName } from "./cases/case.js";
import { losses } from "./cases/loss.js";
import { products } from "./cases/matmul.js";
import { movements } from "./cases/movement.js";
import { reductions } from "./cases/reduce.js";
import { rounding } from "./cases/rounding.js";

export type { Case, OpName, Options, Scenario, Value } from "./cases/case.js";
export { drawGradientInputs, drawInputs, operandDType, toTensor, toTensors } from "./cases/case.js";

export const cases: Readonly<Record<OpName, Case>> = {
  ...activation,
  ...arithmetic,
  ...losses,
  ...movements,
  ...products,
  ...reductions,
  ...rounding,
};

export const allCases: readonly Case[] = Object.values(cases);

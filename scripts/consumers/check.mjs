// What every consumer runs: a product, a gradient and, where there can be any, two threads; and how those that are refused something
// expect it. Installed into each project as it is.
import { backend, grad, init, matmul, mul, random, sum, tensor } from "simdgrad";
import { adam } from "simdgrad/optim";

export function expect(condition, what) {
  if (!condition) throw new Error(`wrong: ${what}`);
}

/** Says what worked, or throws. */
export async function check({ threads = 2 } = {}) {
  const a = tensor([
    [1, 2],
    [3, 4],
  ]);
  expect(String(matmul(a, a).toArray()) === "7,10,15,22", "matmul");
  const gradient = grad((x) => sum(mul(x, x)))(a);
  expect(String(gradient.toArray()) === "2,4,6,8", "gradient");
  const optimizer = adam({ learningRate: 1 });
  const [moved] = optimizer.update({ a }, { a: gradient }, optimizer.init({ a }));
  expect(Math.abs(moved.a.toArray()[0][0]) < 1e-5, "simdgrad/optim shares the tensors of simdgrad");
  if (threads === 1) return `product, gradient, ${backend().threads} thread`;
  const x = random.normal([200, 200], { seed: 1 });
  const alone = sum(matmul(x, x)).item();
  const { threads: running, reasons } = await init({ threads });
  expect(running === threads, `${running} threads: ${reasons.join("; ")}`);
  expect(sum(matmul(x, x)).item() === alone, "two threads compute something else");
  return `product, gradient, ${running} threads`;
}

/** Expects an error of this name that says what to change. */
export async function expectRefusal(run, wanted, says) {
  const error = await new Promise((done) => done(run())).then(
    () => new Error("nothing was refused"),
    (error) => error,
  );
  expect(error.name === wanted && says.test(error.message), `${error.name}: ${error.message}`);
}

/** For programs: prints what `run` says, or sends it to where the page's address says. */
export async function report(run = check) {
  const said = await run().then(
    (what) => `simdgrad: ${what}`,
    (error) => `failed: ${error?.stack ?? error}`,
  );
  const to = globalThis.location?.search && new URLSearchParams(globalThis.location.search).get("report");
  if (to) await fetch(to, { method: "POST", body: said });
  else console.log(said);
}

// Disposes compiled functions at the end of a test. Must not know what they compute.
import { scope } from "../../src/index.js";

/** A compiled function for the length of a test. */
export function using<F extends { dispose(): void }>(step: F, body: (step: F) => void): void {
  scope(() => body(step));
  step.dispose();
}

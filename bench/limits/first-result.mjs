// A program that a fresh process runs: the package imported, and one result. Ends with 1 if that is wrong.
import { add, tensor } from "simdgrad";

process.exitCode = add(tensor([1]), 2).item() === 3 ? 0 : 1;

// Every table of the peers, in the order they are printed. Must not know how they are timed.
import { elementwise } from "./elementwise.js";
import { products } from "./products.js";
import { training } from "./training.js";

export const TABLES = [...training, ...elementwise, ...products];

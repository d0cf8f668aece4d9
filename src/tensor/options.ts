// What options there are, for whoever takes some: an option that does not exist would be ignored. Must not know any op.
export { checkOptions } from "../errors.js";

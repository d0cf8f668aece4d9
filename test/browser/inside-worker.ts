// The library in a worker of the page's own, with threads that it starts from there: posts what runs it and what it computed.
import { init } from "../../src/index.js";
import { doubled } from "../support/doubled.js";

const { threads, reasons } = await init({ threads: 2 });
postMessage({ threads, reasons, result: doubled() });

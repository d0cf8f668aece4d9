// The library in a page's worker, which starts threads itself. Posts the backend and a result.
import { init } from "../../src/index.js";
import { doubled } from "../support/doubled.js";

const { threads, reasons } = await init({ threads: 2 });
postMessage({ threads, reasons, result: doubled() });

// A made-up machine, for tests of reports. Must not know reports.
import type { Environment } from "../../bench/harness/machine.js";

export function environmentWith(peers: Environment["peers"]): Environment {
  return {
    date: "2026-01-02T03:04:05.678Z",
    cpu: "Some CPU",
    cores: 2,
    load: 0.5,
    platform: "linux x64",
    engine: "Node 20.0.0, V8 11.3",
    simdgrad: "0.1.0",
    entry: "dist/index.js",
    commit: "abc1234",
    peers,
  };
}

// ONNX Runtime's tasks, one model of one node each. Its calls are asynchronous, and copy inputs and outputs between
// JavaScript and wasm. Must not know how tasks are asked for (node_worker.ts) or reported.
import ort from "onnxruntime-web";
import protobuf from "protobufjs";
import { versionOf } from "./version.mjs";

ort.env.wasm.numThreads = 1;
ort.env.logLevel = "error";

export const versions = { "ONNX Runtime Web (ORT)": versionOf("onnxruntime-web") };
export const precisions = ["float32", "float64"];
export const async = true;
export const place = (values, shape, precision) =>
  new ort.Tensor(precision, precision === "float32" ? Float32Array.from(values) : values, shape);
export const read = (tensor) => tensor.data;

/** What a model of one node needs of onnx.proto; enough types of fields for it. */
const { root } = protobuf.parse(`
  syntax = "proto3";
  message Model { int64 ir_version = 1; Graph graph = 7; repeated Opset opset_import = 8; }
  message Opset { int64 version = 2; }
  message Graph { repeated Node node = 1; string name = 2; repeated Value input = 11; repeated Value output = 12; }
  message Node { repeated string input = 1; repeated string output = 2; string op_type = 4; repeated Attribute attribute = 5; }
  message Attribute { string name = 1; int64 i = 3; int32 type = 20; }
  message Value { string name = 1; Type type = 2; }
  message Type { Tensor tensor_type = 1; }
  message Tensor { int32 elem_type = 1; }
`);
const Model = root.lookupType("Model");
const ELEMENT = { float32: 1, float64: 11 };
const INTEGER = 2;

/** The last table's by dtype, released before the next one's is made. */
const sessions = new Map();

/** Runs one operator on tensors given by name; attributes are integers. */
async function operator(op, inputs, attributes = {}) {
  const names = Object.keys(inputs);
  const element = ELEMENT[inputs[names[0]].type];
  const tensorValue = (name) => ({ name, type: { tensorType: { elemType: element } } });
  const attribute = Object.entries(attributes).map(([name, i]) => ({ name, i, type: INTEGER }));
  const model = Model.encode({
    irVersion: 8,
    opsetImport: [{ version: 17 }],
    graph: {
      name: op,
      node: [{ opType: op, input: names, output: ["y"], attribute }],
      input: names.map(tensorValue),
      output: [tensorValue("y")],
    },
  }).finish();
  await sessions.get(element)?.release();
  const session = await ort.InferenceSession.create(model, { executionProviders: ["wasm"] });
  sessions.set(element, session);
  return async () => (await session.run(inputs)).y;
}

export const families = {
  product: async (inputs) => ({ MatMul: await operator("MatMul", inputs) }),
  "product-nt": async (inputs) => ({ "Gemm, transB": await operator("Gemm", inputs, { transB: 1 }) }),
  "product-tn": async (inputs) => ({ "Gemm, transA": await operator("Gemm", inputs, { transA: 1 }) }),
  linear: async (inputs) => ({ Gemm: await operator("Gemm", inputs) }),
  "linear-nt": async (inputs) => ({ "Gemm, transB": await operator("Gemm", inputs, { transB: 1 }) }),
  sigmoid: async (inputs) => ({ Sigmoid: await operator("Sigmoid", inputs) }),
  relu: async (inputs) => ({ Relu: await operator("Relu", inputs) }),
  softmax: async (inputs) => ({ Softmax: await operator("Softmax", inputs) }),
};

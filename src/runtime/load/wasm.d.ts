// What an edge platform's import of a .wasm file is: compiled. Knows no names.
declare module "*.wasm" {
  const module: WebAssembly.Module;
  export default module;
}

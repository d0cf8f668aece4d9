// What the engine around may or may not have, never by its bare name, which some engines don't know. Knows nothing of kernels.

/** The parts of Node that are used here: not imported, for bundlers would look for them. */
interface NodeModules {
  "node:worker_threads": {
    readonly Worker: new (
      source: string | URL,
      options: object,
    ) => {
      terminate(): void;
      unref(): void;
      on(event: "error", listener: (error: Error) => void): void;
      on(event: "exit", listener: (code: number) => void): void;
    };
  };
  "node:os": { availableParallelism(): number };
  "node:fs/promises": { readFile(file: URL): Promise<Uint8Array<ArrayBuffer>> };
}

export const host = globalThis as {
  readonly process?: { getBuiltinModule?<N extends keyof NodeModules>(name: N): NodeModules[N] | undefined };
  readonly Buffer?: { from?(text: string, encoding: "latin1"): Uint8Array<ArrayBuffer> };
  readonly Worker?: typeof Worker;
  readonly navigator?: { readonly hardwareConcurrency?: number };
  readonly crossOriginIsolated?: boolean;
  readonly document?: { readonly characterSet?: string };
  readonly origin?: string;
  readonly location?: { readonly href: string };
  readonly fetch?: typeof fetch;
};

export function nodeModule<N extends keyof NodeModules>(name: N): NodeModules[N] | undefined {
  return host.process?.getBuiltinModule?.(name);
}

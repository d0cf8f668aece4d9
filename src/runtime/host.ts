// Access to globals that an engine may lack: as properties, because a bare unknown name throws. Must not know kernels.

/** The parts of Node in use. They are not imported, because bundlers would look for them. */
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

// Cast: which of these an engine has is found out at run time.
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

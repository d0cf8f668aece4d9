// A browser for vitest besides Playwright's: Debian's MiniBrowser of WebKitGTK, on a screen in memory. Must not know what it runs.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { defineBrowserProvider } from "@vitest/browser";
import type { BrowserProvider } from "vitest/node";

/** Debian's libraries for this processor, of which WebKitGTK's has the browser in a folder that is named for its version. */
const LIBRARIES = `/usr/lib/${{ x64: "x86_64", arm64: "aarch64" }[process.arch as string] ?? process.arch}-linux-gnu`;

function miniBrowser(): string {
  const folder = readdirSync(LIBRARIES).find((name) => name.startsWith("webkit2gtk-4"));
  if (folder === undefined)
    throw new Error(`there is no webkit2gtk in ${LIBRARIES}: apt-get install webkit2gtk-driver`);
  return `${LIBRARIES}/${folder}/MiniBrowser`;
}

export interface WebKitOptions {
  /** Environment variables. WebKitGTK has no other switches for features that are off by default. */
  readonly env?: Readonly<Record<string, string>>;
}

class WebKit implements BrowserProvider {
  readonly name = "webkit";
  readonly supportsParallelism = false;
  readonly #options: WebKitOptions;
  readonly #processes: ChildProcess[] = [];

  constructor(options: WebKitOptions) {
    this.#options = options;
  }

  getCommandsContext(): Record<string, unknown> {
    return {};
  }

  async openPage(_session: string, url: string): Promise<void> {
    await this.close();
    // It prints the number of the display that it has found free.
    const screen = await this.#start("Xvfb", ["-displayfd", "1", "-nolisten", "tcp"], {});
    const [display] = await once(screen.stdout!, "data");
    await this.#start(miniBrowser(), ["--private", url], {
      ...this.#options.env,
      DISPLAY: `:${String(display).trim()}`,
    });
  }

  /** @throws the system's error if the program does not exist */
  async #start(program: string, args: readonly string[], env: Readonly<Record<string, string>>): Promise<ChildProcess> {
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "ignore"], env: { ...process.env, ...env } });
    await once(child, "spawn");
    this.#processes.push(child);
    return child;
  }

  /** The browser first: it complains when its screen goes. */
  async close(): Promise<void> {
    for (const child of this.#processes.splice(0).reverse()) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const ended = once(child, "exit");
      child.kill();
      await ended;
    }
  }
}

export const webkit = (options: WebKitOptions): ReturnType<typeof defineBrowserProvider> =>
  defineBrowserProvider({
    name: "webkit",
    supportedBrowser: ["webkit"],
    options,
    providerFactory: () => new WebKit(options),
  });

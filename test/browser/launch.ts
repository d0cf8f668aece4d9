// How Playwright starts the browsers that Debian installs. Must not know what for.
import type { LaunchOptions } from "playwright";

export const LAUNCH = {
  // Chromium's sandbox refuses root, which is who runs in most containers.
  chromium: { executablePath: "/usr/bin/chromium", args: process.getuid?.() === 0 ? ["--no-sandbox"] : [] },
  firefox: { executablePath: "/usr/bin/firefox-esr", channel: "moz-firefox" },
} satisfies Record<string, LaunchOptions>;

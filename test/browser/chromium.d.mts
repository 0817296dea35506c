import type { Page } from 'playwright-core';

/** Where Chromium is; undefined where it is not installed. */
export const chromiumPath: string | undefined;

/** Serves files on the loopback interface, opens `/` in headless Chromium, and hands the page to `work`. */
export function inChromium<T>(
  files: (url: string) => readonly [type: string, body: string | Uint8Array] | undefined,
  work: (page: Page) => Promise<T>,
): Promise<T>;

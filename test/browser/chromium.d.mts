import type { Page } from 'playwright-core';

/** Where Chromium is; undefined where it is not installed. */
export const chromiumPath: string | undefined;

/** How it is started. */
export const chromiumArguments: string[];

/** For pages: the helper that tsx lets named functions call, also those that are handed to a page. */
export const nameHelper: string;

/** Arguments with which Chromium draws WebGL on the processor. */
export const softwareWebGl: readonly string[];

/** Serves files on the loopback interface, opens `/` in headless Chromium, and hands the page to `work`. `more`: further arguments. */
export function inChromium<T>(
  files: (url: string) => readonly [type: string, body: string | Uint8Array] | undefined,
  work: (page: Page) => Promise<T>,
  more?: readonly string[],
): Promise<T>;

// One picture of a whole page.

/** What is longer is cut off, px. */
const LONGEST = 2600;

/** Takes a picture of the whole page: the window becomes as tall as it, so that what sticks to its edges stays there. */
export async function takePicture(page, viewport, path) {
  const height = await page.evaluate('document.documentElement.scrollHeight');
  await page.setViewportSize({ ...viewport, height: Math.min(LONGEST, Math.max(viewport.height, height)) });
  await page.waitForTimeout(500);
  await page.screenshot({ path });
  await page.setViewportSize(viewport);
}

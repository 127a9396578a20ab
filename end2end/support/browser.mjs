// A Chromium, and pages that remember everything that went wrong on them.
import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { AxeBuilder } from "@axe-core/playwright";
import { chromium } from "playwright-core";
import { findBrowser } from "./find-browser.mjs";

const ARTIFACTS = join(resolve(dirname(fileURLToPath(import.meta.url)), ".."), "artifacts");
/** The widths that every page is looked at. */
export const WIDTHS = [1280, 390, 1920];
export const THEMES = ["light", "dark"];

export function launch() {
  return chromium.launch({
    executablePath: findBrowser(),
    headless: true,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/**
 * A page in a context (cookies, scripts on or off) of its own. `page.problems` collects console errors,
 * exceptions, refused content and requests that failed: at the end of a test it should be empty.
 */
export async function open(browser, { scripts = true, theme = "light", width = 1280 } = {}) {
  const context = await browser.newContext({
    javaScriptEnabled: scripts,
    colorScheme: theme,
    viewport: { width, height: 900 },
    reducedMotion: "reduce",
  });
  const page = await context.newPage();
  page.problems = [];
  page.on("pageerror", (error) => page.problems.push(`exception: ${error.message}`));
  page.on("console", (message) => {
    if (message.type() === "error") page.problems.push(`console: ${message.text()}`);
  });
  page.on("response", (response) => {
    if (response.status() >= 500) page.problems.push(`${response.status()}: ${response.url()}`);
  });
  return page;
}

/** Fails with every violation and the element it was found on. Needs scripts. */
export async function assertAccessible(page) {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const found = violations.flatMap(({ id, help, nodes }) =>
    nodes.map((node) => `${id} (${help}): ${node.target.join(" ")}\n    ${node.failureSummary}`),
  );
  assert.deepEqual(found, [], `${page.url()} has accessibility violations`);
}

/** Fails when the page is wider than the window: on a phone that means scrolling sideways. */
export async function assertFits(page) {
  const [content, window] = await page.evaluate(() => [
    document.documentElement.scrollWidth,
    document.documentElement.clientWidth,
  ]);
  assert.ok(content <= window, `${page.url()} is ${content} pixels wide in a window of ${window}`);
}

/** Looks at the page in both themes and all widths, checks each theme with axe, and keeps a picture of each. */
export async function inspect(page, name) {
  const before = page.viewportSize();
  for (const theme of THEMES) {
    for (const width of WIDTHS) {
      await page.emulateMedia({ colorScheme: theme });
      await page.setViewportSize({ width, height: before.height });
      await screenshot(page, `${name}-${theme}-${width}`);
      await assertFits(page);
      // The widest is laid out as the first.
      if (width !== 1920) await assertAccessible(page);
    }
  }
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize(before);
}

/** Saves the whole page as end2end/artifacts/<name>.png. */
export async function screenshot(page, name) {
  await mkdir(ARTIFACTS, { recursive: true });
  await page.screenshot({ path: join(ARTIFACTS, `${name}.png`), fullPage: true });
}

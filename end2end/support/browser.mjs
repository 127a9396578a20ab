// A Chromium, and pages that remember everything that went wrong on them.
import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import axe from "axe-core";
import { chromium } from "playwright-core";
import { findBrowser } from "./find-browser.mjs";

const ARTIFACTS = join(resolve(dirname(fileURLToPath(import.meta.url)), ".."), "artifacts");
/** The widths of which pictures are kept. */
export const WIDTHS = [1280, 390, 1920];
export const THEMES = ["light", "dark"];
/** Where nothing may break either: a very wide screen, and a window of 1280 by 900 that is zoomed to twice its size. */
const EXTREMES = [
  { width: 2560, height: 1440, deviceScaleFactor: 1 },
  { width: 640, height: 450, deviceScaleFactor: 2 },
];
/** What WCAG 2.2 asks for at its levels A and AA, and what is good practice beyond it. */
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

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
 * exceptions, refused content and requests that failed: at the end of a test it should be empty. `session` are the
 * cookies of another context, for a second page of the same person.
 */
export async function open(
  browser,
  { scripts = true, theme = "light", width = 1280, motion = false, zone = "UTC", session } = {},
) {
  const context = await browser.newContext({
    storageState: session,
    javaScriptEnabled: scripts,
    colorScheme: theme,
    viewport: { width, height: 900 },
    reducedMotion: motion ? "no-preference" : "reduce",
    timezoneId: zone,
  });
  const page = await context.newPage();
  page.motion = motion;
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

/**
 * Fails with every violation and the element it was found on. Needs scripts. Axe runs in the page itself: there are no
 * foreign frames, and what is made for those opens a second page each time, which takes four times as long.
 */
export async function assertAccessible(page) {
  await page.evaluate(axe.source);
  const found = await page.evaluate(async (values) => {
    const options = { runOnly: { type: "tag", values }, resultTypes: ["violations"] };
    const { violations } = await globalThis.axe.run(document, options);
    return violations.flatMap(({ id, help, nodes }) =>
      nodes.map((node) => `${id} (${help}): ${node.target.join(" ")}\n    ${node.failureSummary}`),
    );
  }, RULES);
  assert.deepEqual(found, [], `${page.url()} has accessibility violations`);
}

/**
 * Fails when the page is wider than the window, which means scrolling sideways, and when two things that one can
 * press or type into lie over each other.
 */
export async function assertFits(page) {
  const { content, window, over } = await page.evaluate(() => {
    const within = document.querySelector("dialog[open]") ?? document;
    const shown = (element) => element.checkVisibility({ checkVisibilityCSS: true }) && !element.closest("svg, .aside");
    const ancestors = (element) => {
      const all = [];
      for (let one = element; one; one = one.parentElement) all.push({ one, style: getComputedStyle(one) });
      return all;
    };
    // What sticks to an edge, or is opened over the page, is meant to lie over what is below it.
    const lies = (all) => all.some(({ style }) => ["sticky", "fixed"].includes(style.position)) || all.some(({ one }) => one.matches(".menu-items"));
    /** The lines of it that are seen: what scrolls away is cut. */
    const boxes = (element, all) =>
      [...element.getClientRects()].map((line) => {
        const box = { left: line.left, right: line.right, top: line.top, bottom: line.bottom };
        for (const { one, style } of all.slice(1)) {
          if (style.overflowX === "visible" && style.overflowY === "visible") continue;
          const edge = one.getBoundingClientRect();
          box.left = Math.max(box.left, edge.left);
          box.right = Math.min(box.right, edge.right);
          box.top = Math.max(box.top, edge.top);
          box.bottom = Math.min(box.bottom, edge.bottom);
        }
        return box;
      });
    const found = [];
    for (const one of within.querySelectorAll("a[href], button, input, select, textarea, summary")) {
      const all = ancestors(one);
      if (shown(one) && !lies(all)) found.push({ one, lines: boxes(one, all) });
    }
    const cross = (a, b) =>
      Math.min(a.right, b.right) - Math.max(a.left, b.left) > 2 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 2;
    const over = [];
    for (const [index, { one, lines }] of found.entries()) {
      for (const other of found.slice(index + 1)) {
        if (one.contains(other.one) || other.one.contains(one)) continue;
        if (lines.some((line) => other.lines.some((its) => cross(line, its)))) {
          over.push(`${one.outerHTML.slice(0, 90)} over ${other.one.outerHTML.slice(0, 90)}`);
        }
      }
    }
    const { scrollWidth: content, clientWidth: window } = document.documentElement;
    return { content, window, over };
  });
  assert.ok(content <= window, `${page.url()} is ${content} pixels wide in a window of ${window}`);
  assert.deepEqual(over, [], `${page.url()} in a window of ${window} pixels`);
}

/** What moves on the page, or would: running animations, and styles that start one. */
export function moving(page) {
  return page.evaluate(() => {
    const found = document.getAnimations().map((animation) => `runs: ${animation.animationName ?? animation.constructor.name}`);
    const lasts = (durations) => durations.split(",").some((one) => parseFloat(one) > 0);
    for (const element of document.querySelectorAll("*")) {
      for (const part of [null, "::before", "::after"]) {
        const style = getComputedStyle(element, part);
        const animates = style.animationName !== "none" && lasts(style.animationDuration);
        const where = `${element.tagName.toLowerCase()}.${element.getAttribute("class") ?? ""}${part ?? ""}`;
        if (animates || lasts(style.transitionDuration)) found.push(`may move: ${where}`);
        if (style.scrollBehavior === "smooth") found.push(`scrolls smoothly: ${where}`);
      }
    }
    for (const element of document.querySelectorAll("animate, animateMotion, animateTransform")) found.push(`moves: ${element.tagName}`);
    return found;
  });
}

/** Looks at the page in both themes and all widths, checks them with axe, and keeps a picture of each. */
export async function inspect(page, name) {
  const before = page.viewportSize();
  for (const theme of THEMES) {
    for (const width of WIDTHS) {
      await page.emulateMedia({ colorScheme: theme });
      await page.setViewportSize({ width, height: before.height });
      await screenshot(page, `${name}-${theme}-${width}`);
      await assertFits(page);
      // The widest is laid out as the first.
      if (width <= WIDTHS[0]) await assertAccessible(page);
    }
  }
  await page.emulateMedia({ colorScheme: "light" });
  await assertWithstands(page);
  if (!page.motion) assert.deepEqual(await moving(page), [], `${page.url()} moves for somebody who asked that nothing does`);
  await page.setViewportSize(before);
}

/** Fails when a very wide screen, or zooming in, breaks the page. */
async function assertWithstands(page) {
  const session = await page.context().newCDPSession(page);
  for (const screen of EXTREMES) {
    await session.send("Emulation.setDeviceMetricsOverride", { ...screen, mobile: false });
    await page.waitForFunction(({ width }) => window.innerWidth === width, screen);
    await assertFits(page);
  }
  await session.send("Emulation.clearDeviceMetricsOverride");
  await session.detach();
}

/** Saves the whole page as end2end/artifacts/<name>.png. */
export async function screenshot(page, name) {
  await mkdir(ARTIFACTS, { recursive: true });
  await page.screenshot({ path: join(ARTIFACTS, `${name}.png`), fullPage: true });
}

// What a page costs to load, as the browser really received it: compressed, with an empty cache. And that nothing
// moves while it loads, wherever it is read, and that no script runs which the page did not name.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, open } from "../support/browser.mjs";
import { signIn } from "../support/console.mjs";
import { Server } from "../support/server.mjs";
import { doToSeveral, furnish } from "../support/tour.mjs";

/** The most that may come over the wire for one page, in bytes. */
const LIMITS = { html: 40_000, css: 20_000, code: 120_000 };
/** Browsers call up to 0.1 good; less than a hundredth of that is seen by nobody. */
const STEADY = 0.001;
/** Pages that have nothing that scripts would add to. */
const STILL = ["/sign-in", "/welcome", "/welcome/password"];

let server;
let browser;
let pages;
before(async () => {
  server = await Server.start();
  browser = await launch();
  pages = await furnish(server);
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

/** Loads a page with an empty cache and adds up what came, by kind. */
async function weigh(page, path, comesAlive) {
  const session = await page.context().newCDPSession(page);
  await session.send("Network.enable");
  await session.send("Network.setCacheDisabled", { cacheDisabled: true });
  const kinds = new Map();
  const weights = { html: 0, css: 0, code: 0 };
  session.on("Network.responseReceived", ({ requestId, type, response }) => {
    const code = type === "Script" || response.mimeType === "application/wasm" || response.url.endsWith(".wasm");
    if (type === "Document") kinds.set(requestId, "html");
    else if (type === "Stylesheet") kinds.set(requestId, "css");
    else if (code) kinds.set(requestId, "code");
    if (response.url.includes("/pkg/")) {
      const headers = Object.fromEntries(Object.entries(response.headers).map(([k, v]) => [k.toLowerCase(), v]));
      assert.match(headers["cache-control"], /immutable/, `${response.url} can be kept for ever`);
      assert.ok(headers["content-encoding"], `${response.url} is sent compressed`);
    }
  });
  session.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
    const kind = kinds.get(requestId);
    if (kind) weights[kind] += encodedDataLength;
  });
  const answer = await page.goto(`${server.url}${path}`, { waitUntil: "load" });
  if (comesAlive) await page.locator("html[data-alive]").waitFor({ state: "attached" });
  await session.detach();
  return { weights, answer };
}

/** How far things moved since the page began to load. */
function moved(page) {
  return page.evaluate(
    () =>
      new Promise((resolve) => {
        const all = [];
        new PerformanceObserver((list) => {
          for (const entry of list.getEntries()) {
            if (entry.hadRecentInput) continue;
            const what = entry.sources.map(({ node }) => node?.textContent?.slice(0, 60)).join(" | ");
            all.push([entry.value, what]);
          }
        }).observe({ type: "layout-shift", buffered: true });
        requestAnimationFrame(() => setTimeout(() => resolve(all), 50));
      }),
  );
}

// Far from UTC, by hours and by minutes: another day for half of the time, and words of another length.
for (const zone of ["UTC", "Pacific/Chatham"]) {
  test(`no page is heavier than it may be, moves while it loads, or lets foreign scripts run, read in ${zone}`, async () => {
    const door = await open(browser, { zone });
    const page = await open(browser, { zone });
    await signIn(page, server);
    await doToSeveral(page, server);
    const heaviest = { html: 0, css: 0, code: 0 };
    const wrong = [];
    for (const [route, path] of pages) {
      const on = ["/sign-in", "/welcome"].includes(route) ? door : page;
      const { weights, answer } = await weigh(on, path, !STILL.includes(route));
      assert.equal(answer.status(), 200, path);
      for (const [kind, limit] of Object.entries(LIMITS)) {
        assert.ok(weights[kind] > 0 || STILL.includes(route), `${path} has ${kind}`);
        if (weights[kind] > limit) wrong.push(`${path}: ${weights[kind]} bytes of ${kind}, at most ${limit}`);
        heaviest[kind] = Math.max(heaviest[kind], weights[kind]);
      }
      const policy = answer.headers()["content-security-policy"];
      const scripts = policy.split(";").find((part) => part.trim().startsWith("script-src"));
      assert.ok(scripts.includes("'nonce-") && !scripts.includes("'unsafe-inline'"), `${path}: ${scripts}`);
      const moves = await moved(on);
      const sum = moves.reduce((all, [value]) => all + value, 0);
      if (sum > STEADY) wrong.push(`${path} moved while it loaded: ${JSON.stringify(moves)}`);
    }
    console.log(`${pages.size} pages; the heaviest of each, in bytes: ${JSON.stringify(heaviest)}`);
    assert.deepEqual(wrong, []);
    assert.deepEqual([door.problems, page.problems], [[], []]);
    await door.context().close();
    await page.context().close();
  });
}

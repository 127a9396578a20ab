// What a page costs to load, as the browser really received it: compressed, with an empty cache. And that nothing
// moves while it loads, and that no script runs which the page did not name.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, open } from "../support/browser.mjs";
import { startDemo } from "../support/demo.mjs";
import { signIn } from "../support/console.mjs";
import { Server } from "../support/server.mjs";

/** The most that may come over the wire for one page, in bytes. */
const LIMITS = { html: 40_000, css: 20_000, code: 120_000 };

let server;
let browser;
before(async () => {
  server = await Server.start();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

/** Loads a page with an empty cache and adds up what came, by kind. */
async function weigh(page, path) {
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
  const answer = await page.goto(`${server.url}${path}`);
  await page.locator("html[data-alive]").waitFor({ state: "attached" });
  await session.detach();
  return { weights, answer };
}

test("no page is heavier than it may be, moves while it loads, or lets foreign scripts run", async () => {
  const page = await open(browser);
  await signIn(page, server);
  const id = await startDemo(page);
  await page.locator(".head .chip").filter({ hasText: "Running" }).waitFor({ timeout: 30_000 });
  const { artifactId, artifact, runtime } = await server.api("GET", `/workloads/${id}/`);
  const { spec } = await server.api("GET", `/artifacts/${artifactId}/`);
  for (let n = 0; n < 19; n += 1) {
    const inline = { name: artifact.name, spec };
    const made = await server.api("POST", "/workloads/", { name: `one of many ${n}`, artifact: inline, runtime });
    await server.api("POST", `/workloads/${made.id}/stop/`);
  }
  const paths = [
    "/workloads",
    "/workloads/new",
    ...["", "/monitoring", "/settings", "/endpoint", "/history", "/history/compare", "/activity", "/activity/audit", "/activity/logs", "/replace", "/share"].map(
      (tab) => `/workloads/${id}${tab}`,
    ),
    "/artifacts",
    `/artifacts/${artifactId}`,
    `/artifacts/${artifactId}/edit`,
    "/deployments",
    "/team",
    "/account",
    "/audit",
    "/credentials",
    "/palette",
    "/api/docs",
  ];
  for (const path of paths) {
    const { weights, answer } = await weigh(page, path);
    assert.equal(answer.status(), 200, path);
    for (const [kind, limit] of Object.entries(LIMITS)) {
      assert.ok(weights[kind] > 0, `${path} has ${kind}`);
      assert.ok(weights[kind] <= limit, `${path}: ${weights[kind]} bytes of ${kind}, at most ${limit}`);
    }
    const policy = answer.headers()["content-security-policy"];
    const scripts = policy.split(";").find((part) => part.trim().startsWith("script-src"));
    assert.ok(scripts.includes("'nonce-") && !scripts.includes("'unsafe-inline'"), `${path}: ${scripts}`);
    const moved = await page.evaluate(
      () =>
        new Promise((resolve) => {
          let sum = 0;
          new PerformanceObserver((list) => {
            for (const entry of list.getEntries()) sum += entry.hadRecentInput ? 0 : entry.value;
          }).observe({ type: "layout-shift", buffered: true });
          requestAnimationFrame(() => setTimeout(() => resolve(sum), 50));
        }),
    );
    assert.ok(moved < 0.001, `${path} moved by ${moved} while it loaded`);
  }
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

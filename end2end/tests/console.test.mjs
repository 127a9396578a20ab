// The main job as a person does it, in a browser with scripts: nothing is reloaded to see what happens.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, open, screenshot } from "../support/browser.mjs";
import { editImage, rollOut, runDemo, startDemo, warmUp } from "../support/demo.mjs";
import { signIn } from "../support/console.mjs";
import { Server } from "../support/server.mjs";
import { until } from "../support/wait.mjs";

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

/** Marks the document, so that a reload is noticed. */
const mark = (page) => page.evaluate(() => (window.notReloaded = true));
const notReloaded = (page) => page.evaluate(() => window.notReloaded === true);
const chip = (page, text) => page.locator(".roll-head .chip").filter({ hasText: text });

test("a demo is started, opened, replaced while the page is watched, and promoted", async () => {
  const page = await open(browser);
  await signIn(page, server);
  const id = await runDemo(page);

  const endpoint = await open(browser);
  await signIn(endpoint, server);
  await endpoint.goto(`${server.url}/workloads/${id}`);
  await endpoint.locator(".endpoint a").click();
  await endpoint.getByText("1.0").first().waitFor();
  await endpoint.context().close();

  await editImage(page, server, id, "handover/demo:2.0", "DEMO_READY_AFTER_MS=2500");
  await rollOut(page, server, id, { warmUp: 1, keep: 5 });
  await mark(page);
  await chip(page, "Starting").waitFor();
  await page.getByRole("list", { name: "Stages" }).waitFor({ state: "attached" });
  await chip(page, "Warming up").waitFor({ timeout: 30_000 });
  await screenshot(page, "rollout-warming");
  assert.match(await page.title(), /Warming up.*demo/);
  await page.getByRole("button", { name: "Switch now" }).click();
  await chip(page, "Old version kept").waitFor({ timeout: 30_000 });
  await screenshot(page, "rollout-kept");
  assert.match(await body(page, `/api/v2/endpoints/workloads/${id}/`), /2\.0/);
  await page.getByRole("button", { name: "Finish now" }).click();
  await chip(page, "Completed").waitFor({ timeout: 30_000 });
  assert.ok(await notReloaded(page), "the stages arrived without a reload");

  await page.getByRole("link", { name: "Promote", exact: true }).first().click();
  await page.getByText("locked as v1").waitFor();
  await page.getByRole("button", { name: "Promote as v1" }).click();
  await page.locator(".head .chip").filter({ hasText: "Locked · v1" }).waitFor();
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

test("a candidate that never gets ready is cancelled, and leaves its flight record", async () => {
  const page = await open(browser);
  await signIn(page, server);
  const id = await runDemo(page);
  await editImage(page, server, id, "handover/demo:bad", "DEMO_NEVER_READY=1");
  await rollOut(page, server, id, { warmUp: 1 });
  await mark(page);
  await chip(page, "Starting, 0 of 1 ready").waitFor({ timeout: 30_000 });
  const hold = page.getByRole("button", { name: "Switch now" });
  assert.equal(await hold.getAttribute("aria-disabled"), "true");
  await page.getByText("readiness can't be skipped").first().waitFor();
  await page.getByRole("button", { name: "Cancel" }).click();
  await chip(page, "Cancelled").waitFor({ timeout: 30_000 });
  await page.getByText(/Flight record of/).click();
  await page.getByText("Probe attempts, newest first").waitFor();
  assert.match(await body(page, `/api/v2/endpoints/workloads/${id}/`), /1\.0/);
  assert.ok(await notReloaded(page));
  await screenshot(page, "rollout-cancelled");
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

test("a person holds, releases and switches back, and the keyboard keeps its place", async () => {
  const page = await open(browser);
  await signIn(page, server);
  const id = await runDemo(page);
  await warmUp(page, server, id, "handover/demo:3.0", { warmUp: 10, keep: 10 });
  await page.getByRole("button", { name: "Hold before the switch" }).click();
  await page.getByRole("button", { name: "Release" }).waitFor();
  const switchNow = page.getByRole("button", { name: "Switch now" });
  await switchNow.focus();
  await page.waitForFunction(() => /observed [0-2] s ago/.test(document.body.innerText));
  const seen = await page.locator(".roll-head .chip").innerText();
  await page.waitForFunction((before) => document.querySelector(".roll-head .chip")?.innerText !== before, seen);
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), "Switch now");
  await page.keyboard.press("Enter");
  await chip(page, "Old version kept").waitFor({ timeout: 30_000 });
  await page.getByRole("button", { name: "Switch back" }).click();
  await chip(page, "Switched back").waitFor({ timeout: 30_000 });
  assert.match(await body(page, `/api/v2/endpoints/workloads/${id}/`), /1\.0/);
  await screenshot(page, "rollout-back");
  await page.getByRole("link", { name: "draft 1.0 → draft 3.0" }).first().click();
  const steps = page.locator("section", { has: page.getByRole("heading", { name: "Step by step" }) }).locator("tbody tr");
  const told = (await steps.allInnerTexts()).map((row) => row.split("\t").slice(1).join(", "));
  const by = (what) => told.find((row) => row.startsWith(what))?.split(", ").pop();
  assert.deepEqual(["held before the switch", "told to switch now", "new requests go to the new version", "told to switch back"].map(by),
    ["admin", "admin", "by itself", "admin"], told.join("\n"));
  await until("its requests are counted", async () => (await server.api("GET", `/workloads/${id}/`)).requestStats?.totalRequests > 0);
  await page.goto(`${server.url}/workloads/${id}/monitoring`);
  const marks = await page.locator(".marks li a").allInnerTexts();
  assert.deepEqual(marks, ["draft 1.0 → draft 3.0", "back to draft 1.0"]);
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

test("the page says when it lost the server, and is live again when the server is back", async () => {
  const page = await open(browser);
  await signIn(page, server);
  await startDemo(page);
  await page.getByText(/live, observed/).waitFor();
  await mark(page);
  await server.kill();
  await page.getByText(/connection lost/).first().waitFor({ timeout: 20_000 });
  await server.launch();
  await page.getByText(/live, observed/).waitFor({ timeout: 30_000 });
  assert.ok(await notReloaded(page));
  await page.context().close();
});

/** What an address answers to the signed-in browser. */
function body(page, path) {
  return page.evaluate(async (path) => (await fetch(path)).text(), path);
}

// What the console promises on every page or in passing, and no other test is about: what a row says, what the tab
// shows, what the keyboard reaches, that every action tells its API call, that nothing typed is left behind unasked.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, open } from "../support/browser.mjs";
import { signIn } from "../support/console.mjs";
import { rollOut, startDemo } from "../support/demo.mjs";
import { Server } from "../support/server.mjs";
import { furnish } from "../support/tour.mjs";
import { until } from "../support/wait.mjs";

let server;
let browser;
let pages;
before(async () => {
  [server, browser] = await Promise.all([Server.start({ args: ["--drain-cap", "20s"] }), launch()]);
  pages = await furnish(server);
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const alive = (page) => page.locator("html[data-alive]").waitFor({ state: "attached" });
const chip = (page, text) => page.locator(".roll-head .chip").filter({ hasText: text });
const icon = (page) => page.locator("link[rel=icon]").getAttribute("href");

/** A running demo; the page is its own, and follows it. */
async function running(options) {
  const page = await open(browser, options);
  await signIn(page, server);
  const id = await startDemo(page);
  await until("it runs", async () => (await server.api("GET", `/workloads/${id}/`)).status === "running", 60);
  return { page, id };
}

test("a row of the list says how a workload is, and the tiles how it went before", async () => {
  const { page, id } = await running();
  await page.goto(`${server.url}/workloads`);
  await alive(page);
  const row = page.locator(`#w-${id}`);
  const text = await row.innerText();
  for (const part of [/Running/, /ends in 7 h/, /Draft/, /Low/, /never/]) assert.match(text, part);
  assert.equal(await row.locator("svg.spark").count(), 2, "requests and errors as lines");
  await page.goto(`${server.url}/workloads?search=a_name_in_one_word`);
  const critical = await page.locator("tr").filter({ hasText: "a_name_in_one_word" }).innerText();
  for (const part of [/Running/, /v2\s+Locked/, /Critical/, /ago|now/]) assert.match(critical, part);
  const tiles = page.getByRole("list", { name: "The last seven days" });
  for (const name of ["Running", "Requests, 7 days", "Error rate, 7 days", "Median response, 7 days"]) {
    await tiles.getByText(name, { exact: true }).waitFor();
  }
  assert.match(await tiles.innerText(), /nothing before/, "there was no week before this one");
  await page.context().close();
});

test("a draft is promoted from the list", async () => {
  const { page, id } = await running();
  await page.goto(`${server.url}/workloads`);
  await alive(page);
  await page.locator(`#menu-${id} summary`).click();
  await page.locator(`#w-${id}`).getByRole("link", { name: "Promote" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("locked as v1").waitFor();
  await dialog.getByRole("button", { name: "Promote as v1" }).click();
  await dialog.waitFor({ state: "hidden" });
  await until("it is locked", async () => (await server.api("GET", `/workloads/${id}/`)).artifact.version === 1);
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

test("the tab shows that a rollout runs and that one failed, a wait is made longer, and an exit stays readable", async () => {
  const { page, id } = await running();
  assert.equal(await icon(page), "/favicon.svg");
  const { artifactId } = await server.api("GET", `/workloads/${id}/`);
  /** Rolls the draft out again, with these variables. */
  const again = async (variables) => {
    const { spec } = await server.api("GET", `/artifacts/${artifactId}/`);
    spec.containerGroups[0].containers[0].environmentVars = Object.entries(variables).map(([name, value]) => ({ name, value }));
    await server.api("PATCH", `/artifacts/${artifactId}/`, { spec });
    await rollOut(page, server, id, {});
    await alive(page);
  };
  await again({ DEMO_NEVER_READY: "1" });
  await chip(page, "Starting, 0 of 1 ready").waitFor({ timeout: 30_000 });
  assert.match(await page.title(), /^Starting.*demo/);
  assert.equal(await icon(page), "/favicon-rolling.svg");
  const left = async () => (await server.api("GET", `/workloads/${id}/replacement/`)).stageUntil;
  const before = Date.parse(await left());
  await page.locator("#steer-extend button[type=submit]:not([aria-disabled])").waitFor();
  await page.getByLabel("Wait", { exact: true }).fill("7");
  await page.getByRole("button", { name: "longer" }).click();
  await until("it waits longer", async () => Date.parse(await left()) - before >= 7 * 60_000);
  await page.getByRole("button", { name: "Cancel" }).click();
  await chip(page, "Cancelled").waitFor({ timeout: 30_000 });
  assert.equal(await icon(page), "/favicon.svg", "what somebody has cancelled has not failed");

  // It exits again and again, until it is given up.
  await again({ DEMO_CRASH_AFTER_MS: "1", DEMO_EXIT_CODE: "42" });
  await chip(page, "Failed").waitFor({ timeout: 90_000 });
  assert.match(await page.title(), /^Failed.*demo/);
  assert.equal(await icon(page), "/favicon-failed.svg");
  await page.getByText("exit code 42").first().waitFor();
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

test("a drain names the WebSockets and the uploads that are open, and cuts them at the cap", async () => {
  const { page, id } = await running();
  await alive(page);
  // As the page of somebody who is signed in opens them.
  await page.evaluate(async (id) => {
    const at = `${location.origin.replace("http", "ws")}/api/v2/endpoints/workloads/${id}/ws`;
    window.kept = [new WebSocket(at), new WebSocket(at)];
    await Promise.all(window.kept.map((socket) => new Promise((done) => (socket.onopen = done))));
  }, id);
  const { artifactId } = await server.api("GET", `/workloads/${id}/`);
  await server.api("POST", `/workloads/${id}/replacement/`, { artifactId, strategy: "rolling", config: {} });
  await chip(page, "Draining").waitFor({ timeout: 30_000 });
  await page.locator("#drain").getByText(/2 WebSockets, the oldest \d+ s/).waitFor();
  assert.match(await page.locator("#drain").innerText(), /What is left is cut in 0:[01]\d/);
  await chip(page, "Completed").waitFor({ timeout: 60_000 });
  const { receipt } = await server.api("GET", `/workloads/${id}/replacement/`);
  assert.equal(receipt.cutAtCap, 2);
  await page.context().close();
});

test("every action shows the API call that does the same", async () => {
  const page = await open(browser);
  await signIn(page, server);
  // What belongs to a browser and not to a program: signing in, and choosing a password after a link.
  const without = ["/sign-in", "/welcome", "/welcome/password"];
  const silent = [];
  for (const [route, path] of pages) {
    if (without.includes(route)) continue;
    await page.goto(`${server.url}${path}`);
    const acts = await page.locator("main form[method=post] button[type=submit]").count();
    const told = await page.locator("main details summary:has-text('As an API call'), main .snippets pre").count();
    if (acts > 0 && told === 0) silent.push(route);
  }
  assert.deepEqual(silent, []);
  await page.context().close();
});

test("with scripts off every page is whole, and every button on it does something", async () => {
  const page = await open(browser, { scripts: false });
  await signIn(page, server);
  const wrong = [];
  for (const [route, path] of pages) {
    const answer = await page.goto(`${server.url}${path}`);
    if (answer.status() !== 200) wrong.push(`${route}: ${answer.status()}`);
    if (!(await page.locator("h1").first().isVisible())) wrong.push(`${route}: no heading`);
    const dead = await page.locator("button:visible").evaluateAll((all) =>
      all.filter((button) => button.type !== "submit" || !button.form).map((button) => button.textContent));
    if (dead.length) wrong.push(`${route}: ${dead}`);
    const text = await page.locator("main").innerText();
    if (/loading…|please wait/i.test(text)) wrong.push(`${route}: it waits for something`);
  }
  assert.deepEqual(wrong, []);
  await page.context().close();
});

test("the keyboard reaches everything, and shows where it is", async () => {
  const page = await open(browser);
  await signIn(page, server);
  const wrong = [];
  for (const route of ["/workloads", "/workloads/:id", "/workloads/:id/monitoring", "/workloads/:id/settings", "/artifacts/:id/edit", "/artifacts/:id/code", "/team", "/audit"]) {
    await page.goto(`${server.url}${pages.get(route)}`);
    await alive(page);
    const reachable = await page.evaluate(() => {
      const all = document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary");
      const shown = [...all].filter((one) => one.checkVisibility({ checkVisibilityCSS: true }) && one.tabIndex >= 0 && !one.disabled);
      // Of radio buttons that belong together one is a stop.
      window.stops = new Map(shown.filter((one) => one.type !== "radio").map((one, at) => [one, at]));
      return window.stops.size;
    });
    const seen = new Set();
    const dim = [];
    for (let n = 0; n < reachable + 60; n += 1) {
      await page.keyboard.press("Tab");
      const stop = await page.evaluate(() => {
        const one = document.activeElement;
        const style = getComputedStyle(one);
        const marked = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
        const box = one.getBoundingClientRect();
        // The parts of a chart mark themselves in their own way.
        const inside = box.bottom > 0 && box.top < innerHeight;
        return { at: window.stops.get(one), shows: (marked || !!one.closest("svg")) && inside, what: one.outerHTML.slice(0, 80) };
      });
      if (stop.at !== undefined) seen.add(stop.at);
      if (!stop.shows && !stop.what.startsWith("<body") && !stop.what.startsWith("<html")) dim.push(stop.what);
    }
    if (seen.size < reachable) wrong.push(`${route}: ${seen.size} of ${reachable} are reached`);
    if (dim.length) wrong.push(`${route}: not seen: ${dim.slice(0, 3)}`);
  }
  assert.deepEqual(wrong, []);
  await page.context().close();
});

test("whoever leaves what they typed is asked first", async () => {
  const page = await open(browser);
  await signIn(page, server);
  await page.goto(`${server.url}${pages.get("/artifacts/:id/edit")}`);
  await alive(page);
  const asked = [];
  page.on("dialog", async (dialog) => {
    asked.push(dialog.type());
    await dialog.dismiss();
  });
  await page.getByLabel("Image", { exact: true }).fill("handover/demo:typed");
  await page.getByRole("link", { name: "Team" }).click().catch(() => {});
  await until("it is asked", () => asked.length > 0);
  assert.deepEqual(asked, ["beforeunload"]);
  assert.equal(await page.getByLabel("Image", { exact: true }).inputValue(), "handover/demo:typed");
  await page.context().close();
});

// What is the same on every page: the palette, dialogs, the keyboard, the way back.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertAccessible, inspect, launch, open } from "../support/browser.mjs";
import { startDemo } from "../support/demo.mjs";
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

const alive = (page) => page.locator("html[data-alive]").waitFor({ state: "attached" });

test("the palette goes anywhere and does anything", async () => {
  const page = await open(browser);
  await signIn(page, server);
  const id = await startDemo(page);
  await page.locator(".head .chip").filter({ hasText: "Running" }).waitFor({ timeout: 30_000 });
  await alive(page);

  await page.keyboard.press("Control+k");
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("heading", { name: "This workload" }).waitFor();
  await assertAccessible(page);
  await page.keyboard.type("stop demo");
  await dialog.getByRole("link", { name: "Open demo" }).waitFor({ state: "detached" });
  await dialog.getByRole("link", { name: "Stop demo" }).first().waitFor();
  await page.keyboard.press("ArrowDown");
  assert.match(await page.evaluate(() => document.activeElement.textContent), /^Stop demo/);
  await page.keyboard.press("Enter");
  await page.waitForURL(`${server.url}/workloads/${id}/stop`);

  // Escape closes it, and the focus is where it was.
  await page.goto(`${server.url}/workloads`);
  await alive(page);
  await page.getByRole("link", { name: "New workload" }).focus();
  await page.keyboard.press("Control+k");
  await dialog.getByRole("searchbox").waitFor();
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "hidden" });
  assert.match(await page.evaluate(() => document.activeElement.textContent), /New workload/);

  await page.keyboard.press("Control+k");
  await dialog.getByRole("searchbox").fill("no such thing anywhere");
  await dialog.getByText("Nothing is called that").waitFor();
  assert.deepEqual(page.problems, []);

  // It is a page, too.
  const plain = await open(browser, { scripts: false });
  await signIn(plain, server);
  await plain.getByRole("link", { name: "Go to" }).click();
  await plain.getByRole("searchbox").fill("demo");
  await plain.keyboard.press("Enter");
  await plain.getByRole("link", { name: /^demo/ }).first().click();
  await plain.waitForURL(`${server.url}/workloads/${id}`);
  await inspect(page, "palette-open");
  await plain.context().close();
  await page.context().close();
});

test("a dialog asks over the page, says what was wrong in place, and goes away when it is done", async () => {
  const page = await open(browser);
  await signIn(page, server);
  const id = await startDemo(page);
  await page.locator(".head .chip").filter({ hasText: "Running" }).waitFor({ timeout: 30_000 });
  await alive(page);
  await page.evaluate(() => (window.notReloaded = true));

  await page.getByRole("link", { name: "Stop", exact: true }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("heading", { level: 1 }).waitFor();
  assert.equal(new URL(page.url()).pathname, `/workloads/${id}`, "the page below stays");
  await assertAccessible(page);
  await dialog.getByRole("link", { name: "Back" }).click();
  await dialog.waitFor({ state: "hidden" });
  await until("nothing of it is left", async () => (await page.locator("dialog *").count()) === 0);

  await page.getByRole("link", { name: "Stop", exact: true }).click();
  await dialog.getByRole("button", { name: /^Stop/ }).click();
  await dialog.waitFor({ state: "hidden" });
  await page.locator(".head .chip").filter({ hasText: /Stopp/ }).first().waitFor({ timeout: 30_000 });
  assert.ok(await page.evaluate(() => window.notReloaded), "nothing was reloaded");
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

test("a dialog keeps what was typed from a slip of the hand, and leaves nothing behind", async () => {
  const page = await open(browser);
  await signIn(page, server);
  const id = await startDemo(page);
  await page.goto(`${server.url}/workloads/${id}/monitoring`);
  await alive(page);
  await page.getByRole("link", { name: "Clear statistics" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("combobox").first().selectOption({ index: 1 });
  await page.mouse.click(5, 300);
  assert.ok(await dialog.isVisible(), "a click beside it does not throw away what was chosen");
  await page.keyboard.press("Escape");
  await until("nothing of it is left", async () => (await page.locator("dialog *").count()) === 0);
  await page.keyboard.press("Control+k");
  await dialog.getByRole("searchbox").fill("demo");
  await page.mouse.click(5, 300);
  await until("nor of what only looks", async () => (await page.locator("dialog *").count()) === 0);
  const twice = await page.evaluate(() => {
    const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
    return ids.filter((id, at) => ids.indexOf(id) !== at);
  });
  assert.deepEqual(twice, [], "each id is there once");
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

test("times are those of the reader's zone, at once, and are called UTC where nobody says which it is", async () => {
  const there = await open(browser, { zone: "Asia/Tokyo" });
  await signIn(there, server);
  const id = await startDemo(there);
  const { createdAt } = await server.api("GET", `/workloads/${id}/`);
  const local = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: "Asia/Tokyo" });
  // As it came, before any script has run.
  const sent = await (await there.context().request.get(`${server.url}/workloads/${id}`)).text();
  assert.match(sent, new RegExp(`today ${local.format(new Date(createdAt))}<`));
  await there.goto(`${server.url}/workloads/${id}/monitoring`);
  await there.getByLabel("From (Asia/Tokyo)").waitFor();
  assert.match(await there.locator("#slide output").last().innerText(), /^\d+ \w+ \d\d:\d\d$/);
  const start = new Date(Date.parse(createdAt) - 600_000).toISOString().slice(0, 19);
  await there.goto(`${server.url}/workloads/${id}/activity?from=${start}`);
  // Asked for in UTC, shown in the zone of the reader, and the same when it is sent again.
  const typed = await there.getByLabel(/^From/).inputValue();
  assert.equal(Date.parse(`${typed}+09:00`), Date.parse(`${start}Z`));
  await there.getByRole("button", { name: "Filter" }).click();
  await there.waitForURL(/zone=Asia%2FTokyo/);
  assert.equal(await there.getByLabel(/^From/).inputValue(), typed);
  const address = there.url();
  await there.context().close();

  // The address means the same to somebody elsewhere.
  const plain = await open(browser, { scripts: false, zone: "Asia/Tokyo" });
  await signIn(plain, server);
  await plain.goto(address);
  assert.equal(Date.parse(`${await plain.getByLabel("From, UTC").inputValue()}Z`), Date.parse(`${start}Z`));
  await plain.goto(`${server.url}/workloads/${id}`);
  await plain.getByText(/today \d\d:\d\d UTC/).first().waitFor();
  await plain.goto(`${server.url}/workloads/${id}/monitoring`);
  await plain.getByLabel("From (UTC)").waitFor();
  await plain.context().close();
});

test("back and forward show what was there", async () => {
  const page = await open(browser);
  await signIn(page, server);
  const id = await startDemo(page);
  await alive(page);
  await page.goto(`${server.url}/workloads/${id}/activity`);
  await page.goto(`${server.url}/workloads/${id}/history`);
  await page.goBack();
  await page.locator(".tabs [aria-current]").filter({ hasText: "Activity" }).waitFor();
  await page.goBack();
  await page.locator(".tabs [aria-current]").filter({ hasText: "Overview" }).waitFor();
  await page.goForward();
  await page.locator(".tabs [aria-current]").filter({ hasText: "Activity" }).waitFor();
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

test("addresses that other clients print arrive", async () => {
  const page = await open(browser);
  await signIn(page, server);
  const id = await startDemo(page);
  for (const [from, to] of [
    [`/console-nextgen/workloads/${id}/overview`, `/workloads/${id}`],
    [`/console-nextgen/workloads/${id}/activity-log/otel-logs`, `/workloads/${id}/activity/logs`],
    [`/api/v2/console-nextgen/workloads/${id}/overview/`, `/workloads/${id}`],
    ["/console-nextgen/workloads", "/workloads"],
  ]) {
    await page.goto(`${server.url}${from}`);
    assert.ok(new URL(page.url()).pathname.startsWith(to), `${from} leads to ${page.url()}`);
    await page.locator("h1").waitFor();
  }
  await page.context().close();
});

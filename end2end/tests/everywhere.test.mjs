// What is the same on every page: the palette, dialogs, the keyboard, the way back.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertAccessible, inspect, launch, open, screenshot } from "../support/browser.mjs";
import { runDemo, startDemo } from "../support/demo.mjs";
import { signIn } from "../support/console.mjs";
import { PASSWORD, Server } from "../support/server.mjs";
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
  const id = await runDemo(page);
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

test("every deed is in the palette, by the words that people use, with the reason where it can't be done", async () => {
  const page = await open(browser);
  await signIn(page, server);
  const id = await runDemo(page);
  await alive(page);
  const { name: called } = await server.api("GET", `/workloads/${id}/`);
  await page.keyboard.press("Control+k");
  const dialog = page.getByRole("dialog");
  const typed = dialog.getByRole("searchbox");
  const finds = async (text, name) => {
    await typed.fill(text);
    await dialog.getByRole("listitem").filter({ hasText: name }).first().waitFor();
  };
  for (const [text, name] of [
    ["sign out", "Sign out"],
    ["demo", "Start a demo workload"],
    ["clear", `Clear statistics of ${called}`],
    ["lock", `Lock ${called}, draft`],
    ["clone", `Clone ${called}, draft`],
    ["edit", `Edit ${called}, draft`],
    ["compare", `Compare ${called}, draft`],
    ["tag", `Tags of ${called}`],
    ["user", "Add a person"],
    ["person", "Add a person"],
    ["group", "New group"],
    ["session", "Sign-ins"],
    ["create", "New workload"],
    ["token", "Make an API token"],
    ["credential", "Add a credential"],
    ["deploy", `Deploy ${called}`],
    ["resources", `Resources of ${called}`],
    ["cancel", new RegExp(`Cancel the replacement of ${called}\\s*nothing of it is being replaced`)],
    ["roll back", new RegExp(`Switch back to the old version of ${called}\\s*nothing of it is being replaced`)],
    [`start ${called}`, new RegExp(`Start ${called}\\s*it is already running`)],
  ]) {
    await finds(text, name);
  }
  await inspect(page, "palette-deeds");

  // People and groups by their names, and what is done with them.
  await server.api("POST", "/users/", { username: "palette-anna", role: "reader", password: PASSWORD });
  await finds("palette-anna", "palette-anna");
  await finds("deactivate palette-anna", "Deactivate palette-anna");

  // What is listed goes where it says.
  await typed.fill("draft workloads");
  await dialog.getByRole("link", { name: "Draft workloads" }).click();
  await page.waitForURL(`${server.url}/workloads?artifactStatus=draft`);

  // A running rollout is steered from any page of its workload.
  const { artifactId } = await server.api("GET", `/workloads/${id}/`);
  const config = { warmupDurationMinutes: 5, keepOldVersionMinutes: 0 };
  await server.api("POST", `/workloads/${id}/replacement/`, { artifactId, strategy: "rolling", config });
  await page.goto(`${server.url}/workloads/${id}/history`);
  await alive(page);
  const stage = (wanted) =>
    until(`it is ${wanted}`, async () => (await server.api("GET", `/workloads/${id}/replacement/`)).stage === wanted);
  await stage("warming");
  await page.keyboard.press("Control+k");
  await typed.fill("hold");
  await dialog.getByRole("button", { name: `Hold the switch of ${called}` }).click();
  await dialog.waitFor({ state: "hidden" });
  await page.waitForURL(`${server.url}/workloads/${id}`);
  await page.getByRole("button", { name: "Release the hold" }).waitFor();
  await page.keyboard.press("Control+k");
  await finds("switch back", "traffic has not moved yet; cancel instead");
  await typed.fill("cancel");
  await dialog.getByRole("button", { name: `Cancel the replacement of ${called}` }).click();
  await page.locator(".roll-head .chip").filter({ hasText: "Cancelled" }).waitFor({ timeout: 30_000 });

  await page.keyboard.press("Control+k");
  await typed.fill("sign out");
  await dialog.getByRole("button", { name: /^Sign out$/ }).click();
  await page.waitForURL(`${server.url}/sign-in`);
  await page.getByLabel("Username").waitFor();
  await page.goto(`${server.url}/workloads`);
  assert.match(page.url(), /\/sign-in/);
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

test("the palette offers nobody what their role never allows", async () => {
  await server.api("POST", "/users/", { username: "palette-rita", role: "reader", password: PASSWORD });
  const page = await open(browser, { scripts: false });
  await page.goto(`${server.url}/sign-in`);
  await page.getByLabel("Username").fill("palette-rita");
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL((url) => url.pathname !== "/sign-in");
  await page.goto(`${server.url}/palette`);
  await page.getByRole("button", { name: /^Sign out$/ }).waitFor();
  assert.equal(await page.getByRole("link", { name: /Add a person|New group|Audit trail/ }).count(), 0);
  await page.getByRole("button", { name: /^Sign out$/ }).click();
  await page.waitForURL(`${server.url}/sign-in`);
  await page.context().close();
});

test("a phone has every way that a wide window has", async () => {
  const page = await open(browser, { width: 390 });
  await signIn(page, server);
  for (const width of [390, 640]) {
    await page.setViewportSize({ width, height: 900 });
    await page.goto(`${server.url}/workloads`);
    await alive(page);
    for (const link of await page.getByRole("navigation", { name: "Console" }).getByRole("link").all()) {
      const { x, width: wide } = await link.boundingBox();
      assert.ok(x >= 0 && x + wide <= width, `${await link.innerText()} is outside of ${width} pixels`);
    }
    const account = page.getByText("Account of admin").locator("xpath=..");
    const { width: wide, height } = await account.boundingBox();
    assert.ok(wide >= 24 && height >= 24, `the account's menu is ${wide} by ${height} pixels`);
    await account.click();
    const out = page.getByRole("button", { name: "Sign out" });
    const place = await out.boundingBox();
    assert.ok(place.x >= 0 && place.x + place.width <= width);
    await screenshot(page, `account-menu-${width}`);
    await account.click();
    await inspect(page, `workloads-from-${width}`);
  }
  await page.getByText("Account of admin").locator("xpath=..").click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.waitForURL(`${server.url}/sign-in`);
  await page.context().close();
});

test("the focus comes back to the menu that a dialog was opened from", async () => {
  const page = await open(browser);
  await signIn(page, server);
  const id = await startDemo(page);
  const focused = () => page.evaluate(() => document.activeElement.getAttribute("aria-label"));
  const dialog = page.getByRole("dialog");
  for (const [path, menu, link] of [
    ["/workloads", `#menu-${id} > summary`, "Share"],
    [`/workloads/${id}`, ".head details.menu > summary", "Clear statistics"],
  ]) {
    await page.goto(`${server.url}${path}`);
    await alive(page);
    await page.locator(menu).press("Enter");
    const chosen = page.locator(".menu-items").getByRole("link", { name: link });
    await chosen.focus();
    await chosen.press("Enter");
    await dialog.getByRole("heading", { level: 1 }).waitFor();
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "hidden" });
    assert.match(await focused(), /ctions for demo/);
  }
  await page.context().close();
});

test("a page that has lost its server says so where one looks, and keeps what it shows", async () => {
  const own = await Server.start();
  const page = await open(browser);
  await signIn(page, own);
  const id = await runDemo(page);
  await alive(page);
  await own.kill();
  const said = page.getByText(/connection lost, last observed/);
  await said.waitFor();
  const { y, height } = await said.boundingBox();
  assert.ok(y + height <= 900, "in the window, however long the page is");
  await inspect(page, "connection-lost");
  const refused = page.waitForEvent("requestfailed", (request) => request.url().endsWith("/stop"));
  await page.getByRole("link", { name: "Stop", exact: true }).click();
  await refused;
  await page.getByRole("heading", { level: 1, name: "demo" }).waitFor();
  assert.equal(page.url(), `${own.url}/workloads/${id}`, "the page is still there");
  await own.launch();
  await page.getByText(/live, observed/).waitFor({ timeout: 30_000 });
  await page.context().close();
  await own.stop();
});

test("a dialog asks over the page, says what was wrong in place, and goes away when it is done", async () => {
  const page = await open(browser);
  await signIn(page, server);
  const id = await runDemo(page);
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

test("back closes a dialog, forward opens it again, and the page that it leads to takes its place", async () => {
  const page = await open(browser);
  await signIn(page, server);
  const id = await startDemo(page);
  await page.goto(`${server.url}/workloads`);
  await alive(page);
  const dialog = page.getByRole("dialog");
  const asks = dialog.getByRole("heading", { level: 1, name: "Filter" });
  const at = (path) => until(`the address is ${path}`, async () => page.url() === `${server.url}${path}`);
  await page.getByRole("link", { name: /^Filter/ }).click();
  await asks.waitFor();
  await page.goBack();
  await dialog.waitFor({ state: "hidden" });
  await at("/workloads");
  await page.goForward();
  await asks.waitFor();
  await page.reload();
  await alive(page);
  await asks.waitFor();
  await dialog.getByLabel("High").check();
  await dialog.getByRole("button", { name: /^Show/ }).click();
  await page.waitForURL(/importance=high/);
  await page.goBack();
  await at("/workloads");
  assert.equal(await dialog.count(), 0, "there is no dead step between");

  // However else it is closed, one step back is the page before.
  await page.goto(`${server.url}/workloads/${id}`);
  await alive(page);
  for (const close of [() => page.keyboard.press("Escape"), () => dialog.getByRole("link", { name: "Back" }).click()]) {
    await page.getByRole("link", { name: "Stop", exact: true }).click();
    await dialog.getByRole("heading", { level: 1 }).waitFor();
    await close();
    await dialog.waitFor({ state: "hidden" });
    await until("its entry is left", () => page.evaluate(() => history.state === null));
  }
  await page.goBack();
  await at("/workloads");
  await alive(page);

  await page.keyboard.press("Control+k");
  await dialog.getByRole("searchbox").fill("credentials");
  await dialog.getByRole("link", { name: /^Credentials/ }).first().click();
  await at("/credentials");
  await page.goBack();
  await at("/workloads");
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

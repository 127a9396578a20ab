// What people do without meaning to, or before they have looked: pressing twice, Enter at once, going on typing when
// their time is over.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, open } from "../support/browser.mjs";
import { signIn } from "../support/console.mjs";
import { runDemo, startDemo, warmUp } from "../support/demo.mjs";
import { Server } from "../support/server.mjs";
import { until } from "../support/wait.mjs";

let server;
let browser;
before(async () => {
  [server, browser] = await Promise.all([Server.start(), launch()]);
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const alive = (page) => page.locator("html[data-alive]").waitFor({ state: "attached" });
const chip = (page, text) => page.locator(".roll-head .chip").filter({ hasText: text });
const stage = async (id) => (await server.api("GET", `/workloads/${id}/replacement/`)).stage;

test("a second press does not undo the first, and the keyboard stays where it steered", async () => {
  const page = await open(browser);
  await signIn(page, server);
  const id = await runDemo(page);
  await warmUp(page, server, id, "handover/demo:2.0", { warmUp: 5, keep: 5 });
  await alive(page);
  const steer = page.getByRole("group", { name: "Steer this replacement" });
  const place = (name) => steer.getByRole("button", { name }).boundingBox();
  const forward = await place("Switch now");

  await steer.getByRole("button", { name: "Hold before the switch" }).dblclick();
  await steer.getByRole("button", { name: "Release the hold" }).waitFor();
  await steer.getByRole("button", { name: "Switch now" }).focus();
  await page.keyboard.press("Enter");
  await steer.getByRole("button", { name: "Switch back" }).waitFor();
  await until("it switched", async () => (await stage(id)) === "keeping");
  const { data: events } = await server.api("GET", `/workloads/${id}/events/?limit=100`);
  const steered = events.filter(({ eventType }) => eventType === "ReplacementSteered").map(({ details }) => details.action);
  assert.deepEqual(steered, ["switch", "hold"], "each once, the newest first");
  const back = await place("Switch back");
  assert.ok(Math.hypot(back.x - forward.x, back.y - forward.y) > 60, `${JSON.stringify(back)} is not where ${JSON.stringify(forward)} was`);
  const focused = () => page.evaluate(() => document.activeElement.closest("#steer, #main")?.id);
  await until("the keyboard goes on from there", async () => (await focused()) === "steer");
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

test("Enter in the palette takes the first of what is found", async () => {
  const page = await open(browser);
  await signIn(page, server);
  await startDemo(page);
  await alive(page);
  await page.keyboard.press("Control+k");
  const search = page.getByRole("dialog").getByRole("searchbox");
  await search.fill("audit");
  await search.press("Enter");
  await page.waitForURL(/\/audit/);
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

test("what is typed outlives a session, and a dialog is not pushed aside", async () => {
  const page = await open(browser);
  await signIn(page, server);
  const id = await runDemo(page);
  await page.goto(`${server.url}/workloads/${id}/settings`);
  await alive(page);
  const description = page.getByLabel("Description");
  await description.fill("typed for a long time");
  await page.context().clearCookies();
  await server.api("PATCH", `/workloads/${id}/`, { importance: "high" });
  await page.locator(".words", { hasText: "you are signed out" }).waitFor({ timeout: 30_000 });
  assert.equal(await description.inputValue(), "typed for a long time");
  assert.equal(page.url(), `${server.url}/workloads/${id}/settings`);
  await page.context().close();

  const other = await open(browser);
  await signIn(other, server);
  const { artifactId } = await server.api("GET", `/workloads/${id}/`);
  await other.goto(`${server.url}/artifacts/${artifactId}/clone`);
  await other.goto(`${server.url}/artifacts/${artifactId}`);
  await alive(other);
  await other.locator(".head details.menu > summary").click();
  await other.getByRole("link", { name: "Clone", exact: true }).click();
  const dialog = other.getByRole("dialog");
  await dialog.getByLabel("Name").fill("half a name");
  await other.keyboard.press("Control+k");
  assert.equal(await dialog.getByLabel("Name").inputValue(), "half a name");
  await other.keyboard.press("Escape");
  await dialog.waitFor({ state: "hidden" });
  await other.keyboard.press("Control+k");
  await dialog.getByRole("searchbox").waitFor();
  assert.ok(await dialog.getByRole("searchbox").evaluate((field) => field === document.activeElement));
  assert.deepEqual(other.problems, []);
  await other.context().close();
});

test("a slow console is waited for in place: what is typed meanwhile counts, and Escape gives it up", async () => {
  const page = await open(browser);
  await signIn(page, server);
  const id = await startDemo(page);
  await alive(page);
  const answers = [];
  const slow = (path) =>
    page.route(path, async (route) => {
      await new Promise((done) => answers.push(done));
      await route.continue();
    });
  const answer = () => until("it was asked", () => answers.shift()).then((done) => done());
  const dialog = page.getByRole("dialog");

  await slow("**/share");
  await page.getByRole("link", { name: "Share", exact: true }).click();
  await dialog.getByText("Waiting for the console").waitFor();
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "hidden" });
  const came = page.waitForResponse("**/share");
  await answer();
  await (await came).finished();
  await page.getByRole("link", { name: "Share", exact: true }).click();
  await dialog.getByText("Waiting for the console").waitFor();
  await answer();
  await dialog.getByRole("heading", { name: /^Share/ }).waitFor();
  assert.equal(await dialog.getByText("Waiting").count(), 0);
  await page.goBack();
  await dialog.waitFor({ state: "hidden" });
  assert.equal(page.url(), `${server.url}/workloads/${id}`);

  await slow("**/palette?*");
  await page.keyboard.press("Control+k");
  await page.keyboard.type("audit");
  await page.keyboard.press("Enter");
  await until("both are asked", () => answers.length > 1);
  answers.splice(0).forEach((done) => done());
  await page.waitForURL(/\/audit/);
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

test("whoever has a workload open that another deletes is told who did", async () => {
  const page = await open(browser);
  await signIn(page, server);
  const id = await startDemo(page);
  await alive(page);
  const { name } = await server.api("GET", `/workloads/${id}/`);
  await server.api("DELETE", `/workloads/${id}/`);
  await page.getByRole("heading", { name: `${name} was deleted` }).waitFor({ timeout: 30_000 });
  assert.match(await page.locator("main").innerText(), /today \d\d:\d\d:\d\d( UTC)? by admin/);
  await page.context().close();

  const plain = await open(browser, { scripts: false });
  await signIn(plain, server);
  const answer = await plain.goto(`${server.url}/workloads/${id}/settings`);
  assert.equal(answer.status(), 404);
  await plain.getByRole("heading", { name: `${name} was deleted` }).waitFor();
  await plain.context().close();
});

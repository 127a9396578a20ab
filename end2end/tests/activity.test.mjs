// History and activity of a workload: everything that was chosen is in the address, and it works with scripts off.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { inspect, launch, open } from "../support/browser.mjs";
import { signIn } from "../support/console.mjs";
import { startDemo } from "../support/demo.mjs";
import { Server, TOKEN } from "../support/server.mjs";
import { until } from "../support/wait.mjs";

let server;
let browser;
let id;
/** The artifact that the workload was created with, and the one that it runs at the end. */
let first;
let second;
before(async () => {
  server = await Server.start();
  browser = await launch();
  const page = await open(browser, { scripts: false });
  await signIn(page, server);
  id = await startDemo(page);
  await page.context().close();
  const workload = () => server.api("GET", `/workloads/${id}/`);
  await until("it runs", async () => (await workload()).status === "running", 60);
  first = (await workload()).artifactId;
  const copy = await server.api("POST", `/artifacts/${first}/clone/`, { name: "second" });
  second = copy.id;
  const { spec } = await server.api("GET", `/artifacts/${second}/`);
  const container = spec.containerGroups[0].containers[0];
  container.imageUri = "handover/demo:2.0";
  container.environmentVars = [{ source: "string", name: "GREETING", value: "a very secret word" }];
  await server.api("PATCH", `/artifacts/${second}/`, { spec });
  await server.api("POST", `/workloads/${id}/replacement/`, { artifactId: second, strategy: "rolling" });
  await until("the rollout is over", async () => (await server.api("GET", `/workloads/${id}/replacement/`)).stage === "done", 90);
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const get = (path, headers = {}) => fetch(`${server.url}${path}`, { headers, redirect: "manual" });

test("two entries are compared, no secret is shown, and one goes back to each", async () => {
  const page = await open(browser, { scripts: false });
  await signIn(page, server);
  await page.goto(`${server.url}/workloads/${id}/history`);
  await page.getByText("1–1 of 1, and how it began").waitFor();
  await page.getByLabel("Compare from created with draft 1.0").check();
  await page.getByRole("button", { name: "Compare the two chosen" }).click();
  await page.waitForURL(/\/history\/compare\?/);
  const difference = page.locator("table.compare");
  assert.match(await difference.innerText(), /image\s+.*demo:1\.0\s+.*demo:2\.0/s);
  assert.match(await difference.innerText(), /GREETING/);
  assert.doesNotMatch(await page.content(), /a very secret word/);
  await page.getByRole("link", { name: "Replace back to draft 1.0" }).click();
  await page.waitForURL(`${server.url}/workloads/${id}/replace?artifact=${first}`);
  await page.goBack();
  await page.goto(`${server.url}/workloads/${id}/history`);
  await page.getByRole("link", { name: "draft 1.0 → draft 2.0" }).click();
  await page.getByText("What was changed").waitFor();
  assert.doesNotMatch(await page.content(), /a very secret word/);
  await page.getByRole("link", { name: "Replace back to draft 1.0" }).waitFor();
  await page.context().close();
});

test("events and audit entries are narrowed by the address", async () => {
  const page = await open(browser, { scripts: false });
  await signIn(page, server);
  await page.goto(`${server.url}/workloads/${id}/activity`);
  await page.getByLabel("Event").selectOption({ label: "Traffic switched" });
  await page.getByRole("button", { name: "Filter" }).click();
  await page.waitForURL(/kind=TrafficSwitched/);
  const kinds = await page.locator("table.events tbody tr td:nth-child(2)").allInnerTexts();
  assert.ok(kinds.length > 0 && kinds.every((kind) => kind === "Traffic switched"), kinds.join());
  await page.goto(`${server.url}/workloads/${id}/activity?to=2020-01-01T00:00`);
  await page.getByText("No event fits.").waitFor();

  await page.getByRole("link", { name: "Audit", exact: true }).last().click();
  const row = page.locator("table.audit tbody tr").filter({ hasText: "Workload: replace" }).last();
  assert.match(await row.innerText(), /admin.*token.*api 127\.0\.0\.1/s);
  await row.getByRole("link", { name: "admin" }).click();
  await page.waitForURL(/who=/);
  assert.match(await page.locator("#filter").innerText(), /By admin/);
  await page.getByLabel("What was done").selectOption({ label: "Artifact: edit" });
  await page.getByRole("button", { name: "Filter" }).click();
  await page.waitForURL(/action=artifact\.edit/);
  const done = await page.locator("table.audit tbody tr").allInnerTexts();
  assert.ok(done.length === 0 || done.every((text) => text.includes("Artifact: edit")), done.join());
  const file = await page.getByRole("link", { name: "Export as CSV" }).getAttribute("href");
  const csv = await (await get(file, { authorization: `Bearer ${TOKEN}` })).text();
  assert.match(csv, /^id,timestamp,username/);
  await page.context().close();
});

test("logs are narrowed, followed, copied and downloaded", async () => {
  const page = await open(browser);
  await signIn(page, server);
  for (const [old, now] of [
    [`/console-nextgen/workloads/${id}/activity-log/otel-logs`, "/activity/logs"],
    [`/api/v2/console-nextgen/workloads/${id}/activity-log/otel-logs/`, "/activity/logs"],
    [`/console-nextgen/workloads/${id}/activity-log/governance`, "/activity/audit"],
  ]) {
    await page.goto(`${server.url}${old}`);
    assert.equal(new URL(page.url()).pathname, `/workloads/${id}${now}`);
  }
  await page.goto(`${server.url}/workloads/${id}/activity/logs`);
  const lines = page.locator(".log li");
  assert.match((await lines.allInnerTexts()).join("\n"), /demo 1\.0 listens.*|demo 2\.0 listens/s);
  await page.goto(`${server.url}/workloads/${id}/activity/logs?text=LISTENS`);
  const found = await lines.allInnerTexts();
  assert.ok(found.length >= 2 && found.every((line) => line.includes("listens")), found.join("\n"));
  await lines.first().getByRole("link").click();
  await page.waitForURL(/of=/);
  assert.equal(await lines.count(), 1, "one replica alone");

  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.goto(`${server.url}/workloads/${id}/activity/logs`).then(() => page.getByRole("link", { name: "Download" }).click()),
  ]);
  const stream = await download.createReadStream();
  let text = "";
  for await (const piece of stream) text += piece;
  const moments = text.trim().split("\n").map((line) => line.slice(0, 27));
  assert.deepEqual(moments, [...moments].sort(), "the oldest line first");
  assert.match(text, /demo 1\.0 listens.*demo 2\.0 listens/s);
  assert.match((await page.getByRole("button", { name: /^Copy the lines shown/ }).getAttribute("data-copy")) ?? "", /demo 2\.0 listens/);
  const stranger = await get(`/workloads/${id}/activity/logs/download`);
  assert.equal(stranger.status, 303, "only for who is signed in");

  // A page that follows shows what is written from now on; one that does not stays as it is read.
  const still = await open(browser);
  await signIn(still, server);
  await still.goto(`${server.url}/workloads/${id}/activity/logs`);
  const before = await still.locator(".log li").count();
  await page.goto(`${server.url}/workloads/${id}/activity/logs?follow=1`);
  await page.locator("html[data-alive]").waitFor({ timeout: 30_000 });
  await server.api("PATCH", `/workloads/${id}/settings/`, { runtime: { containerGroups: [{ replicaCount: 2 }] } });
  await until("new lines came by themselves", async () => (await page.locator(".log li").count()) > before, 60);
  assert.equal(await still.locator(".log li").count(), before);
  await still.context().close();
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

test("every page of it in both themes and widths", async () => {
  const page = await open(browser);
  await signIn(page, server);
  for (const path of ["history", "history/compare", "activity", "activity/audit", "activity/logs"]) {
    await page.goto(`${server.url}/workloads/${id}/${path}`);
    await page.locator("h1").waitFor();
    await inspect(page, path.replace("/", "-"));
  }
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

// Settings and endpoint of a workload: what a change would do is said before it is made, nothing typed is lost,
// and the endpoint can be tried from its page.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { inspect, launch, open } from "../support/browser.mjs";
import { signIn } from "../support/console.mjs";
import { startDemo } from "../support/demo.mjs";
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

/** Starts a demo and waits until it serves. */
async function running(page) {
  const id = await startDemo(page);
  const serves = async () => (await server.api("GET", `/workloads/${id}/`)).status === "running";
  await until("it runs", serves, 60);
  return id;
}

/** Until nothing is rolling any more. */
const settled = (id) =>
  until("the rollout is over", async () => (await server.api("GET", `/workloads/${id}/replacement/`)).stage === "done", 90);

const runtimeOf = async (id) => (await server.api("GET", `/workloads/${id}/`)).runtime.containerGroups[0];

test("autoscaling is set row by row with scripts off, and kept by whoever types something else", async () => {
  const page = await open(browser, { scripts: false });
  await signIn(page, server);
  const id = await running(page);
  await page.goto(`${server.url}/workloads/${id}/settings`);
  const effect = page.locator("#effect");
  assert.match(await effect.innerText(), /Nothing differs/);
  assert.match(await effect.innerText(), /1 replica starts with the same settings beside the 1 that runs: 2 replicas/);

  await page.getByLabel("Autoscaling").check();
  await page.getByLabel("Target of policy 1").fill("60");
  await page.getByLabel("Maximum of policy 1").fill("2");
  await page.getByRole("button", { name: "Add policy" }).click();
  assert.equal(await page.getByLabel("Target of policy 1").inputValue(), "60", "what was typed is kept");
  await page.getByLabel("Metric of policy 2").selectOption({ label: "HTTP requests at once" });
  await page.getByLabel("Minimum of policy 2").fill("3");
  await page.getByLabel("Maximum of policy 2").fill("2");
  await page.getByRole("button", { name: "Save and roll out" }).click();
  await page.getByText("the least is more than the most").waitFor();
  assert.equal(await page.getByLabel("Minimum of policy 2").getAttribute("aria-invalid"), "true");
  assert.equal(await page.getByLabel("Target of policy 1").inputValue(), "60");

  await page.getByRole("button", { name: "Remove policy 2" }).click();
  assert.equal(await page.getByLabel("Metric of policy 2").count(), 0);
  assert.match(await effect.innerText(), /replicas\s+1 → 1 to 2/);
  await page.getByRole("button", { name: "Save and roll out" }).click();
  await page.waitForURL(`${server.url}/workloads/${id}`);
  await settled(id);
  const scaled = await runtimeOf(id);
  assert.deepEqual(
    [scaled.replicaCount, scaled.autoscaling.minReplicaCount, scaled.autoscaling.maxReplicaCount, scaled.autoscaling.policies[0].target],
    [null, 1, 2, 60],
  );

  await page.goto(`${server.url}/workloads/${id}/settings`);
  await page.getByLabel("CPU cores").fill("0.25");
  await page.getByRole("button", { name: "Save and roll out" }).click();
  await page.waitForURL(`${server.url}/workloads/${id}`);
  await settled(id);
  const sized = await runtimeOf(id);
  assert.equal(sized.autoscaling.maxReplicaCount, 2, "scaling stays on");
  assert.equal(sized.containers[0].resourceAllocation.cpu, 0.25);

  await page.goto(`${server.url}/workloads/${id}/history`);
  await page.getByRole("link", { name: /^Settings back/ }).first().click();
  await page.getByText(/cpu/).first().waitFor();
  assert.equal(await page.getByLabel("CPU cores").inputValue(), "");
  await page.context().close();
});

test("two people change the settings: the second is told who did what, and loses nothing", async () => {
  const page = await open(browser, { scripts: false });
  await signIn(page, server);
  const id = await running(page);
  await page.goto(`${server.url}/workloads/${id}/settings`);
  await page.getByLabel("Replicas", { exact: true }).fill("3");
  await server.api("PATCH", `/workloads/${id}/settings/`, {
    runtime: { containerGroups: [{ containers: [{ name: await containerOf(id), resourceAllocation: { cpu: 0.5 } }] }] },
  });
  await settled(id);
  await page.getByRole("button", { name: "Save and roll out" }).click();
  const told = page.getByRole("alert").filter({ hasText: "changed the settings in the meantime" });
  await told.waitFor();
  assert.match(await told.innerText(), /admin changed the settings.*Nothing was saved/s);
  assert.equal(await page.getByLabel("Replicas", { exact: true }).inputValue(), "3");
  assert.equal((await runtimeOf(id)).replicaCount, 1);
  await page.getByRole("button", { name: "Save over theirs and roll out" }).click();
  await page.waitForURL(`${server.url}/workloads/${id}`);
  await settled(id);
  assert.equal((await runtimeOf(id)).replicaCount, 3);
  await page.context().close();
});

test("while one types, the page says that somebody else changed the settings, and when they can be changed again", async () => {
  const page = await open(browser);
  await signIn(page, server);
  const id = await running(page);
  await page.goto(`${server.url}/workloads/${id}/settings`);
  await page.locator("html[data-alive]").waitFor({ state: "attached" });
  const replicas = page.getByLabel("Replicas", { exact: true });
  const effect = page.locator("#effect");
  const button = effect.locator("button.solid:visible");
  await replicas.fill("4");
  await page.getByText("4 replicas start with the new settings").waitFor();
  // The one who types does nothing more: what is said follows what others do.
  const { artifactId } = await server.api("GET", `/workloads/${id}/`);
  const config = { warmupDurationMinutes: 5, keepOldVersionMinutes: 0 };
  await server.api("POST", `/workloads/${id}/replacement/`, { artifactId, strategy: "rolling", config });
  await effect.getByText("Not now: a replacement is still going on").waitFor({ timeout: 20_000 });
  assert.equal(await button.getAttribute("aria-disabled"), "true");
  await server.api("DELETE", `/workloads/${id}/replacement/`);
  await settled(id);
  await effect.getByText("Not now").waitFor({ state: "detached", timeout: 20_000 });
  assert.equal(await button.getAttribute("aria-disabled"), null);
  assert.equal(await page.locator("#others").count(), 0);
  const container = { name: await containerOf(id), resourceAllocation: { cpu: 0.5 } };
  const theirs = { runtime: { containerGroups: [{ replicaCount: 2, containers: [container] }] } };
  await server.api("PATCH", `/workloads/${id}/settings/`, theirs);
  await settled(id);
  await page.locator("#others").getByText("admin changed the settings in the meantime").waitFor({ timeout: 20_000 });
  assert.equal(await replicas.inputValue(), "4", "what was typed is kept");

  await replicas.fill("3");
  await page.getByText("3 replicas start with the new settings").waitFor();
  await page.locator("#others").waitFor();
  // The page may learn a little later than the API that their rollout is over.
  await effect.getByText("Not now").waitFor({ state: "detached", timeout: 20_000 });
  // Enter is no consent.
  await replicas.press("Enter");
  const refused = page.getByRole("alert").filter({ hasText: "Nothing was saved" });
  await refused.waitFor();
  assert.equal((await runtimeOf(id)).replicaCount, 2, "theirs stands");
  // What was said stays until the person goes on, whatever else changes on the page.
  const again = page.waitForResponse((answer) => answer.request().method() === "POST");
  await server.api("PATCH", `/workloads/${id}/`, { importance: "high" });
  await page.locator(".head .chip").filter({ hasText: "High importance" }).waitFor();
  await (await again).finished();
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done))));
  assert.ok(await refused.isVisible());
  await inspect(page, "settings-conflict");
  await page.getByRole("button", { name: "Save over theirs and roll out" }).click();
  await page.waitForURL(`${server.url}/workloads/${id}`);
  await settled(id);
  assert.equal((await runtimeOf(id)).replicaCount, 3);
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

test("the same settings begin anew only for whoever says so, and without scripts a change is looked at first", async () => {
  const page = await open(browser);
  await signIn(page, server);
  const id = await running(page);
  const page2 = await open(browser, { scripts: false });
  await signIn(page2, server);
  for (const one of [page, page2]) await one.goto(`${server.url}/workloads/${id}/settings`);
  await page.locator("html[data-alive]").waitFor({ state: "attached" });
  await page.getByRole("button", { name: "Restart with the same settings" }).waitFor();
  assert.equal(await page.getByRole("button", { name: "Save and roll out" }).count(), 0);
  await page.getByLabel("Replicas", { exact: true }).press("Enter");
  await page.getByRole("alert").filter({ hasText: "nothing was done" }).waitFor();
  const history = async () => (await server.api("GET", `/workloads/${id}/replacements/`)).totalCount;
  assert.equal(await history(), 0);

  await page2.getByLabel("Replicas", { exact: true }).fill("2");
  await page2.getByRole("button", { name: "Show what it does" }).click();
  await page2.getByText("2 replicas start with the new settings beside the 1 that runs: 3 replicas").waitFor();
  assert.equal(await page2.getByLabel("Replicas", { exact: true }).inputValue(), "2");
  assert.equal(await history(), 0);
  await page2.context().close();

  await page.getByRole("button", { name: "Restart with the same settings" }).click();
  await page.waitForURL(`${server.url}/workloads/${id}`);
  await settled(id);
  assert.equal(await history(), 1);
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

async function containerOf(id) {
  const { artifactId } = await server.api("GET", `/workloads/${id}/`);
  const { spec } = await server.api("GET", `/artifacts/${artifactId}/`);
  return spec.containerGroups[0].containers[0].name;
}

test("what a change does is said while one types, and a mistake at its field", async () => {
  const page = await open(browser);
  await signIn(page, server);
  const id = await running(page);
  await page.goto(`${server.url}/workloads/${id}/settings`);
  await page.locator("html[data-alive]").waitFor({ timeout: 30_000 });
  await page.getByLabel("Replicas", { exact: true }).fill("2");
  await page.getByText("2 replicas start with the new settings beside the 1 that runs: 3 replicas").waitFor();
  await page.getByLabel("Memory").fill("lots");
  await page.getByText("one field is wrong").waitFor();
  assert.equal(await page.getByLabel("Memory").getAttribute("aria-invalid"), "true");
  assert.equal(await page.getByLabel("Replicas", { exact: true }).inputValue(), "2");
  await page.getByLabel("Memory").fill("300MB");
  await page.getByText("300 MB").waitFor();
  await page.getByLabel("Autoscaling").check();
  await page.getByRole("button", { name: "Add policy" }).click();
  await page.getByLabel("Metric of policy 2").waitFor();
  await inspect(page, "settings-scaled");
  await page.getByLabel("Bundle").selectOption({ index: 1 });
  await page.getByText(/bundle/).first().waitFor();
  await page.getByLabel("CPU cores").waitFor({ state: "hidden" });
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

test("an endpoint is tried from its page, by one's own right and nowhere else", async () => {
  const page = await open(browser, { scripts: false });
  await signIn(page, server);
  const id = await running(page);
  await page.goto(`${server.url}/workloads/${id}/endpoint`);
  for (const [language, sign] of [["Python", "requests.post("], ["JavaScript", 'method: "POST"'], ["curl", "curl -X POST"]]) {
    await page.getByRole("link", { name: language, exact: true }).click();
    const code = (await page.locator(".snippets pre").allInnerTexts()).join("\n");
    assert.ok(code.includes(sign) && code.includes(`${server.url}/api/v2/endpoints/workloads/${id}/`), code);
  }
  const answer = page.locator("#answer");
  const send = async ({ method = "GET", path, headers = "", body = "" }) => {
    await page.getByLabel("Method").selectOption(method);
    await page.getByLabel("Path below the endpoint").fill(path);
    const more = page.locator("#try details.more");
    if ((await more.getAttribute("open")) === null) await more.locator("summary").click();
    await page.getByLabel("Headers", { exact: true }).fill(headers);
    await page.getByLabel("Body", { exact: true }).fill(body);
    await page.getByRole("button", { name: "Send" }).click();
    await page.waitForLoadState();
  };
  await send({ path: "" });
  assert.match(await answer.innerText(), /200 OK.*Hello from version 1\.0/s);
  await send({ method: "POST", path: "/echo?a=%20b", body: '{"name":"<b>bold</b>"}' });
  const echoed = await answer.innerText();
  assert.match(echoed, /<b>bold<\/b>/, "markup is shown, not rendered");
  assert.equal(await answer.locator("pre b").count(), 0);
  await send({ path: "headers", headers: "X-Mine: 7" });
  const seen = await answer.locator("pre").last().innerText();
  assert.match(seen, /x-mine: 7/);
  assert.doesNotMatch(seen, /handover_session|authorization/, "the workload never sees who asks");
  await send({ path: "status/503" });
  assert.match(await answer.innerText(), /503/);
  // Whatever is typed stays below this endpoint.
  for (const path of ["//127.0.0.1:1/x", "../../../../workloads/", "http://127.0.0.1:1/"]) {
    await send({ path });
    assert.match(await answer.locator("pre").first().textContent(), /x-demo-version: 1\.0/, `${path} is the workload's`);
  }
  await send({ path: "echo", headers: "Cookie: handover_session=x" });
  await page.getByText("this one is set by the connection and by who you are").first().waitFor();
  assert.equal(await page.getByLabel("Path below the endpoint").inputValue(), "echo");
  await send({ path: "a b" });
  assert.equal(await page.getByLabel("Path below the endpoint").getAttribute("aria-invalid"), "true");
  await page.context().close();

  const seeing = await open(browser);
  await signIn(seeing, server);
  await seeing.goto(`${server.url}/workloads/${id}/endpoint?in=javascript`);
  await seeing.getByLabel("Path below the endpoint").fill("stream?n=2&ms=10");
  await seeing.getByRole("button", { name: "Send" }).click();
  await seeing.locator("#answer").getByText("200 OK").waitFor();
  await inspect(seeing, "endpoint-tried");
  assert.deepEqual(seeing.problems, []);
  await seeing.context().close();
});

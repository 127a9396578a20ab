// Every page in light and dark, wide and narrow: axe finds nothing, nothing scrolls sideways, no script or
// policy complains.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { inspect, launch, open } from "../support/browser.mjs";
import { editImage, rollOut, startDemo } from "../support/demo.mjs";
import { signIn } from "../support/console.mjs";
import { Server } from "../support/server.mjs";

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

test("the door", async () => {
  const page = await open(browser);
  await page.goto(`${server.url}/sign-in`);
  await inspect(page, "sign-in");
  await page.goto(`${server.url}/welcome?link=0000`);
  await inspect(page, "welcome");
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

test("every page behind it", async () => {
  const page = await open(browser);
  await signIn(page, server);
  await inspect(page, "empty");
  const id = await startDemo(page);
  await page.locator(".head .chip").filter({ hasText: "Running" }).waitFor({ timeout: 30_000 });
  await inspect(page, "workload");
  const { artifactId } = await server.api("GET", `/workloads/${id}/`);
  const look = async (path, name) => {
    await page.goto(`${server.url}${path}`);
    await page.locator("h1").waitFor();
    await inspect(page, name);
  };
  await look("/workloads", "workloads");
  await look("/workloads/new", "new-workload");
  await look(`/artifacts`, "artifacts");
  await look(`/artifacts/${artifactId}`, "artifact");
  await look(`/artifacts/${artifactId}/edit`, "edit-artifact");
  for (const tab of ["settings", "endpoint", "history", "activity"]) await look(`/workloads/${id}/${tab}`, tab);
  for (const ask of ["replace", "promote", "start", "stop", "delete"]) await look(`/workloads/${id}/${ask}`, ask);
  await look("/api/docs", "api");
  await look("/api/docs/operations/postWorkloads", "api-operation");
  await look("/api/docs/shapes/WorkloadRecord", "api-shape");
  await editImage(page, server, id, "handover/demo:2.0", "");
  await rollOut(page, server, id, { warmUp: 5, keep: 5 });
  await page.locator(".roll-head .chip").filter({ hasText: "Warming up" }).waitFor({ timeout: 30_000 });
  await inspect(page, "rollout");
  await look("/workloads", "workloads-rolling");
  const { id: replacement } = await server.api("GET", `/workloads/${id}/replacement/`);
  await look(`/workloads/${id}/replacements/${replacement}`, "replacement");
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

test("a page that is not there says so", async () => {
  const page = await open(browser);
  await signIn(page, server);
  const answer = await page.goto(`${server.url}/no/such/page`);
  assert.equal(answer.status(), 404);
  await page.getByText("There is no page at this address").waitFor();
  await page.context().close();
});

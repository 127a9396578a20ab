// Replace, promote and the questions before something lasting: what is said before the button is pressed, the drain
// while it goes on, and what a failed candidate leaves behind.
import assert from "node:assert/strict";
import { once } from "node:events";
import { request } from "node:http";
import { after, before, test } from "node:test";
import { inspect, launch, open } from "../support/browser.mjs";
import { signIn } from "../support/console.mjs";
import { rollOut, runDemo } from "../support/demo.mjs";
import { Server, TOKEN } from "../support/server.mjs";
import { until } from "../support/wait.mjs";

let server, browser, scorer;

before(async () => {
  [server, browser] = await Promise.all([
    Server.start({ args: ["--drain-cap", "20s"] }),
    launch(),
  ]);
  scorer = await versions("scorer");
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

/** A repository with v1 to v3 and a draft, and a workload of high importance on v1. v3 never gets ready. */
async function versions(name) {
  const variables = (all) => Object.entries(all).map(([name, value]) => ({ name, value }));
  const make = async (tag, environment, repository) => {
    const container = {
      name: "main",
      primary: true,
      imageUri: `handover/demo:${tag}`,
      port: 8080,
      environmentVars: variables(environment),
      readinessProbe: { path: "/healthz", port: 8080, initialDelaySeconds: 0, periodSeconds: 1 },
    };
    const spec = { containerGroups: [{ containers: [container] }] };
    return server.api("POST", "/artifacts/", { name, spec, artifactRepositoryId: repository });
  };
  const one = await make("1.0", { WORKERS: "4" });
  const repository = one.artifactRepositoryId;
  const two = await make("2.0", { WORKERS: "6", FEATURE: "on" }, repository);
  const bad = await make("bad", { DEMO_NEVER_READY: "1" }, repository);
  for (const { id } of [one, two, bad]) await server.api("PATCH", `/artifacts/${id}/`, { status: "locked" });
  const draft = await make("3.0", {}, repository);
  const { id } = await server.api("POST", "/workloads/", { name, artifactId: one.id, importance: "high" });
  await until("it runs", async () => (await server.api("GET", `/workloads/${id}/`)).status === "running");
  return { id, one, two, bad, draft };
}

const chip = (page, text) => page.locator(".roll-head .chip").filter({ hasText: text });

test("what changes and what will happen is said before it is begun, and follows what is typed", async () => {
  const page = await open(browser);
  await signIn(page, server);
  await page.goto(`${server.url}/workloads/${scorer.id}/replace?artifact=${scorer.two.id}`);
  await page.getByRole("radio", { name: /^v2/ }).and(page.locator(":checked")).waitFor();
  await page.getByText("takes locked versions only").waitFor();
  await page.getByText("Running now").waitFor();
  const line = page.getByRole("row").filter({ hasText: "image" });
  assert.match(await line.innerText(), /demo:1\.0[^]*demo:2\.0/);
  await page.getByRole("row").filter({ hasText: "FEATURE" }).getByText("not set").waitFor();
  await page.getByText("v2 starts beside v1 (1 more replica until v1 is stopped)").waitFor();

  await page.getByLabel("Warm up").fill("5");
  await page.getByText("has stayed so for 5 minutes").waitFor();
  assert.match(page.url(), /warm_up=5/);
  await page.getByLabel("Keep the old version").fill("10");
  await page.getByText("Then v1 stays warm for 10 minutes").waitFor();
  await page.getByText("Runtime").first().click();
  await page.getByLabel("Replicas").fill("3");
  await page.getByText("3 more replicas").waitFor();
  await page.getByRole("row").filter({ hasText: /^replicas/ }).getByText("3").waitFor();
  await page.getByLabel("Memory").fill("lots");
  await page.getByText("not an amount of memory").first().waitFor();
  const button = page.getByRole("button", { name: "Replace v1 with v2" });
  assert.equal(await button.getAttribute("aria-disabled"), "true");
  await page.getByLabel("Memory").fill("256MB");
  await page.waitForFunction(() => !document.querySelector(".foot [aria-disabled]"));
  await page.getByText("As an API call").click();
  assert.match(await page.locator("pre.code").first().innerText(), /"warmupDurationMinutes":5/);
  await inspect(page, "replace-typed");
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

test("what serves and then fails is said to have failed, with the way back beside it", async () => {
  const page = await open(browser);
  await signIn(page, server);
  const { id, two } = await versions("crashing");
  const repository = two.artifactRepositoryId;
  const spec = structuredClone(two.spec);
  const exits = { DEMO_CRASH_AFTER_MS: "1500", DEMO_EXIT_CODE: "42" };
  spec.containerGroups[0].containers[0].environmentVars = Object.entries(exits).map(([name, value]) => ({ name, value }));
  const crashes = await server.api("POST", "/artifacts/", { name: "crashing", spec, artifactRepositoryId: repository, status: "locked" });
  await server.api("POST", `/workloads/${id}/replacement/`, { artifactId: crashes.id, strategy: "rolling" });
  await page.goto(`${server.url}/workloads/${id}`);
  // All of one moment: it is tried again now and then, and is ready until it exits once more.
  const moment = () =>
    page.evaluate(() => ({
      text: document.querySelector("main").innerText,
      title: document.title,
      icon: document.querySelector("link[rel=icon]").getAttribute("href"),
    }));
  const failed = await until(
    "it is errored",
    async () => {
      const now = await moment();
      return /v\d has failed/.test(now.text) && now;
    },
    120,
  );
  assert.match(failed.title, /^Errored · crashing/);
  assert.match(failed.icon, /failed/);
  assert.doesNotMatch(failed.text, /serves now|all ready since/);
  assert.match(failed.text, /exited with code 42/);
  await inspect(page, "errored");
  await page.getByRole("link", { name: "Replace back to v1" }).click();
  await page.waitForURL(/\/replace\?artifact=/);
  await page.getByRole("button", { name: /^Replace v\d with v1$/ }).waitFor();
  await server.api("DELETE", `/workloads/${id}/`);
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

test("while a candidate does not get ready, one sees what it answers", async () => {
  const page = await open(browser);
  await signIn(page, server);
  const { id, bad } = await versions("unready");
  await server.api("POST", `/workloads/${id}/replacement/`, { artifactId: bad.id, strategy: "rolling" });
  await page.goto(`${server.url}/workloads/${id}`);
  await chip(page, "Starting, 0 of 1 ready").waitFor({ timeout: 30_000 });
  await page.getByText(/Flight record of v3/).click();
  await page.getByText("failed, 503").first().waitFor();
  await inspect(page, "rollout-starting");
  await server.api("DELETE", `/workloads/${id}/replacement/`);
  await page.context().close();
});

test("without scripts, the button begins only what it names", async () => {
  const page = await open(browser, { scripts: false });
  await signIn(page, server);
  const { id } = await versions("named");
  await page.goto(`${server.url}/workloads/${id}/replace`);
  const button = page.getByRole("button", { name: /^Replace v1 with/ });
  const shown = await button.innerText();
  const other = shown.endsWith("v3") ? "v2" : "v3";
  await page.getByRole("radio", { name: new RegExp(`^${other}`) }).check();
  await button.click();
  await page.getByText("You chose another version than the one that was shown").first().waitFor();
  await page.getByRole("button", { name: `Replace v1 with ${other}` }).waitFor();
  assert.equal((await server.api("GET", `/workloads/${id}/replacements/`)).totalCount, 0);

  // What is locked already promises nothing.
  await page.goto(`${server.url}/workloads/${id}/promote`);
  await page.getByText("it already runs a locked artifact").waitFor();
  assert.equal(await page.getByText("What it does, at once").count(), 0);
  await page.context().close();
});

test("a drain says what is open and when it is cut", async () => {
  const page = await open(browser);
  await signIn(page, server);
  const { id, two } = await versions("drained");
  // A body whose last byte does not come: an upload.
  const upload = request(`${server.url}/api/v2/endpoints/workloads/${id}/echo`, {
    method: "POST",
    headers: { authorization: `Bearer ${TOKEN}`, "content-length": "1000" },
  });
  upload.on("error", () => {});
  upload.write("begun");
  await server.api("POST", `/workloads/${id}/replacement/`, { artifactId: two.id, strategy: "rolling" });
  await page.goto(`${server.url}/workloads/${id}`);
  await chip(page, "Draining").waitFor({ timeout: 30_000 });
  const drain = page.locator("#drain");
  await drain.getByText("1 answer being sent, the oldest").waitFor();
  assert.match(await drain.innerText(), /What is left is cut in 0:\d\d/);
  await page.getByRole("button", { name: "Switch back" }).waitFor();
  await inspect(page, "rollout-draining");
  upload.destroy();
  await once(upload, "close");
  await chip(page, "Completed").waitFor({ timeout: 30_000 });
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

test("a failed candidate leaves its logs, its probes and why; with scripts off", async () => {
  const page = await open(browser, { scripts: false });
  await signIn(page, server);
  await rollOut(page, server, scorer.id, { artifact: scorer.bad.id });
  const shown = async (text) =>
    until(`the page shows ${text}`, async () => {
      await page.reload();
      return page.getByText(text).first().isVisible();
    });
  await shown("Starting, 0 of 1 ready");
  const cancel = page.locator("form", { has: page.getByRole("button", { name: "Cancel" }) });
  assert.match(await cancel.innerText(), /v3 is stopped. v1 has all the traffic and keeps it./);
  const answered = page.waitForResponse((answer) => answer.request().method() === "POST");
  await page.getByRole("button", { name: "Cancel" }).click();
  await answered;
  await page.waitForLoadState();
  await shown("Cancelled");
  await page.getByText(/Flight record of v3/).click();
  await page.getByText("Probe attempts, newest first").waitFor();
  await page.goto(`${server.url}/workloads/${scorer.id}/replace?artifact=${scorer.two.id}`);
  await page.getByText("rolled out here: cancelled").waitFor();
  await page.context().close();
});

test("promote says what it gets, wipes and keeps, and how the stored draft differs", async () => {
  const page = await open(browser);
  await signIn(page, server);
  const id = await runDemo(page);
  const { artifactId } = await server.api("GET", `/workloads/${id}/`);
  const { spec } = await server.api("GET", `/artifacts/${artifactId}/`);
  spec.containerGroups[0].containers[0].imageUri = "handover/demo:9.9";
  await server.api("PATCH", `/artifacts/${artifactId}/`, { spec });
  await page.goto(`${server.url}/workloads/${id}/promote`);
  await page.getByText("Running and stored differ").waitFor();
  assert.match(await page.getByRole("row").filter({ hasText: "image" }).innerText(), /9\.9/);
  for (const said of ["locked as v1", "This can't be undone", "left now", "Nothing that runs is restarted"]) {
    await page.getByText(said).first().waitFor();
  }
  await inspect(page, "promote-edited");
  await page.goto(`${server.url}/workloads/${id}`);
  await page.getByRole("link", { name: "Promote", exact: true }).first().click();
  const dialog = page.locator("dialog[open]");
  await dialog.getByRole("button", { name: "Promote as v1" }).waitFor();
  await dialog.getByRole("link", { name: "Back" }).click();
  await dialog.waitFor({ state: "detached" });

  // What was locked is not what runs, and nobody is told that it is.
  await page.getByRole("link", { name: "Promote", exact: true }).first().click();
  await dialog.getByRole("button", { name: "Promote as v1" }).click();
  await page.getByText("An older draft serves").waitFor();
  await page.getByText("The next start or rollout runs v1").waitFor();
  await inspect(page, "promoted-older");
  await page.getByRole("link", { name: "Roll out what was locked" }).click();
  await page.getByRole("button", { name: "Restart with the same settings" }).click();
  await page.waitForURL(`${server.url}/workloads/${id}`);
  await chip(page, "Completed").waitFor({ timeout: 30_000 });
  await page.getByText("An older draft").first().waitFor({ state: "detached" });
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

test("delete asks for the name of what matters, and stop says what is open", async () => {
  const page = await open(browser, { scripts: false });
  await signIn(page, server);
  const { id } = await versions("mattering");
  await page.goto(`${server.url}/workloads/${id}/stop`);
  await page.getByText("Nothing is open now").waitFor();
  await page.goto(`${server.url}/workloads/${id}/delete`);
  await page.getByLabel("Type its name to delete it").fill("matters");
  await page.getByRole("button", { name: "Delete for good" }).click();
  const field = page.getByLabel("Type its name to delete it");
  await page.getByText("type its name exactly").first().waitFor();
  assert.deepEqual([await field.inputValue(), await field.getAttribute("aria-invalid")], ["matters", "true"]);
  await field.fill("mattering");
  await page.getByRole("button", { name: "Delete for good" }).click();
  await page.waitForURL(/\/workloads$/);
  await page.context().close();
});

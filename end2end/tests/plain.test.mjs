// The same job with scripts off: every action is a form, every page is whole when it arrives.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, open } from "../support/browser.mjs";
import { editImage, rollOut, startDemo } from "../support/demo.mjs";
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

/** Loads the page again and again until it shows the text, as a person without scripts does. */
async function shows(page, text) {
  await until(`the page shows ${text}`, async () => {
    await page.reload();
    return (await page.locator("main").innerText()).includes(text);
  }, 40);
}

/** Presses a button and waits until the server has answered: a reload must not overtake the form. */
async function press(page, name) {
  const answered = page.waitForResponse((answer) => answer.request().method() === "POST");
  await page.getByRole("button", { name }).click();
  await answered;
  await page.waitForLoadState();
}

test("start, replace, switch now, promote", async () => {
  const page = await open(browser, { scripts: false });
  await signIn(page, server);
  const id = await startDemo(page);
  await shows(page, "Running");
  await editImage(page, server, id, "handover/demo:2.0", "");
  await rollOut(page, server, id, { warmUp: 5, keep: 5 });
  await shows(page, "Warming up");
  await press(page, "Switch now");
  await shows(page, "Old version kept");
  await press(page, "Finish now");
  await shows(page, "Completed");
  await page.getByRole("link", { name: "Promote", exact: true }).first().click();
  await press(page, "Promote as v1");
  await shows(page, "Locked · v1");
  await page.context().close();
});

test("cancel one, switch one back, stop, start, delete", async () => {
  const page = await open(browser, { scripts: false });
  await signIn(page, server);
  const id = await startDemo(page);
  await shows(page, "Running");
  await editImage(page, server, id, "handover/demo:2.0", "DEMO_NEVER_READY=1");
  await rollOut(page, server, id, {});
  await press(page, "Cancel");
  await shows(page, "Cancelled");
  await editImage(page, server, id, "handover/demo:3.0", "");
  await rollOut(page, server, id, { keep: 5 });
  await shows(page, "Old version kept");
  await press(page, "Switch back");
  await shows(page, "Switched back");
  await page.getByRole("link", { name: "Stop", exact: true }).click();
  await press(page, "Stop it");
  await shows(page, "Stopped");
  await page.getByRole("link", { name: "Start", exact: true }).click();
  await press(page, "Start it");
  await shows(page, "Running");
  await page.getByLabel(/^More actions for/).click();
  await page.getByRole("link", { name: "Delete", exact: true }).click();
  await press(page, "Delete for good");
  await page.waitForURL(/\/workloads$/);
  assert.equal((await page.goto(`${server.url}/workloads/${id}`)).status(), 404);
  await page.context().close();
});

test("what is wrong is said at the field, and nothing typed is lost", async () => {
  const page = await open(browser, { scripts: false });
  await signIn(page, server);
  await page.goto(`${server.url}/workloads/new`);
  await page.getByLabel("Name").fill("checkout");
  await page.getByLabel("Environment").fill("WORKERS=4\nno equals sign");
  await page.getByLabel("Memory").fill("lots");
  await page.getByRole("button", { name: "Create workload" }).click();
  await page.getByText("some fields need another look").waitFor();
  assert.equal(await page.getByLabel("Name").inputValue(), "checkout");
  assert.match(await page.getByLabel("Environment").inputValue(), /WORKERS=4/);
  assert.equal(await page.getByLabel("Memory").getAttribute("aria-invalid"), "true");
  await page.getByText("write NAME=value").first().waitFor();
  await page.getByLabel("Environment").fill("WORKERS=4");
  await page.getByLabel("Memory").fill("512MB");
  await page.getByLabel("Image").fill("handover/demo:1.0");
  await page.getByLabel("Readiness path").fill("/healthz");
  await page.getByRole("button", { name: "Create workload" }).click();
  await page.waitForURL(/\/workloads\/[0-9a-f]{24}$/);
  await shows(page, "Running");
  await page.getByRole("link", { name: "Settings" }).click();
  await page.getByLabel("Replicas").fill("2");
  await press(page, "Save and roll out");
  await shows(page, "settings: 1 → 2 replicas");
  await shows(page, "2 replicas");
  await page.context().close();
});

test("a wrong password is refused in place, and a refusal in a foreign link is not believed", async () => {
  const page = await open(browser, { scripts: false });
  await page.goto(`${server.url}/artifacts?status=draft`);
  assert.match(page.url(), /\/sign-in\?next=%2Fartifacts|\/sign-in\?next=\/artifacts/);
  await page.getByLabel("Username").fill("admin");
  await page.getByLabel("Password").fill("not the password");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("alert").getByText("do not belong together").waitFor();
  assert.equal(await page.getByLabel("Username").inputValue(), "admin", "what was right is kept");
  assert.equal(await page.getByLabel("Password").inputValue(), "");
  const refusal = new URL(page.url()).search;
  const foreign = await open(browser, { scripts: false });
  await foreign.goto(`data:text/html,<a href="${server.url}/sign-in${refusal}">go</a>`);
  await foreign.getByRole("link", { name: "go" }).click();
  await foreign.getByRole("button", { name: "Sign in" }).waitFor();
  assert.equal(await foreign.getByRole("alert").count(), 0);
  await foreign.context().close();
  await page.context().close();
});

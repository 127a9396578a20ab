// Artifacts and deployments: repositories, versions, the editor with its two sides, and what asks before it acts.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { inspect, launch, open } from "../support/browser.mjs";
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

function spec(image, more = {}) {
  const container = { name: "main", primary: true, imageUri: image, port: 8080, ...more };
  return { containerGroups: [{ name: "default", containers: [container] }] };
}

async function make(name, more = {}) {
  return server.api("POST", "/artifacts/", { name, spec: spec("handover/demo:1.0"), ...more });
}

async function edit(page, id) {
  await page.goto(`${server.url}/artifacts/${id}/edit`);
  await page.locator("#json").waitFor();
}

const json = (page) => page.locator("#json").inputValue();
const stored = async (id) => (await server.api("GET", `/artifacts/${id}/`)).spec.containerGroups[0].containers;

test("the form and the JSON stay in step while one types", async () => {
  const { id } = await make("in step", { spec: spec("handover/demo:1.0", { livenessProbe: { path: "/up" } }) });
  const page = await open(browser);
  await signIn(page, server);
  await edit(page, id);
  await page.getByLabel("Image", { exact: true }).fill("handover/demo:2.0");
  await until("the JSON follows the form", async () => (await json(page)).includes("handover/demo:2.0"));
  await page.getByLabel("Name of variable 1").fill("GREETING");
  await until("a line for the next variable", () => page.getByLabel("Name of variable 2").count());
  await page.getByLabel("Value of GREETING").fill("hello\nworld");
  await until("the variable is in the JSON", async () => (await json(page)).includes('"hello\\nworld"'));

  await page.getByRole("textbox", { name: "Port", exact: true }).first().fill("99999");
  await page.getByText("has to be a whole number from 1 to 65535").first().waitFor();
  await until("the JSON has the wrong port", async () => (await json(page)).includes("99999"));
  await page.getByRole("textbox", { name: "Port", exact: true }).first().fill("8080");
  await until("the JSON has the right port", async () => !(await json(page)).includes("99999"));

  // A field that the form does not know stays, whatever the form does.
  const typed = JSON.parse(await json(page));
  typed.templateId = "from-the-json";
  typed.containerGroups[0].containers[0].port = 9000;
  await page.locator("#json").fill(JSON.stringify(typed));
  const port = page.getByRole("textbox", { name: "Port", exact: true }).first();
  await until("the form follows the JSON", async () => (await port.inputValue()) === "9000");
  await page.getByLabel("Image", { exact: true }).fill("handover/demo:3.0");
  await until("both changes are there", async () => {
    const text = await json(page);
    return text.includes("demo:3.0") && text.includes("from-the-json") && text.includes("9000");
  });

  // What is wrong is said at the field and at the line of the JSON.
  await port.fill("80");
  await page.locator("#c0-port-wrong", { hasText: "1024" }).waitFor();
  await page.locator(".wrong-list", { hasText: /Line \d+.*port/ }).waitFor();
  await inspect(page, "editor-faults");
  await port.fill("eighty");
  await page.locator("#c0-port-wrong", { hasText: "not a whole number" }).waitFor();
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByText("another look before it can be saved").waitFor();
  assert.equal(await port.inputValue(), "eighty", "what was typed is still there");
  await port.fill("9001");
  await page.locator("#c0-port-wrong").waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.waitForURL(`${server.url}/artifacts/${id}`);
  const [saved] = await stored(id);
  assert.equal(saved.port, 9001);
  assert.deepEqual(saved.environmentVars, [{ name: "GREETING", value: "hello\nworld" }]);
  assert.equal(saved.livenessProbe.path, "/up");
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

test("containers come and go, and credentials are chosen", async () => {
  const credential = await server.api("POST", "/credentials/", {
    name: "Registry", credentialType: "api_token", apiToken: "x",
  });
  const { id } = await make("several");
  const page = await open(browser);
  await signIn(page, server);
  await edit(page, id);
  await page.getByRole("button", { name: "Add a container" }).click();
  const second = page.locator("fieldset.container").nth(1);
  await second.waitFor();
  await second.getByLabel("Name", { exact: true }).fill("sidecar");
  await second.getByLabel("Image", { exact: true }).fill("handover/demo:9.0");
  const first = page.locator("fieldset.container").first();
  await first.getByLabel("Name of variable 1").fill("TOKEN");
  await first.getByLabel("Where TOKEN comes from").selectOption("Credential");
  await first.getByLabel("Credential of TOKEN").selectOption(`${credential.credentialId} apiToken`);
  await until("the JSON names the credential", async () => (await json(page)).includes(credential.credentialId));
  await inspect(page, "editor-containers");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.waitForURL(`${server.url}/artifacts/${id}`);
  const saved = await stored(id);
  assert.deepEqual(saved.map((one) => one.name), ["main", "sidecar"]);
  assert.equal(saved[0].environmentVars[0].drCredentialId, credential.credentialId);
  await edit(page, id);
  await page.getByRole("button", { name: "Remove container sidecar" }).click();
  await page.locator("fieldset.container").nth(1).waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.waitForURL(`${server.url}/artifacts/${id}`);
  assert.equal((await stored(id)).length, 1);
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

test("JSON that breaks off, and both sides changed, lose nothing", async () => {
  const { id } = await make("apart");
  const page = await open(browser);
  await signIn(page, server);
  await edit(page, id);
  const before = await json(page);
  await page.locator("#json").fill(before.replace('"port"', "port"));
  await page.getByText(/can't be read, from line \d+/).waitFor();
  await page.getByLabel("Image", { exact: true }).fill("handover/demo:form");
  await page.getByText("both changed, in different ways").waitFor();
  assert.ok((await json(page)).includes(" port:"), "the JSON is as it was typed");
  await page.getByRole("button", { name: "The form: write the JSON anew" }).click();
  await until("the JSON is written anew", async () => (await json(page)).includes("demo:form"));
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

test("two people edit the same draft", async () => {
  const { id } = await make("contested");
  const page = await open(browser);
  await signIn(page, server);
  await edit(page, id);
  await page.getByLabel("Image", { exact: true }).fill("handover/demo:mine");
  await until("it is checked", async () => (await json(page)).includes("demo:mine"));
  await server.api("PATCH", `/artifacts/${id}/`, { spec: spec("handover/demo:theirs") });
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByRole("heading", { name: "Somebody else changed it too" }).waitFor();
  assert.equal(await page.getByLabel("Image", { exact: true }).inputValue(), "handover/demo:mine");
  await page.locator("#conflict").getByText("theirs", { exact: false }).first().waitFor();
  assert.equal((await stored(id))[0].imageUri, "handover/demo:theirs", "nothing was saved over");
  await inspect(page, "editor-conflict");
  await page.getByRole("button", { name: "Save mine over it" }).click();
  await page.waitForURL(`${server.url}/artifacts/${id}`);
  assert.equal((await stored(id))[0].imageUri, "handover/demo:mine");
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

test("with scripts off the editor does the same with its buttons", async () => {
  const { id } = await make("plain");
  const page = await open(browser, { scripts: false });
  await signIn(page, server);
  await page.goto(`${server.url}/artifacts/${id}/edit`);
  await page.getByLabel("Image", { exact: true }).fill("handover/demo:plain");
  await page.getByLabel("Name of variable 1").fill("A");
  await page.getByLabel("Value of variable 1").fill("1\n2");
  await page.getByRole("button", { name: "Show as JSON" }).click();
  const text = await json(page);
  assert.ok(text.includes("demo:plain") && text.includes('"1\\n2"'), text);
  await page.locator("#json").fill(text.replace("8080", "9000"));
  await page.getByRole("button", { name: "Show as form" }).click();
  assert.equal(await page.getByRole("textbox", { name: "Port", exact: true }).first().inputValue(), "9000");
  await page.locator("#json").fill((await json(page)).replace("9000", "80"));
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.locator("#c0-port-wrong").waitFor();
  await page.locator("#json").fill((await json(page)).replace("80,", "9002,"));
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.waitForURL(`${server.url}/artifacts/${id}`);
  const [saved] = await stored(id);
  assert.deepEqual([saved.port, saved.imageUri], [9002, "handover/demo:plain"]);
  assert.deepEqual(saved.environmentVars, [{ name: "A", value: "1\n2" }]);
  await page.context().close();
});

test("from a new artifact to a locked version, a clone, a comparison and back out", async () => {
  const page = await open(browser);
  await signIn(page, server);
  await page.goto(`${server.url}/artifacts`);
  await page.getByRole("link", { name: "Add service artifact" }).first().click();
  await page.getByLabel("Name of the artifact").fill("fresh");
  await page.getByLabel("Image", { exact: true }).fill("handover/demo:1.0");
  await page.locator(".code", { hasText: '"name":"fresh"' }).waitFor({ state: "attached" });
  await inspect(page, "artifact-new");
  await page.getByRole("button", { name: "Create the draft" }).click();
  await page.waitForURL(/\/artifacts\/[0-9a-f]{24}$/);
  await inspect(page, "artifact-draft");
  await page.getByLabel("Name of a new tag").fill("team");
  await page.getByLabel("Value of a new tag").fill("search");
  await page.getByRole("button", { name: "Add tag" }).click();
  await page.locator(".tags", { hasText: "team=search" }).waitFor();
  await page.getByRole("link", { name: "Lock", exact: true }).first().click();
  await page.getByRole("button", { name: "Lock as v1" }).click();
  await page.locator(".head .chip", { hasText: "Locked · v1" }).waitFor();
  await page.getByRole("link", { name: "Clone into a draft" }).click();
  await page.getByLabel("Name of the new draft").fill("fresher");
  await page.getByRole("button", { name: "Clone into a new draft" }).click();
  await page.waitForURL(/\/edit$/);
  await page.getByLabel("Image", { exact: true }).fill("handover/demo:2.0");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.waitForURL(/\/artifacts\/[0-9a-f]{24}$/);
  const draft = page.url();
  await page.locator(".crumb").getByRole("link", { name: "fresh", exact: true }).click();
  await page.waitForURL(/\/repositories\//);
  await inspect(page, "repository");
  await page.getByRole("link", { name: "Compare versions" }).click();
  await page.getByText("differ").first().waitFor();
  await inspect(page, "compare");
  await page.goto(draft);
  await page.locator("summary[aria-label^='Actions']").click();
  await page.getByRole("link", { name: "Delete draft" }).click();
  await page.getByRole("button", { name: "Delete the draft" }).click();
  await page.waitForURL(/\/repositories\/.*status=draft/);
  await page.getByText("There is no draft.").waitFor();
  await page.goto(`${server.url}/artifacts?search=fresh`);
  await page.getByRole("link", { name: "fresh", exact: true }).waitFor();
  await inspect(page, "artifacts-found");
  await page.goto(`${server.url}/artifacts?search=nothing-like-it`);
  await page.getByText("No repository fits").waitFor();
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

test("a workload is deployed, described and released", async () => {
  const { id: artifactId } = await make("governed", { status: "locked" });
  const { id: workloadId } = await server.api("POST", "/workloads/", { name: "governed", artifactId });
  const page = await open(browser);
  await signIn(page, server);
  await page.goto(`${server.url}/deployments`);
  await inspect(page, "deployments-none");
  await page.getByRole("link", { name: "Deploy a workload" }).first().click();
  await page.getByLabel("Workload", { exact: true }).selectOption(workloadId);
  await page.getByLabel("Name", { exact: true }).fill("Checkout");
  await inspect(page, "deployment-new");
  await page.getByRole("button", { name: "Deploy", exact: true }).click();
  await page.waitForURL(/\/deployments\/[0-9a-f]{24}$/);
  await page.getByRole("heading", { name: "How it is served" }).waitFor();
  await inspect(page, "deployment");
  await page.getByLabel("Description").fill("of the shop");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  const id = page.url().split("/").pop();
  await until("it is saved", async () => {
    const { description } = await server.api("GET", `/console/deployments/${id}/`);
    return description === "of the shop";
  });
  await page.goto(`${server.url}/deployments/${id}/audit`);
  await page.getByText("deployment.edit").waitFor();
  await inspect(page, "deployment-audit");
  await page.goto(`${server.url}/artifacts/${artifactId}`);
  await page.getByRole("link", { name: "Checkout" }).waitFor();
  await page.goto(`${server.url}/deployments`);
  await page.getByRole("link", { name: "Checkout" }).waitFor();
  await inspect(page, "deployments");
  await page.goto(`${server.url}/deployments/${id}/delete`);
  await page.getByRole("button", { name: "Delete the deployment" }).click();
  await page.waitForURL(`${server.url}/deployments`);
  await page.getByText("Nothing is deployed yet").waitFor();
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

// People, roles, accounts, credentials and the audit trail, as an administrator and as somebody who is none.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { inspect, launch, open } from "../support/browser.mjs";
import { signIn } from "../support/console.mjs";
import { startDemo } from "../support/demo.mjs";
import { PASSWORD, Server, USER } from "../support/server.mjs";
import { until } from "../support/wait.mjs";

const SECRET = "a long enough password";

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

async function signInAs(page, name, password) {
  await page.goto(`${server.url}/sign-in`);
  await page.getByLabel("Username").fill(name);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

/** A person with a password, made by the API. */
function person(name, role = "member") {
  return server.api("POST", "/users/", { username: name, fullName: `${name} of the team`, role, password: SECRET });
}

/** Presses a button and waits for the answer of its form. */
async function press(page, name, within = page) {
  const answered = page.waitForResponse((answer) => answer.request().method() === "POST");
  await within.getByRole("button", { name }).first().click();
  await answered;
  await page.waitForLoadState();
}

test("somebody is added, comes in by the link, and sees what was shared with their group", async () => {
  const admin = await open(browser);
  await signIn(admin, server);
  const id = await startDemo(admin);
  await admin.goto(`${server.url}/team`);
  await admin.getByRole("link", { name: "Add a person" }).click();
  await admin.getByLabel("Username", { exact: true }).fill("ada");
  await admin.getByLabel("Full name").fill("Ada L.");
  await admin.getByRole("button", { name: "Add", exact: true }).click();
  await admin.waitForURL(/\/team\/users\/[0-9a-f]{24}$/);
  const link = (await admin.locator("#told-link pre").innerText()).trim();
  const ada = admin.url();
  await admin.reload();
  assert.equal(await admin.locator("#told-link").count(), 0, "shown this once");
  await inspect(admin, "team-person");

  const guest = await open(browser);
  await guest.goto(link);
  await guest.getByRole("button", { name: "Sign in and choose a password" }).click();
  await guest.getByLabel("New password").fill(SECRET);
  await guest.getByLabel("Once more").fill(SECRET);
  await guest.getByRole("button", { name: "Set the password" }).click();
  await guest.waitForURL(`${server.url}/workloads`);
  assert.equal((await guest.goto(`${server.url}/workloads/${id}`)).status(), 404);
  await guest.goto(`${server.url}/team`);
  await guest.getByText("The list of people is for administrators").waitFor();
  await inspect(guest, "team-of-a-member");
  assert.equal((await guest.goto(`${server.url}/audit`)).status(), 403);

  await admin.goto(`${server.url}/team/groups`);
  await inspect(admin, "groups-none");
  await admin.getByRole("link", { name: "New group" }).first().click();
  await admin.getByLabel("Name", { exact: true }).fill("Risk");
  await admin.getByRole("button", { name: "Make the group" }).click();
  await admin.waitForURL(/\/team\/groups\/[0-9a-f]{24}$/);
  const group = admin.url();
  await admin.getByLabel("Search username, name or e-mail").fill("ada");
  const found = admin.locator("#add-member li");
  await admin.waitForFunction(() => document.querySelectorAll("#add-member li").length === 1);
  await found.getByRole("button", { name: "Put in" }).click();
  await admin.locator("#members li").filter({ hasText: "ada" }).waitFor();
  // As somebody sees it who comes back to it.
  await admin.reload();
  await inspect(admin, "group");

  await admin.goto(`${server.url}/workloads/${id}/share`);
  await inspect(admin, "share");
  await admin.getByRole("searchbox", { name: "A person, a group" }).fill("ris");
  await admin.waitForFunction(() => document.querySelectorAll("#share-found li").length === 1);
  await admin.getByRole("combobox", { name: "Role for Risk" }).selectOption({ label: "User" });
  await admin.getByRole("button", { name: "Share with Risk" }).click();
  await admin.getByText("Risk is User now.").waitFor();
  await admin.locator("#share-present li").filter({ hasText: "Risk" }).waitFor();

  assert.equal((await guest.goto(`${server.url}/workloads/${id}`)).status(), 200);
  await guest.goto(`${server.url}/workloads/${id}/share`);
  await guest.getByText("You can look, and not share").waitFor();
  assert.equal(await guest.getByRole("button", { name: "Change" }).count(), 0);
  await inspect(guest, "share-of-a-user");

  await admin.goto(`${server.url}/workloads/${id}/share/why?username=ada`);
  await admin.getByText("ada may see it and call its endpoint.").waitFor();
  await admin.locator("#why-reasons tr").filter({ hasText: "The group Risk" }).waitFor();
  await inspect(admin, "share-why");
  await admin.getByRole("textbox").or(admin.getByRole("searchbox", { name: "Username" })).first().fill("nobody");
  await admin.getByText("There is nobody called “nobody”").waitFor();

  await admin.goto(`${group}/delete`);
  await admin.getByText("It has 1 role").waitFor();
  await inspect(admin, "group-delete");
  await admin.getByRole("button", { name: "Delete the group" }).click();
  await admin.waitForURL(`${server.url}/team/groups`);
  assert.equal((await guest.goto(`${server.url}/workloads/${id}`)).status(), 404, "at once");

  await admin.goto(`${ada}/deactivate`);
  await inspect(admin, "deactivate");
  await admin.getByRole("button", { name: "Deactivate" }).click();
  await admin.waitForURL(ada);
  await guest.goto(`${server.url}/workloads`);
  assert.equal(new URL(guest.url()).pathname, "/sign-in");
  const expected = ["404", "403"];
  const odd = (page) => page.problems.filter((one) => !expected.some((status) => one.includes(status)));
  assert.deepEqual([odd(admin), odd(guest)], [[], []]);
  await admin.context().close();
  await guest.context().close();
});

test("the last owner stays, and nobody shares above their own role", async () => {
  await person("otto");
  const page = await open(browser);
  await signIn(page, server);
  const id = await startDemo(page);
  await page.goto(`${server.url}/workloads/${id}/share`);
  const owner = page.locator("#share-present li").filter({ hasText: USER });
  await owner.getByText("the only owner").waitFor();
  assert.equal(await owner.getByRole("button").count(), 0, "nothing that would be refused");
  await server.api("PATCH", `/workloads/${id}/sharedRoles/`, {
    operation: "updateRoles",
    roles: [{ shareRecipientType: "user", username: "otto", role: "EDITOR" }],
  });
  const otto = await open(browser);
  await signInAs(otto, "otto", SECRET);
  await otto.waitForURL(`${server.url}/workloads`);
  await otto.goto(`${server.url}/workloads/${id}/share`);
  const row = otto.locator("#share-present li").filter({ hasText: USER });
  await row.getByText("your own role here does not reach OWNER").waitFor();
  const options = otto.locator("#share-found select").first().locator("option");
  assert.match(await options.filter({ hasText: "Owner" }).first().innerText(), /above your own role/);
  await otto.context().close();
  await page.context().close();
});

test("whoever may only call something finds how, and nothing that they may not see", async () => {
  const page = await open(browser);
  await signIn(page, server);
  const id = await startDemo(page);
  await until("it runs", async () => (await server.api("GET", `/workloads/${id}/`)).status === "running");
  await server.api("POST", "/users/", { username: "cora", role: "member", password: SECRET });
  await server.api("PATCH", `/workloads/${id}/sharedRoles/`, {
    operation: "updateRoles",
    roles: [{ shareRecipientType: "user", username: "cora", role: "CONSUMER" }],
  });
  const cora = await open(browser);
  await signInAs(cora, "cora", SECRET);
  await cora.waitForURL(`${server.url}/workloads`);
  await inspect(cora, "callable");
  const callable = cora.getByRole("region", { name: "You may call" });
  await callable.getByRole("link").click();
  await cora.waitForURL(`${server.url}/workloads/${id}/endpoint`);
  await cora.getByText("You may call it.").waitFor();
  await inspect(cora, "callers-page");
  await cora.getByRole("button", { name: "Send" }).click();
  await cora.getByText(/200/).first().waitFor();
  await cora.goto(`${server.url}/workloads/${id}`);
  await cora.getByText("You may call it.").waitFor();
  assert.deepEqual(cora.problems, []);
  await cora.context().close();

  await page.goto(`${server.url}/workloads/${id}/activity`);
  await page.getByText("sharing changed: cora is consumer").waitFor();
  await page.context().close();
});

test("a token is shown once, works, and ends; other sign-ins end; the password changes", async () => {
  await person("tina");
  const page = await open(browser);
  await signInAs(page, "tina", SECRET);
  await page.waitForURL(`${server.url}/workloads`);
  await page.goto(`${server.url}/account/developer-tools?cliRedirect=true`);
  await page.getByText("A command line sent you here").waitFor();
  await page.goto(`${server.url}/account/tokens`);
  await inspect(page, "tokens-none");
  await page.getByLabel("Name").fill("ci");
  await page.getByRole("checkbox", { name: /^read/ }).uncheck();
  await press(page, "Make the token");
  await page.getByText("a token needs a scope").first().waitFor();
  assert.equal(await page.getByLabel("Name").inputValue(), "ci", "what was typed is kept");
  await page.getByRole("checkbox", { name: /^read/ }).check();
  await press(page, "Make the token");
  const token = (await page.locator("#told-token pre").innerText()).trim();
  await inspect(page, "token-made");
  const version = () => fetch(`${server.url}/api/v2/version/`, { headers: { authorization: `Bearer ${token}` } });
  assert.equal((await version()).status, 200);
  await page.reload();
  assert.equal(await page.locator("#told-token").count(), 0);
  assert.doesNotMatch(await page.locator("#tokens").innerText(), /never$/m, "it tells when it was used");
  await page.getByRole("link", { name: "Revoke" }).click();
  await press(page, "Revoke the token");
  await page.getByText("The token was revoked").waitFor();
  assert.equal((await version()).status, 401);

  const other = await open(browser);
  await signInAs(other, "tina", SECRET);
  await other.waitForURL(`${server.url}/workloads`);
  await page.goto(`${server.url}/account/sessions`);
  assert.equal(await page.locator("#sessions tbody tr").count(), 2);
  await inspect(page, "sessions");
  await press(page, "End all others");
  await page.getByText("One other sign-in has ended.").waitFor();
  await other.goto(`${server.url}/account`);
  assert.equal(new URL(other.url()).pathname, "/sign-in");

  await page.goto(`${server.url}/account`);
  await inspect(page, "account");
  await page.getByLabel("Full name").fill("Tina T.");
  await press(page, "Save");
  await page.getByText("Your profile was saved.").waitFor();
  const change = async (current) => {
    await page.getByLabel("Present password").fill(current);
    await page.getByLabel("New password").fill("another long password");
    await page.getByLabel("Once more").fill("another long password");
    await press(page, "Change the password");
  };
  await change("not the password");
  await page.getByText("this is not your present password").first().waitFor();
  await change(SECRET);
  await page.getByText("Your password was changed").waitFor();
  await signInAs(other, "tina", "another long password");
  await other.waitForURL(`${server.url}/workloads`);
  assert.deepEqual(page.problems, []);
  await other.context().close();
  await page.context().close();
});

test("signing in leads to the page that was asked for, and survives a restart", async () => {
  const page = await open(browser);
  await page.goto(`${server.url}/account/sessions?from=a&b=c`);
  assert.equal(new URL(page.url()).pathname, "/sign-in");
  await page.getByLabel("Username").fill(USER);
  await page.getByLabel("Password").fill("wrong");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByText("do not belong together").waitFor();
  await page.getByLabel("Username").fill(USER);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL(`${server.url}/account/sessions?from=a&b=c`);
  await server.kill();
  await server.launch();
  assert.equal((await page.goto(`${server.url}/account`)).status(), 200);
  assert.equal(new URL(page.url()).pathname, "/account");
  await page.context().close();
});

test("without scripts: sharing, credentials, and the audit trail", async () => {
  await person("nora");
  const page = await open(browser, { scripts: false });
  await signIn(page, server);
  const first = await startDemo(page);
  await page.goto(`${server.url}/workloads/${first}/share`);
  await page.getByRole("searchbox", { name: "A person, a group" }).fill("nora");
  await page.getByRole("button", { name: "Search" }).click();
  await page.getByRole("combobox", { name: "Role for nora" }).selectOption({ label: "Owner" });
  await press(page, "Share with nora");
  await page.getByText("nora is Owner now.").waitFor();
  const nora = page.locator("#share-present li").filter({ hasText: "nora" });
  await nora.getByRole("combobox").selectOption({ label: "Consumer" });
  await press(page, "Change", nora);
  await page.getByText("nora is Consumer now.").waitFor();
  await press(page, "Remove", nora);
  await page.getByText("nora has no role here any more.").waitFor();
  assert.equal(await nora.count(), 0);

  await page.goto(`${server.url}/credentials`);
  await page.getByRole("link", { name: "Add a credential" }).first().click();
  await page.getByLabel("Type").selectOption("basic");
  await page.getByRole("button", { name: "Use this type" }).click();
  await page.getByLabel("Name").fill("registry");
  await page.getByLabel("User", { exact: true }).fill("me");
  await page.getByLabel("Password").fill("hunter two");
  await press(page, "Store");
  await page.getByRole("heading", { name: "registry" }).waitFor();
  await page.locator("#uses").getByText("Nowhere.").waitFor();
  const credential = page.url();
  assert.doesNotMatch(await page.content(), /hunter two/);
  await page.goto(`${credential}/edit`);
  await page.getByLabel("Password").fill("hunter three");
  await press(page, "Save");
  await page.getByText("user: a credential of type basic needs this field").first().waitFor();
  assert.doesNotMatch(await page.content(), /hunter three/);
  await page.getByLabel("User", { exact: true }).fill("me");
  await page.getByLabel("Password").fill("hunter three");
  await press(page, "Save");
  await page.getByText("registry has new values").waitFor();
  await page.goto(`${credential}/delete`);
  await press(page, "Delete the credential");
  await page.getByText("The credential was deleted.").waitFor();

  await page.goto(`${server.url}/audit`);
  await page.getByLabel("Action").selectOption("credential.edit");
  await page.getByLabel("Outcome").selectOption("refused");
  await page.getByLabel("Who").fill(USER);
  await page.getByRole("button", { name: "Show" }).click();
  assert.equal(await page.locator("#audit tbody tr").count(), 1);
  const href = await page.getByRole("link", { name: "Export CSV" }).getAttribute("href");
  const csv = await page.context().request.get(`${server.url}${href}`);
  assert.equal((await csv.text()).trim().split("\n").length, 2, "a head and the one entry");
  await page.locator("#audit tbody tr .row-link").first().click();
  await page.getByText("wrong fields: user").waitFor();
  await page.goto(`${server.url}/audit?actor=nobody-here`);
  await page.getByText("Nobody here is called").waitFor();
  await page.context().close();
});

test("the rest of the pages", async () => {
  const page = await open(browser);
  await signIn(page, server);
  const { credentialId } = await server.api("POST", "/credentials/", {
    name: "bucket", credentialType: "s3", awsAccessKeyId: "a", awsSecretAccessKey: "b",
  });
  const { data } = await server.api("GET", "/audit/?action=credential.create");
  const look = async (path, name) => {
    await page.goto(`${server.url}${path}`);
    await page.locator("h1").waitFor();
    await inspect(page, name);
  };
  await look("/team", "team");
  await look("/team?search=zz", "team-nobody");
  await look("/team/users/new", "team-add");
  await look("/credentials", "credentials");
  await look("/credentials/new?type=gcp", "credential-new");
  await look(`/credentials/${credentialId}`, "credential");
  await look(`/credentials/${credentialId}/edit`, "credential-edit");
  await look(`/credentials/${credentialId}/delete`, "credential-delete");
  await look("/audit", "audit");
  await look(`/audit/${data[0].id}`, "audit-entry");
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

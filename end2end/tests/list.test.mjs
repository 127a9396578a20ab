// The list of workloads: finding, sorting, watching, and doing one thing to many.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { inspect, launch, open } from "../support/browser.mjs";
import { signIn } from "../support/console.mjs";
import { PASSWORD, Server } from "../support/server.mjs";
import { until } from "../support/wait.mjs";

let server;
let browser;
const ids = {};
const probe = { path: "/healthz", port: 8080, initialDelaySeconds: 0, periodSeconds: 1 };
const container = { name: "main", primary: true, imageUri: "handover/demo:1.0", port: 8080, readinessProbe: probe };
const spec = { containerGroups: [{ name: "default", containers: [container] }] };

/** A workload by name; locked unless it is to be a draft. Stopped at once unless it is to run. */
async function make(name, { draft = false, runs = false, tag, ...more } = {}) {
  const artifact = { name: `${name}-api`, spec };
  const { id: artifactId } = await server.api("POST", "/artifacts/", { ...artifact, status: draft ? "draft" : "locked" });
  const { id } = await server.api("POST", "/workloads/", { name, artifactId, ...more });
  if (tag) await server.api("POST", `/workloads/${id}/tags/`, tag);
  if (!runs) await server.api("POST", `/workloads/${id}/stop/`);
  ids[name] = id;
  return id;
}

const status = (id, wanted) =>
  until(`${id} is ${wanted}`, async () => (await server.api("GET", `/workloads/${id}/`)).status === wanted);

before(async () => {
  server = await Server.start();
  await make("checkout", { runs: true, importance: "critical", description: "Scores each checkout", tag: { name: "team", value: "risk" } });
  await make("explorer", { runs: true, draft: true });
  await make("planner", { importance: "high", tag: { name: "team", value: "logistics" } });
  for (let n = 1; n <= 22; n++) await make(`batch-${String(n).padStart(2, "0")}`, { description: "Nightly" });
  for (const name of ["checkout", "explorer"]) await status(ids[name], "running");
  for (const name of ["planner", "batch-22"]) await status(ids[name], "stopped");
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const names = (page) => page.locator("table.workloads a.row-link").allTextContents();
const rows = (page, expected) =>
  until(`the rows are ${expected}`, async () => String(await names(page)) === String(expected));
const query = (page) => decodeURIComponent(new URL(page.url()).search);
const alive = (page) => page.locator("html[data-alive]").waitFor({ state: "attached" });

async function list(options, path = "") {
  const page = await open(browser, options);
  await signIn(page, server);
  await page.goto(`${server.url}/workloads${path}`);
  if (options?.scripts !== false) await alive(page);
  return page;
}

test("everything that narrows and sorts is in the address, and back goes back", async () => {
  const page = await list();
  assert.match(await page.getByRole("navigation", { name: "Which workloads" }).innerText(), /All 25\s+Locked 24\s+Draft 1/);
  assert.equal((await names(page)).length, 20);
  await inspect(page, "list");
  await page.getByRole("link", { name: "Next" }).click();
  await page.getByText("21–25 of 25").waitFor();
  await page.goBack();
  await page.getByText("1–20 of 25").waitFor();
  await alive(page);

  await page.getByRole("searchbox").fill("NIGHTLY");
  await until("typing is enough", async () => query(page).includes("search=NIGHTLY"));
  await page.getByText("1–20 of 22").waitFor();
  await page.getByRole("searchbox").fill("explor");
  await rows(page, ["explorer"]);
  await page.getByRole("link", { name: "Clear all" }).click();
  await page.getByText("1–20 of 25").waitFor();

  await page.getByRole("columnheader", { name: "Workload" }).getByRole("link").click();
  await page.waitForURL(/orderBy=name/);
  assert.equal(await page.getByRole("columnheader", { name: "Workload" }).getAttribute("aria-sort"), "ascending");
  assert.equal((await names(page))[0], "batch-01");
  await page.getByRole("columnheader", { name: "Workload" }).getByRole("link").click();
  await page.waitForURL(/orderBy=-name/);
  assert.deepEqual((await names(page)).slice(0, 3), ["planner", "explorer", "checkout"]);

  await page.getByRole("link", { name: "Filter", exact: true }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel(/^critical/).check();
  await dialog.getByLabel(/^high/).check();
  await dialog.getByLabel(/team: risk/).check();
  await dialog.getByRole("button", { name: "Show" }).click();
  await rows(page, ["checkout"]);
  assert.match(query(page), /importance=critical.*tag=team=risk.*orderBy=-name/);
  await inspect(page, "list-filtered");
  await page.getByRole("link", { name: "tag: team=risk" }).click();
  await rows(page, ["planner", "checkout"]);
  await page.goBack();
  await rows(page, ["checkout"]);
  await page.goto(`${server.url}/workloads?status=errored`);
  await page.getByText("No workload fits").waitFor();
  await inspect(page, "list-nothing-fits");
  await page.goto(`${server.url}/workloads/filter`);
  await inspect(page, "list-filter");
  await page.goto(`${server.url}/workloads?orderBy=name&offset=60`);
  await page.getByText("Nothing on this page").waitFor();
  await page.getByRole("link", { name: "Go to its beginning" }).click();
  await page.getByText("1–20 of 25").waitFor();
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

test("everything is in its place in each width: the owner of each row, the trend of each tile, the table in its card", async () => {
  const long = "fraud-scorer-".repeat(9);
  await make(long, { description: "Scores the risk of each payment before it is taken, and says why. ".repeat(3) });
  const page = await list({}, "?limit=50");
  for (const width of [390, 640, 641, 761, 900, 901, 1041, 1280, 1560, 1600, 1920, 2560]) {
    await page.setViewportSize({ width, height: 900 });
    const found = await page.evaluate(() => {
      const box = (element) => element.getBoundingClientRect();
      const table = document.querySelector("table.workloads");
      const rows = [...table.querySelectorAll("tbody tr")];
      const trends = [...document.querySelectorAll(".tile .trend")].map((trend) => [trend, trend.closest(".tile")]);
      return {
        over: Math.round(box(table).right - box(table.closest(".card")).right),
        spilt: [...table.querySelectorAll(innerWidth > 640 ? "th, td" : "td")].filter((cell) => cell.scrollWidth > cell.clientWidth && !cell.matches(".act")).map((cell) => cell.outerHTML.slice(0, 200)),
        cramped: rows.filter((row) => box(row.querySelector(".lead")).width < 120).length,
        unowned: rows.filter((row) => !row.innerText.includes("admin")).length,
        glued: trends.filter(([t, tile]) => box(t).left < box(tile).left + 8 || box(t).right > box(tile).right - 8).length,
        below: trends.filter(([t, tile]) => box(tile).bottom - box(t).bottom < 4).length,
      };
    });
    assert.deepEqual(found, { over: Math.min(found.over, 0), spilt: [], cramped: 0, unowned: 0, glued: 0, below: 0 }, `at ${width} pixels`);
  }
  await page.setViewportSize({ width: 1280, height: 900 });
  await inspect(page, "list-long");
  await server.api("DELETE", `/workloads/${ids[long]}/`);
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

test("rows follow what happens, and figures come from traffic", async () => {
  const page = await list({}, "?orderBy=-importance&limit=50");
  await page.evaluate(() => (window.notReloaded = true));
  const row = (name) => page.locator(`#w-${ids[name]}`);
  await row("explorer").getByText(/ends in/).waitFor();
  for (let n = 0; n < 20; n++) await server.api("GET", `/endpoints/workloads/${ids.checkout}/version`).catch(() => {});
  await row("checkout").locator("td.requests .sub", { hasText: /^20$/ }).waitFor({ timeout: 20_000 });
  await server.api("POST", `/workloads/${ids.planner}/start/`);
  await row("planner").getByText("Running").waitFor({ timeout: 30_000 });
  const next = await server.api("POST", "/artifacts/", { name: "checkout-api", spec, status: "locked" });
  const config = { warmupDurationMinutes: 5, keepOldVersionMinutes: 0 };
  await server.api("POST", `/workloads/${ids.checkout}/replacement/`, { artifactId: next.id, strategy: "rolling", config });
  await row("checkout").getByText(/warming up/).waitFor({ timeout: 30_000 });
  await inspect(page, "list-rolling");
  await server.api("DELETE", `/workloads/${ids.checkout}/replacement/`);
  assert.equal(await page.evaluate(() => window.notReloaded), true);

  await row("checkout").getByLabel("Actions for checkout").click();
  assert.equal(await row("checkout").getByRole("link", { name: "Promote" }).count(), 0, "only drafts are promoted");
  await row("checkout").getByRole("link", { name: "Clear statistics" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("can't be brought back").waitFor();
  await dialog.getByRole("button", { name: "Clear statistics" }).click();
  await page.getByText("The statistics of checkout were cleared.").waitFor();
  const { requestStats } = await server.api("GET", `/workloads/${ids.checkout}/`);
  assert.equal(requestStats.totalRequests, 0);
  await page.goto(`${server.url}/workloads`);
  await page.locator(".tile").filter({ hasText: "0 ok, 0 failed" }).waitFor();
  await page.goto(`${server.url}/workloads/${ids.checkout}/clear-statistics`);
  await inspect(page, "clear-statistics");
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

for (const scripts of [true, false]) {
  const how = scripts ? "with scripts" : "without scripts";
  const own = (n) => `${scripts ? "many" : "plain"}-${n}`;

  test(`several are stopped, shared and deleted with one confirmation that names them, ${how}`, async () => {
    for (const n of [1, 2]) await make(own(n), { runs: true });
    await make(own(3), { importance: "high" });
    for (const n of [1, 2]) await status(ids[own(n)], "running");
    await status(ids[own(3)], "stopped");
    const page = await list({ scripts }, `?search=${own("")}&orderBy=name`);
    const choose = async (...numbers) => {
      for (const n of numbers) await page.getByLabel(`Choose ${own(n)}`).check();
    };
    await choose(1, 2, 3);
    if (scripts) await page.getByText("3 chosen").waitFor();
    await page.getByRole("button", { name: "Stop", exact: true }).click();
    await page.getByRole("heading", { name: "Will stop: 2 workloads" }).waitFor();
    await page.getByRole("heading", { name: "Stays as it is: 1 workload" }).waitFor();
    await page.getByText("it is not running").waitFor();
    if (scripts) await inspect(page, "bulk-stop");
    await page.getByRole("button", { name: "Stop (2)" }).click();
    await page.getByText(`Each of these is stopping: ${own(1)}, ${own(2)}.`).waitFor();
    assert.match(query(page), new RegExp(`search=${own("")}`), "back on the same view");
    for (const n of [1, 2]) await status(ids[own(n)], "stopped");

    await page.goto(page.url());
    await choose(1, 2);
    await page.getByRole("button", { name: "Share", exact: true }).click();
    await page.getByLabel("Their username").fill("nobody-here");
    await page.getByRole("button", { name: "Share (2)" }).click();
    await page.getByText(/no such active user/).first().waitFor();
    assert.equal(await page.getByLabel("Their username").inputValue(), "nobody-here", "nothing typed is lost");
    if (scripts) await inspect(page, "bulk-share");
    await page.getByLabel("With", { exact: true }).selectOption("organization");
    await page.getByRole("button", { name: "Share (2)" }).click();
    await page.getByText("is shared as you said").waitFor();
    const { data } = await server.api("GET", `/workloads/${ids[own(2)]}/sharedRoles/`);
    assert.ok(data.some((role) => role.shareRecipientType === "organization" && role.role === "CONSUMER"));

    await page.goto(page.url());
    await choose(1, 2, 3);
    await page.getByRole("button", { name: "Delete", exact: true }).click();
    await page.getByRole("heading", { name: "Will be deleted for good: 3 workloads" }).waitFor();
    await page.getByRole("button", { name: "Delete for good (3)" }).click();
    await page.getByText("Nothing was deleted yet").waitFor();
    await server.api("DELETE", `/workloads/${ids[own(1)]}/`);
    await page.getByLabel(`Type ${own(3)} to delete it`).fill(own(3));
    if (scripts) await inspect(page, "bulk-delete");
    await page.getByRole("button", { name: /Delete for good/ }).click();
    await page.waitForURL(/\/workloads(\/bulk\/done|\?)/);
    await page.goto(`${server.url}/workloads?search=${own("")}`);
    await page.getByText("No workload fits").waitFor();
    assert.deepEqual(page.problems, []);
    await page.context().close();
  });

  test(`a workload is made from an artifact found by its name, ${how}`, async () => {
    const page = await open(browser, { scripts });
    await signIn(page, server);
    await page.goto(`${server.url}/workloads/new`);
    if (scripts) await alive(page);
    await page.getByLabel("Name", { exact: true }).fill(own("new"));
    await page.getByLabel("Choose an artifact that is there").check();
    await page.getByLabel("Look for").fill("explorer-api");
    await page.getByRole("button", { name: "Find" }).click();
    await page.getByText("Those with “explorer-api”").waitFor();
    assert.equal(await page.getByRole("radio", { name: /explorer-api/ }).isDisabled(), true);
    await page.getByText(/a draft runs in one workload at a time|draft runs in workload/).waitFor();
    await page.getByLabel("Look for").fill("planner-api");
    await page.getByLabel("Look for").press("Enter");
    await page.getByText("Those with “planner-api”").waitFor();
    assert.equal(await page.getByLabel("Name", { exact: true }).inputValue(), own("new"), "nothing typed is lost");
    if (scripts) await inspect(page, "new-workload-existing");
    await page.getByLabel("CPU cores").fill("0.25");
    await page.getByLabel("Size of each").selectOption("cpu.nano");
    await page.getByRole("radio", { name: /planner-api/ }).check();
    await page.getByRole("button", { name: "Create workload" }).click();
    await page.getByText("but not both").first().waitFor();
    assert.equal(await page.getByRole("radio", { name: /planner-api/ }).isChecked(), true);
    await page.getByLabel("CPU cores").fill("");
    await page.getByRole("button", { name: "Create workload" }).click();
    await page.waitForURL(/\/workloads\/[0-9a-f]{24}$/);
    const id = new URL(page.url()).pathname.split("/").pop();
    const made = await server.api("GET", `/workloads/${id}/`);
    assert.equal(made.artifact.name, "planner-api");
    assert.deepEqual(made.runtime.containerGroups[0].resourceBundles, ["cpu.nano"]);
    await server.api("DELETE", `/workloads/${id}/`);
    assert.deepEqual(page.problems, []);
    await page.context().close();
  });
}

test("what was done says which was refused", async () => {
  await make("gone-1");
  await make("gone-2");
  const page = await list({}, "?search=gone-");
  for (const name of ["gone-1", "gone-2"]) await page.getByLabel(`Choose ${name}`).check();
  await page.getByRole("button", { name: "Delete", exact: true }).click();
  await page.getByRole("heading", { name: "Will be deleted for good: 2 workloads" }).waitFor();
  await server.api("DELETE", `/workloads/${ids["gone-1"]}/`);
  await page.getByRole("button", { name: "Delete for good (2)" }).click();
  await page.getByRole("heading", { name: "What was done" }).waitFor();
  await page.getByText("Done for 1 workload, refused for 1.").waitFor();
  await page.getByRole("row", { name: /gone-2/ }).getByText("It is deleted.").waitFor();
  await page.getByRole("row", { name: ids["gone-1"] }).getByText("not there any more").waitFor();
  await inspect(page, "bulk-done");
  await page.getByRole("link", { name: "Back to the list" }).click();
  await page.waitForURL(/search=gone-/);
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

test("filters, sorting and the menu work without scripts", async () => {
  const page = await list({ scripts: false }, "?artifactStatus=locked");
  await page.getByRole("link", { name: "Filter", exact: true }).click();
  await page.getByLabel(/^high/).check();
  await page.getByLabel("Order").selectOption("name");
  await page.getByRole("button", { name: "Show" }).click();
  await rows(page, ["planner"]);
  assert.match(query(page), /artifactStatus=locked/);
  await page.getByRole("searchbox").fill("nobody");
  await page.getByRole("button", { name: "Search" }).click();
  await page.getByText("No workload fits").waitFor();
  await page.getByRole("link", { name: "Show all" }).click();
  await page.getByLabel("Actions for batch-01").click();
  await page.locator(`#w-${ids["batch-01"]}`).getByRole("button", { name: "Start" }).click();
  await status(ids["batch-01"], "running");
  assert.match(page.url(), /\/workloads(\?|$)/, "the list stays");
  await page.context().close();
});

test("somebody with whom nothing is shared is told so", async () => {
  await server.api("POST", "/users/", { username: "rita", role: "reader", password: PASSWORD });
  const page = await open(browser);
  await page.goto(`${server.url}/sign-in`);
  await page.getByLabel("Username").fill("rita");
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL((url) => url.pathname !== "/sign-in");
  await page.goto(`${server.url}/workloads`);
  await page.getByText("Nothing is shared with you").waitFor();
  assert.equal(await page.getByRole("link", { name: "New workload" }).count(), 0);
  await inspect(page, "list-nothing-shared");
  assert.equal((await page.goto(`${server.url}/workloads/new`)).status(), 403);
  await page.context().close();
});

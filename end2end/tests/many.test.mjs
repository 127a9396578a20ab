// Ten thousand workloads: whatever works with ten. How quickly is measured by benches/list, on the same rows.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { inspect, launch, open } from "../support/browser.mjs";
import { signIn } from "../support/console.mjs";
import { Server } from "../support/server.mjs";

const FLEET = fileURLToPath(new URL("../../benches/list/fleet.py", import.meta.url));
const MANY = 10_000;

let server;
let browser;
before(async () => {
  server = await Server.start();
  await server.kill();
  const filled = spawnSync("python3", [FLEET, join(server.dataDir, "handover.db"), String(MANY)], { encoding: "utf8" });
  assert.equal(filled.status, 0, filled.stderr ?? String(filled.error));
  [, browser] = await Promise.all([server.launch(), launch()]);
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const alive = (page) => page.locator("html[data-alive]").waitFor({ state: "attached" });
const names = (page) => page.locator("table.workloads a.row-link").allTextContents();

test("ten thousand are counted, sorted, searched, narrowed and followed as ten are", async () => {
  const page = await open(browser);
  await signIn(page, server);
  await page.goto(`${server.url}/workloads`);
  await alive(page);
  const tabs = page.getByRole("navigation", { name: "Which workloads" });
  assert.match(await tabs.innerText(), /All 10,000\s+Locked 6,666\s+Draft 3,334/);
  assert.deepEqual(await names(page), Array.from({ length: 20 }, (_, n) => `workload ${MANY - 1 - n}`));
  await page.getByText("1–20 of 10,000, newest first").waitFor();
  await inspect(page, "workloads-many");

  // A row follows what happens to it, and so do the figures.
  const { data } = await server.api("GET", "/workloads/?limit=1");
  await server.api("PATCH", `/workloads/${data[0].id}/`, { importance: "critical" });
  const first = page.locator("table.workloads tbody tr").first();
  await first.getByText("critical").waitFor({ timeout: 20_000 });

  await page.getByRole("link", { name: "Next" }).click();
  await page.getByText("21–40 of 10,000").waitFor();
  await page.goto(`${server.url}/workloads?orderBy=name&offset=9980`);
  assert.equal((await names(page)).at(-1), "workload 9999");
  assert.equal(await page.getByRole("link", { name: "Next" }).count(), 0);
  await page.goto(`${server.url}/workloads?orderBy=-importance`);
  assert.equal((await names(page))[0], "workload 9999");

  await alive(page);
  await page.getByRole("searchbox", { name: /^Search/ }).fill("workload 4242");
  await page.getByText("1–1 of 1,").waitFor();
  assert.deepEqual(await names(page), ["workload 4242"]);

  await page.goto(`${server.url}/workloads/filter`);
  const choice = (words) => page.locator("label.check").filter({ hasText: words });
  assert.match(await choice("Stopped").innerText(), /10,000/);
  await choice("team: t7").first().getByRole("checkbox").check();
  await page.getByRole("button", { name: "Show" }).click();
  await page.getByText("1–20 of 200,").waitFor();
  assert.deepEqual((await names(page)).map((name) => Number(name.split(" ")[1]) % 50), Array(20).fill(7));

  await alive(page);
  await page.keyboard.press("Control+k");
  const palette = page.getByRole("dialog");
  await palette.getByRole("searchbox").fill("workload 777");
  await palette.getByRole("link", { name: /^workload 777\b/ }).first().click();
  await page.getByRole("heading", { name: "workload 777", exact: true }).waitFor();
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

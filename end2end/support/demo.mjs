// The demo workload, by what a person presses. It works with scripts on and off.

import { until } from "./wait.mjs";

/** Starts one and returns its id; the page is then its own. */
export async function startDemo(page) {
  const { origin } = new URL(page.url());
  await page.goto(`${origin}/workloads/new`);
  await page.getByRole("button", { name: "Start a demo workload" }).click();
  await page.waitForURL(/\/workloads\/[0-9a-f]{24}$/);
  return new URL(page.url()).pathname.split("/").pop();
}

/** Starts one, waits until it runs, and returns its id. Live, so with scripts. */
export async function runDemo(page) {
  const id = await startDemo(page);
  await page.locator(".head .chip").filter({ hasText: "Running" }).waitFor({ timeout: 30_000 });
  return id;
}

/** Edits the draft that the workload runs: its image and, as `NAME=value`, the one variable it has. */
export async function editImage(page, server, id, image, environment) {
  const { artifactId } = await server.api("GET", `/workloads/${id}/`);
  await page.goto(`${server.url}/artifacts/${artifactId}/edit`);
  await page.getByLabel("Image", { exact: true }).fill(image);
  const remove = page.getByRole("button", { name: /^Remove \w+$/ });
  while (await remove.count()) {
    const left = await remove.count();
    await remove.first().click();
    await until("the variable is gone", async () => (await remove.count()) < left);
  }
  if (environment) {
    const [name, value] = environment.split("=");
    await page.getByLabel("Name of variable 1").fill(name);
    // Once it has a name, it is called by it.
    await page.getByLabel(/^Value of /).first().fill(value);
  }
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.waitForURL(`${server.url}/artifacts/${artifactId}`);
}

/** Goes through Replace, with the version that it offers unless one is named; the page is then the workload's. */
export async function rollOut(page, server, id, { warmUp, keep, artifact }) {
  const query = artifact ? `?artifact=${artifact}` : "";
  await page.goto(`${server.url}/workloads/${id}/replace${query}`);
  if (warmUp !== undefined) await page.getByLabel("Warm up").fill(String(warmUp));
  if (keep !== undefined) await page.getByLabel("Keep the old version").fill(String(keep));
  await page.getByRole("button", { name: /^Roll the draft out again|^Replace/ }).click();
  await page.waitForURL(`${server.url}/workloads/${id}`);
}

/** Rolls another image of the demo out, and waits until it warms up. */
export async function warmUp(page, server, id, image, { warmUp, keep }) {
  await editImage(page, server, id, image, "");
  await rollOut(page, server, id, { warmUp, keep });
  await page.locator(".roll-head .chip").filter({ hasText: "Warming up" }).waitFor({ timeout: 30_000 });
}

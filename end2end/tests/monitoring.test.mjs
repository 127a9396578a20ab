// A workload's overview and its monitoring: what is edited in place, and charts that can be read by eye, by
// pointer, by keyboard, as a table, and with scripts off.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { inspect, launch, open } from "../support/browser.mjs";
import { startDemo } from "../support/demo.mjs";
import { signIn } from "../support/console.mjs";
import { Server, TOKEN } from "../support/server.mjs";
import { until } from "../support/wait.mjs";

let server;
let browser;
let id;
before(async () => {
  server = await Server.start();
  browser = await launch();
  const page = await open(browser);
  await signIn(page, server);
  id = await startDemo(page);
  await until("it runs", async () => (await server.api("GET", `/workloads/${id}/`)).status === "running");
  await page.context().close();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

/** Requests through the gateway, whatever they are answered with. */
async function send(path, times) {
  for (let n = 0; n < times; n += 1) {
    const answer = await fetch(`${server.url}/api/v2/endpoints/workloads/${id}/${path}`, {
      headers: { authorization: `Bearer ${TOKEN}` },
    });
    await answer.arrayBuffer();
  }
}

const counted = async () =>
  (await server.api("GET", `/workloads/${id}/stats/`)).metrics.totalRequests;

/** The scripts follow the page; what is chosen from now on is acted on without a button. */
const awake = (page) => page.getByText(/live, observed/).waitFor();

const tile = (page, name) => page.locator(".tile").filter({ hasText: name });

test("before the first request the page says why it is empty, and what to send", async () => {
  const page = await open(browser);
  await signIn(page, server);
  await page.goto(`${server.url}/workloads/${id}`);
  await page.getByRole("navigation", { name: "Workload" }).getByRole("link", { name: "Monitoring" }).click();
  await page.getByText("No request yet.").waitFor();
  await page.locator(".empty .code").filter({ hasText: `/endpoints/workloads/${id}/` }).waitFor();
  await inspect(page, "monitoring-empty");
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

test("service health: tiles choose the chart, and every point is said in words", async () => {
  await send("", 20);
  await send("status/404", 3);
  await send("status/500", 2);
  await until("all are counted", async () => (await counted()) === 25);
  const page = await open(browser);
  await signIn(page, server);
  await page.goto(`${server.url}/workloads/${id}/monitoring`);
  await tile(page, "Total requests").filter({ hasText: "20 succeeded, 5 failed" }).waitFor();
  await tile(page, "Error rate").filter({ hasText: "20 %" }).waitFor();
  assert.equal(await tile(page, "Total requests").getAttribute("aria-current"), "true");

  // The numbers of the points are those of the table, and both add up to the tile.
  const points = page.locator(".plane .point[aria-label]");
  const said = await points.evaluateAll((all) => all.map((one) => one.getAttribute("aria-label")));
  const total = said.map((text) => Number(/: (\d+) requests?/.exec(text)[1])).reduce((a, b) => a + b, 0);
  assert.equal(total, 25, said.join("; "));
  assert.ok(said.some((text) => /\d failed/.test(text)), said.join("; "));
  await page.getByText("The same as a table").click();
  const cells = await page.locator(".numbers tbody td:nth-child(2)").allInnerTexts();
  assert.equal(cells.map(Number).reduce((a, b) => a + b, 0), 25);

  // By keyboard: the link before the chart leads past its points, and each point shows its words.
  await page.locator(".skip-points").focus();
  await page.keyboard.press("Tab");
  const tip = page.locator(".point:focus .tip");
  assert.equal(await tip.evaluate((text) => getComputedStyle(text).visibility), "visible");
  assert.match(await tip.innerHTML(), /requests/);
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.id), "after-chart");

  await inspect(page, "monitoring");
  await tile(page, "Response time").click();
  await page.waitForURL(/metric=responseTime/);
  await page.getByRole("heading", { name: "Response time, median" }).waitFor();
  await awake(page);
  await page.getByLabel("Response time", { exact: true }).selectOption("0.99");
  await page.waitForURL(/responseTimeQuantile=0.99/);
  await page.getByRole("heading", { name: "Response time, 99th percentile" }).waitFor();
  await page.getByLabel("Slow from, in ms").fill("0");
  await page.waitForURL(/slowRequestsThreshold=0(&|$)/);
  await tile(page, "Requests over 0 ms").filter({ hasText: "100 % of all" }).waitFor();
  await page.getByRole("link", { name: "7 days" }).click();
  await page.waitForURL(/range=7d/);
  assert.match(page.url(), /slowRequestsThreshold=0/, "the choices stay");
  await page.getByText("UTC, by the hour").waitFor();
  await page.locator(".plane a.point").first().focus();
  await page.keyboard.press("Enter");
  await page.waitForURL(/startTime=/);
  await page.getByText("UTC, by the minute").waitFor();
  await page.goBack();
  await page.getByText("UTC, by the hour").waitFor();
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

test("resources: what the replicas use now and over time, and where traffic moved", async () => {
  const page = await open(browser);
  await signIn(page, server);
  const { artifactId } = await server.api("GET", `/workloads/${id}/`);
  await server.api("POST", `/workloads/${id}/replacement/`, { artifactId, strategy: "rolling", config: {} });
  await until("the rollout is over", async () => {
    const { data } = await server.api("GET", `/workloads/${id}/history/`);
    return data[0].status === "completed";
  }, 60);
  await until("its use was seen", async () => {
    const { metricAggregations } = await server.api("GET", `/otel/workload/${id}/metrics/values/?resolution=PT1M`);
    return metricAggregations.find((one) => one.otelName === "container.cpu.usage").aggregatedValue !== null;
  }, 60);
  await page.goto(`${server.url}/workloads/${id}/monitoring/resources`);
  await tile(page, "Replicas").filter({ hasText: "1 of 1 ready, seen" }).waitFor();
  await tile(page, "Memory").filter({ hasText: "MB" }).click();
  await page.getByRole("heading", { name: "Memory that all replicas held" }).waitFor();
  assert.ok((await page.locator(".plane .point[aria-label*='MB']").count()) > 0);
  const move = page.locator(".marks a").first();
  assert.equal(await page.locator(".plane .mark").count(), await page.locator(".marks a").count());
  await inspect(page, "monitoring-resources");
  await move.click();
  await page.waitForURL(/\/replacements\//);

  await page.goto(`${server.url}/workloads/${id}/monitoring/metrics`);
  await page.locator("tr").filter({ hasText: "container.memory.usage" }).filter({ hasText: "MB" }).waitFor();
  await page.getByText("are not received here").waitFor();
  await inspect(page, "monitoring-metrics");
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

test("scripts off: a form asks, and what can't be understood is said at its field", async () => {
  const page = await open(browser, { scripts: false });
  await signIn(page, server);
  await page.goto(`${server.url}/workloads/${id}/monitoring`);
  await page.getByLabel("Versions").selectOption("serving");
  await page.getByLabel("By", { exact: true }).selectOption("PT1H");
  await page.getByRole("button", { name: "Show", exact: true }).click();
  await page.waitForURL(/of=serving/);
  await page.getByText("UTC, by the hour").waitFor();
  await page.getByRole("link", { name: "Clear statistics" }).waitFor();
  await page.goto(`${server.url}/workloads/${id}/monitoring?startTime=yesterday&slowRequestsThreshold=-4`);
  await page.getByRole("alert").getByText("could not be understood").waitFor();
  assert.equal(await page.getByLabel("Slow from, in ms").getAttribute("aria-invalid"), "true");
  await page.goto(`${server.url}/workloads/${id}/monitoring?startTime=2001-01-01T00:00&endTime=2001-01-02T00:00`);
  await page.getByText("No request was answered in this time.").waitFor();
  await page.getByRole("link", { name: "Show that time" }).click();
  await page.locator(".plane .point[aria-label]").first().waitFor();
  await page.context().close();
});

for (const scripts of [true, false]) {
  test(`the time is chosen by sliding, by keyboard, scripts ${scripts ? "on" : "off"}`, async () => {
    const page = await open(browser, { scripts });
    await signIn(page, server);
    await page.goto(`${server.url}/workloads/${id}/monitoring?metric=responseTime&of=serving`);
    if (scripts) await awake(page);
    const from = page.getByRole("slider", { name: "From" });
    const until = page.getByRole("slider", { name: "Until" });
    const [first, last] = [Number(await from.inputValue()), Number(await until.inputValue())];
    assert.ok(last - first >= 59, "an hour, as nothing else was asked for");
    await from.focus();
    for (let n = 0; n < 30; n += 1) await page.keyboard.press("ArrowRight");
    if (!scripts) await page.getByRole("button", { name: "Show this time" }).click();
    await page.waitForURL(/startTime=/);
    const address = new URL(page.url());
    const minute = (name) => Date.parse(address.searchParams.get(name)) / 60_000;
    assert.deepEqual([minute("startTime"), minute("endTime")], [first + 30, last]);
    assert.deepEqual([address.searchParams.get("metric"), address.searchParams.get("of")], ["responseTime", "serving"]);
    await page.getByText("Own time").waitFor();
    const words = await from.getAttribute("aria-valuetext");
    assert.match(words, /^\d+ \w+ \d\d:\d\d$/);
    await page.locator("#slide output").filter({ hasText: words }).first().waitFor();
    if (scripts) {
      assert.equal(await page.evaluate(() => document.activeElement.id), "fromMinute", "the hand stays where it is");
      await inspect(page, "monitoring-slid");
    }
    // The wrong way round it is the same time.
    await page.goto(`${server.url}/workloads/${id}/monitoring?fromMinute=${last}&untilMinute=${first + 10}`);
    assert.equal(minute("endTime"), last);
    assert.match(page.url(), /startTime=.*endTime=/);
    assert.deepEqual(page.problems, []);
    await page.context().close();
  });

  test(`the overview is edited in place, scripts ${scripts ? "on" : "off"}`, async () => {
    const page = await open(browser, { scripts });
    await signIn(page, server);
    await page.goto(`${server.url}/workloads/${id}`);
    if (scripts) await awake(page);
    const about = page.locator(".about");
    const edit = (field) => about.locator(`#edit-${field}`);
    const openEdit = (field) => about.locator("summary").filter({ hasText: `the ${field}` }).click();
    await openEdit("description");
    await edit("description").getByLabel("Description").fill(`Scores baskets, ${scripts}`);
    await edit("description").getByRole("button", { name: "Save" }).click();
    await page.getByText("The description was saved.").waitFor();
    await about.locator("dd").filter({ hasText: `Scores baskets, ${scripts}` }).first().waitFor();
    assert.equal(await about.locator("details.edit[open]").count(), 0, "the form is closed again");
    await openEdit("importance");
    await edit("importance").getByLabel("Importance").selectOption("critical");
    await edit("importance").getByRole("button", { name: "Save" }).click();
    await page.locator(".head .chip").filter({ hasText: "Critical importance" }).waitFor();

    // Somebody else is faster: nothing is overwritten unseen, and nothing typed is lost.
    await openEdit("name");
    await server.api("PATCH", `/workloads/${id}/`, { name: `theirs ${scripts}` });
    await edit("name").getByLabel("Name").fill(`mine ${scripts}`);
    await edit("name").getByRole("button", { name: "Save" }).click();
    await edit("name").getByText(/admin changed the name .* it is .theirs/).waitFor();
    assert.equal(await edit("name").getByLabel("Name").inputValue(), `mine ${scripts}`);
    assert.equal((await server.api("GET", `/workloads/${id}/`)).name, `theirs ${scripts}`);
    if (scripts) await inspect(page, "overview-conflict");
    await edit("name").getByRole("button", { name: "Save" }).click();
    await page.getByRole("heading", { name: `mine ${scripts}`, level: 1 }).waitFor();

    const tags = page.locator("#tags");
    await tags.getByText("+ Add a tag").click();
    await tags.getByLabel("Tag name").fill("team");
    await tags.getByLabel("Value").fill("risk");
    await tags.getByRole("button", { name: "Add" }).click();
    await tags.locator(".tag").filter({ hasText: "team = risk" }).waitFor();
    await tags.getByText("+ Add a tag").click();
    await tags.getByLabel("Tag name").fill("team");
    await tags.getByRole("button", { name: "Add" }).click();
    await tags.getByText("a tag named 'team' already").waitFor();
    await tags.getByRole("button", { name: "Remove the tag team" }).click();
    await tags.getByText("None. A tag is").waitFor();
    assert.deepEqual((await server.api("GET", `/workloads/${id}/`)).tags, []);
    assert.deepEqual(page.problems, []);
    await page.context().close();
  });
}

test("the panel of a proton says how its replicas are, and what they wrote", async () => {
  const page = await open(browser);
  await signIn(page, server);
  await page.goto(`${server.url}/workloads/${id}`);
  const proton = page.locator(".proton").first();
  await proton.getByText("1 of 1 replica ready").waitFor();
  await proton.locator(".conditions .met").filter({ hasText: "ready" }).first().waitFor();
  await proton.getByText("Last lines of log").click();
  await proton.locator("pre.logs").waitFor();
  await page.getByRole("row").filter({ hasText: "Repository" }).waitFor();
  await inspect(page, "overview");
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

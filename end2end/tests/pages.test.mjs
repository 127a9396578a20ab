// Every page in light and dark, wide, narrow and zoomed: axe finds nothing, nothing scrolls sideways or lies over
// something else, nothing moves for who asked that it does not, no script or policy complains.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { inspect, launch, moving, open } from "../support/browser.mjs";
import { runDemo, warmUp } from "../support/demo.mjs";
import { signIn } from "../support/console.mjs";
import { Server, TOKEN } from "../support/server.mjs";
import { doToSeveral, furnish } from "../support/tour.mjs";
import { until } from "../support/wait.mjs";

/** Before one is signed in. */
const DOOR = ["/sign-in", "/welcome"];

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

/** What pictures of a page are called. */
const named = (route) => route.replaceAll(/[/:]+/g, "-").replace(/^-/, "") || "start";

test("nothing is there yet", async () => {
  const page = await open(browser);
  await signIn(page, server);
  for (const path of ["workloads", "artifacts", "deployments", "team/groups", "credentials", "account/tokens"]) {
    await page.goto(`${server.url}/${path}`);
    await inspect(page, `none-${path.replace("/", "-")}`);
  }
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

test("a replacement while it goes on; without a wish for stillness it moves", async () => {
  const page = await open(browser);
  await signIn(page, server);
  const id = await runDemo(page);
  await warmUp(page, server, id, "handover/demo:2.0", { warmUp: 5, keep: 5 });
  await inspect(page, "rollout");
  await page.goto(`${server.url}/workloads`);
  await inspect(page, "workloads-rolling");
  const { id: replacement } = await server.api("GET", `/workloads/${id}/replacement/`);
  await page.goto(`${server.url}/workloads/${id}/replacements/${replacement}`);
  await inspect(page, "replacement");
  assert.deepEqual(page.problems, []);
  await page.context().close();

  const lively = await open(browser, { motion: true });
  await signIn(lively, server);
  await lively.goto(`${server.url}/workloads/${id}`);
  await lively.locator("html[data-alive]").waitFor({ state: "attached" });
  const headers = { authorization: `Bearer ${TOKEN}` };
  const moves = await until("requests pass", async () => {
    await (await fetch(`${server.url}/api/v2/endpoints/workloads/${id}/`, { headers })).arrayBuffer();
    return (await lively.locator(".road .moves").count()) > 0 && moving(lively);
  });
  assert.ok(moves.some((one) => one.startsWith("runs")), "traffic is seen to flow");
  assert.ok(moves.some((one) => one.startsWith("may move")), "and the road to bend");
  await lively.keyboard.press("Control+k");
  await lively.locator("dialog[open]").waitFor();
  assert.ok((await moving(lively)).some((one) => one.includes("dialog")), "a dialog rises");
  await lively.context().close();
  // What follows wants everything to be at rest.
  await server.api("DELETE", `/workloads/${id}/`);
});

test("every page there is", async () => {
  const left = [...(await furnish(server))];
  const page = await open(browser);
  await signIn(page, server);
  await doToSeveral(page, server);
  const wrong = [];
  // Side by side, because a browser draws and axe counts in a process of its own for each.
  const walk = async (page) => {
    const door = await open(browser);
    for (let next = left.shift(); next; next = left.shift()) {
      const [route, path] = next;
      const on = DOOR.includes(route) ? door : page;
      const answer = await on.goto(`${server.url}${path}`);
      assert.equal(answer.status(), 200, path);
      await on.locator("h1").first().waitFor();
      await inspect(on, named(route)).catch((error) => wrong.push(`${route}: ${error.message}`));
    }
    assert.deepEqual([door.problems, page.problems], [[], []]);
    await door.context().close();
    await page.context().close();
  };
  const other = await open(browser, { session: await page.context().storageState() });
  await Promise.all([walk(page), walk(other)]);
  assert.equal(wrong.join("\n\n"), "");
});

test("a page that is not there says so", async () => {
  const page = await open(browser);
  await signIn(page, server);
  const answer = await page.goto(`${server.url}/no/such/page`);
  assert.equal(answer.status(), 404);
  await page.getByText("There is no page at this address").waitFor();
  await page.context().close();
});

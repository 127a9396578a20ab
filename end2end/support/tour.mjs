// Every page of the console, furnished: for each address that the console knows, one that has something to show,
// and more of it than fits where that can be. Tests that hold for every page walk through this.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { PASSWORD, TOKEN, USER } from "./server.mjs";
import { until } from "./wait.mjs";

const SHELL = join(fileURLToPath(new URL("../../app/src", import.meta.url)), "shell.rs");

/** One more than a page of a list holds, so that each list has a second page. */
const MANY = 21;

/** The addresses of the console as its source names them: `/workloads/:id`. */
export async function routes() {
  const source = await readFile(SHELL, "utf8");
  return [...source.matchAll(/path!\("([^"]+)"\)/g)].map(([, route]) => route);
}

const probe = { path: "/healthz", port: 8080, initialDelaySeconds: 0, periodSeconds: 1 };

function spec(image, variables = {}) {
  const environmentVars = Object.entries(variables).map(([name, value]) => ({ name, value }));
  const container = { name: "main", primary: true, imageUri: image, port: 8080, readinessProbe: probe, environmentVars };
  return { containerGroups: [{ name: "default", containers: [container] }] };
}

const times = (count, make) => Array.from({ length: count }, (_, n) => make(n));

async function inTurn(all, act) {
  const done = [];
  for (const one of all) done.push(await act(one));
  return done;
}

/** A workload that has been through something: traffic, a replacement that went well and one that was cancelled. */
async function lived(server) {
  const long = "a_name_in_one_word_that_nobody_has_thought_of_breaking that says what the service is for";
  const variables = Object.fromEntries(times(12, (n) => [`SETTING_${n}`, `the value of the setting ${n}`]));
  const first = await server.api("POST", "/artifacts/", { name: long, spec: spec("handover/demo:1.0", variables), status: "locked" });
  const repository = first.artifactRepositoryId;
  const next = (more, image) =>
    server.api("POST", "/artifacts/", { name: long, artifactRepositoryId: repository, spec: spec(image, variables), ...more });
  const second = await next({ status: "locked" }, "handover/demo:2.0");
  await inTurn(times(MANY, (n) => n), (n) => next({ status: "locked" }, `handover/demo:2.${n + 1}`));
  const { id } = await server.api("POST", "/workloads/", { name: long, artifactId: first.id, description: `${long}. `.repeat(4), importance: "critical" });
  const status = async () => (await server.api("GET", `/workloads/${id}/`)).status;
  await until("it runs", async () => (await status()) === "running", 60);
  await inTurn(times(6, (n) => n), (n) => server.api("POST", `/workloads/${id}/tags/`, { name: `tag-${n}`, value: `value ${n}` }));
  const call = (path) =>
    fetch(`${server.url}/api/v2/endpoints/workloads/${id}/${path}`, { headers: { authorization: `Bearer ${TOKEN}` } })
      .then((answer) => answer.arrayBuffer());
  await inTurn(times(30, (n) => n), (n) => call(n % 5 ? "" : "status/500"));
  const replace = (artifactId, config) =>
    server.api("POST", `/workloads/${id}/replacement/`, { artifactId, strategy: "rolling", config });
  const stage = async () => (await server.api("GET", `/workloads/${id}/replacement/`)).stage;
  const { id: replacement } = await replace(second.id, {});
  await until("the replacement is over", async () => (await stage()) === "done", 60);
  await replace(first.id, { warmupDurationMinutes: 5 });
  await until("the next one warms up", async () => (await stage()) === "warming", 60);
  await server.api("DELETE", `/workloads/${id}/replacement/`);
  await until("it is cancelled", async () => (await stage()) === "done", 60);
  return { id, replacement, repository, artifact: first.id };
}

/** A draft that is built from uploaded code, and its build. */
async function built(server) {
  const form = new FormData();
  form.append("file", new Blob(["#!/bin/sh\nexec sleep 1000\n"]), "run.sh");
  const answer = await fetch(`${server.url}/api/v2/files/fromFile/`, {
    method: "POST",
    headers: { authorization: `Bearer ${TOKEN}` },
    body: form,
  });
  const { catalogId, catalogVersionId } = await answer.json();
  const { data: environments } = await server.api("GET", "/executionEnvironments/?limit=1");
  const [{ id, latestSuccessfulVersion }] = environments;
  const config = {
    codeRef: { datarobot: { catalogId, catalogVersionId } },
    dockerfile: {
      source: "generated",
      executionEnvironmentId: id,
      executionEnvironmentVersionId: latestSuccessfulVersion.id,
      entrypoint: ["./run.sh"],
    },
  };
  const whole = spec("placeholder:latest");
  whole.containerGroups[0].containers[0].imageBuildConfig = config;
  const draft = await server.api("POST", "/artifacts/", { name: "built from code", spec: whole });
  const { buildIds } = await server.api("POST", `/artifacts/${draft.id}/builds/`, {});
  const state = async () => (await server.api("GET", `/artifacts/${draft.id}/builds/${buildIds[0]}/`)).status;
  await until("it is built", async () => (await state()) === "COMPLETED", 60);
  return { draft: draft.id, build: buildIds[0] };
}

/** People, groups, tokens and credentials, each more than one page of them; and the id of one of each. */
async function people(server) {
  const users = await inTurn(times(MANY, (n) => n), (n) =>
    server.api("POST", "/users/", { username: `person-${n}`, fullName: `Person the ${n}th of the team`, role: "member", password: PASSWORD }));
  const members = users.map((user) => user.id);
  const groups = await inTurn(times(MANY, (n) => n), (n) =>
    server.api("POST", "/groups/", { name: `Group ${n}`, members: n === 0 ? members : [] }));
  const tokens = await inTurn(times(MANY, (n) => n), (n) => server.api("POST", "/account/tokens/", { name: `token ${n}` }));
  const credentials = await inTurn(times(MANY, (n) => n), (n) =>
    server.api("POST", "/credentials/", { name: `credential ${n}`, credentialType: "api_token", apiToken: "x" }));
  return { user: users[0].id, group: groups[0].id, token: tokens[0].id, credential: credentials[0].credentialId };
}

/** Fills the console. Returns an address for each of its routes that needs a name, by route. */
export async function furnish(server) {
  const ids = await people(server);
  const workload = await lived(server);
  const code = await built(server);
  const stopped = await inTurn(times(MANY, (n) => n), async (n) => {
    const artifact = await server.api("POST", "/artifacts/", { name: `service ${n}`, spec: spec("handover/demo:1.0"), status: n ? "locked" : "draft" });
    const made = await server.api("POST", "/workloads/", { name: `one of many ${n}`, artifactId: artifact.id, description: "Nightly" });
    await server.api("POST", `/workloads/${made.id}/stop/`);
    return { id: made.id, artifact: artifact.id };
  });
  // What still moves would move the rows of the pages that show it.
  await until("everything has come to rest", async () => {
    const { totalCount } = await server.api("GET", "/workloads/?status=running,stopped&limit=1");
    const { data } = await server.api("GET", `/workloads/${workload.id}/protons/`);
    return totalCount === MANY + 1 && data.filter(({ status }) => status !== "stopped").length === 1;
  }, 60);
  const deployed = await inTurn(stopped.slice(1), ({ id }) =>
    server.api("POST", "/console/deployments/", { workloadId: id, name: `Deployment of ${id}` }));
  const share = { shareRecipientType: "group", id: ids.group, role: "CONSUMER" };
  await server.api("PATCH", `/workloads/${workload.id}/sharedRoles/`, { operation: "updateRoles", roles: [share] });
  const { data: trail } = await server.api("GET", "/audit/?action=workload.replace");
  const draft = stopped[0];
  const of = (ids) => (route) => Object.entries(ids).reduce((path, [name, id]) => path.replace(`:${name}`, id), route);
  const all = new Map();
  for (const route of await routes()) {
    const id = route.startsWith("/workloads/") ? workload.id
      : route.startsWith("/artifacts/") ? (/\/(builds|code)\b/.test(route) ? code.draft : workload.artifact)
      : route.startsWith("/repositories/") ? workload.repository
      : route.startsWith("/deployments/") ? deployed[0].id
      : route.startsWith("/team/users/") ? ids.user
      : route.startsWith("/team/groups/") ? ids.group
      : route.startsWith("/account/tokens/") ? ids.token
      : route.startsWith("/credentials/") ? ids.credential
      : trail[0].id;
    const named = { id, rid: workload.replacement, build: code.build, operation: "postWorkloads", name: "WorkloadRecord" };
    all.set(route, of(named)(route));
  }
  // What only a draft has.
  all.set("/workloads/:id/promote", `/workloads/${draft.id}/promote`);
  for (const what of ["edit", "lock", "delete"]) all.set(`/artifacts/:id/${what}`, `/artifacts/${draft.artifact}/${what}`);
  // What needs to be told more.
  const chosen = stopped.map(({ id }) => `&id=${id}`).join("");
  all.set("/workloads/bulk", `/workloads/bulk?action=delete${chosen}`);
  all.set("/welcome", "/welcome?link=0000");
  for (const kind of ["workloads", "artifacts", "repositories", "deployments"]) {
    all.set(`/${kind}/:id/share/why`, `${all.get(`/${kind}/:id/share/why`)}?username=${USER}`);
  }
  all.set("/palette", "/palette?q=one");
  for (const [route, path] of all) assert.ok(!path.includes(":"), `${route} has an address: ${path}`);
  return all;
}

/** Leaves the outcome of one thing done to several workloads, of which one was refused; both are gone then. */
export async function doToSeveral(page, server) {
  const made = await inTurn(["gone", "left"], async (name) => {
    const artifact = await server.api("POST", "/artifacts/", { name, spec: spec("handover/demo:1.0"), status: "locked" });
    const one = await server.api("POST", "/workloads/", { name, artifactId: artifact.id });
    await server.api("POST", `/workloads/${one.id}/stop/`);
    return one;
  });
  const chosen = made.map(({ id }) => `&id=${id}`).join("");
  await page.goto(`${server.url}/workloads/bulk?action=delete${chosen}`);
  await server.api("DELETE", `/workloads/${made[0].id}/`);
  await page.getByRole("button", { name: /Delete for good/ }).click();
  await page.waitForURL(/\/workloads\/bulk\/done/);
}

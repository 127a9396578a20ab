// Code that is uploaded from the page of a draft: chosen, sent, built, run; and what goes wrong on the way.
import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { deflateRawSync } from "node:zlib";
import { inspect, launch, open } from "../support/browser.mjs";
import { signIn } from "../support/console.mjs";
import { Server } from "../support/server.mjs";
import { until } from "../support/wait.mjs";

/** A program that answers on its port, in the language that every host here has. */
const PROGRAM = `#!/bin/sh
exec "$TEST_NODE" -e 'require("http").createServer((q, r) => r.end(require("fs").readFileSync("greeting.txt", "utf8"))).listen(process.env.PORT)'
`;

let server;
let browser;
let folder;
before(async () => {
  [server, browser] = await Promise.all([Server.start(), launch()]);
  folder = await mkdtemp(join(tmpdir(), "handover-code-"));
});
after(async () => {
  await browser?.close();
  await server?.stop();
  if (folder) await rm(folder, { recursive: true, force: true });
});

async function draft(name, container = {}) {
  const probe = { path: "/", initialDelaySeconds: 0, periodSeconds: 1 };
  const environmentVars = [{ name: "TEST_NODE", value: process.execPath }];
  const one = { name: "main", primary: true, imageUri: "handover/demo:1.0", port: 8080, readinessProbe: probe, environmentVars };
  const spec = { containerGroups: [{ name: "default", containers: [{ ...one, ...container }] }] };
  return (await server.api("POST", "/artifacts/", { name, spec })).id;
}

const main = async (id) => (await server.api("GET", `/artifacts/${id}/`)).spec.containerGroups[0].containers[0];

async function files(id) {
  const { catalogId, catalogVersionId } = (await main(id)).imageBuildConfig.codeRef.datarobot;
  const { data } = await server.api("GET", `/files/${catalogId}/versions/${catalogVersionId}/allFiles/`);
  return data.map((file) => file.fileName);
}

/** A file of this name and content, as somebody has it on their disk. */
async function written(name, content) {
  const path = join(folder, name);
  await mkdir(join(path, ".."), { recursive: true });
  await writeFile(path, content);
  return path;
}

/** A zip archive of some files. */
function zip(entries) {
  const parts = [];
  const directory = [];
  let at = 0;
  const crcOf = (bytes) => {
    let crc = ~0;
    for (const byte of bytes) {
      crc ^= byte;
      for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
    }
    return ~crc >>> 0;
  };
  for (const [name, content] of Object.entries(entries)) {
    const [path, plain] = [Buffer.from(name), Buffer.from(content)];
    const packed = deflateRawSync(plain);
    const shared = Buffer.alloc(26);
    shared.writeUInt16LE(20, 0);
    shared.writeUInt16LE(8, 4);
    shared.writeUInt32LE(crcOf(plain), 10);
    shared.writeUInt32LE(packed.length, 14);
    shared.writeUInt32LE(plain.length, 18);
    shared.writeUInt16LE(path.length, 22);
    parts.push(Buffer.from("PK\x03\x04"), shared, path, packed);
    const more = Buffer.alloc(14);
    more.writeUInt32LE(at, 10);
    directory.push(Buffer.from("PK\x01\x02"), Buffer.from([20, 0]), shared, more, path);
    at += 4 + shared.length + path.length + packed.length;
  }
  const list = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(Object.keys(entries).length, 4);
  end.writeUInt16LE(Object.keys(entries).length, 6);
  end.writeUInt32LE(list.length, 8);
  end.writeUInt32LE(at, 12);
  return Buffer.concat([...parts, list, Buffer.from("PK\x05\x06"), end]);
}

for (const scripts of [true, false]) {
  const how = scripts ? "with scripts" : "without scripts";

  test(`code is uploaded from a draft's page, built, and run, ${how}`, async () => {
    const id = await draft(`from code ${how}`);
    const page = await open(browser, { scripts });
    await signIn(page, server);
    await page.goto(`${server.url}/artifacts/${id}`);
    await page.getByRole("link", { name: "Code", exact: true }).click();
    await page.getByText("No code has been uploaded for it.").waitFor();
    if (scripts) await page.locator("html[data-alive]").waitFor({ state: "attached" });

    // What is missing is said at its field, and the files that came are not asked for again.
    await page.getByLabel("Files, or a zip archive").setInputFiles(await written("run.sh", PROGRAM));
    await page.getByRole("button", { name: "Upload only" }).click();
    await page.getByText("say what is started").first().waitFor();
    assert.equal(await page.getByLabel("What is started").getAttribute("aria-invalid"), "true");
    await page.locator("#waiting").getByText("run.sh").waitFor();
    assert.equal((await main(id)).imageBuildConfig, undefined, "nothing was changed");
    if (scripts) await inspect(page, "code-refused");
    await page.getByLabel("What is started").fill("./run.sh");
    await page.getByLabel("Files, or a zip archive").setInputFiles(await written("greeting.txt", "hello from code"));
    await page.getByRole("button", { name: "Upload and build" }).click();
    await page.waitForURL(/\/builds\/[0-9a-f]{24}$/);
    await until("it is built", async () => {
      if (!scripts) await page.reload();
      return page.locator(".head .chip", { hasText: "Completed" }).isVisible();
    });
    assert.deepEqual(await files(id), ["greeting.txt", "run.sh"]);

    const { id: workload } = await server.api("POST", "/workloads/", { name: `runs ${how}`, artifactId: id });
    await until("it runs", async () => (await server.api("GET", `/workloads/${workload}/`)).status === "running", 60);
    await page.goto(`${server.url}/api/v2/endpoints/workloads/${workload}/`);
    assert.equal(await page.locator("body").innerText(), "hello from code");

    // A zip replaces one file; the others stay. Then one is taken out, and an earlier version is used again.
    const fresh = await written("more.zip", zip({ "greeting.txt": "hello again", "lib/a.txt": "a" }));
    await page.goto(`${server.url}/artifacts/${id}/code`);
    await page.getByRole("link", { name: "run.sh", exact: true }).waitFor();
    await page.getByLabel("Files, or a zip archive").setInputFiles(fresh);
    await page.getByRole("button", { name: "Upload only" }).click();
    await page.getByText("the draft names the new version of its code, with 3 files").waitFor();
    assert.deepEqual(await files(id), ["greeting.txt", "lib/a.txt", "run.sh"]);
    await page.getByLabel("Choose lib/a.txt").check();
    await page.getByRole("button", { name: "Take out the chosen" }).click();
    await page.getByText("the draft names a version without these files").waitFor();
    assert.deepEqual(await files(id), ["greeting.txt", "run.sh"]);
    await page.locator("#versions tbody tr").nth(2).getByRole("button", { name: /^Use version/ }).click();
    await page.getByText("The draft names this version of its code now.").waitFor();
    await page.getByRole("button", { name: "Start a build" }).waitFor();
    if (scripts) await inspect(page, "code");
    assert.deepEqual(page.problems, []);
    await page.context().close();
  });
}

test("a folder comes without its own name, and instead of what was there", async () => {
  const id = await draft("a folder");
  for (const [name, content] of [["app/run.sh", PROGRAM], ["app/data/one.txt", "1"]]) await written(name, content);
  const page = await open(browser);
  await signIn(page, server);
  await page.goto(`${server.url}/artifacts/${id}/edit`);
  await page.locator("summary", { hasText: "Image from source" }).click();
  await page.getByRole("link", { name: "Upload code for this container" }).click();
  await page.waitForURL(/\/code\?container=main$/);
  await page.getByLabel("What is started").fill("./run.sh");
  await page.getByLabel("A whole folder").setInputFiles(join(folder, "app"));
  await page.getByRole("button", { name: "Upload only" }).click();
  await page.getByText("with 2 files").waitFor();
  assert.deepEqual(await files(id), ["data/one.txt", "run.sh"]);
  await page.getByLabel("They go: these files are all there is").check();
  await page.getByLabel("Files, or a zip archive").setInputFiles(join(folder, "app/run.sh"));
  await page.getByRole("button", { name: "Upload only" }).click();
  await page.getByText("with 1 file").waitFor();
  assert.deepEqual(await files(id), ["run.sh"]);
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

test("what is not accepted is said at the files, by name", async () => {
  const id = await draft("refused");
  const page = await open(browser, { scripts: false });
  await signIn(page, server);
  const send = async (path) => {
    await page.goto(`${server.url}/artifacts/${id}/code`);
    await page.getByLabel("What is started").fill("./run.sh");
    if (path) await page.getByLabel("Files, or a zip archive").setInputFiles(path);
    await page.getByRole("button", { name: "Upload only" }).click();
    return page.locator("#code-wrong").innerText();
  };
  assert.match(await send(), /choose at least one file/);
  assert.equal(await page.getByLabel("What is started").inputValue(), "./run.sh", "what was typed is kept");
  assert.match(await send(await written("broken.zip", "no archive")), /broken\.zip: .*can't be read as a zip archive/);
  assert.match(await send(await written("up.zip", zip({ "../up.txt": "x" }))), /up\.zip: .*can't be the path of a file/);
  assert.match(await send(await written("bomb.zip", zip({ zeros: Buffer.alloc(64 << 20) }))), /bomb\.zip: .*grows beyond/);
  await page.getByLabel("Unpack zip archives").uncheck();
  await page.getByLabel("Files, or a zip archive").setInputFiles(join(folder, "broken.zip"));
  await page.getByRole("button", { name: "Upload only" }).click();
  await page.getByText("with 1 file").waitFor();
  assert.deepEqual(await files(id), ["broken.zip"], "as it is, when that is wanted");
  await page.context().close();
});

test("only who may change the draft, from our own page, while it is a draft", async () => {
  const id = await draft("closed");
  const page = await open(browser);
  await signIn(page, server);
  await page.goto(`${server.url}/artifacts/${id}/code`);
  const cookie = (await page.context().cookies()).map(({ name, value }) => `${name}=${value}`).join("; ");
  const foreign = await fetch(`${server.url}/artifacts/${id}/code`, {
    method: "POST", redirect: "manual", headers: { cookie, origin: "http://elsewhere.example" },
  });
  assert.equal(foreign.status, 403);
  const nobody = await fetch(`${server.url}/artifacts/${id}/code`, {
    method: "POST", redirect: "manual", headers: { origin: server.url },
  });
  assert.deepEqual([nobody.status, new URL(nobody.headers.get("location"), server.url).pathname], [303, "/sign-in"]);
  await server.api("PATCH", `/artifacts/${id}/`, { status: "locked" });
  await page.getByLabel("What is started").fill("./run.sh");
  await page.getByLabel("Files, or a zip archive").setInputFiles(await written("late.txt", "late"));
  await page.getByRole("button", { name: "Upload only" }).click();
  await page.getByText("It is locked").first().waitFor();
  assert.equal((await main(id)).imageBuildConfig, undefined);
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

// The binary alone: it starts from any folder, says that it is well, and carries its own files.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Server } from "../support/server.mjs";

let server;
before(async () => (server = await Server.start()));
after(() => server?.stop());

test("healthz and readyz need no token", async () => {
  for (const path of ["/healthz", "/readyz"]) {
    const answer = await fetch(server.url + path);
    assert.equal(answer.status, 200, path);
  }
});

test("the icon is inside the binary", async () => {
  const answer = await fetch(`${server.url}/favicon.svg`);
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get("content-type"), "image/svg+xml");
  assert.match(await answer.text(), /<svg/);
});

// README.md of this folder says which test walks what. It is worth nothing when it names tests that are not there.
import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import { test } from "node:test";

const HERE = new URL(".", import.meta.url);
/** The names of the tests in a file, without what differs from one run of a test to the next. */
async function names(file) {
  const source = await readFile(new URL(file, HERE), "utf8");
  const found = source.matchAll(/^\s*test\(\s*(?:"((?:[^"\\]|\\.)*)"|`([^`]*)`)/gm);
  return [...found].map(([, plain, template]) => plain ?? template.split("${")[0].replace(/,[^,]*$/, ""));
}

test("every point has tests, and every test that is named is there", async () => {
  const text = await readFile(new URL("../README.md", HERE), "utf8");
  const files = (await readdir(HERE)).filter((file) => file.endsWith(".test.mjs"));
  const there = new Map();
  for (const file of files) there.set(file.replace(".test.mjs", ""), await names(file));
  const points = text.split(/^## /m).slice(1);
  assert.equal(points.length, 9);
  for (const point of points) {
    for (const line of point.split("\n").filter((line) => line.startsWith("- "))) {
      const tests = [...line.matchAll(/`([a-z]+): ([^`]+)`/g)];
      assert.ok(tests.length > 0, `no test walks: ${line}`);
      for (const [, file, name] of tests) {
        assert.ok(there.get(file)?.includes(name), `there is no test "${name}" in ${file}.test.mjs`);
      }
    }
  }
});

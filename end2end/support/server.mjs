// Starts the real binary, each time with a data folder and a port of its own.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { until } from "./wait.mjs";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const BINARY = process.env.HANDOVER_BINARY ?? join(root, "target/release/handover");

export const USER = "admin";
export const PASSWORD = "end2end password of admin";
export const TOKEN = "end2end-token-of-admin-000000000000";

/** Nothing of the caller's own configuration may reach the server under test. */
function environment() {
  const own = (name) => name.startsWith("HANDOVER_") || name === "DATABASE_URL";
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !own(name)));
}

async function freePort() {
  const socket = createServer().listen(0, "127.0.0.1");
  await once(socket, "listening");
  const { port } = socket.address();
  socket.close();
  await once(socket, "close");
  return port;
}

export class Server {
  #child;
  #output = "";
  #args;

  constructor(port, dataDir, args) {
    this.port = port;
    this.url = `http://127.0.0.1:${port}`;
    this.dataDir = dataDir;
    this.#args = args;
  }

  /** A running server, ready for requests. `args` are further arguments of `handover serve`. */
  static async start({ args = [] } = {}) {
    const dataDir = await mkdtemp(join(tmpdir(), "handover-end2end-"));
    const server = new Server(await freePort(), dataDir, args);
    try {
      await server.launch();
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  /** Starts the process on the same data folder and port as before. */
  async launch() {
    const child = spawn(
      BINARY,
      [
        "serve",
        ...["--listen", `127.0.0.1:${this.port}`, "--data-dir", this.dataDir],
        ...["--admin-password", PASSWORD, "--admin-token", TOKEN],
        ...["--engine", "process", "--on-exit", "stop", ...this.#args],
      ],
      { cwd: this.dataDir, env: environment(), stdio: ["ignore", "pipe", "pipe"] },
    );
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => (this.#output += text));
    }
    let ended;
    child.once("error", (error) => (ended = error.message));
    child.once("exit", (code, signal) => (ended = `exit ${code ?? signal}`));
    const answer = await until(
      "the server is ready",
      async () => (ended ? "gone" : (await fetch(`${this.url}/readyz`)).ok && "ready"),
      60,
    );
    if (answer === "gone") throw new Error(`handover did not start: ${ended}\n${this.#output}`);
  }

  /** What the process printed so far. */
  get output() {
    return this.#output;
  }

  async #end(signal) {
    const child = this.#child;
    if (!child?.pid || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill(signal);
    await ended;
  }

  /** As a crash would: no goodbye, no flush. `launch` brings it back. */
  async kill() {
    await this.#end("SIGKILL");
  }

  /** Ends the server, its workloads and its data folder. */
  async stop() {
    await this.#end("SIGTERM");
    await rm(this.dataDir, { recursive: true, force: true });
  }

  /** A REST call as admin; throws on an answer that is not 2xx. Returns the parsed body, if any. */
  async api(method, path, body) {
    const answer = await fetch(`${this.url}/api/v2${path}`, {
      method,
      headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text ? JSON.parse(text) : undefined;
  }
}

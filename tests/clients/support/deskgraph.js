// Runs the real binary in a separate folder, with the demo data.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";

const ROOT = resolve(import.meta.dirname, "../../..");
const BINARY = resolve(process.env.BINARY_UNDER_TEST ?? join(ROOT, "target/debug/deskgraph"));
const AGENT = "test@agents.example";

/** A node whose data outlives its process. */
export class Deskgraph {
  #folder;
  #process;
  #settings = {};

  /** Imports the demo files, creates an admin, and serves with settings such as `{ DESKGRAPH_… }`. */
  static async start(settings = {}) {
    const node = await Deskgraph.#prepare();
    node.#settings = settings;
    await node.#run("workspace", "create", "Test");
    await node.#run("import", "keva", join(ROOT, "demo"));
    await node.#run("agent", "create", "--name", "Test", "--email", AGENT, "--role", "admin");
    node.token = (await node.#run("token", "issue", "--agent", AGENT)).trim();
    await node.serve();
    return node;
  }

  /** Serves the demo, as a first-time user does. */
  static async demo() {
    const node = await Deskgraph.#prepare();
    const child = node.#spawn(["demo", "--listen", "127.0.0.1:0"]);
    const text = await heard(child, child.stdout, /\ncurl /);
    node.#serves(/Open (http:\/\/\S+) /.exec(text)[1]);
    node.token = /\n(ey\S+)\n/.exec(text)[1];
    return node;
  }

  static async #prepare() {
    if (!existsSync(BINARY)) {
      throw new Error(`There is no ${BINARY}: run cargo build first, or set BINARY_UNDER_TEST.`);
    }
    const node = new Deskgraph();
    node.#folder = await mkdtemp(join(tmpdir(), "deskgraph-clients-"));
    return node;
  }

  /** Serves at the same address as before. */
  async serve() {
    const child = this.#spawn(["serve", "--listen", `127.0.0.1:${this.port ?? 0}`]);
    const text = await heard(child, child.stderr, /^Serving (\S+)\/graphql$/m);
    this.#serves(/^Serving (\S+)\/graphql$/m.exec(text)[1]);
  }

  /** Copies the database to a file while the node serves. */
  async backUp(name) {
    const serving = this.#process;
    await this.#run("backup", name);
    this.#process = serving;
  }

  /** Ends the process, restores the database from a backup, and serves it. */
  async restore(name) {
    await this.end("SIGKILL");
    const file = (name) => join(this.#folder, name);
    for (const beside of ["", "-wal", "-shm"]) await rm(file(`test.db${beside}`), { force: true });
    await copyFile(file(name), file("test.db"));
    await this.serve();
  }

  /** Ends the process and serves with further settings. */
  async again(settings = {}) {
    await this.end();
    this.#settings = { ...this.#settings, ...settings };
    await this.serve();
  }

  #serves(origin) {
    this.origin = origin;
    this.port = new URL(origin).port;
    this.url = `${origin}/graphql`;
    this.socketUrl = this.url.replace("http", "ws");
  }

  /** Ends the process: SIGTERM as an operator does, or SIGKILL to simulate a power failure. */
  async end(signal = "SIGTERM") {
    const child = this.#process;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill(signal);
    await ended;
  }

  /** Ends the process and deletes its data. */
  async remove() {
    await this.end();
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** Sends an operation over HTTP and fails on any error. */
  async ask(query, variables = {}) {
    const response = await fetch(this.url, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${this.token}` },
      body: JSON.stringify({ query, variables }),
    });
    const answer = await response.json();
    if (answer.errors) throw new Error(JSON.stringify(answer.errors));
    return answer.data;
  }

  /** Adds a message to a ticket. Returns the cursor behind it. */
  async add(ticketId, body) {
    const document = `mutation ($input: MessageAddInput!) {
      messageAdd(input: $input) { changeCursor userErrors { message } }
    }`;
    const input = { target: { ticketId }, body, senderEmail: "jane@example.com" };
    const { messageAdd } = await this.ask(document, { input });
    if (!messageAdd.changeCursor) throw new Error(JSON.stringify(messageAdd));
    return messageAdd.changeCursor;
  }

  /** Returns all messages of a ticket in order, to compare with received events. */
  async messages(ticketId) {
    const messages = [];
    const document = `query ($id: ID!, $after: String) {
      ticket(id: $id) { messages(first: 100, after: $after) {
        nodes { id body changeCursor } pageInfo { hasNextPage endCursor }
      } }
    }`;
    for (let page = { hasNextPage: true, endCursor: null }; page.hasNextPage; ) {
      const { ticket } = await this.ask(document, { id: ticketId, after: page.endCursor });
      messages.push(...ticket.messages.nodes);
      page = ticket.messages.pageInfo;
    }
    return messages;
  }

  /** Returns the newest ticket. */
  async ticket() {
    const { tickets } = await this.ask("{ tickets(first: 1) { nodes { id subject } } }");
    return tickets.nodes[0];
  }

  #spawn(args) {
    const { NODE_OPTIONS: _, ...environment } = process.env;
    this.#process = spawn(BINARY, args, {
      cwd: this.#folder,
      env: {
        ...environment,
        DESKGRAPH_DATABASE_URL: "sqlite://test.db",
        DESKGRAPH_JWT_SECRET: "a secret that is long enough for tests",
        DESKGRAPH_LOG: "warn",
        ...this.#settings,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    return this.#process;
  }

  async #run(...args) {
    const child = this.#spawn(args);
    let [out, error] = ["", ""];
    child.stdout.on("data", (data) => (out += data));
    child.stderr.on("data", (data) => (error += data));
    const [code] = await once(child, "close");
    if (code !== 0) throw new Error(`deskgraph ${args.join(" ")} ended with ${code}: ${error}`);
    return out;
  }
}

// Returns the output of a process up to a pattern.
async function heard(child, stream, pattern) {
  let text = "";
  child.stderr.on("data", (data) => process.env.DESKGRAPH_TEST_LOG && process.stderr.write(data));
  for await (const line of createInterface({ input: stream })) {
    text += `${line}\n`;
    if (pattern.test(text)) {
      // Reads the rest of the output, so that the pipe does not fill up.
      stream.resume();
      return text;
    }
  }
  throw new Error(`deskgraph ended: ${text}`);
}

// Runs the real binary against Prism, which generates responses from the vendor's OpenAPI description.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, test } from "node:test";
import { parse, stringify } from "yaml";

const ROOT = resolve(import.meta.dirname, "../../..");
const BINARY = resolve(process.env.BINARY_UNDER_TEST ?? join(ROOT, "target/debug/deskgraph"));
// The page with the description belongs to the vendor and is not part of the repository.
const PAGE = resolve(process.env.KUSTOMER_OPENAPI ?? join(ROOT, "../shared/reference/kustomer-openapi.txt"));
const KEY = "a-key-that-prism-takes";

const left = existsSync(PAGE)
  ? false
  : `skipped: there is no ${PAGE}; set KUSTOMER_OPENAPI to the path of the OpenAPI description to run this`;
if (left) console.log(left);

let folder, prism, url;

/** Returns an unused port. */
async function free() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

/** Returns the documented API with the additional list that the vendor's guide describes. */
async function description() {
  const page = await readFile(PAGE, "utf8");
  const document = parse(page.slice(page.indexOf("openapi: 3.1.0")));
  const customer = { $ref: "#/components/schemas/CustomerResponse" };
  const schema = {
    type: "object",
    required: ["data"],
    properties: { data: { type: "array", items: customer } },
  };
  document.paths["/v1/customers"].get = {
    operationId: "listCustomers",
    responses: {
      200: { description: "Customers", content: { "application/json": { schema } } },
      401: { description: "Missing or invalid bearer token" },
    },
  };
  // Other lists of a sync are empty.
  for (const name of ["users", "teams", "routing/queues", "tags", "conversations", "messages"]) {
    const nothing = { type: "object", required: ["data"], properties: { data: { type: "array", items: {}, maxItems: 0 } } };
    const content = { "application/json": { schema: nothing, example: { data: [] } } };
    const path = `/v1/${name}`;
    const responses = { 200: { description: "None", content }, 401: { description: "Missing or invalid bearer token" } };
    document.paths[path] = { ...document.paths[path], get: { responses } };
  }
  return document;
}

/** Waits until a process prints a matching text. */
function said(child, pattern) {
  return new Promise((resolve, reject) => {
    let text = "";
    child.stdout.on("data", (piece) => {
      text += piece;
      if (pattern.test(text)) resolve();
    });
    child.on("exit", () => reject(new Error(`Prism ended: ${text}`)));
  });
}

/** Runs the binary and returns its exit code and output. */
async function deskgraph(...arguments_) {
  const env = { PATH: process.env.PATH, DESKGRAPH_DATABASE_URL: `sqlite://${join(folder, "test.db")}` };
  const child = spawn(BINARY, arguments_, { cwd: folder, env });
  let [out, err] = ["", ""];
  child.stdout.on("data", (piece) => (out += piece));
  child.stderr.on("data", (piece) => (err += piece));
  const [code] = await once(child, "close");
  return { code, out, err };
}

/** Sends a request to Prism. */
async function post(path, body, more = {}) {
  const headers = { "content-type": "application/json", authorization: `Bearer ${KEY}`, ...more };
  const response = await fetch(url + path, { method: "POST", headers, body: JSON.stringify(body) });
  assert.equal(response.status, 200);
  return response.json();
}

before(async () => {
  if (left) return;
  folder = await mkdtemp(join(tmpdir(), "deskgraph-vendors-"));
  const text = join(folder, "kustomer.yaml");
  await writeFile(text, stringify(await description()));
  const port = await free();
  url = `http://127.0.0.1:${port}`;
  const cli = join(import.meta.dirname, "node_modules/@stoplight/prism-cli/dist/index.js");
  const arguments_ = [cli, "mock", "--port", String(port), "--host", "127.0.0.1", text];
  prism = spawn(process.execPath, arguments_, { stdio: ["ignore", "pipe", "inherit"] });
  await said(prism, /Prism is listening/);
  assert.equal((await deskgraph("workspace", "create", "Test")).code, 0);
});

after(async () => {
  if (prism && prism.exitCode === null) {
    const ended = once(prism, "exit");
    prism.kill("SIGTERM");
    await ended;
  }
  if (folder) await rm(folder, { recursive: true, force: true });
});

test("Prism requires a key", { skip: left }, async () => {
  const response = await fetch(`${url}/v1/customers`);
  assert.equal(response.status, 401);
});

test("objects that Prism generates are imported once", { skip: left }, async () => {
  for (const again of [false, true]) {
    const { code, out, err } = await deskgraph("sync", "kustomer", "--url", url, "--api-key", KEY);
    // The description of a customer contains only type, id, and attributes with any name. None of them is known or
    // required. Prism's ids are words, equal for each object.
    assert.equal(code, 0, out + err);
    assert.match(out, again ? /^customers .* 0 created, .* 1 unchanged, 0 failed$/m : /^customers .* 1 created, /m);
  }
});

test("documented error responses are reported", { skip: left }, async () => {
  for (const [change, told] of [
    // Prism itself rejects requests without a key.
    [{ headers: {} }, /The vendor rejected the API key \(401 Unauthorized\)/],
    // Prism returns the example or status that a header selects, if the description contains it.
    [
      { method: "POST", body: "{}", headers: { "content-type": "application/json", prefer: "code=422" } },
      /The vendor rejected the request \(422 /,
    ],
  ]) {
    // A proxy that changes requests, between Prism and the command.
    const between = createServer(async (request, response) => {
      const { authorization } = request.headers;
      const headers = change.method ? { authorization, ...change.headers } : change.headers;
      const isChanged = !change.method || request.url.startsWith("/v1/customers");
      const answer = await fetch(url + request.url, isChanged ? { ...change, headers } : { headers: { authorization } });
      response.writeHead(answer.status).end(await answer.text());
    }).listen(0, "127.0.0.1");
    await once(between, "listening");
    try {
      const at = `http://127.0.0.1:${between.address().port}`;
      const { code, err } = await deskgraph("sync", "kustomer", "--url", at, "--api-key", KEY);
      assert.equal(code, 1);
      assert.match(err, told);
    } finally {
      between.close();
      between.closeAllConnections();
    }
  }
});

test("responses to the documented POST requests are imported from files", { skip: left }, async () => {
  const customer = await post("/v1/customers", { name: "Ann", emails: [{ email: "ann@example.com", type: "home" }] });
  const asked = { customer: customer.id, name: "Help", channel: "chat", status: "open" };
  const conversation = await post("/v1/conversations", asked);
  const files = await mkdtemp(join(folder, "files-"));
  // The description leaves all attributes of a conversation open, so its customer is set here.
  const attributes = { ...conversation.attributes, ...asked };
  await writeFile(join(files, "customers.json"), JSON.stringify({ data: customer }));
  await writeFile(
    join(files, "conversations.ndjson"),
    `${JSON.stringify({ data: { ...conversation, type: "conversation", attributes } })}\n`,
  );
  const { code, out, err } = await deskgraph("import", "kustomer", files);
  assert.equal(code, 0, out + err);
  assert.match(out, /^customers\.json .* 0 failed$/m);
  assert.match(out, /^conversations\.ndjson .* 1 created, 0 updated, 0 unchanged, 0 failed$/m);
});

test("a random response is imported, or its faults are reported", { skip: left }, async () => {
  const made = await post("/v1/customers", { name: "Ann" }, { prefer: "dynamic=true" });
  const files = await mkdtemp(join(folder, "dynamic-"));
  await writeFile(join(files, "customers.json"), JSON.stringify({ data: made }));
  const { code, out, err } = await deskgraph("import", "kustomer", files);
  assert.ok([0, 1].includes(code), out + err);
  if (code === 1) assert.match(out, /^customers\.json:1: (id|type|attributes)[^:]*: /m);
});

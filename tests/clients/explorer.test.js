// GraphiQL in a real browser, as the explorer serves it.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";
import { Deskgraph } from "./support/deskgraph.js";

const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
const ARTIFACTS = join(import.meta.dirname, "artifacts");
const PATIENCE = 30_000;
const skip = process.env.SKIP_BROWSER === "1" && "SKIP_BROWSER=1";

let node, browser;
before(async () => {
  if (skip) return;
  if (!existsSync(CHROMIUM)) {
    throw new Error(`There is no ${CHROMIUM}: install Chromium, set CHROMIUM to its path, or set SKIP_BROWSER=1.`);
  }
  await mkdir(ARTIFACTS, { recursive: true });
  node = await Deskgraph.demo();
  browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
});
after(async () => {
  await browser?.close();
  await node?.remove();
});

// Opens the explorer in a new browser profile, and records all errors.
async function open(path = "/") {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    colorScheme: "light",
    acceptDownloads: false,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE);
  const wrong = [];
  page.on("console", (message) => message.type() === "error" && wrong.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => wrong.push(`page: ${error}`));
  page.on("requestfailed", (request) => wrong.push(`failed: ${request.url()}: ${request.failure()?.errorText}`));
  const check = (url) => {
    const { origin, protocol, host } = new URL(url);
    const isOwn = origin === node.origin || (protocol === "ws:" && host === new URL(node.origin).host);
    if (!isOwn && protocol !== "data:" && protocol !== "blob:") wrong.push(`leaves the origin: ${url}`);
  };
  page.on("request", (request) => check(request.url()));
  page.on("websocket", (socket) => check(socket.url()));
  await page.exposeFunction("violated", (violation) => wrong.push(`policy: ${violation}`));
  await page.addInitScript(() =>
    document.addEventListener("securitypolicyviolation", (event) =>
      window.violated(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`),
    ),
  );
  // GraphiQL requests the schema after loading, and an earlier click applies to an empty page.
  await page.goto(node.origin + path, { waitUntil: "networkidle" });
  await operations(page).waitFor();
  return { page, wrong, close: () => context.close() };
}

const execute = (page) => page.getByRole("button", { name: "Execute query" });
const operations = (page) => page.getByRole("region", { name: "Operations" });

// Waits until GraphiQL has parsed the operation in the editor, whose name the tab then shows.
const understood = (page, name) =>
  page.getByRole("tab", { selected: true }).getByRole("button", { name, exact: true }).waitFor();

async function assertInView(element) {
  const ratio = await element.evaluate(
    (element) =>
      new Promise((resolve) => new IntersectionObserver(([{ intersectionRatio }]) => resolve(intersectionRatio)).observe(element)),
  );
  assert.ok(ratio > 0.9, `only ${ratio} of the element is visible`);
}

// Waits until the result contains a text.
async function answered(page, text) {
  await page.waitForFunction(
    (text) => document.querySelector(".result-window .CodeMirror")?.CodeMirror.getValue().includes(text),
    text,
  );
}

test("the documentation shows the schema", { skip }, async () => {
  const { page, wrong, close } = await open();
  await page.getByRole("button", { name: "Show Documentation Explorer" }).click();
  const docs = page.locator(".graphiql-doc-explorer");
  await docs.getByRole("link", { name: "Query", exact: true }).click();
  for (const field of ["tickets", "customers", "viewer"]) {
    await docs.getByRole("link", { name: field, exact: true }).waitFor();
  }
  await docs.getByRole("link", { name: "tickets", exact: true }).click();
  await docs.getByRole("link", { name: "TicketConnection" }).waitFor();
  await page.screenshot({ path: join(ARTIFACTS, "documentation.png") });
  await close();
  assert.deepEqual(wrong, []);
});

test("only operations on API keys keep a placeholder", { skip }, async () => {
  const { page, wrong, close } = await open();
  const filled = await page.evaluate(() => JSON.parse(localStorage["deskgraph:filled"]));
  assert.ok(Object.keys(filled).length > 40);
  const left = Object.entries(filled).filter(([, variables]) => variables.includes("{{"));
  // A single click must not revoke the access of a program.
  assert.deepEqual(left.map(([name]) => name), ["keva/25-rotate-api-key", "keva/26-revoke-api-key"]);
  for (const [, variables] of left) assert.match(variables, /"{{apiKeyId}}"/);
  await close();
  assert.deepEqual(wrong, []);
});

test("a shipped operation runs and shows data", { skip }, async () => {
  const { page, wrong, close } = await open();
  await operations(page).getByRole("button", { name: /^Inbox / }).click();
  await understood(page, "Inbox");
  await assertInView(page.getByRole("tab", { selected: true }));
  await execute(page).click();
  await answered(page, '"totalCount"');
  await page.screenshot({ path: join(ARTIFACTS, "operation.png") });
  const answer = await page.evaluate(() =>
    JSON.parse(document.querySelector(".result-window .CodeMirror").CodeMirror.getValue()),
  );
  assert.equal(answer.errors, undefined);
  assert.ok(answer.data.tickets.nodes.length > 0);
  assert.ok(answer.data.tickets.nodes[0].customer.displayName);
  await close();
  assert.deepEqual(wrong, []);
});

test("a subscription receives a written message", { skip }, async () => {
  const { page, wrong, close } = await open();
  await operations(page).getByRole("button", { name: "Watch messages" }).click();
  await understood(page, "WatchMessages");
  const socket = page.waitForEvent("websocket");
  const subscribed = socket.then((socket) =>
    socket.waitForEvent("framesent", ({ payload }) => payload.includes('"subscribe"')),
  );
  await execute(page).click();
  const { payload } = await subscribed;
  const { ticketId } = JSON.parse(payload).payload.variables;
  assert.match(ticketId, /^tkt_/);
  // Writes until an event is received, because the start of a subscription is not reported.
  const heard = answered(page, '"body": "from the test"');
  for (let isHeard = false; !isHeard; ) {
    await node.add(ticketId, "from the test");
    isHeard = await Promise.race([heard.then(() => true), page.waitForTimeout(200).then(() => false)]);
  }
  await page.screenshot({ path: join(ARTIFACTS, "subscription.png") });
  await page.getByRole("button", { name: "Stop query" }).click();
  await execute(page).waitFor();
  await close();
  assert.deepEqual(wrong, []);
});

test("the query text is restored after a reload", { skip }, async () => {
  const { page, wrong, close } = await open();
  await page.evaluate(() =>
    document.querySelector(".graphiql-query-editor .CodeMirror").CodeMirror.setValue("{ viewer { kind } }"),
  );
  await understood(page, "<untitled>");
  await execute(page).click();
  await answered(page, '"AGENT"');
  // GraphiQL stores the text after half a second without input.
  await page.waitForFunction(() => localStorage["deskgraph:graphiql:tabState"].includes("{ viewer { kind } }"));
  // A reload would cancel pending requests.
  await page.waitForLoadState("networkidle");
  await page.reload({ waitUntil: "networkidle" });
  await operations(page).waitFor();
  await execute(page).click();
  await answered(page, '"AGENT"');
  await close();
  assert.deepEqual(wrong, []);
});

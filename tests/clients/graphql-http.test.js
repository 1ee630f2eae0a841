// Audits of the GraphQL over HTTP specification, from graphql-http.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { serverAudits } from "graphql-http";

import { Deskgraph } from "./support/deskgraph.js";

let node;
before(async () => (node = await Deskgraph.start()));
after(() => node.remove());

// Levels that must pass. The specification leaves MAY to the server.
const CHECKED = ["MUST", "SHOULD"];

describe("GraphQL over HTTP", () => {
  const fetchFn = (url, options = {}) => {
    const headers = new Headers(options.headers);
    headers.set("authorization", `Bearer ${node.token}`);
    return fetch(url, { ...options, headers });
  };
  const audits = serverAudits({ url: () => node.url, fetchFn });
  const of = (level) => audits.filter((audit) => audit.name.startsWith(`${level} `));

  for (const level of CHECKED) {
    for (const audit of of(level)) {
      it(audit.name, async () => {
        const { status, reason } = await audit.fn();
        assert.equal(status, "ok", reason);
      });
    }
  }

  it("the optional audits are listed with their results", async (test) => {
    assert.equal(of("MUST").length + of("SHOULD").length + of("MAY").length, audits.length);
    assert.ok(of("MUST").length > 10 && of("SHOULD").length > 10);
    for (const audit of of("MAY")) {
      const { status, reason } = await audit.fn();
      test.diagnostic(`${status}: ${audit.name}${reason ? ` (${reason})` : ""}`);
    }
  });
});

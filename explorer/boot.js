// Starts GraphiQL on the page that src/server/explorer.rs serves.
"use strict";

(() => {
  const settingsElement = document.getElementById("settings");
  const settings = JSON.parse(settingsElement.textContent);
  const root = document.getElementById("explorer");

  // The one style element that GraphiQL's dialogs add takes its nonce from here, as the page's policy demands.
  window.__webpack_nonce__ = settingsElement.nonce;

  const TABS_AT_FIRST = 6;
  const OPERATIONS = "Operations";
  // Folders of operations, in the order of the panel; the tabs at first are from the first of them.
  const GROUPS = { keva: "Keva", kustomer: "Kustomer", cstar: "C-Star" };

  // Other GraphiQL pages may have lived on the same localhost port: keep to a namespace of our own.
  const NAMESPACE = "deskgraph";
  const store = {
    get: (key) => localStorage.getItem(`${NAMESPACE}:${key}`),
    set: (key, value) => localStorage.setItem(`${NAMESPACE}:${key}`, value),
  };

  function parsed(text, otherwise) {
    try {
      return JSON.parse(text) ?? otherwise;
    } catch {
      return otherwise;
    }
  }

  function fail(message) {
    const paragraph = document.createElement("p");
    paragraph.className = "failure";
    paragraph.textContent = message;
    root.replaceChildren(paragraph);
  }

  // ---- Headers -----------------------------------------------------------------------------------------------------

  const bearer = settings.token ? `Bearer ${settings.token}` : null;

  // The same headers with Authorization spelt that way: connection_init is JSON, where case matters.
  function withAuthorization(headers, otherwise) {
    const entries = Object.entries(headers ?? {});
    const isAuthorization = ([name]) => name.toLowerCase() === "authorization";
    const authorization = entries.find(isAuthorization)?.[1] ?? otherwise;
    const rest = Object.fromEntries(entries.filter((entry) => !isAuthorization(entry)));
    return authorization ? { Authorization: authorization, ...rest } : rest;
  }

  function defaultHeaders() {
    return bearer ? JSON.stringify({ Authorization: bearer }, null, 2) : "";
  }

  // ---- Requests ----------------------------------------------------------------------------------------------------

  // GraphiQL's own state, filled by the Logo component, which can see it.
  const inside = {};

  async function fetchJson(url, init) {
    const response = await fetch(url, init);
    if (!/json/.test(response.headers.get("content-type") ?? "")) {
      throw new Error(`HTTP ${response.status}: ${(await response.text()).trim() || response.statusText}`);
    }
    return response;
  }

  function makeFetcher() {
    const subscriptionUrl = new URL(settings.endpoint, location.href);
    subscriptionUrl.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    // Makes a WebSocket (graphql-transport-ws) for each subscription and sends the headers given with it as the
    // payload of connection_init, so it is always the token that stands in the editor now.
    const send = GraphiQL.createFetcher({
      url: settings.endpoint,
      subscriptionUrl: subscriptionUrl.href,
      headers: { accept: "application/graphql-response+json, application/json" },
      enableIncrementalDelivery: false,
      fetch: fetchJson,
    });
    return (params, options = {}) => {
      const introspection = params.operationName === "IntrospectionQuery";
      // The first introspection goes out before the headers editor exists.
      const headers = withAuthorization(options.headers, introspection ? bearer : undefined);
      if (!introspection) {
        // A tab whose headers were never edited has none in GraphiQL's eyes, and going back to its entry in the
        // history would empty the editor.
        inside.updateActiveTabValues?.({ headers: inside.headerEditor?.getValue() ?? null });
        // A token pasted later than the page was loaded: now the docs can be had.
        if (!inside.schema && headers.Authorization) inside.introspect?.();
      }
      return send(params, { ...options, headers });
    };
  }

  // ---- Shipped operations ------------------------------------------------------------------------------------------

  const LOOKUP = `{
    viewer { workspaces { id } }
    tickets(first: 1) { nodes { id customer { id email } conversation { id } messages(first: 1) { nodes { id } } } }
    agents(first: 1) { nodes { id } }
    oldest: customers(last: 1) { nodes { id } }
    teams(first: 1) { nodes { id } }
    queues(first: 1) { nodes { id } }
  }`;

  // Real ids for the placeholders in the shipped variables; empty if they cannot be had.
  async function lookUp() {
    if (!bearer || !settings.operations.some(({ variables }) => variables?.includes("{{"))) return {};
    try {
      const response = await fetchJson(settings.endpoint, {
        method: "POST",
        headers: { "content-type": "application/json", Authorization: bearer },
        body: JSON.stringify({ query: LOOKUP }),
        signal: AbortSignal.timeout(5000),
      });
      const { data } = await response.json();
      const ticket = data?.tickets?.nodes?.[0];
      return {
        ticketId: ticket?.id,
        customerId: ticket?.customer?.id,
        customerEmail: ticket?.customer?.email,
        // For the operation that deletes: so that the others still find theirs.
        otherCustomerId: data?.oldest?.nodes?.[0]?.id,
        conversationId: ticket?.conversation?.id,
        messageId: ticket?.messages?.nodes?.[0]?.id,
        agentId: data?.agents?.nodes?.[0]?.id,
        teamId: data?.teams?.nodes?.[0]?.id,
        queueId: data?.queues?.nodes?.[0]?.id,
        workspaceId: data?.viewer?.workspaces?.[0]?.id,
      };
    } catch (error) {
      console.info("The placeholders stay as they are:", error);
      return {};
    }
  }

  function filled(operation, values) {
    const variables = (operation.variables ?? "").trim().replace(/\{\{(\w+)\}\}/g, (placeholder, name) =>
      values[name] ? JSON.stringify(values[name]).slice(1, -1) : placeholder,
    );
    const path = operation.name.split("/");
    const words = path.pop().replace(/^\d+[-_]/, "").replace(/[-_]/g, " ");
    const label = words.charAt(0).toUpperCase() + words.slice(1);
    const comment = /^\s*#\s*(.*)/.exec(operation.query)?.[1] ?? "";
    return { ...operation, variables, label, comment, group: path.join(" / ") };
  }

  // Each folder keeps its own order.
  function inOrder(operations) {
    const order = Object.keys(GROUPS);
    const place = ({ group }) => (order.includes(group) ? order.indexOf(group) : order.length);
    return operations.toSorted((one, other) => place(one) - place(other));
  }

  function operationName(query) {
    return /^\s*(?:query|mutation|subscription)\s+(\w+)/m.exec(query)?.[1] ?? null;
  }

  // ---- What an earlier visit left in the browser -------------------------------------------------------------------

  // Brings GraphiQL's stored tabs up to date, or makes the first ones. GraphiQL's own default tabs lose the variables
  // of the first, and without `query` and the like beside the tabs it opens one more on every visit.
  function prepareTabs(operations) {
    const stored = parsed(store.get("graphiql:tabState"), null);
    const state = Array.isArray(stored?.tabs) && stored.tabs.length > 0 ? stored : firstTabs(operations);
    if (!state) return;

    // Variables filled in for an earlier data set get this one's ids, unless someone has edited them.
    const before = parsed(store.get("filled"), {});
    for (const tab of state.tabs) {
      const operation = operations.find(({ name, query, variables }) =>
        query === tab.query && variables && before[name] === tab.variables);
      if (operation) tab.variables = operation.variables;
    }
    store.set("filled", JSON.stringify(Object.fromEntries(operations.map(({ name, variables }) => [name, variables]))));

    // The demo makes a new token at each start: it wins over any that was stored.
    const mark = settings.token?.slice(-16) ?? null;
    if (mark && mark !== store.get("token-mark")) {
      store.set("token-mark", mark);
      for (const tab of state.tabs) tab.headers = renewed(tab.headers);
      for (const key of HISTORY) {
        const history = store.get(`graphiql:${key}`);
        if (history) store.set(`graphiql:${key}`, withoutHeaders(history));
      }
    }

    const active = state.tabs[state.activeTabIndex] ?? state.tabs[0];
    store.set("graphiql:tabState", JSON.stringify(state));
    store.set("graphiql:query", active.query ?? "");
    store.set("graphiql:variables", active.variables ?? "");
    store.set("graphiql:headers", active.headers ?? "");
  }

  function firstTabs(operations) {
    const tabs = operations.slice(0, TABS_AT_FIRST).map(({ query, variables }) => {
      const name = operationName(query);
      return {
        id: crypto.getRandomValues(new Uint32Array(4)).join("-"),
        title: name ?? "<untitled>",
        query,
        variables,
        headers: null,
        operationName: name,
        response: null,
      };
    });
    return tabs.length > 0 ? { activeTabIndex: 0, tabs } : null;
  }

  function renewed(headers) {
    if (!headers) return headers;
    const { Authorization: _, ...rest } = withAuthorization(parsed(headers, {}));
    return JSON.stringify({ Authorization: bearer, ...rest }, null, 2);
  }

  const HISTORY = ["queries", "favorites"];

  const persistsHeaders = () => store.get("graphiql:shouldPersistHeaders") === "true";

  function withoutHeaders(history) {
    return JSON.stringify(parsed(history, {}), (key, value) => (key === "headers" ? undefined : value));
  }

  function withDefaultHeaders(history) {
    const state = parsed(history, {});
    for (const entry of Object.values(state).flat()) entry.headers ??= defaultHeaders();
    return JSON.stringify(state);
  }

  // GraphiQL writes tokens into its history even if it is told not to keep headers.
  function makeStorage() {
    const storage = GraphiQL.createLocalStorage({ namespace: NAMESPACE });
    const { getItem, setItem } = storage;
    const isHistory = (key) => HISTORY.some((name) => key === `graphiql:${name}`);
    return Object.assign(storage, {
      getItem: (key) => {
        const value = getItem(key);
        return value && isHistory(key) ? withDefaultHeaders(value) : value;
      },
      setItem: (key, value) => setItem(key, isHistory(key) && !persistsHeaders() ? withoutHeaders(value) : value),
    });
  }

  // ---- The page ----------------------------------------------------------------------------------------------------

  const h = (...args) => React.createElement(...args);

  // Also our place inside GraphiQL, from where its state can be seen.
  function Logo({ panel }) {
    Object.assign(inside, GraphiQL.React.useSchemaStore(), GraphiQL.React.useEditorContext());
    const { tabs, activeTabIndex } = inside;
    React.useEffect(() => {
      // With many tabs the active one may lie outside the strip, which shows no scrollbar.
      document.querySelector(".graphiql-tab-active")?.scrollIntoView({ block: "nearest", inline: "nearest" });
    }, [tabs.length, activeTabIndex]);
    const ready = GraphiQL.React.usePluginStore().plugins.length > 0;
    React.useEffect(() => {
      // GraphiQL's visiblePlugin property marks the button and leaves the panel closed, so press the button instead.
      if (ready && panel) document.querySelector(`[aria-label="Show ${CSS.escape(panel)}"]`)?.click();
    }, [ready, panel]);
    return "Deskgraph";
  }

  function operationsPlugin(operations) {
    function Icon(props) {
      return h(
        "svg",
        { width: 20, height: 20, viewBox: "0 0 20 20", fill: "none", stroke: "currentColor", strokeWidth: 1.5, ...props },
        h("path", { d: "M8 4h9M8 10h9M8 16h9M2 2.5 5 4 2 5.5zM2 8.5 5 10 2 11.5zM2 14.5 5 16 2 17.5z" }),
      );
    }

    function Panel() {
      const { tabs, activeTabIndex, addTab, changeTab, queryEditor, variableEditor } = GraphiQL.React.useEditorContext();
      const { stop } = GraphiQL.React.useExecutionContext();

      // The editors are loaded after the page: an operation that is chosen before they are there waits for them.
      const [chosen, choose] = React.useState(null);
      const isReady = Boolean(queryEditor && variableEditor);
      React.useEffect(() => {
        if (!chosen || !isReady) return;
        const opening = setTimeout(() => {
          choose(null);
          open(chosen);
        });
        return () => clearTimeout(opening);
      }, [chosen, isReady]);

      function open({ query, variables }) {
        stop();
        const index = tabs.findIndex((tab) => tab.query === query);
        if (index >= 0) {
          if (index !== activeTabIndex) changeTab(index);
          return;
        }
        // The new tab must be the active one before the editors change, else the old one takes their content.
        ReactDOM.flushSync(addTab);
        queryEditor.setValue(query);
        variableEditor.setValue(variables);
      }

      const groups = new Map();
      for (const operation of operations) {
        groups.set(operation.group, [...(groups.get(operation.group) ?? []), operation]);
      }
      return h(
        "section",
        { className: "operations", "aria-label": OPERATIONS },
        h("div", { className: "graphiql-doc-explorer-title" }, OPERATIONS),
        [...groups].map(([group, members]) =>
          h(
            React.Fragment,
            { key: group },
            group && h("div", { className: "operations-group" }, GROUPS[group] ?? group),
            members.map((operation) =>
              h(
                "button",
                { key: operation.name, type: "button", onClick: () => (isReady ? open(operation) : choose(operation)) },
                operation.label,
                operation.comment && h("small", null, operation.comment),
              ),
            ),
          ),
        ),
      );
    }

    return { title: OPERATIONS, icon: Icon, content: Panel };
  }

  async function start() {
    const missing = ["React", "ReactDOM", "GraphiQL"].filter((name) => !window[name]);
    if (missing.length > 0) {
      fail(
        `The explorer could not load ${missing.join(", ")}. If a note above says that this build has no copy of ` +
          `GraphiQL, the page needs a network that reaches the CDN; or build Deskgraph where npm is available. ` +
          `The GraphQL endpoint at ${settings.endpoint} works without the explorer.`,
      );
      return;
    }
    const values = await lookUp();
    const operations = inOrder(settings.operations.map((operation) => filled(operation, values)));
    prepareTabs(operations);
    const plugins = operations.length > 0 ? [operationsPlugin(operations)] : [];
    ReactDOM.createRoot(root).render(
      h(
        GraphiQL,
        {
          fetcher: makeFetcher(),
          storage: makeStorage(),
          defaultHeaders: defaultHeaders(),
          defaultEditorToolsVisibility: "variables",
          // Left out, GraphiQL would forget on every visit that the user chose to keep headers.
          shouldPersistHeaders: persistsHeaders() || undefined,
          plugins,
          onTogglePluginVisibility: (plugin) => store.set("panel", plugin?.title ?? ""),
        },
        h(GraphiQL.Logo, null, h(Logo, { panel: store.get("panel") ?? OPERATIONS })),
      ),
    );
  }

  start().catch((error) => fail(`The explorer could not start: ${error.message}`));
})();

// Resolvers, and loaders that load the rows of all parents with one statement. Statements have names, so that
// PostgreSQL prepares each once per connection. The number of rows is part of the text, because PostgreSQL would plan
// again for a parameter.

import { randomBytes } from 'node:crypto';
import { GraphQLScalarType } from 'graphql';

const STATUSES = [null, 'OPEN', 'PENDING', 'SOLVED', 'CLOSED'];
const PRIORITIES = [null, 'LOW', 'MEDIUM', 'HIGH', 'URGENT'];
const DIRECTIONS = [null, 'INBOUND', 'OUTBOUND'];

const TICKET = `id, customer_id, subject, status, priority, source, tags, customer_email, customer_name, resolution_type,
  message_count, created_at, updated_at, resolved_at`;
const MESSAGE = 'm.id, m.ticket_id, m.body, m.direction, m.created_at';

const ask = async (context, name, text, values) => (await context.pool.query({ name, text, values })).rows;
const way = (orderBy, otherwise) => (orderBy?.direction ?? otherwise) === 'ASC' ? 'ASC' : 'DESC';
const size = (first) => Math.min(Math.max(first ?? 20, 1), 1000);

/// Groups the rows of all parents by parent, in the order of the ids.
const grouped = (rows, key, ids) => {
  const groups = new Map(ids.map((id) => [id, []]));
  for (const row of rows) groups.get(row[key]).push(row);
  return groups;
};

/// Loads once for each combination of arguments in a batch.
const byArguments = (queries, answer) => {
  const kinds = new Map();
  queries.forEach(({ obj, params }, place) => {
    const kind = JSON.stringify(params);
    if (!kinds.has(kind)) kinds.set(kind, { params, parents: [], places: [] });
    const { parents, places } = kinds.get(kind);
    parents.push(obj);
    places.push(place);
  });
  const answers = new Array(queries.length);
  const all = [...kinds.values()].map(async ({ params, parents, places }) => {
    const found = await answer(parents, params);
    found.forEach((one, number) => { answers[places[number]] = one; });
  });
  return Promise.all(all).then(() => answers);
};

const figuresOfTickets = (ids, context) => ask(context, 'figures-of-tickets', `SELECT customer_id AS id,
  count(*)::int AS total, count(*) FILTER (WHERE status < 3)::int AS open,
  count(*) FILTER (WHERE status >= 3)::int AS resolved,
  COALESCE(sum(resolved_at - created_at) FILTER (WHERE status >= 3), 0)::bigint AS resolution,
  min(created_at) AS first, max(created_at) AS last
  FROM ticket WHERE customer_id = ANY($1::uuid[]) GROUP BY customer_id`, [ids]);

const figuresOfScores = (ids, context) => ask(context, 'figures-of-scores', `SELECT c.id, s.*
  FROM unnest($1::uuid[]) AS c (id)
  CROSS JOIN LATERAL (SELECT count(*)::int AS count, COALESCE(sum(score), 0)::int AS sum,
    COALESCE(sum(score) FILTER (WHERE age <= 5), 0)::int AS newest
    FROM (SELECT sentiment_score AS score, row_number() OVER (ORDER BY created_at DESC, id DESC) AS age
      FROM (SELECT sentiment_score, created_at, id FROM message WHERE customer_id = c.id
        AND sentiment_score IS NOT NULL ORDER BY created_at DESC, id DESC LIMIT 10) m) r) s`, [ids]);

/// Loads several computed fields of the same customers with one statement and shares its result.
const figures = (statement, none) => {
  const asked = new WeakMap();
  return (pick) => async (queries, context) => {
    const first = queries[0].obj;
    let found = asked.get(first);
    if (!found || !queries.every(({ obj }) => found.ids.has(obj.id))) {
      const ids = new Set(queries.map(({ obj }) => obj.id));
      const rows = statement([...ids], context).then((all) => new Map(all.map((row) => [row.id, row])));
      found = { ids, rows };
      asked.set(first, found);
    }
    const rows = await found.rows;
    return queries.map(({ obj }) => pick(rows.get(obj.id) ?? none));
  };
};
const ofTickets = figures(figuresOfTickets, { total: 0, open: 0, resolved: 0, resolution: 0, first: null, last: null });
const ofScores = figures(figuresOfScores, { count: 0, sum: 0, newest: 0 });

const average = (count, milliseconds) =>
  count === 0 ? null : Math.floor((2 * milliseconds + 1000 * count) / (2000 * count));
const overall = (count, sum) => {
  if (count === 0) return null;
  if (sum >= 500 * count) return 'POSITIVE';
  return sum <= -500 * count ? 'NEGATIVE' : 'NEUTRAL';
};
const trend = (count, sum, newest) => {
  const rise = 2 * newest - sum;
  if (count < 10) return null;
  if (rise >= 2500) return 'IMPROVING';
  return rise <= -2500 ? 'DECLINING' : 'STABLE';
};

const customers = (columns, name) => async (_, { first, filter, orderBy }, context) => {
  const [count, direction] = [size(first), way(orderBy, 'DESC')];
  const nodes = await ask(context, `${name}-${count}-${direction}-${filter?.id ? 'ids' : 'all'}`, `SELECT ${columns}
    FROM customer WHERE workspace_id = $1 ${filter?.id ? 'AND id = ANY($2::uuid[])' : ''}
    ORDER BY created_at ${direction}, id ${direction} LIMIT ${count}`,
  filter?.id ? [context.workspace, filter.id] : [context.workspace]);
  return { nodes };
};

/// Time-ordered like the gateway's ids, so that new rows are at the end of the index.
const newId = (now) => {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(now, 0, 6);
  bytes[6] = (bytes[6] & 0x0f) | 0x70;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
};

export const resolvers = {
  DateTime: new GraphQLScalarType({ name: 'DateTime', serialize: (instant) => new Date(instant).toISOString() }),
  Query: {
    ticket: async (_, { id }, context) => {
      const [row] = await ask(context, 'ticket', `SELECT ${TICKET} FROM ticket WHERE workspace_id = $1 AND id = $2`,
        [context.workspace, id]);
      return row ?? null;
    },
    tickets: async (_, { first, filter, orderBy }, context) => {
      const [count, direction] = [size(first), way(orderBy, 'DESC')];
      const statuses = filter?.status?.map((status) => STATUSES.indexOf(status));
      // A filter on one status is the common case, and an index returns its rows in order.
      const where = statuses ? (statuses.length === 1 ? 'AND status = $2' : 'AND status = ANY($2::smallint[])') : '';
      const values = statuses ? [context.workspace, statuses.length === 1 ? statuses[0] : statuses] : [context.workspace];
      const nodes = await ask(context, `tickets-${count}-${direction}-${where}`, `SELECT ${TICKET} FROM ticket
        WHERE workspace_id = $1 ${where} ORDER BY created_at ${direction}, id ${direction} LIMIT ${count}`, values);
      return { nodes };
    },
    customers: customers('id, name, email', 'customers'),
    customersWithCounters: customers(`id, name, email, ticket_count, open_ticket_count, resolved_ticket_count,
      resolution_ms_total, first_ticket_at, last_ticket_at, recent_score_count, recent_score_sum, newest_score_sum`,
    'customers-with-counters'),
  },
  Mutation: {
    messageAdd: async (_, { input }, context) => {
      const now = Date.now();
      // A single statement is one transaction.
      const [message] = await ask(context, 'message-add', `WITH t AS (UPDATE ticket
          SET message_count = message_count + 1, last_message_at = $4 WHERE workspace_id = $1 AND id = $2
          RETURNING id, workspace_id, customer_id, conversation_id),
        c AS (UPDATE conversation SET message_count = conversation.message_count + 1, last_message_at = $4
          FROM t WHERE conversation.id = t.conversation_id)
        INSERT INTO message (id, workspace_id, customer_id, conversation_id, ticket_id, direction, sender_email, body,
          created_at)
        SELECT $3, t.workspace_id, t.customer_id, t.conversation_id, t.id, $7, $5, $6, $4 FROM t
        RETURNING id, body, direction, created_at`,
      [context.workspace, input.target.ticketId, newId(now), now, input.senderEmail, input.body,
        DIRECTIONS.indexOf(input.direction)]);
      const userErrors = message ? [] : [{ code: 'NOT_FOUND', message: 'There is no such ticket.' }];
      return { message: message ?? null, userErrors };
    },
  },
  CustomerWithCounters: {
    totalTickets: (row) => row.ticket_count,
    openTickets: (row) => row.open_ticket_count,
    avgResolutionTime: (row) => average(row.resolved_ticket_count, row.resolution_ms_total),
    firstTicketAt: (row) => row.first_ticket_at,
    lastTicketAt: (row) => row.last_ticket_at,
    overallSentiment: (row) => overall(row.recent_score_count, row.recent_score_sum),
    sentimentTrend: (row) => trend(row.recent_score_count, row.recent_score_sum, row.newest_score_sum),
  },
  Ticket: {
    status: (row) => STATUSES[row.status],
    priority: (row) => PRIORITIES[row.priority],
    customerEmail: (row) => row.customer_email,
    customerName: (row) => row.customer_name,
    resolutionType: (row) => row.resolution_type,
    messageCount: (row) => row.message_count,
    createdAt: (row) => row.created_at,
    updatedAt: (row) => row.updated_at,
    resolvedAt: (row) => row.resolved_at,
  },
  Message: {
    direction: (row) => DIRECTIONS[row.direction],
    createdAt: (row) => row.created_at,
  },
};

// Loads are batched within one request, so a cache has no use.
const loader = (load) => ({ loader: load, opts: { cache: false } });

export const loaders = {
  Customer: {
    totalTickets: loader(ofTickets((row) => row.total)),
    openTickets: loader(ofTickets((row) => row.open)),
    avgResolutionTime: loader(ofTickets((row) => average(row.resolved, row.resolution))),
    firstTicketAt: loader(ofTickets((row) => row.first)),
    lastTicketAt: loader(ofTickets((row) => row.last)),
    overallSentiment: loader(ofScores((row) => overall(row.count, row.sum))),
    sentimentTrend: loader(ofScores((row) => trend(row.count, row.sum, row.newest))),
    tickets: loader((queries, context) => byArguments(queries, async (parents, { first, orderBy }) => {
      const [count, direction, ids] = [size(first), way(orderBy, 'DESC'), parents.map((parent) => parent.id)];
      const rows = await ask(context, `tickets-of-${count}-${direction}`, `SELECT t.* FROM unnest($1::uuid[]) AS c (id)
        CROSS JOIN LATERAL (SELECT ${TICKET} FROM ticket WHERE customer_id = c.id
          ORDER BY created_at ${direction}, id ${direction} LIMIT ${count}) t`, [ids]);
      const groups = grouped(rows, 'customer_id', ids);
      return ids.map((id) => ({ nodes: groups.get(id) }));
    })),
  },
  Ticket: {
    customer: loader(async (queries, context) => {
      const ids = [...new Set(queries.map(({ obj }) => obj.customer_id))];
      const rows = await ask(context, 'customers-by-id', 'SELECT id, name, email FROM customer WHERE id = ANY($1::uuid[])',
        [ids]);
      const found = new Map(rows.map((row) => [row.id, row]));
      return queries.map(({ obj }) => found.get(obj.customer_id));
    }),
    messages: loader((queries, context) => byArguments(queries, async (parents, { first, orderBy }) => {
      const [count, direction, ids] = [size(first), way(orderBy, 'ASC'), parents.map((parent) => parent.id)];
      const rows = await ask(context, `messages-of-${count}-${direction}`, `SELECT m.* FROM unnest($1::uuid[]) AS t (id)
        CROSS JOIN LATERAL (SELECT ${MESSAGE} FROM message m WHERE m.ticket_id = t.id
          ORDER BY m.created_at ${direction}, m.id ${direction} LIMIT ${count}) m`, [ids]);
      const groups = grouped(rows, 'ticket_id', ids);
      return ids.map((id) => ({ nodes: groups.get(id) }));
    })),
  },
};

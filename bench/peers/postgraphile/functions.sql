-- Functions that PostGraphile exposes in addition to the tables, as its users write them: computed columns of a customer,
-- and a mutation that adds a message and updates the related rows.

CREATE OR REPLACE FUNCTION customer_figures(customer customer,
  OUT total_tickets integer, OUT open_tickets integer, OUT resolved_ticket_count integer, OUT resolution_ms_total bigint,
  OUT first_ticket_at bigint, OUT last_ticket_at bigint) AS $$
  SELECT count(*)::int, count(*) FILTER (WHERE status < 3)::int, count(*) FILTER (WHERE status >= 3)::int,
    COALESCE(sum(resolved_at - created_at) FILTER (WHERE status >= 3), 0)::bigint, min(created_at), max(created_at)
  FROM ticket WHERE customer_id = customer.id
$$ LANGUAGE sql STABLE;

CREATE OR REPLACE FUNCTION customer_scores(customer customer,
  OUT recent_score_count integer, OUT recent_score_sum integer, OUT newest_score_sum integer) AS $$
  SELECT count(*)::int, COALESCE(sum(score), 0)::int, COALESCE(sum(score) FILTER (WHERE age <= 5), 0)::int
  FROM (SELECT sentiment_score AS score, row_number() OVER (ORDER BY created_at DESC, id DESC) AS age
    FROM (SELECT sentiment_score, created_at, id FROM message WHERE customer_id = customer.id
      AND sentiment_score IS NOT NULL ORDER BY created_at DESC, id DESC LIMIT 10) m) r
$$ LANGUAGE sql STABLE;

CREATE OR REPLACE FUNCTION add_message(ticket uuid, sender text, body text) RETURNS message AS $$
  WITH now AS (SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint AS at),
  t AS (UPDATE ticket SET message_count = message_count + 1, last_message_at = (SELECT at FROM now)
    WHERE id = $1 RETURNING id, workspace_id, customer_id, conversation_id),
  c AS (UPDATE conversation SET message_count = conversation.message_count + 1, last_message_at = (SELECT at FROM now)
    FROM t WHERE conversation.id = t.conversation_id)
  INSERT INTO message (id, workspace_id, customer_id, conversation_id, ticket_id, direction, sender_email, body, created_at)
  SELECT gen_random_uuid(), t.workspace_id, t.customer_id, t.conversation_id, t.id, 2, $2, $3, (SELECT at FROM now) FROM t
  RETURNING *
$$ LANGUAGE sql VOLATILE;

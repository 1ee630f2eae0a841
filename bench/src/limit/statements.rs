//! SQL statements of the limit on PostgreSQL, by query.

use super::rows::MESSAGE;

/// Returns the statements. `$1` is the workspace. Limits are literals, because PostgreSQL would plan again for
/// parameters.
pub fn statements() -> [(&'static str, String); 8] {
    let listed = "t.id, t.subject, t.status, t.priority, t.created_at";
    let customer = "c.id, c.name, c.email";
    let newest = "ORDER BY t.created_at DESC, t.id DESC";
    let messages = |count: u8| {
        format!(
            "LEFT JOIN LATERAL (SELECT {MESSAGE} FROM message m WHERE m.ticket_id = t.id \
             ORDER BY m.created_at DESC, m.id DESC LIMIT {count}) m ON true"
        )
    };
    let of_status = format!(
        "(SELECT * FROM ticket t WHERE t.workspace_id = $1 AND t.status = $2 {newest} LIMIT 20) t \
         JOIN customer c ON c.id = t.customer_id"
    );
    [
        (
            "q1",
            format!(
                "SELECT {listed}, t.source, t.tags, t.updated_at, {customer} FROM ticket t \
                 JOIN customer c ON c.id = t.customer_id WHERE t.workspace_id = $1 AND t.id = $2"
            ),
        ),
        (
            "q2",
            format!("SELECT {listed}, {customer} FROM {of_status} {newest}"),
        ),
        (
            "q3",
            format!(
                "SELECT {listed}, {customer}, {MESSAGE} FROM {of_status} {} {newest}, m.created_at DESC, m.id DESC",
                messages(10)
            ),
        ),
        (
            "q4",
            format!(
                "SELECT {customer}, f.*, s.* FROM customer c CROSS JOIN LATERAL ({TICKET_FIGURES}) f \
                 CROSS JOIN LATERAL ({SCORE_FIGURES}) s \
                 WHERE c.workspace_id = $1 AND c.id = ANY($2) ORDER BY c.created_at DESC, c.id DESC"
            ),
        ),
        (
            "q4s",
            format!(
                "SELECT {customer}, ticket_count, open_ticket_count, resolved_ticket_count, resolution_ms_total, \
                 first_ticket_at, last_ticket_at, recent_score_count, recent_score_sum, newest_score_sum \
                 FROM customer c WHERE c.workspace_id = $1 AND c.id = ANY($2) ORDER BY c.created_at DESC, c.id DESC"
            ),
        ),
        (
            "q5",
            format!(
                "SELECT {customer}, t.id, t.subject, t.status, t.created_at, {MESSAGE} FROM customer c \
                 LEFT JOIN LATERAL (SELECT * FROM ticket t WHERE t.customer_id = c.id {newest} LIMIT 5) t ON true {} \
                 WHERE c.workspace_id = $1 AND c.id = ANY($2) \
                 ORDER BY c.created_at DESC, c.id DESC, t.created_at DESC, t.id DESC, m.created_at DESC, m.id DESC",
                messages(5)
            ),
        ),
        (
            "q6",
            format!(
                "SELECT {listed}, t.source, t.customer_email, t.customer_name, t.resolution_type, t.message_count, \
                 t.updated_at, t.resolved_at FROM ticket t WHERE t.workspace_id = $1 {newest} LIMIT 1000"
            ),
        ),
        ("m1", ADD.to_owned()),
    ]
}

/// Status 3 is solved, 4 is closed.
const TICKET_FIGURES: &str = "SELECT count(*) AS made, count(*) FILTER (WHERE status < 3) AS open, \
     count(*) FILTER (WHERE status >= 3) AS resolved, \
     COALESCE(sum(resolved_at - created_at) FILTER (WHERE status >= 3), 0)::bigint AS resolution, \
     min(created_at) AS first_at, max(created_at) AS last_at FROM ticket WHERE customer_id = c.id";

const SCORE_FIGURES: &str = "SELECT count(*) AS scored, COALESCE(sum(score), 0) AS total, \
     COALESCE(sum(score) FILTER (WHERE age <= 5), 0) AS newest \
     FROM (SELECT sentiment_score AS score, row_number() OVER (ORDER BY created_at DESC, id DESC) AS age \
     FROM (SELECT sentiment_score, created_at, id FROM message WHERE customer_id = c.id \
     AND sentiment_score IS NOT NULL ORDER BY created_at DESC, id DESC LIMIT 10) m) r";

/// A single statement is one transaction.
const ADD: &str = "WITH t AS (UPDATE ticket SET message_count = message_count + 1, last_message_at = $4 \
     WHERE workspace_id = $1 AND id = $2 RETURNING id, workspace_id, customer_id, conversation_id), \
     c AS (UPDATE conversation SET message_count = conversation.message_count + 1, last_message_at = $4 \
     FROM t WHERE conversation.id = t.conversation_id) \
     INSERT INTO message (id, workspace_id, customer_id, conversation_id, ticket_id, direction, sender_email, body, created_at) \
     SELECT $3, t.workspace_id, t.customer_id, t.conversation_id, t.id, 2, $5, $6, $4 FROM t RETURNING id, body, direction, created_at";

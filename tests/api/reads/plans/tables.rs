//! The lists, filters and orders whose plans are checked, besides those from the schema.

/// A value for each field of each filter. It matches few rows at the far end of the list. `*` stands for any filter.
pub const VALUES: [(&str, &str, &str); 60] = [
    ("MessageFilter", "and", "[{ direction: INBOUND }]"),
    (
        "MessageFilter",
        "or",
        "[{ direction: INBOUND }, { isInternal: true }]",
    ),
    ("MessageFilter", "not", "{ direction: INBOUND }"),
    ("*", "and", "[{ id: [ID] }]"),
    ("*", "or", "[{ id: [ID] }, { id: [] }]"),
    ("*", "not", "{ tags: { hasAny: [\"common\"] } }"),
    ("*", "id", "[ID]"),
    ("*", "createdAt", "{ lt: \"OLD\" }"),
    ("*", "updatedAt", "{ lt: \"OLD\" }"),
    ("*", "lastMessageAt", "{ lt: \"OLD\" }"),
    ("*", "tags", "{ hasAll: [\"rare\"] }"),
    ("*", "customFields", "[{ key: \"plan\", eq: \"gold\" }]"),
    ("*", "customerId", "[\"CUSTOMER\"]"),
    ("*", "customer", "{ email: { eq: \"c7@example.com\" } }"),
    ("TicketFilter", "assignedTo", "[\"AGENT\"]"),
    ("TicketFilter", "customerEmail", "{ eq: \"c7@example.com\" }"),
    ("TicketFilter", "isAssigned", "false"),
    ("TicketFilter", "priority", "[URGENT]"),
    ("TicketFilter", "queueId", "[\"QUEUE\"]"),
    ("TicketFilter", "resolutionType", "{ eq: \"none\" }"),
    ("TicketFilter", "resolvedAt", "{ isNull: true }"),
    ("TicketFilter", "source", "{ eq: \"phone\" }"),
    ("TicketFilter", "status", "[OPEN, PENDING]"),
    ("TicketFilter", "subject", "{ eq: \"Order 7\" }"),
    ("TicketFilter", "teamId", "[\"TEAM\"]"),
    ("CustomerFilter", "company", "{ eq: \"Company 7\" }"),
    ("CustomerFilter", "email", "{ eq: \"C7@example.com\" }"),
    ("CustomerFilter", "externalId", "{ eq: \"x7\" }"),
    ("CustomerFilter", "isVip", "true"),
    ("CustomerFilter", "name", "{ startsWith: \"Name 77\" }"),
    ("CustomerFilter", "priorityOverride", "[URGENT]"),
    ("CustomerFilter", "sentiment", "[ANGRY]"),
    ("CustomerFilter", "status", "[INACTIVE]"),
    ("ConversationFilter", "channel", "{ eq: \"phone\" }"),
    ("ConversationFilter", "status", "[OPEN]"),
    ("MessageFilter", "body", "{ contains: \"?\" }"),
    ("MessageFilter", "direction", "INBOUND"),
    ("MessageFilter", "senderEmail", "{ eq: \"c7@example.com\" }"),
    ("MessageFilter", "createdAt", "{ lt: \"OLD\" }"),
    ("ConversationFilter", "queueId", "[\"QUEUE\"]"),
    ("ConversationFilter", "teamId", "[\"TEAM\"]"),
    ("ConversationFilter", "inboxOf", "\"AGENT\""),
    ("CustomerFilter", "anyEmail", "{ eq: \"C7@example.com\" }"),
    ("CustomerFilter", "hubspotContactId", "{ eq: \"7\" }"),
    ("CustomerFilter", "hubspotCompanyId", "{ eq: \"7\" }"),
    ("CustomerFilter", "salesforceContactId", "{ eq: \"7\" }"),
    ("CustomerFilter", "lastTicketAt", "{ lt: \"OLD\" }"),
    ("CustomerFilter", "totalTickets", "{ gt: 7 }"),
    ("CustomerFilter", "openTickets", "{ gt: 7 }"),
    ("CustomerFilter", "avgResolutionTime", "{ gt: 7 }"),
    ("CustomerFilter", "overallSentiment", "[POSITIVE]"),
    ("CustomerFilter", "sentimentTrend", "[DECLINING]"),
    ("ConversationFilter", "assigneeId", "[\"AGENT\"]"),
    ("ConversationFilter", "isAssigned", "true"),
    ("ConversationFilter", "externalId", "{ eq: \"x7\" }"),
    ("ConversationFilter", "snoozedUntil", "{ lt: \"OLD\" }"),
    ("*", "lastInboundAt", "{ lt: \"OLD\" }"),
    ("*", "lastOutboundAt", "{ lt: \"OLD\" }"),
    ("*", "isAwaitingReply", "true"),
    ("MessageFilter", "isInternal", "true"),
];

/// Filters for which a workspace is scanned if few rows match, in the worst case until the statement times out.
/// Texts, tags and custom fields have no index, and neither do rarely used filters.
pub const WALKS: [(&str, &str); 37] = [
    ("Ticket", "not"),
    ("Ticket", "subject"),
    ("Ticket", "customerEmail"),
    ("Ticket", "customFields"),
    ("Ticket", "resolutionType"),
    ("Ticket", "tags"),
    ("Ticket", "resolvedAt"),
    ("Ticket", "lastMessageAt"),
    ("Ticket", "lastInboundAt"),
    ("Ticket", "lastOutboundAt"),
    ("Ticket", "isAwaitingReply"),
    ("Customer", "not"),
    ("Customer", "isVip"),
    ("Customer", "priorityOverride"),
    ("Customer", "tags"),
    ("Customer", "status"),
    ("Customer", "sentiment"),
    ("Customer", "customFields"),
    ("Customer", "hubspotContactId"),
    ("Customer", "hubspotCompanyId"),
    ("Customer", "salesforceContactId"),
    ("Customer", "lastTicketAt"),
    ("Customer", "totalTickets"),
    ("Customer", "openTickets"),
    ("Customer", "avgResolutionTime"),
    ("Customer", "overallSentiment"),
    ("Customer", "sentimentTrend"),
    ("Conversation", "not"),
    ("Conversation", "tags"),
    ("Conversation", "lastMessageAt"),
    ("Conversation", "lastInboundAt"),
    ("Conversation", "lastOutboundAt"),
    ("Conversation", "isAwaitingReply"),
    ("Conversation", "isAssigned"),
    ("Conversation", "customFields"),
    ("Conversation", "externalId"),
    ("Conversation", "snoozedUntil"),
];

/// Further such filters on `SQLite`. Its planner knows the average number of rows of a value, but not that of this
/// value, and prefers a scan in the requested order to sorting. For the same reason, only the default order is
/// checked there.
pub const WALKS_ON_SQLITE: [(&str, &str); 9] = [
    ("Ticket", "or"),
    ("Customer", "or"),
    ("Conversation", "or"),
    ("Ticket", "updatedAt"),
    ("Ticket", "priority"),
    ("Ticket", "status"),
    ("Customer", "name"),
    ("Customer", "updatedAt"),
    ("Conversation", "updatedAt"),
];

/// Common combinations of filters.
pub const TOGETHER: [(&str, &str); 8] = [
    ("tickets", "assignedTo: [\"BUSY\"], status: [OPEN, PENDING]"),
    ("tickets", "isAssigned: false, status: [OPEN]"),
    ("tickets", "queueId: [\"QUEUE\"], status: [OPEN]"),
    (
        "tickets",
        "teamId: [\"TEAM\"], status: [OPEN, PENDING], priority: [URGENT]",
    ),
    ("tickets", "status: [OPEN], priority: [HIGH, URGENT]"),
    ("tickets", "customerId: [\"CUSTOMER\"], status: [CLOSED]"),
    ("tickets", "source: { eq: \"PHONE\" }, status: [PENDING]"),
    ("conversations", "channel: { eq: \"phone\" }, status: [OPEN]"),
];

/// Root lists with filters, and their nouns.
pub const ROOTS: [(&str, &str); 3] = [
    ("tickets", "Ticket"),
    ("customers", "Customer"),
    ("conversations", "Conversation"),
];

/// Nested lists, and the column that selects their rows.
pub const CHILDREN: [(&str, &str, &str); 5] = [
    ("customers(first: 5) { nodes { tickets", "Ticket", "customer_id"),
    (
        "customers(first: 5) { nodes { conversations",
        "Conversation",
        "customer_id",
    ),
    ("customers(first: 5) { nodes { messages", "Message", "customer_id"),
    ("tickets(first: 5) { nodes { messages", "Message", "ticket_id"),
    (
        "conversations(first: 5) { nodes { messages",
        "Message",
        "conversation_id",
    ),
];

/// Lists and lookups without filters, or with few useful ones.
pub const OTHERS: [(&str, &str); 8] = [
    (
        "{ agents(first: 50) { nodes { tickets(first: 3) { nodes { id } } } } }",
        "assigned_to",
    ),
    (
        "{ agents(first: 50) { nodes { tickets(first: 3, filter: { status: [OPEN, PENDING] }) { nodes { id } } } } }",
        "assigned_to",
    ),
    (
        "{ queues { nodes { tickets(first: 3) { nodes { id } } } } }",
        "queue_id",
    ),
    (
        "{ queues { nodes { conversations(first: 3) { nodes { id } } } } }",
        "queue_id",
    ),
    (
        "{ conversations(first: 5) { nodes { tickets(first: 3) { nodes { id } } } } }",
        "conversation_id",
    ),
    (
        "{ tickets(first: 5) { nodes { followUps { nodes { id } } } } }",
        "follow_up_of_id",
    ),
    (
        "{ nodes(ids: [\"CUSTOMER\", \"TICKET\", \"CONVERSATION\", \"MESSAGE\"]) { id } }",
        "id",
    ),
    (
        "{ customerByEmail(email: \"c7@example.com\") { id } customerByExternalId(externalId: \"X7\") { id } }",
        "id",
    ),
];

// The measured part of the gateway's schema.

export const schema = `
  scalar DateTime
  enum TicketStatus { OPEN PENDING SOLVED CLOSED }
  enum Priority { LOW MEDIUM HIGH URGENT }
  enum MessageDirection { INBOUND OUTBOUND }
  enum OverallSentiment { POSITIVE NEUTRAL NEGATIVE }
  enum SentimentTrend { IMPROVING STABLE DECLINING }
  enum OrderDirection { ASC DESC }
  enum TicketOrderField { CREATED_AT }
  enum CustomerOrderField { CREATED_AT }
  enum MessageOrderField { CREATED_AT }

  input TicketFilter { status: [TicketStatus!] }
  input CustomerFilter { id: [ID!] }
  input TicketOrder { field: TicketOrderField! direction: OrderDirection! = DESC }
  input CustomerOrder { field: CustomerOrderField! direction: OrderDirection! = DESC }
  input MessageOrder { field: MessageOrderField! direction: OrderDirection! = ASC }

  type Customer {
    id: ID!
    name: String
    email: String
    totalTickets: Int!
    openTickets: Int!
    avgResolutionTime: Int
    firstTicketAt: DateTime
    lastTicketAt: DateTime
    overallSentiment: OverallSentiment
    sentimentTrend: SentimentTrend
    tickets(first: Int = 20, orderBy: TicketOrder): TicketConnection!
  }

  # The same, with what the row itself keeps.
  type CustomerWithCounters {
    id: ID!
    name: String
    email: String
    totalTickets: Int!
    openTickets: Int!
    avgResolutionTime: Int
    firstTicketAt: DateTime
    lastTicketAt: DateTime
    overallSentiment: OverallSentiment
    sentimentTrend: SentimentTrend
  }

  type Ticket {
    id: ID!
    subject: String!
    status: TicketStatus!
    priority: Priority!
    source: String!
    tags: [String!]!
    customerEmail: String!
    customerName: String
    resolutionType: String
    messageCount: Int!
    createdAt: DateTime!
    updatedAt: DateTime!
    resolvedAt: DateTime
    customer: Customer!
    messages(first: Int = 20, orderBy: MessageOrder): MessageConnection!
  }

  type Message {
    id: ID!
    body: String!
    direction: MessageDirection!
    createdAt: DateTime!
  }

  type CustomerConnection { nodes: [Customer!]! }
  type CustomerWithCountersConnection { nodes: [CustomerWithCounters!]! }
  type TicketConnection { nodes: [Ticket!]! }
  type MessageConnection { nodes: [Message!]! }

  input MessageTarget { ticketId: ID! }
  input MessageAddInput { target: MessageTarget! direction: MessageDirection = INBOUND senderEmail: String! body: String! }
  type UserError { code: String! message: String! }
  type MessagePayload { message: Message userErrors: [UserError!]! }

  type Query {
    ticket(id: ID!): Ticket
    tickets(first: Int = 20, filter: TicketFilter, orderBy: TicketOrder): TicketConnection!
    customers(first: Int = 20, filter: CustomerFilter, orderBy: CustomerOrder): CustomerConnection!
    customersWithCounters(first: Int = 20, filter: CustomerFilter, orderBy: CustomerOrder): CustomerWithCountersConnection!
  }

  type Mutation {
    messageAdd(input: MessageAddInput!): MessagePayload!
  }
`;

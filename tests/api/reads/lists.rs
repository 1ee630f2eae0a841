//! Pagination of lists: each row once and in order, for every order and with equal values.

use entity::ticket::{Priority, Status};
use serde_json::{Value, json};

use super::{each, names_in};
use crate::support::{
    Person, TestApp,
    fill::{self, Rows, minute},
    on_each_database,
};

/// The list and the type of its rows.
const LISTS: [(&str, &str); 3] = [
    ("customers", "Customer"),
    ("tickets", "Ticket"),
    ("conversations", "Conversation"),
];
const ROWS: usize = 12;

/// Creates twelve rows of each type, with many equal and many missing values.
async fn create_twelve_of_each(app: &TestApp) -> Person {
    let (workspace, admin) = app.admin().await;
    let mut rows = Rows::default();
    for i in 0..ROWS {
        let mut customer = fill::customer(&format!("c{i}"));
        let n = i64::try_from(i).unwrap();
        if i % 3 == 0 {
            customer.fields.email = Option::None.into();
        }
        customer.fields.name = [None, Some("ann"), Some("Bob"), Some("Ünal")][i % 4]
            .map(str::to_owned)
            .into();
        customer.fields.company = [None, Some("Acme"), Some("acme")][i % 3]
            .map(str::to_owned)
            .into();
        customer.created_at = Some(minute(n % 3));
        customer.updated_at = Some(minute(10 + n % 4));
        rows.customers.push(customer);

        let mut ticket = fill::ticket(&format!("t{i}"), &format!("c{}", i % 3 * 2));
        ticket.status = Some([Status::Open, Status::Pending, Status::Solved, Status::Closed][i % 4]);
        ticket.priority =
            Some([Priority::Low, Priority::Medium, Priority::High, Priority::Urgent][i / 2 % 4]);
        ticket.created_at = Some(minute(20 + n % 3));
        ticket.updated_at = Some(minute(30 + n % 5));
        rows.tickets.push(ticket);
        if i % 3 > 0 {
            let mut message = fill::message(&format!("m{i}"), &format!("t{i}"), "c@example.com");
            message.created_at = Some(minute(40 + n % 2));
            rows.messages.push(message);
        }
    }
    app.fill(workspace, &rows).await;
    // Imported conversations have equal times of creation and change, so some are changed.
    let query = "{ conversations(first: 4) { nodes { id } } }";
    let found = app.ask(&admin, query, json!({})).await.at("/conversations/nodes");
    for id in each(&found, "id") {
        app.clock_control.advance_ms(1);
        let change = "mutation($id: ID!) { conversationUpdate(id: $id, input: {status: DONE}) { userErrors { code } } }";
        app.ask(&admin, change, json!({ "id": id })).await.data();
    }
    admin
}

/// `LAST_TICKET_AT` sorts by `lastTicketAt`.
fn field_of(order: &str) -> String {
    // No message of these conversations is outbound.
    if order == "WAITING_SINCE" {
        return "lastInboundAt".to_owned();
    }
    let mut words = order.split('_').map(str::to_lowercase);
    let first = words.next().unwrap();
    words.fold(first, |name, word| {
        let (initial, rest) = word.split_at(1);
        name + &initial.to_uppercase() + rest
    })
}

/// Returns the sort key of a value: texts without case, levels from low to high, null first.
fn key(order: &str, value: &Value) -> String {
    let rank = |levels: &[&str]| {
        levels
            .iter()
            .position(|level| value == level)
            .unwrap()
            .to_string()
    };
    match order {
        "PRIORITY" => rank(&["LOW", "MEDIUM", "HIGH", "URGENT"]),
        "STATUS" => rank(&["OPEN", "PENDING", "SOLVED", "CLOSED"]),
        // Conversations in which no customer waits come last.
        "WAITING_SINCE" => value.as_str().unwrap_or("never").to_owned(),
        _ => value.as_str().unwrap_or_default().to_lowercase(),
    }
}

/// A walk through a list.
struct Walk<'a> {
    app: &'a TestApp,
    person: &'a Person,
    list: &'a str,
    field: String,
    order: String,
    size: usize,
}

impl Walk<'_> {
    async fn page(&self, from_end: bool, cursor: &Value) -> Value {
        let (size, behind) = if from_end {
            ("last", "before")
        } else {
            ("first", "after")
        };
        let query = format!(
            "query($c: String) {{ page: {}({size}: {}, {behind}: $c, orderBy: {}) {{ \
             nodes {{ id value: {} }} edges {{ cursor node {{ id }} }} \
             pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }} }}",
            self.list, self.size, self.order, self.field
        );
        let page = self.app.ask(self.person, &query, json!({ "c": cursor })).await;
        let page = page.at("/page");
        let edges = page["edges"].as_array().unwrap();
        let nodes: Vec<_> = edges.iter().map(|edge| edge["node"]["id"].clone()).collect();
        assert_eq!(json!(nodes), json!(each(&page["nodes"], "id")));
        assert_eq!(page["pageInfo"]["startCursor"], edges[0]["cursor"]);
        assert_eq!(page["pageInfo"]["endCursor"], edges.last().unwrap()["cursor"]);
        page
    }

    /// Returns all pages to the end, each with its page info.
    async fn all_pages(&self, from_end: bool) -> Vec<Value> {
        let (more, less, next) = if from_end {
            ("hasPreviousPage", "hasNextPage", "startCursor")
        } else {
            ("hasNextPage", "hasPreviousPage", "endCursor")
        };
        let mut rows: Vec<Value> = Vec::new();
        let mut cursor = Value::Null;
        loop {
            let page = self.page(from_end, &cursor).await;
            let info = &page["pageInfo"];
            assert_eq!(info[less], json!(!cursor.is_null()), "{less} of {info}");
            let nodes = page["nodes"].as_array().unwrap().clone();
            assert!(nodes.len() <= self.size);
            if from_end {
                rows.splice(0..0, nodes);
            } else {
                rows.extend(nodes);
            }
            assert_eq!(info[more], json!(rows.len() < ROWS), "{more} of {info}");
            if info[more] == false {
                return rows;
            }
            cursor = info[next].clone();
        }
    }
}

async fn assert_pages(app: TestApp, from_end: bool) {
    let admin = create_twelve_of_each(&app).await;
    for (list, name) in LISTS {
        let orders = names_in(&app, &admin, &format!("{name}OrderField")).await;
        assert!(orders.len() >= 3, "{orders:?}");
        for order in orders {
            for descending in [false, true] {
                let direction = if descending { "DESC" } else { "ASC" };
                // Three divides the number of rows, five does not.
                for size in [3, 5] {
                    let walk = Walk {
                        app: &app,
                        person: &admin,
                        list,
                        field: field_of(&order),
                        order: format!("{{field: {order}, direction: {direction}}}"),
                        size,
                    };
                    let rows = walk.all_pages(from_end).await;
                    assert_in_order(&rows, &order, descending);
                }
            }
        }
    }
}

/// Checks that each row occurs once, sorted by value and then by id.
fn assert_in_order(rows: &[Value], order: &str, descending: bool) {
    assert_eq!(rows.len(), ROWS);
    let place = |row: &Value| (key(order, &row["value"]), row["id"].as_str().unwrap().to_owned());
    let places: Vec<_> = rows.iter().map(place).collect();
    let mut sorted = places.clone();
    sorted.sort();
    sorted.dedup();
    if descending {
        sorted.reverse();
    }
    assert_eq!(places, sorted, "{order} descending: {descending}");
    let values: std::collections::BTreeSet<_> = places.iter().map(|(value, _)| value).collect();
    assert!(
        (2..ROWS).contains(&values.len()),
        "{order} needs different values and equal ones"
    );
}

async fn paging_forward_returns_each_row_once_in_order(app: TestApp) {
    assert_pages(app, false).await;
}

async fn paging_backward_returns_each_row_once_in_order(app: TestApp) {
    assert_pages(app, true).await;
}

async fn rows_without_a_value_come_first_ordered_by_id(app: TestApp) {
    let admin = create_twelve_of_each(&app).await;
    for (list, order) in [
        ("customers", "NAME"),
        ("customers", "EMAIL"),
        ("customers", "COMPANY"),
        ("customers", "LAST_TICKET_AT"),
        ("tickets", "LAST_MESSAGE_AT"),
        ("conversations", "LAST_MESSAGE_AT"),
    ] {
        let walk = |direction: &str| Walk {
            app: &app,
            person: &admin,
            list,
            field: field_of(order),
            order: format!("{{field: {order}, direction: {direction}}}"),
            size: 2,
        };
        let rows = walk("ASC").all_pages(false).await;
        let without = rows.iter().take_while(|row| row["value"].is_null()).count();
        assert!((2..ROWS).contains(&without), "{list} by {order}: {without}");
        assert!(rows[without..].iter().all(|row| !row["value"].is_null()));
        let mut back = walk("DESC").all_pages(false).await;
        back.reverse();
        assert_eq!(rows, back);
    }
}

async fn rows_created_between_pages_neither_repeat_nor_hide_others(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let made = |names: &[&str]| Rows {
        customers: names.iter().map(|name| fill::customer(name)).collect(),
        ..Rows::default()
    };
    app.fill(workspace, &made(&["b", "d", "f"])).await;
    let query = "query($after: String) { customers(first: 2, after: $after, orderBy: {field: EMAIL, direction: ASC}) \
                 { nodes { email } pageInfo { endCursor } } }";
    let one = app.ask(&admin, query, json!({})).await.at("/customers");
    assert_eq!(each(&one["nodes"], "email"), ["b@example.com", "d@example.com"]);
    app.fill(workspace, &made(&["a", "c", "e"])).await;
    let after = json!({ "after": one["pageInfo"]["endCursor"] });
    let two = app.ask(&admin, query, after).await.at("/customers/nodes");
    assert_eq!(each(&two, "email"), ["e@example.com", "f@example.com"]);
}

on_each_database!(
    paging_forward_returns_each_row_once_in_order,
    paging_backward_returns_each_row_once_in_order,
    rows_without_a_value_come_first_ordered_by_id,
    rows_created_between_pages_neither_repeat_nor_hide_others,
);

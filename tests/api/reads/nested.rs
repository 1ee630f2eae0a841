//! Nested lists: each parent has its own page.

use deskgraph::service::Patch;
use serde_json::{Value, json};

use super::each;
use crate::support::{
    Person, TestApp,
    fill::{self, Rows, minute},
    on_each_database,
};

/// Ann has the tickets a0 to a4, Bob b0 and b1, Cid none. The number of a ticket is its number of messages. Mia has
/// the tickets with even numbers, Noor the others.
async fn create_customers_with_tickets(app: &TestApp) -> Person {
    let (workspace, admin) = app.admin().await;
    app.agent(workspace, "Mia").await;
    app.agent(workspace, "Noor").await;
    let mut rows = Rows::default();
    for (customer, tickets) in [("ann", 5), ("bob", 2), ("cid", 0)] {
        rows.customers.push(fill::customer(customer));
        for i in 0..tickets {
            let name = format!("{}{i}", &customer[..1]);
            let mut ticket = fill::ticket(&name, customer);
            // Two tickets in each minute, so that every page contains equal times.
            ticket.created_at = Some(minute(i / 2));
            let agent = if i % 2 == 0 { "mia" } else { "noor" };
            ticket.assigned_to = Patch::Set(format!("{agent}@agents.example.com"));
            rows.tickets.push(ticket);
            for number in 1..=i {
                let mut message =
                    fill::message(&format!("{name}.{number}"), &name, &fill::email_of(customer));
                message.created_at = Some(minute(10 + number / 2));
                rows.messages.push(message);
            }
        }
    }
    app.fill(workspace, &rows).await;
    admin
}

/// A nested list, a fixed order of its parents, and the field that identifies a child.
struct Nested {
    parents: &'static str,
    parent: &'static str,
    children: &'static str,
    child: &'static str,
}

const CUSTOMERS: &str = "customers(orderBy: {field: EMAIL, direction: ASC})";
const TICKETS: &str = "tickets(first: 100, orderBy: {field: LAST_MESSAGE_AT, direction: ASC})";
const CONVERSATIONS: &str = "conversations(orderBy: {field: CREATED_AT, direction: ASC})";

impl Nested {
    const fn new(
        parents: &'static str,
        parent: &'static str,
        children: &'static str,
        child: &'static str,
    ) -> Self {
        Self {
            parents,
            parent,
            children,
            child,
        }
    }

    /// Returns the children of each parent as `parent: child child`, and the parents.
    async fn ask(&self, app: &TestApp, person: &Person, arguments: &str) -> (String, Value) {
        let Self {
            parents,
            parent,
            children,
            child,
        } = self;
        let arguments = if arguments.is_empty() {
            String::new()
        } else {
            format!("({arguments})")
        };
        let query = format!(
            "{{ list: {parents} {{ nodes {{ {parent} children: {children}{arguments} {{ nodes {{ {child} }} totalCount \
             edges {{ cursor }} pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }} }} }} }}"
        );
        let nodes = app.ask(person, &query, json!({})).await.at("/list/nodes");
        let show = |node: &Value| {
            let name = node[parent].as_str().unwrap().split('@').next().unwrap();
            format!("{name}: {}", each(&node["children"]["nodes"], child).join(" "))
        };
        let shown: Vec<_> = nodes.as_array().unwrap().iter().map(show).collect();
        (shown.join(", "), nodes)
    }
}

/// Returns the parent with this name.
fn of<'a>(parents: &'a Value, field: &str, name: &str) -> &'a Value {
    let mut parents = parents.as_array().unwrap().iter();
    parents.find(|parent| parent[field] == name).expect("a parent")
}

const OF_CUSTOMERS: Nested = Nested::new(CUSTOMERS, "email", "tickets", "subject");
const OLDEST: &str = "orderBy: {field: CREATED_AT, direction: ASC}";

async fn each_customer_gets_its_own_page_of_tickets(app: TestApp) {
    let admin = create_customers_with_tickets(&app).await;
    let ask = async |arguments: &str| OF_CUSTOMERS.ask(&app, &admin, arguments).await.0;
    assert_eq!(ask("").await, "ann: a4 a3 a2 a1 a0, bob: b1 b0, cid: ");
    assert_eq!(ask("first: 2").await, "ann: a4 a3, bob: b1 b0, cid: ");
    assert_eq!(ask("last: 2").await, "ann: a1 a0, bob: b1 b0, cid: ");
    assert_eq!(
        ask(&format!("first: 1, {OLDEST}")).await,
        "ann: a0, bob: b0, cid: "
    );
    assert_eq!(
        ask(&format!("last: 1, {OLDEST}")).await,
        "ann: a4, bob: b1, cid: "
    );
    let filter = r#"first: 2, filter: {subject: {in: ["a0", "a3", "b0"]}}"#;
    assert_eq!(ask(filter).await, "ann: a3 a0, bob: b0, cid: ");
    let order = "first: 2, orderBy: {field: LAST_MESSAGE_AT, direction: DESC}";
    assert_eq!(ask(order).await, "ann: a4 a3, bob: b1 b0, cid: ");
    let filter = r#"filter: {customer: {email: {startsWith: "bob"}}}"#;
    assert_eq!(ask(filter).await, "ann: , bob: b1 b0, cid: ");
}

async fn a_nested_list_has_pages_in_both_directions(app: TestApp) {
    let admin = create_customers_with_tickets(&app).await;
    for (size, behind, next, more) in [
        ("first", "after", "endCursor", "hasNextPage"),
        ("last", "before", "startCursor", "hasPreviousPage"),
    ] {
        let mut seen = Vec::new();
        let mut place = String::new();
        loop {
            let arguments = format!("{size}: 2, {OLDEST} {place}");
            let (_, parents) = OF_CUSTOMERS.ask(&app, &admin, &arguments).await;
            let tickets = &of(&parents, "email", "ann@example.com")["children"];
            let mut page = each(&tickets["nodes"], "subject");
            if size == "last" {
                page.reverse();
            }
            seen.extend(page);
            assert_eq!(tickets["totalCount"], 5);
            let info = &tickets["pageInfo"];
            assert_eq!(info[more], json!(seen.len() < 5));
            if info[more] == false {
                break;
            }
            place = format!(", {behind}: {}", info[next]);
        }
        if size == "last" {
            seen.reverse();
        }
        assert_eq!(seen, ["a0", "a1", "a2", "a3", "a4"]);
    }
}

async fn each_parent_has_its_own_count_and_cursor(app: TestApp) {
    let admin = create_customers_with_tickets(&app).await;
    let (_, parents) = OF_CUSTOMERS.ask(&app, &admin, "first: 2").await;
    let around = |name: &str| {
        let list = &of(&parents, "email", &fill::email_of(name))["children"];
        let info = &list["pageInfo"];
        (
            list["totalCount"].clone(),
            info["hasNextPage"].clone(),
            info["hasPreviousPage"].clone(),
            info["endCursor"].is_null(),
        )
    };
    assert_eq!(around("ann"), (json!(5), json!(true), json!(false), false));
    assert_eq!(around("bob"), (json!(2), json!(false), json!(false), false));
    assert_eq!(around("cid"), (json!(0), json!(false), json!(false), true));
    let filter = r#"first: 1, filter: {subject: {in: ["a0", "a3", "b0"]}}"#;
    let (_, parents) = OF_CUSTOMERS.ask(&app, &admin, filter).await;
    let counts: Vec<_> = parents.as_array().unwrap().iter().collect();
    let counts: Vec<_> = counts
        .iter()
        .map(|parent| &parent["children"]["totalCount"])
        .collect();
    assert_eq!(json!(counts), json!([2, 1, 0]));
}

async fn other_nested_lists_show_the_children_of_their_parent(app: TestApp) {
    let admin = create_customers_with_tickets(&app).await;
    let conversations = Nested::new(CUSTOMERS, "email", "conversations", "name");
    let of_customer = Nested::new(CUSTOMERS, "email", "messages", "body");
    let of_ticket = Nested::new(TICKETS, "subject", "messages", "body");
    let tickets = Nested::new(CONVERSATIONS, "name", "tickets", "subject");
    let of_conversation = Nested::new(CONVERSATIONS, "name", "messages", "body");
    let of_agent = Nested::new("agents", "name", "tickets", "subject");
    for (list, arguments, expected) in [
        (&conversations, "first: 2", "ann: a4 a3, bob: b1 b0, cid: "),
        (&conversations, "last: 1", "ann: a0, bob: b0, cid: "),
        (
            &conversations,
            format!("first: 1, {OLDEST}").as_str(),
            "ann: a0, bob: b0, cid: ",
        ),
        (
            &conversations,
            "filter: {lastMessageAt: {isNull: true}}",
            "ann: a0, bob: b0, cid: ",
        ),
        (&of_customer, "first: 3", "ann: a1.1 a2.1 a3.1, bob: b1.1, cid: "),
        (&of_customer, "last: 1", "ann: a4.4, bob: b1.1, cid: "),
        (
            &of_customer,
            "first: 2, orderBy: {field: CREATED_AT}",
            "ann: a1.1 a2.1, bob: b1.1, cid: ",
        ),
        (
            &of_customer,
            "first: 1, orderBy: {field: CREATED_AT, direction: DESC}",
            "ann: a4.4, bob: b1.1, cid: ",
        ),
        (
            &of_customer,
            r#"filter: {body: {startsWith: "a3"}}"#,
            "ann: a3.1 a3.2 a3.3, bob: , cid: ",
        ),
        (
            &of_ticket,
            "last: 2",
            "a0: , b0: , a1: a1.1, b1: b1.1, a2: a2.1 a2.2, a3: a3.2 a3.3, a4: a4.3 a4.4",
        ),
        (
            &of_ticket,
            r#"first: 1, filter: {body: {contains: ".2"}}"#,
            "a0: , b0: , a1: , b1: , a2: a2.2, a3: a3.2, a4: a4.2",
        ),
        (
            &tickets,
            "first: 1",
            "a0: a0, a1: a1, b0: b0, b1: b1, a2: a2, a3: a3, a4: a4",
        ),
        (
            &of_conversation,
            "first: 1",
            "a0: , a1: a1.1, b0: , b1: b1.1, a2: a2.1, a3: a3.1, a4: a4.1",
        ),
        (&of_agent, "first: 2", "Noor: a3 b1, Mia: a4 a2, admin: "),
        (
            &of_agent,
            format!("first: 2, {OLDEST}").as_str(),
            "Noor: a1 b1, Mia: a0 b0, admin: ",
        ),
        (
            &of_agent,
            r#"filter: {customerEmail: {startsWith: "b"}}"#,
            "Noor: b1, Mia: b0, admin: ",
        ),
    ] {
        let (shown, parents) = list.ask(&app, &admin, arguments).await;
        let what = format!("{}.{}({arguments})", list.parents, list.children);
        let sorted = |text: &str| {
            let mut parts: Vec<_> = text.split(", ").map(str::to_owned).collect();
            parts.sort();
            parts
        };
        assert_eq!(sorted(&shown), sorted(expected), "{what}");
        for parent in parents.as_array().unwrap() {
            let nodes = parent["children"]["nodes"].as_array().unwrap().len();
            let edges = parent["children"]["edges"].as_array().unwrap().len();
            assert_eq!(nodes, edges);
            assert!(parent["children"]["totalCount"].as_u64().unwrap() >= nodes as u64);
        }
    }
}

async fn aliases_of_a_field_have_separate_arguments(app: TestApp) {
    let admin = create_customers_with_tickets(&app).await;
    let query = format!(
        r#"{{ {CUSTOMERS} {{ nodes {{
             newest: tickets(first: 1) {{ totalCount nodes {{ subject }} }}
             oldest: tickets(first: 1, {OLDEST}) {{ totalCount nodes {{ subject }} }}
             third: tickets(filter: {{subject: {{contains: "3"}}}}) {{ totalCount nodes {{ subject }} }}
             again: tickets(first: 1) {{ totalCount nodes {{ subject }} }}
           }} }} }}"#
    );
    let nodes = app.ask(&admin, &query, json!({})).await.at("/customers/nodes");
    let one = |subject: &str, total: usize| json!({ "totalCount": total, "nodes": [{ "subject": subject }] });
    let ann = json!({
        "newest": one("a4", 5), "oldest": one("a0", 5), "third": one("a3", 1), "again": one("a4", 5),
    });
    let none = json!({ "totalCount": 0, "nodes": [] });
    let bob = json!({ "newest": one("b1", 2), "oldest": one("b0", 2), "third": none, "again": one("b1", 2) });
    let cid = json!({ "newest": none, "oldest": none, "third": none, "again": none });
    assert_eq!(nodes, json!([ann, bob, cid]));
}

on_each_database!(
    each_customer_gets_its_own_page_of_tickets,
    a_nested_list_has_pages_in_both_directions,
    each_parent_has_its_own_count_and_cursor,
    other_nested_lists_show_the_children_of_their_parent,
    aliases_of_a_field_have_separate_arguments,
);

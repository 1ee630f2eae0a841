//! Kustomer's shapes: JSON:API objects with attributes and relationships.
//!
//! Its documentation lists the attributes of a customer and what a conversation is made of; of users, teams and queues it
//! says only that they are there. What is read of those is their name, and of users their address.

use entity::{agent::Role, conversation::Status};

use crate::{
    import::{
        fields::{Fields, Read},
        vendor::{Queue, Step, Team, Vendor},
    },
    service::{
        EXTERNAL_ID_MAX, LINE_MAX, LIST_MAX, Patch, URL_MAX, WORD_MAX,
        customer::{ADDRESSES_MAX, CustomerFields, GivenEmail, GivenPhone},
        import::{ImportAgent, ImportConversation, ImportCustomer, ImportGroup},
        is_email,
    },
    store::filter::email_key,
};

/// Kustomer: users, teams and queues if they are told, customers, conversations.
pub const KUSTOMER: Vendor = Vendor {
    system: "kustomer",
    steps: &[
        Step::new("users", false, || Step::rows_at(user, place)),
        Step::new("teams", false, || Step::rows_at(team, place)),
        Step::new("queues", false, || Step::rows_at(queue, place)),
        Step::new("customers", true, || Step::rows_at(customer, place)),
        Step::new("conversations", false, || Step::rows_at(conversation, place)),
    ],
};

/// Why an entry of a list is left out.
const TWICE: &str = "stands there twice";
const TOO_MANY: &str = "is one more than a customer may have";

const STATUSES: [(&str, Status); 3] = [
    ("open", Status::Open),
    ("snoozed", Status::Snoozed),
    ("done", Status::Done),
];

/// An object that was opened: its id, and the attributes that are still to be read.
struct Resource {
    object: Fields,
    id: String,
    attributes: Fields,
}

impl Resource {
    fn open(mut object: Fields, kind: &str) -> Self {
        let id = object.required("id");
        let told = object.required("type");
        if !told.is_empty() && told != kind {
            let shown: String = told.chars().take(40).collect();
            object.fault::<()>("type", &format!("is {shown:?}, not {kind:?}"));
        }
        let attributes = object.required_inner("attributes");
        Self {
            object,
            id,
            attributes,
        }
    }

    /// What a relationship leads to: none of it is read here but ids.
    fn related<T>(&mut self, name: &str, read: impl FnOnce(&mut Fields) -> T) -> T {
        let mut relationships = self.object.inner("relationships");
        let mut one = relationships.inner(name);
        let told = read(&mut one);
        // Where it is: navigation.
        one.skip(&["links", "meta"]);
        relationships.absorb(one);
        self.object.put_back("relationships", relationships);
        told
    }

    /// The id that a relationship names; cleared when it says that there is none.
    fn related_one(&mut self, name: &str) -> Patch<String> {
        self.related(name, |one| {
            one.patch("data", |one, name| {
                let mut data = one.inner(name);
                let id = data.whole("id", EXTERNAL_ID_MAX);
                // What it is: said by the name.
                data.skip(&["type"]);
                one.absorb(data);
                id
            })
        })
    }

    /// The ids that a relationship lists.
    fn related_many(&mut self, name: &str) -> Patch<Vec<String>> {
        self.related(name, |one| {
            one.patch("data", |one, name| {
                let mut ids = Vec::new();
                for mut data in one.objects(name)? {
                    match data.whole("id", EXTERNAL_ID_MAX) {
                        Some(_) if !data.is_strict() && ids.len() == LIST_MAX => {
                            data.leave_out("id", "is one more than a conversation may have");
                        }
                        Some(id) => ids.push(id),
                        None => data.lacks("id"),
                    }
                    data.skip(&["type"]);
                    one.absorb(data);
                }
                Some(ids)
            })
        })
    }

    /// The row with what did not become part of it.
    fn finish<T>(mut self, row: T, navigation: &[&str]) -> Read<T> {
        let mut relationships = self.object.inner("relationships");
        relationships.skip(navigation);
        self.object.absorb(relationships);
        self.object.absorb(self.attributes);
        self.object.skip(&["links"]);
        self.object.finish(row)
    }
}

fn user(fields: Fields) -> Read<ImportAgent> {
    let mut resource = Resource::open(fields, "user");
    let email = resource.attributes.required_email("email");
    let row = ImportAgent {
        external_id: Some(resource.id.clone()),
        name: resource.attributes.or_stand_in("name", LINE_MAX, &email),
        email,
        role: Role::Agent,
    };
    resource.finish(row, &["org"])
}

fn team(fields: Fields) -> Read<Team> {
    group(fields, "team", Team)
}

fn queue(fields: Fields) -> Read<Queue> {
    group(fields, "queue", Queue)
}

fn group<T>(fields: Fields, kind: &str, row: impl FnOnce(ImportGroup) -> T) -> Read<T> {
    let mut resource = Resource::open(fields, kind);
    let group = ImportGroup {
        external_id: resource.id.clone(),
        name: resource.attributes.or_stand_in("name", LINE_MAX, &resource.id),
    };
    resource.finish(row(group), &["org"])
}

fn customer(fields: Fields) -> Read<ImportCustomer> {
    let mut resource = Resource::open(fields, "customer");
    let attributes = &mut resource.attributes;
    let row = ImportCustomer {
        external_id: resource.id.clone(),
        fields: CustomerFields {
            name: attributes.cut_patch("name", LINE_MAX),
            display_name: attributes.cut_patch("displayName", LINE_MAX),
            display_color: attributes.whole_patch("displayColor", WORD_MAX),
            display_icon: attributes.whole_patch("displayIcon", WORD_MAX),
            external_id: attributes.whole_patch("externalId", EXTERNAL_ID_MAX),
            first_name: attributes.cut_patch("firstName", LINE_MAX),
            last_name: attributes.cut_patch("lastName", LINE_MAX),
            signed_up_at: attributes.patch("signedUpAt", Fields::instant),
            avatar_url: attributes.whole_patch("avatarUrl", URL_MAX),
            username: attributes.whole_patch("username", LINE_MAX),
            emails: attributes.patch("emails", emails),
            phones: attributes.patch("phones", phones),
            tags: attributes.patch("tags", Fields::tags),
            custom_fields: attributes.patch("custom", Fields::custom_fields),
            ..CustomerFields::default()
        },
        created_at: attributes.instant("createdAt"),
        updated_at: attributes.instant("updatedAt"),
    };
    resource.finish(row, &["org", "messages"])
}

/// Addresses; the first that is one is the primary. One that is none, or stands there twice, costs no customer.
fn emails(attributes: &mut Fields, name: &str) -> Option<Vec<GivenEmail>> {
    let mut list: Vec<GivenEmail> = Vec::new();
    let given = attributes.objects(name)?;
    let count = given.len();
    for mut one in given {
        let (email, kind, verified) = (
            one.email("email"),
            one.whole("type", WORD_MAX),
            one.boolean("verified"),
        );
        let is_lenient = !one.is_strict();
        let is_twice = |email: &str| {
            list.iter()
                .any(|other| email_key(&other.email) == email_key(email))
        };
        match email {
            None => one.lacks("email"),
            Some(email) if !email.is_empty() && !is_email(&email) => {
                let shown: String = email.chars().take(80).collect();
                one.leave_out("email", &format!("{shown:?} is no email address"));
            }
            Some(email) if is_lenient && is_twice(&email) => one.leave_out("email", TWICE),
            Some(_) if is_lenient && list.len() == ADDRESSES_MAX => one.leave_out("email", TOO_MANY),
            Some(email) => list.push(GivenEmail {
                email,
                kind,
                verified,
                primary: list.is_empty(),
            }),
        }
        attributes.absorb(one);
    }
    // Where nothing of it can be used, what is here stays.
    (count == 0 || !list.is_empty()).then_some(list)
}

fn phones(attributes: &mut Fields, name: &str) -> Option<Vec<GivenPhone>> {
    let mut list: Vec<GivenPhone> = Vec::new();
    let given = attributes.objects(name)?;
    let count = given.len();
    for mut one in given {
        let (phone, kind) = (one.whole("phone", WORD_MAX), one.whole("type", WORD_MAX));
        let is_lenient = !one.is_strict();
        match phone {
            None => one.lacks("phone"),
            Some(phone) if is_lenient && list.iter().any(|other| other.phone == phone) => {
                one.leave_out("phone", TWICE);
            }
            Some(_) if is_lenient && list.len() == ADDRESSES_MAX => one.leave_out("phone", TOO_MANY),
            Some(phone) => list.push(GivenPhone {
                phone,
                kind,
                primary: list.is_empty(),
            }),
        }
        attributes.absorb(one);
    }
    (count == 0 || !list.is_empty()).then_some(list)
}

fn conversation(fields: Fields) -> Read<ImportConversation> {
    let mut resource = Resource::open(fields, "conversation");
    let related = resource.related_one("customer");
    let agents = resource.related_many("assignedUsers");
    let teams = resource.related_many("assignedTeams");
    let queue = resource.related_one("queue");
    let attributes = &mut resource.attributes;
    let customer = attributes.line("customer").or_else(|| related.over(&None));
    if customer.is_none() {
        attributes.fault::<()>(
            "customer",
            "is missing, and there is no relationships.customer.data.id",
        );
    }
    let status = attributes.word("status", &STATUSES);
    let mut snoozed_until = attributes.instant("snoozedUntil");
    if snoozed_until.is_some() && status.is_some_and(|status| status != Status::Snoozed) {
        attributes.leave_out("snoozedUntil", "is told of a conversation that does not sleep");
        snoozed_until = None;
    }
    let row = ImportConversation {
        external_id: resource.id.clone(),
        customer: customer.unwrap_or_default(),
        name: attributes.cut_patch("name", LINE_MAX),
        channel: attributes.cut("channel", WORD_MAX),
        status,
        snoozed_until,
        tags: attributes.patch("tags", Fields::tags),
        custom_fields: attributes.patch("custom", Fields::custom_fields),
        own_id: attributes.whole_patch("externalId", EXTERNAL_ID_MAX),
        agents,
        teams,
        queue,
        created_at: attributes.instant("createdAt"),
        updated_at: attributes.instant("updatedAt"),
    };
    resource.finish(row, &["org", "messages"])
}

/// What the use cases check, they call by our names.
fn place(field: &str) -> String {
    match field {
        "" | "id" => field.to_owned(),
        "assignedUsers" | "assignedTeams" | "queue" => format!("relationships.{field}"),
        _ => match field.strip_prefix("customFields") {
            Some(rest) => format!("attributes.custom{rest}"),
            None => format!("attributes.{field}"),
        },
    }
}

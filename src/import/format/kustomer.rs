//! Kustomer's shapes: JSON:API objects with attributes and relationships.
//!
//! Its documentation lists the attributes of a customer and what a conversation is made of; of users, teams and queues it
//! says only that they are there. What is read of those is their name, and of users their address.

use entity::conversation::Status;

use crate::{
    import::{
        fields::{Fields, Read},
        vendor::{Step, Vendor},
    },
    service::{
        customer::{CustomerFields, GivenEmail, GivenPhone},
        import::{ImportConversation, ImportCustomer},
        is_email,
    },
};

/// Kustomer: customers and their conversations.
pub const KUSTOMER: Vendor = Vendor {
    system: "kustomer",
    steps: &[
        Step::new("customers", true, || Step::rows_at(customer, place)),
        Step::new("conversations", false, || Step::rows_at(conversation, place)),
    ],
};

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

    /// The id that a relationship names.
    fn related(&mut self, name: &str) -> Option<String> {
        let mut relationships = self.object.inner("relationships");
        let mut one = relationships.inner(name);
        let mut data = one.inner("data");
        let id = data.line("id");
        // Where it is, and what: said by its name.
        data.skip(&["type"]);
        one.skip(&["links"]);
        one.absorb(data);
        relationships.absorb(one);
        self.object.put_back("relationships", relationships);
        id
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

fn customer(fields: Fields) -> Read<ImportCustomer> {
    let mut resource = Resource::open(fields, "customer");
    let attributes = &mut resource.attributes;
    let row = ImportCustomer {
        external_id: resource.id.clone(),
        fields: CustomerFields {
            name: attributes.text_patch("name"),
            display_name: attributes.text_patch("displayName"),
            display_color: attributes.text_patch("displayColor"),
            display_icon: attributes.text_patch("displayIcon"),
            external_id: attributes.text_patch("externalId"),
            first_name: attributes.text_patch("firstName"),
            last_name: attributes.text_patch("lastName"),
            signed_up_at: attributes.patch("signedUpAt", Fields::instant),
            avatar_url: attributes.text_patch("avatarUrl"),
            username: attributes.text_patch("username"),
            emails: attributes.patch("emails", emails),
            phones: attributes.patch("phones", phones),
            tags: attributes.patch("tags", Fields::texts),
            custom_fields: attributes.patch("custom", Fields::map),
            ..CustomerFields::default()
        },
        created_at: attributes.instant("createdAt"),
        updated_at: attributes.instant("updatedAt"),
    };
    resource.finish(row, &["org", "messages"])
}

/// Addresses; the first that is one is the primary. One that is none costs no customer.
fn emails(attributes: &mut Fields, name: &str) -> Option<Vec<GivenEmail>> {
    let mut list: Vec<GivenEmail> = Vec::new();
    for mut one in attributes.objects(name)? {
        let email = one.required("email");
        if email.is_empty() || is_email(&email) {
            list.push(GivenEmail {
                email,
                kind: one.line("type"),
                verified: one.boolean("verified"),
                primary: list.is_empty(),
            });
        } else {
            one.skip(&["type", "verified"]);
            let shown: String = email.chars().take(80).collect();
            one.leave_out("email", &format!("{shown:?} is no email address"));
        }
        attributes.absorb(one);
    }
    Some(list)
}

fn phones(attributes: &mut Fields, name: &str) -> Option<Vec<GivenPhone>> {
    let mut list: Vec<GivenPhone> = Vec::new();
    for mut one in attributes.objects(name)? {
        list.push(GivenPhone {
            phone: one.required("phone"),
            kind: one.line("type"),
            primary: list.is_empty(),
        });
        attributes.absorb(one);
    }
    Some(list)
}

fn conversation(fields: Fields) -> Read<ImportConversation> {
    let mut resource = Resource::open(fields, "conversation");
    let related = resource.related("customer");
    let attributes = &mut resource.attributes;
    let customer = attributes.line("customer").or(related);
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
        name: attributes.text_patch("name"),
        channel: attributes.line("channel"),
        status,
        snoozed_until,
        tags: attributes.patch("tags", Fields::texts),
        custom_fields: attributes.patch("custom", Fields::map),
        own_id: attributes.text_patch("externalId"),
        created_at: attributes.instant("createdAt"),
        updated_at: attributes.instant("updatedAt"),
    };
    resource.finish(row, &["org", "messages"])
}

/// What the use cases check, they call by our names.
fn place(field: &str) -> String {
    match field {
        "" | "id" => field.to_owned(),
        _ => match field.strip_prefix("customFields") {
            Some(rest) => format!("attributes.custom{rest}"),
            None => format!("attributes.{field}"),
        },
    }
}

//! The texts: names, places, subjects and messages.

use super::rng::Rng;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    Good,
    Even,
    Bad,
}

/// Repeated entries set the probabilities: two in five customers are neutral in a given year.
pub const MOODS: &[Mood] = &[Mood::Good, Mood::Good, Mood::Even, Mood::Even, Mood::Bad];

#[rustfmt::skip]
pub const FIRST_NAMES: &[&str] = &[
    "Ada", "Aiko", "Alan", "Amira", "Anders", "Ángel", "Bea", "Boris", "Chloé", "Dana", "Deepa", "Diego", "Élodie", "Emil", "Fatima",
    "Grace", "Hana", "Ines", "İpek", "Ivan", "Jane", "Jin", "Jürgen", "Kofi", "Lars", "Leila", "Lucía", "Maja", "Marco", "Mei", "Nadia",
    "Niko", "Noor", "Olga", "Omar", "Priya", "Quinn", "Rafael", "Rosa", "Sam", "Siân", "Søren", "Tara", "Tomás", "Uma", "Wei", "Yusuf",
    "Zoë", "太郎", "花子", "Дмитрий", "نور",
];
#[rustfmt::skip]
pub const LAST_NAMES: &[&str] = &[
    "Abbott", "Almeida", "Bauer", "Castillo", "Chen", "Costa", "D'Angelo", "Dubois", "Dvořák", "Eriksen", "Fischer", "Garcia", "Haddad",
    "Ito", "Ivanov", "Jansen", "Johnson", "Kaya", "Khan", "Kim", "Kowalski", "Łuczak", "Mäkinen", "Martin", "Mensah", "Moreau", "Müller",
    "Nakamura", "Nguyễn", "Novák", "O'Brien", "Okafor", "Park", "Patel", "Quist", "Rossi", "Sato", "Silva", "Singh", "Smith", "Tanaka",
    "Torres", "Vargas", "Virtanen", "Wang", "Yılmaz", "Zhang", "Ziegler", "山田", "Öztürk",
];
#[rustfmt::skip]
pub const COMPANIES: &[&str] = &[
    "Alder", "Birchwood", "Bluebird", "Café Río", "Copperline", "Dune", "Evergreen", "Fjord", "Granite", "Harbour", "Ironbridge",
    "Juniper", "Kestrel", "Lantern", "Maple & Moss", "Northstar", "Orchard", "Pebble", "Quarry", "Redwood", "Saffron", "Tidewater", "Überland",
];
pub const COMPANY_ENDINGS: &[&str] = &[
    "Corp",
    "Inc",
    "GmbH",
    "Ltd",
    "Labs",
    "Systems",
    "& Co",
    "SA",
    "AB",
    "株式会社",
];
pub const JOB_TITLES: &[&str] = &[
    "CTO",
    "Head of Support",
    "Engineer",
    "Buyer",
    "Office Manager",
    "Founder",
    "Analyst",
    "Designer",
];
pub const PLACES: &[(Option<&str>, Option<&str>)] = &[
    (Some("San Francisco, CA"), Some("America/Los_Angeles")),
    (Some("New York, NY"), Some("America/New_York")),
    (Some("Berlin, DE"), Some("Europe/Berlin")),
    (Some("London, UK"), Some("Europe/London")),
    (Some("Tokyo, JP"), Some("Asia/Tokyo")),
    (Some("São Paulo, BR"), Some("America/Sao_Paulo")),
    (Some("Sydney, AU"), Some("Australia/Sydney")),
    (Some("Mumbai, IN"), Some("Asia/Kolkata")),
    (Some("Nairobi, KE"), None),
    (None, None),
];
pub const CUSTOMER_TAGS: &[&str] = &[
    "enterprise",
    "early-adopter",
    "beta-tester",
    "startup",
    "trial",
    "churn-risk",
    "partner",
    "edu",
];
#[rustfmt::skip]
pub const TICKET_TAGS: &[&str] = &[
    "login", "urgent", "billing", "refund", "shipping", "bug", "feature-request", "api", "mobile", "password", "invoice", "sso",
];
pub const NOTES: &[&str] = &[
    "Prefers to be called.",
    "Renewal next quarter; \"handle with care\".",
    "Speaks French & German.",
    "Pays late, always pays.",
];

// In all templates below, # stands for a number.
const SUBJECTS: &[&str] = &[
    "Cannot access my account",
    "Order # not delivered",
    "Refund for order #",
    "Invoice # is wrong",
    "API returns \"internal error\" for request #",
    "Password reset e-mail never arrives",
    "How do I export my data?",
    "SSO login loop",
    "App crashes on start (build #)",
    "Upgrade to the enterprise plan",
    "Change of billing address",
    "Webhook # is not firing",
    "Feature request: dark mode",
    "Question about plan limits",
    "Can't upload files > # KB",
    "Größe in order # ist falsch",
];
const FACTS: &[&str] = &[
    "It concerns order # from last week.",
    "The page stays blank after I log in.",
    "I have cleared the cache and tried another device, with the same result.",
    "The invoice shows # instead of the amount that we agreed on.",
    "Since the update on Tuesday the app closes on its own.",
    "Tracking says \"delivered\", but the parcel is not here.",
    "Our webhook endpoint answers 200, and still event # comes again and again.",
    "The export holds # rows; we expected twice as many.",
    "Could you check the status of our request?",
    "The reset link in the e-mail had expired by the time it came.",
    "Two of my colleagues see the same on their phones.",
    "Our API key ends in #.",
    "The card was charged twice on the same day.",
    "We have moved: the new address is Rue de l'Église #, Zürich.",
    "It happens for users < 5 minutes after login & only in one browser.",
    "When will the change be live?",
    "Is the limit of # requests per minute a fixed one?",
    "A screenshot is attached.",
];
const GOOD: &[&str] = &[
    "Thank you so much, you are wonderful!",
    "We love the new version, it is a great improvement.",
    "Excellent and friendly service, I am really happy.",
    "Great, that works perfectly now 🎉",
    "Apart from that we are delighted with everything.",
];
const BAD: &[&str] = &[
    "This is terrible and I am very disappointed.",
    "I am angry: this is the worst service we ever had.",
    "It is a disaster for us and nobody seems to care.",
    "Honestly awful, we are losing customers because of this failure.",
    "I hate having to write about the same broken thing again.",
];
const ANSWERS: &[&str] = &[
    "Thank you for writing to us.",
    "I have looked at your account and can see what you describe.",
    "Could you send me the number of the order and the time at which it happened?",
    "A colleague of the payments team is checking entry #.",
    "The change is live since this morning; please log in once more.",
    "A refund of # has been started and takes three to five days.",
    "Please open Settings > Security and upload the new \"metadata\" file.",
    "A new parcel leaves our warehouse today.",
    "The limit for your plan is # per minute & can be raised.",
    "I will come back to you as soon as I know more.",
    "Is there anything else that I can do for you?",
    "We have reproduced it and opened bug # for the developers.",
];

pub fn subject(rng: &mut Rng) -> String {
    let subject = rng.pick(SUBJECTS);
    let mut text = String::with_capacity(subject.len() + 4);
    push(rng, &mut text, subject);
    text
}

/// A message of a customer. The mood affects about half of the messages.
pub fn question(rng: &mut Rng, mood: Mood, name: &str) -> String {
    let mut body = sentences(rng, FACTS);
    if rng.percent(55) {
        let coloured = match mood {
            Mood::Good => Some(GOOD),
            Mood::Bad => Some(BAD),
            Mood::Even => None,
        };
        if let Some(list) = coloured {
            body.push(' ');
            body.push_str(rng.pick(list));
        }
    }
    if rng.percent(30) {
        body.push_str("\n\n\"Regards\",\n");
        body.push_str(name);
    }
    body
}

pub fn answer(rng: &mut Rng) -> String {
    sentences(rng, ANSWERS)
}

/// The same text as HTML: blank lines separate paragraphs, and special characters are escaped.
pub fn as_html(body: &str) -> String {
    let escaped = body
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;");
    format!(
        "<p>{}</p>",
        escaped.replace("\n\n", "</p><p>").replace('\n', "<br>")
    )
}

/// At least one sentence. Most messages are short, and a few fill a page.
fn sentences(rng: &mut Rng, from: &[&str]) -> String {
    let mut body = String::new();
    for place in 0..=rng.waiting(5).min(48) / 2 {
        if place > 0 {
            body.push(' ');
        }
        let sentence = rng.pick(from);
        push(rng, &mut body, sentence);
    }
    body
}

/// Appends a template with # replaced by a number.
fn push(rng: &mut Rng, text: &mut String, template: &str) {
    match template.split_once('#') {
        Some((before, after)) => {
            text.push_str(before);
            text.push_str(&(1 + rng.below(9_999)).to_string());
            text.push_str(after);
        }
        None => text.push_str(template),
    }
}

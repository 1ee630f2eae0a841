//! Names in the API, in exports and in events: the words of enums, and the names of fields.

/// Enum whose values have words. The derive of the same name takes them from the names of the variants.
pub trait Word: Copy + 'static {
    /// All values.
    const ALL: &'static [Self];

    /// Word of a value, such as `OPEN`.
    fn word(self) -> &'static str;

    /// Value of a word. `None` for any other text.
    fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|one| one.word() == word)
    }
}

/// Name of a field, such as `firstName` for the column `first_name`, and `type` for `r#type`.
pub fn camel(column: &str) -> String {
    camel_letters(column).collect()
}

/// Letters of [`camel`].
pub fn camel_letters(column: &str) -> impl Iterator<Item = char> {
    let mut letters = column.trim_start_matches("r#").chars();
    std::iter::from_fn(move || match letters.next()? {
        '_' => letters.next().map(|letter| letter.to_ascii_uppercase()),
        letter => Some(letter),
    })
}

/// Calls a macro with the enums of columns whose values have words.
#[macro_export]
macro_rules! column_enums {
    ($then:ident) => {
        $then!(
            $crate::agent::Role,
            $crate::change::ActorKind,
            $crate::conversation::Status,
            $crate::customer::Sentiment,
            $crate::customer::Status,
            $crate::message::Direction,
            $crate::ticket::Priority,
            $crate::ticket::Status,
        );
    };
}

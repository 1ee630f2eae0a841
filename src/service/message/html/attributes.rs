//! Counts the attributes of a tag before the parser reads them, because the parser compares each with all
//! before it.

/// State in a tag, with the names of the tokenizer of the HTML standard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    /// Outside a tag or after its end.
    #[default]
    Outside,
    TagName,
    BeforeName,
    Name,
    AfterName,
    BeforeValue,
    Quoted(u8),
    Unquoted,
}

/// Scanner for one tag, which can arrive in several pieces.
#[derive(Debug, Default)]
pub struct Attributes {
    state: State,
    count: usize,
}

impl Attributes {
    /// Starts with a text that can be the beginning of a tag.
    pub fn begin(text: &str) -> Self {
        let mut bytes = text.bytes();
        let first = bytes.next();
        let second = bytes.next();
        let is_tag =
            first == Some(b'<') && second.is_some_and(|byte| byte == b'/' || byte.is_ascii_alphabetic());
        let mut tag = Self {
            state: if is_tag { State::TagName } else { State::Outside },
            count: 0,
        };
        // The slash of an end tag does not end a name.
        tag.read(text.get(2..).unwrap_or_default());
        tag
    }

    /// Continues with the same tag.
    pub fn read(&mut self, text: &str) {
        for byte in text.bytes() {
            self.state = self.next(byte);
            if self.state == State::Outside {
                return;
            }
        }
    }

    /// Whether the tag has ended or there was none.
    pub fn is_over(&self) -> bool {
        self.state == State::Outside
    }

    /// Number of attributes that began.
    pub fn count(&self) -> usize {
        self.count
    }

    fn next(&mut self, byte: u8) -> State {
        let blank = matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0c);
        match (self.state, byte) {
            (State::Quoted(quote), _) if byte != quote => State::Quoted(quote),
            (State::Quoted(_), _) => State::BeforeName,
            (State::Outside, _) | (_, b'>') => State::Outside,
            (State::BeforeValue, b'"' | b'\'') => State::Quoted(byte),
            (State::BeforeValue, _) if blank => State::BeforeValue,
            (State::BeforeValue | State::Unquoted, _) if !blank => State::Unquoted,
            (State::Name | State::AfterName, b'=') => State::BeforeValue,
            (State::Name | State::AfterName, _) if blank => State::AfterName,
            (_, _) if blank || byte == b'/' => State::BeforeName,
            (State::BeforeName | State::AfterName, _) => self.name(),
            (state, _) => state,
        }
    }

    fn name(&mut self) -> State {
        self.count += 1;
        State::Name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(text: &str) -> usize {
        Attributes::begin(text).count()
    }

    #[test]
    fn attributes_are_counted_as_in_the_parser() {
        for (text, expected) in [
            ("<p>a b c", 0),
            ("<p a b=1 c='x y' d=\"a > b\" e/f>g h", 6),
            ("<p/a/b/c>", 3),
            ("</p a b>", 2),
            ("<p =a =b>", 1),
            ("<p a = 1 b", 2),
            ("<p a=\"\"b=''c>", 3),
            ("<!-- a b c", 0),
            ("< a b c", 0),
            ("text a b", 0),
            ("", 0),
        ] {
            assert_eq!(count(text), expected, "{text}");
        }
    }

    #[test]
    fn a_tag_can_span_several_chunks() {
        let mut tag = Attributes::begin("<p a=\"");
        tag.read("<b x y z>");
        tag.read("<i>\" b c>");
        tag.read("<u d e f>");
        assert_eq!(tag.count(), 3);
    }
}

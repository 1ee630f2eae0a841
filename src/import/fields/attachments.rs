//! Attachments of messages, under the field names of different sources.

use entity::Attachment;
use serde_json::Value;

use super::Fields;
use crate::service::message::{ATTACHMENTS_MAX, content_id, file_name, media_type};

const NAMES: [&str; 3] = ["name", "fileName", "filename"];
const TYPES: [&str; 3] = ["contentType", "mimeType", "type"];
const SIZES: [&str; 2] = ["contentLength", "size"];
const IDS: [&str; 2] = ["contentId", "cid"];
/// Fields about the location of the file, which is not downloaded.
const ELSEWHERE: [&str; 4] = ["_id", "id", "links", "url"];

impl Fields {
    /// Reads the metadata of attachments. An attachment without usable metadata is left out.
    pub fn attachments(&mut self, name: &str) -> Vec<Attachment> {
        let mut list = Vec::new();
        for mut one in self.objects(name).unwrap_or_default() {
            if list.len() == ATTACHMENTS_MAX {
                if one.is_strict() {
                    one.fault::<()>("name", TOO_MANY);
                } else {
                    one.leave_out("name", TOO_MANY);
                }
                one.object.clear();
                self.absorb(one);
                continue;
            }
            let found = Attachment {
                name: one.file_name(),
                content_type: one.first(&TYPES, "The value is not a media type.", media_type),
                size: one.size(),
                content_id: one.first(&IDS, "The value is not a valid content id.", content_id),
            };
            one.skip(&ELSEWHERE);
            if found == Attachment::default() {
                one.lacks("name");
            } else {
                list.push(found);
            }
            self.absorb(one);
        }
        list
    }

    /// The first name that is given, cleaned.
    fn file_name(&mut self) -> Option<String> {
        let name = self.told_first(&NAMES)?;
        let given = self.line(name)?;
        let kept = file_name(&given);
        match &kept {
            None => return self.odd(name, "The value is not a valid file name."),
            Some(kept) if kept != given.trim() => {
                self.mend(
                    name,
                    "The value is not a plain file name.",
                    &format!(" {kept:?} is used instead."),
                );
            }
            Some(_) => {}
        }
        kept
    }

    /// The first size that is given, in bytes.
    fn size(&mut self) -> Option<i32> {
        let name = self.told_first(&SIZES)?;
        let value = self.object.remove(name)?;
        let size = value.as_i64().and_then(|size| i32::try_from(size).ok());
        let size = size.filter(|size| *size >= 0);
        size.or_else(|| match value {
            Value::Null => None,
            _ => self.odd(name, "The value is not a size in bytes below 2 GiB."),
        })
    }

    fn first(
        &mut self,
        names: &[&'static str],
        reason: &str,
        kept: fn(&str) -> Option<String>,
    ) -> Option<String> {
        let name = self.told_first(names)?;
        let text = self.line(name)?;
        kept(&text).or_else(|| self.odd(name, reason))
    }

    /// The first of several alternative fields that is present. Removes the others.
    fn told_first(&mut self, names: &[&'static str]) -> Option<&'static str> {
        let told = names.iter().copied().find(|name| self.tells(name));
        for name in names {
            if Some(*name) != told {
                self.object.remove(*name);
            }
        }
        told
    }
}

const TOO_MANY: &str = "The message has more attachments than allowed.";

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn unusable_attachment_values_are_reported() {
        let many: Vec<_> = (0..22).map(|n| json!({ "name": format!("{n}.txt") })).collect();
        let value = json!({ "few": [
            { "_id": "1", "name": "a/b\u{7}.pdf", "contentType": "application/pdf", "contentLength": 48213, "mood": 1 },
            { "filename": "c.png", "mimeType": "png", "size": -1, "contentId": "<c@mail>" },
            { "name": "..", "size": 3_000_000_000_i64 },
            { "url": "https://a.example/" },
            7,
        ], "many": many });
        let mut fields = Fields::of(value, false).expect("an object");
        let few = fields.attachments("few");
        let text = |text: &str| Some(text.to_owned());
        let expected = [
            Attachment {
                name: text("b.pdf"),
                content_type: text("application/pdf"),
                size: Some(48_213),
                content_id: None,
            },
            Attachment {
                name: text("c.png"),
                content_type: None,
                size: None,
                content_id: text("c@mail"),
            },
        ];
        assert_eq!(few, expected);
        assert_eq!(fields.attachments("many").len(), ATTACHMENTS_MAX);
        let taken = fields.finish(()).expect("a record");
        let told: Vec<_> = taken.left_out.iter().map(|(place, _)| place.as_str()).collect();
        let expected = [
            "few.4",
            "few.0.name",
            "few.1.mimeType",
            "few.1.size",
            "few.2.name",
            "few.2.size",
            "few.3.name",
            "many.20.name",
            "many.21.name",
        ];
        assert_eq!(told, expected);
        assert_eq!(taken.unknown.into_iter().collect::<Vec<_>>(), ["few.*.mood"]);
    }
}

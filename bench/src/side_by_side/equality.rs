//! Whether all say the same, before anybody is measured.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{plain::difference, question::Question, subject::Subject};
use crate::failure::Done;

/// Requests of each question that are held against each other.
const COMPARED: usize = 12;

/// What was found.
#[derive(Debug, Default)]
pub struct Compared {
    /// Sentences; none when all say the same.
    pub differences: Vec<String>,
    /// Bytes of an answer, by question and place of the subject.
    pub lengths: BTreeMap<(Question, usize), usize>,
}

/// Asks everybody the same, and holds the answers against the limit's on the same database.
pub async fn compare(subjects: &[Subject<'_>], questions: &[Question]) -> Done<Compared> {
    let mut compared = Compared::default();
    for question in questions {
        let mut expected: BTreeMap<bool, (usize, Vec<Value>)> = BTreeMap::new();
        let mut order: Vec<usize> = (0..subjects.len()).collect();
        order.sort_by_key(|place| subjects[*place].kind != subjects[*place].kind.limit());
        for place in order {
            let subject = &subjects[place];
            let Some((mut answers, length)) = subject.answers(*question, COMPARED).await? else {
                continue;
            };
            compared.lengths.insert((*question, place), length);
            if *question == Question::M1 {
                // Each has written its own.
                answers.iter_mut().for_each(without_own);
            }
            if answers
                .iter()
                .all(|answer| answer.as_array().is_none_or(Vec::is_empty))
            {
                let (question, subject) = (question.title(), subject.kind.title());
                compared
                    .differences
                    .push(format!("{question}: {subject} says nothing"));
            }
            let Some((first, expected)) = expected.get(&subject.kind.on_sqlite()) else {
                expected.insert(subject.kind.on_sqlite(), (place, answers));
                continue;
            };
            let pairs = expected.iter().zip(&answers).enumerate();
            let differ = pairs.filter_map(|(number, (one, other))| Some((number, difference(one, other)?)));
            for (number, difference) in differ.take(2) {
                compared.differences.push(format!(
                    "{}, request {number}: {} says otherwise than {}: {difference}",
                    question.title(),
                    subject.kind.title(),
                    subjects[*first].kind.title()
                ));
            }
        }
    }
    Ok(compared)
}

fn without_own(answer: &mut Value) {
    for message in answer.as_array_mut().into_iter().flatten() {
        if let Some(fields) = message.as_object_mut() {
            fields.remove("id");
            fields.remove("createdAt");
        }
    }
}

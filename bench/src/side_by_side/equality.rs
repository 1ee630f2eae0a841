//! Checks before the measurement that all servers return the same data.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{plain::difference, question::Question, subject::Subject};
use crate::failure::Done;

/// Number of compared requests of each query.
const COMPARED: usize = 12;

/// Result of the comparison.
#[derive(Debug, Default)]
pub struct Compared {
    /// Differences as sentences. Empty if all servers return the same data.
    pub differences: Vec<String>,
    /// Bytes of a response, by query and index of the server.
    pub lengths: BTreeMap<(Question, usize), usize>,
}

/// Sends the same requests to all servers and compares the results with those of the limit on the same database.
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
                // Each server has written its own message, with a different id and time.
                answers.iter_mut().for_each(without_own);
            }
            if answers
                .iter()
                .all(|answer| answer.as_array().is_none_or(Vec::is_empty))
            {
                let (question, subject) = (question.title(), subject.kind.title());
                compared
                    .differences
                    .push(format!("{question}: {subject} returns no data"));
            }
            let Some((first, expected)) = expected.get(&subject.kind.on_sqlite()) else {
                expected.insert(subject.kind.on_sqlite(), (place, answers));
                continue;
            };
            let pairs = expected.iter().zip(&answers).enumerate();
            let differ = pairs.filter_map(|(number, (one, other))| Some((number, difference(one, other)?)));
            for (number, difference) in differ.take(2) {
                compared.differences.push(format!(
                    "{}, request {number}: {} differs from {}: {difference}",
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

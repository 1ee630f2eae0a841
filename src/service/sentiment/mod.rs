//! How a customer sounds.
//!
//! Each inbound message gets a score when it is written; a customer's row keeps the sums of the newest ten. The words
//! that the API shows are made from those sums here and nowhere else.

mod language;
mod vader;

use entity::customer;

pub use language::EnglishOnly;
pub use vader::Vader;

/// On either side of zero, up to here, is neutral: 0.05 on VADER's scale.
const DEAD_ZONE: i32 = 500;
/// How many scores a trend needs: the newest five and the five before.
const TREND: i32 = 10;
/// Characters of a message that are looked at.
pub(super) const LOOKED_AT: usize = 4_000;

/// What a scorer says of a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Score {
    /// From -10 000 (angry) to 10 000 (delighted); none for a text that says nothing, or is in a language that is not
    /// scored.
    pub value: Option<i16>,
    /// The text tells too little of its language: it counts as written in the language of its thread.
    pub follows: bool,
}

/// Tells how a text sounds.
pub trait Scorer: Send + Sync {
    /// The score of a text by itself.
    fn score(&self, text: &str) -> Score;
}

impl Score {
    /// The score within a thread, whose language is one that is scored or not.
    pub fn within(self, is_foreign: bool) -> Option<i16> {
        self.value.filter(|_| !(self.follows && is_foreign))
    }
}

/// The language of a thread, as far as its inbound messages have told it in their order.
#[derive(Clone, Copy, Debug, Default)]
pub struct ThreadLanguage {
    is_foreign: bool,
}

impl ThreadLanguage {
    /// The score of the next message of the thread.
    pub fn score(&mut self, told: Score) -> Option<i16> {
        let score = told.within(self.is_foreign);
        if told.value.is_some() || !told.follows {
            self.is_foreign = score.is_none();
        }
        score
    }
}

/// How a customer sounds over the newest ten scored messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overall {
    /// The mean is 0.05 or more.
    Positive,
    /// The mean lies between.
    Neutral,
    /// The mean is -0.05 or less.
    Negative,
}

/// Where it is going.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trend {
    /// The newest five sound better than the five before, by 0.05 or more.
    Improving,
    /// Neither.
    Stable,
    /// They sound worse, by 0.05 or more.
    Declining,
}

/// The sign of the mean; none without a score.
pub fn overall(row: &customer::Model) -> Option<Overall> {
    let edge = DEAD_ZONE * row.recent_score_count;
    match row.recent_score_count {
        0 => None,
        _ if row.recent_score_sum >= edge => Some(Overall::Positive),
        _ if row.recent_score_sum <= -edge => Some(Overall::Negative),
        _ => Some(Overall::Neutral),
    }
}

/// The mean of the newest five against that of the five before; none with fewer than ten scores.
pub fn trend(row: &customer::Model) -> Option<Trend> {
    if row.recent_score_count < TREND {
        return None;
    }
    let before = row.recent_score_sum - row.newest_score_sum;
    // Both sums are of five scores, so the means differ by a fifth of this.
    let rise = row.newest_score_sum - before;
    let edge = DEAD_ZONE * 5;
    Some(match rise {
        _ if rise >= edge => Trend::Improving,
        _ if rise <= -edge => Trend::Declining,
        _ => Trend::Stable,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(count: i32, sum: i32, newest: i32) -> customer::Model {
        let mut row = crate::service::customer::blank(
            entity::CustomerId(uuid::Uuid::nil()),
            entity::WorkspaceId(uuid::Uuid::nil()),
            entity::Timestamp(0),
        );
        (row.recent_score_count, row.recent_score_sum, row.newest_score_sum) = (count, sum, newest);
        row
    }

    #[test]
    fn the_dead_zone_is_neutral_and_its_edge_is_not() {
        assert_eq!(overall(&row(0, 0, 0)), None);
        assert_eq!(overall(&row(2, 999, 999)), Some(Overall::Neutral));
        assert_eq!(overall(&row(2, 1000, 1000)), Some(Overall::Positive));
        assert_eq!(overall(&row(2, -1000, -1000)), Some(Overall::Negative));
    }

    #[test]
    fn a_text_that_tells_too_little_follows_its_thread() {
        let (known, foreign) = (Some(5_000), None);
        let certain = |value| Score {
            value,
            follows: false,
        };
        let unclear = Score {
            value: known,
            follows: true,
        };
        let mut thread = ThreadLanguage::default();
        let scores = [
            unclear,
            certain(foreign),
            unclear,
            unclear,
            certain(known),
            unclear,
        ]
        .map(|told| thread.score(told));
        assert_eq!(scores, [known, None, None, None, known, known]);
    }

    #[test]
    fn a_trend_needs_ten_scores() {
        assert_eq!(trend(&row(9, 9000, 9000)), None);
        assert_eq!(trend(&row(10, 10_000, 7_500)), Some(Trend::Improving));
        assert_eq!(trend(&row(10, 10_000, 5_000)), Some(Trend::Stable));
        assert_eq!(trend(&row(10, 10_000, 2_500)), Some(Trend::Declining));
    }
}

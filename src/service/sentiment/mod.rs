//! Sentiment of customers.
//!
//! Each inbound message gets a score when it is written. The row of the customer stores the sums of the
//! newest ten. Only this module converts these sums into the values of the API.

mod language;
mod vader;

pub use language::EnglishOnly;
pub use vader::Vader;

use crate::store::customer::{Level, ScoreClass};

/// Scores up to this distance from zero are neutral: 0.05 on the scale of VADER.
const DEAD_ZONE: i32 = 500;
/// Number of scores for a trend: the newest five and the five before.
const TREND: i32 = 10;
/// Maximum number of characters of a message that are scored.
pub(super) const LOOKED_AT: usize = 4_000;

/// Result of a scorer for a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Score {
    /// Score from -10 000 (negative) to 10 000 (positive). `None` for a text without meaning or in a language
    /// without scores.
    pub value: Option<i16>,
    /// Whether the text does not identify its language. It then counts as written in the language of its
    /// thread.
    pub follows: bool,
}

/// Scores the sentiment of texts.
pub trait Scorer: Send + Sync {
    /// Scores a text alone, without its thread.
    fn score(&self, text: &str) -> Score;
}

impl Score {
    /// Returns the score in a thread whose language has scores or not.
    pub fn within(self, is_foreign: bool) -> Option<i16> {
        self.value.filter(|_| !(self.follows && is_foreign))
    }
}

/// Language of a thread, as its inbound messages have identified it so far.
#[derive(Clone, Copy, Debug, Default)]
pub struct ThreadLanguage {
    is_foreign: bool,
}

impl ThreadLanguage {
    /// Returns the score of the next message of the thread.
    pub fn score(&mut self, told: Score) -> Option<i16> {
        let score = told.within(self.is_foreign);
        if told.value.is_some() || !told.follows {
            self.is_foreign = score.is_none();
        }
        score
    }
}

/// Sentiment of a customer over the newest ten scored messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, entity::Word)]
pub enum Overall {
    /// The mean is 0.05 or more.
    Positive,
    /// The mean is between -0.05 and 0.05.
    Neutral,
    /// The mean is -0.05 or less.
    Negative,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, entity::Word)]
pub enum Trend {
    /// The mean of the newest five scores is higher than that of the five before, by 0.05 or more.
    Improving,
    /// The means differ by less than 0.05.
    Stable,
    /// The mean of the newest five scores is lower, by 0.05 or more.
    Declining,
}

impl Overall {
    /// The customers with this sentiment, by their mean score.
    pub fn class(self) -> ScoreClass {
        let level = match self {
            Self::Positive => Level::High,
            Self::Neutral => Level::Middle,
            Self::Negative => Level::Low,
        };
        ScoreClass {
            level,
            edge: DEAD_ZONE,
            count: 1,
        }
    }
}

impl Trend {
    /// The customers with this trend, by the difference of two sums of five scores.
    pub fn class(self) -> ScoreClass {
        let level = match self {
            Self::Improving => Level::High,
            Self::Stable => Level::Middle,
            Self::Declining => Level::Low,
        };
        ScoreClass {
            level,
            edge: DEAD_ZONE * 5,
            count: TREND,
        }
    }
}

/// Sums of the newest scores of a customer, as they are stored in its row.
#[derive(Clone, Copy, Debug)]
pub struct RecentScores {
    /// Number of scores.
    pub count: i32,
    /// Sum of all of them.
    pub sum: i32,
    /// Sum of the newest five.
    pub newest_sum: i32,
}

/// Classifies the mean of the newest scores. `None` without a score.
pub fn overall(scores: RecentScores) -> Option<Overall> {
    let edge = DEAD_ZONE * scores.count;
    match scores.count {
        0 => None,
        _ if scores.sum >= edge => Some(Overall::Positive),
        _ if scores.sum <= -edge => Some(Overall::Negative),
        _ => Some(Overall::Neutral),
    }
}

/// Compares the mean of the newest five scores with that of the five before. `None` with fewer than ten
/// scores.
pub fn trend(scores: RecentScores) -> Option<Trend> {
    if scores.count < TREND {
        return None;
    }
    let before = scores.sum - scores.newest_sum;
    // Each sum is of five scores, so the difference of the means is a fifth of this difference.
    let rise = scores.newest_sum - before;
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

    fn scores(count: i32, sum: i32, newest_sum: i32) -> RecentScores {
        RecentScores {
            count,
            sum,
            newest_sum,
        }
    }

    #[test]
    fn the_dead_zone_is_neutral_without_its_edge() {
        assert_eq!(overall(scores(0, 0, 0)), None);
        assert_eq!(overall(scores(2, 999, 999)), Some(Overall::Neutral));
        assert_eq!(overall(scores(2, 1000, 1000)), Some(Overall::Positive));
        assert_eq!(overall(scores(2, -1000, -1000)), Some(Overall::Negative));
    }

    #[test]
    fn texts_of_unclear_language_follow_their_thread() {
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
        assert_eq!(trend(scores(9, 9000, 9000)), None);
        assert_eq!(trend(scores(10, 10_000, 7_500)), Some(Trend::Improving));
        assert_eq!(trend(scores(10, 10_000, 5_000)), Some(Trend::Stable));
        assert_eq!(trend(scores(10, 10_000, 2_500)), Some(Trend::Declining));
    }
}

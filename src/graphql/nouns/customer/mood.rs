//! Status and mood of customers: the values that callers set, and those that are computed from messages.

use async_graphql::Enum;
use entity::customer;

use crate::{graphql::output::enum_leaves, service::sentiment, store::customer::ScoreClass};

enum_leaves!(
    CustomerStatus of customer::Status,
    CustomerSentiment of customer::Sentiment,
    OverallSentiment of sentiment::Overall,
    SentimentTrend of sentiment::Trend
);

/// Status of a customer as set by callers and imports. It has no effect on tickets, conversations or access.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "customer::Status")]
pub enum CustomerStatus {
    /// The person is a current customer. This is the default.
    Active,
    /// The person is a former customer.
    Inactive,
}

/// Mood of a customer as set by callers and imports. Deskgraph does not compute it and does not act on it.
/// For the mood computed from messages, see `overallSentiment`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "customer::Sentiment")]
pub enum CustomerSentiment {
    /// The customer is satisfied.
    Happy,
    /// The customer shows no particular mood, or none was set. This is the default.
    Neutral,
    /// The customer is dissatisfied.
    Frustrated,
    /// The customer is angry, which is worse than `FRUSTRATED`.
    Angry,
}

/// Mood of a customer, computed from the mean of the newest 10 sentiment scores of their messages in English.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "sentiment::Overall")]
pub enum OverallSentiment {
    /// The mean score is 0.05 or more.
    Positive,
    /// The mean score is greater than -0.05 and less than 0.05.
    Neutral,
    /// The mean score is -0.05 or less.
    Negative,
}

/// Trend of a customer's mood, computed from the newest 10 sentiment scores of their messages in English.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "sentiment::Trend")]
pub enum SentimentTrend {
    /// The mean of the newest 5 scores is higher than the mean of the 5 scores before by 0.05 or more.
    Improving,
    /// The means of the newest 5 scores and of the 5 scores before differ by less than 0.05.
    Stable,
    /// The mean of the newest 5 scores is lower than the mean of the 5 scores before by 0.05 or more.
    Declining,
}

impl From<OverallSentiment> for ScoreClass {
    fn from(sentiment: OverallSentiment) -> Self {
        sentiment::Overall::from(sentiment).class()
    }
}

impl From<SentimentTrend> for ScoreClass {
    fn from(trend: SentimentTrend) -> Self {
        sentiment::Trend::from(trend).class()
    }
}

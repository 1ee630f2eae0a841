//! How a customer is and how it sounds: what an agent put down, and what the messages say.

use async_graphql::Enum;
use entity::customer;

use crate::{graphql::output::enum_leaves, service::sentiment};

enum_leaves!(
    CustomerStatus,
    CustomerSentiment,
    OverallSentiment,
    SentimentTrend
);

/// Whether a customer is still one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "customer::Status")]
pub enum CustomerStatus {
    /// Is one.
    Active,
    /// Was one.
    Inactive,
}

/// Set by hand. Nothing computes it: see overallSentiment for what the messages say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "customer::Sentiment")]
pub enum CustomerSentiment {
    /// Content.
    Happy,
    /// Neither nor: the default.
    Neutral,
    /// Has had enough.
    Frustrated,
    /// Beyond that.
    Angry,
}

/// Computed from what the customer wrote in English.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "sentiment::Overall")]
pub enum OverallSentiment {
    /// The mean score is 0.05 or more.
    Positive,
    /// The mean score lies between -0.05 and 0.05.
    Neutral,
    /// The mean score is -0.05 or less.
    Negative,
}

/// Where the customer's mood is going, computed from what the customer wrote in English.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "sentiment::Trend")]
pub enum SentimentTrend {
    /// The newest five messages sound better than the five before.
    Improving,
    /// They sound alike.
    Stable,
    /// They sound worse.
    Declining,
}

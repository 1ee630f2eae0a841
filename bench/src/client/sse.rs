//! A subscription over server-sent events, in the distinct connections mode of `graphql-sse`.

use serde_json::Value;

use super::{Client, StreamEvent, Subscription};
use crate::failure::{Done, Failure};

/// An open stream.
#[derive(Debug)]
pub struct Events {
    response: reqwest::Response,
    /// Received bytes that are not a complete event yet.
    text: Vec<u8>,
    /// Id of the last event that had one.
    last_id: Option<String>,
}

impl Events {
    /// Subscribes to all events behind a cursor, with a credential. With `Last-Event-ID`, `after` keeps its first
    /// value, as when a browser reconnects.
    pub async fn open(
        client: &Client,
        address: &str,
        token: &str,
        subscription: &Subscription,
        (after, last_id): (&str, Option<&str>),
    ) -> Done<Self> {
        let mut request = client
            .http()
            .post(format!("http://{address}/graphql"))
            .bearer_auth(token)
            .header("accept", "text/event-stream");
        if let Some(id) = last_id {
            request = request.header("last-event-id", id);
        }
        let response = request.json(&subscription.body(after)).send().await;
        // The kind of connection error does not matter.
        let response = response.map_err(|_| Failure("not connected".to_owned()))?;
        if response.status() != 200 {
            return Err(Failure(format!("status {}", response.status().as_u16())));
        }
        Ok(Self {
            response,
            text: Vec::new(),
            last_id: None,
        })
    }

    /// Returns the next message. Cancellation-safe.
    pub async fn next(&mut self, subscription: &Subscription) -> StreamEvent {
        loop {
            while let Some(event) = take(&mut self.text) {
                if event.id.is_some() {
                    self.last_id = event.id;
                }
                match event.name.as_str() {
                    "next" => {
                        return serde_json::from_str::<Value>(&event.data).map_or_else(
                            |_| StreamEvent::Nonsense(event.data),
                            |answer| subscription.read(&answer),
                        );
                    }
                    "complete" => return StreamEvent::Over("complete".to_owned()),
                    // A keep-alive comment.
                    "" => {}
                    _ => return StreamEvent::Nonsense(event.name),
                }
            }
            match self.response.chunk().await {
                Ok(Some(chunk)) => self.text.extend_from_slice(&chunk),
                Ok(None) => return StreamEvent::Over("ended".to_owned()),
                Err(_) => return StreamEvent::Over("connection lost".to_owned()),
            }
        }
    }

    /// Returns the id of the last event that had one.
    pub fn last_id(&self) -> Option<&str> {
        self.last_id.as_deref()
    }
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Event {
    name: String,
    id: Option<String>,
    data: String,
}

/// Removes the first complete event from the buffer.
fn take(text: &mut Vec<u8>) -> Option<Event> {
    let end = text.windows(2).position(|two| two == b"\n\n")?;
    let block: Vec<u8> = text.drain(..end + 2).collect();
    let mut event = Event::default();
    for line in String::from_utf8_lossy(&block).lines() {
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => value.clone_into(&mut event.name),
            "id" => event.id = Some(value.to_owned()),
            "data" => value.clone_into(&mut event.data),
            _ => {}
        }
    }
    Some(event)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_parsed_from_chunks_of_any_size() {
        let whole = b"event: next\nid: a\ndata: {\"x\":1}\n\n:\n\nevent: complete\ndata\n\n";
        let mut text = Vec::new();
        let mut events = Vec::new();
        for byte in whole {
            text.push(*byte);
            events.extend(take(&mut text));
        }
        let event = |name: &str, id: Option<&str>, data: &str| Event {
            name: name.to_owned(),
            id: id.map(str::to_owned),
            data: data.to_owned(),
        };
        let expected = [
            event("next", Some("a"), "{\"x\":1}"),
            Event::default(),
            event("complete", None, ""),
        ];
        assert_eq!(events, expected);
    }
}

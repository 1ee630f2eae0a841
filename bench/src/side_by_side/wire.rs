//! A minimal HTTP/1.1 client. It shares the cores with the measured server, so it does as little as possible.

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::failure::{Done, Failure, Trying};

/// Minimum size of a read in bytes.
const CHUNK: usize = 64 << 10;

/// Returns the bytes of a POST request with a JSON body.
pub fn post(address: &str, path: &str, token: Option<&str>, body: &str) -> Vec<u8> {
    let token = token.map_or_else(String::new, |token| format!("authorization: Bearer {token}\r\n"));
    format!(
        "POST {path} HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\naccept: application/json\r\n\
         {token}content-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// A persistent connection.
pub struct Wire {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Wire {
    pub async fn open(address: &str) -> Done<Self> {
        let stream = TcpStream::connect(address)
            .await
            .trying(format!("connect to {address}"))?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            buffer: Vec::with_capacity(CHUNK),
        })
    }

    /// Sends a request and reads the whole response. Fails if the status is not 200 or the response contains errors.
    pub async fn ask(&mut self, request: &[u8]) -> Done<Answer<'_>> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        loop {
            let read = self.stream.read_buf(&mut self.buffer).await?;
            if let Some(shape) = Shape::of(&self.buffer)? {
                let answer = Answer {
                    bytes: &self.buffer,
                    shape,
                };
                return if answer.shape.status == 200 && !answer.tells_errors() {
                    Ok(answer)
                } else {
                    Err(Failure(format!(
                        "response with status {}: {}",
                        answer.shape.status,
                        answer.beginning()
                    )))
                };
            }
            if read == 0 {
                return Err(Failure("the server closed the connection".to_owned()));
            }
            if self.buffer.capacity() - self.buffer.len() < CHUNK / 4 {
                self.buffer.reserve(CHUNK.max(self.buffer.len()));
            }
        }
    }
}

/// A complete response.
#[derive(Debug)]
pub struct Answer<'a> {
    bytes: &'a [u8],
    shape: Shape,
}

impl Answer<'_> {
    /// Returns the body without the sizes of chunks.
    pub fn body(&self) -> Vec<u8> {
        let raw = &self.bytes[self.shape.begin..self.shape.end];
        if !self.shape.chunked {
            return raw.to_vec();
        }
        let (mut body, mut rest) = (Vec::new(), raw);
        while let Some((length, head)) = chunk(rest) {
            body.extend_from_slice(&rest[head..head + length]);
            rest = &rest[head + length + 2..];
            if length == 0 {
                break;
            }
        }
        body
    }

    /// Checks only the start and the end, because servers write errors first or last.
    fn tells_errors(&self) -> bool {
        let raw = &self.bytes[self.shape.begin..self.shape.end];
        let (head, tail) = (&raw[..raw.len().min(64)], &raw[raw.len().saturating_sub(512)..]);
        [head, tail]
            .iter()
            .any(|part| part.windows(9).any(|window| window == b"\"errors\":"))
    }

    fn beginning(&self) -> String {
        let body = self.body();
        String::from_utf8_lossy(&body[..body.len().min(600)]).into_owned()
    }
}

/// Positions of the parts of a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Shape {
    status: u16,
    begin: usize,
    end: usize,
    chunked: bool,
}

impl Shape {
    /// Returns `None` if the response is incomplete.
    fn of(bytes: &[u8]) -> Done<Option<Self>> {
        let Some(head) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else {
            return Ok(None);
        };
        let text = std::str::from_utf8(&bytes[..head]).trying("read the head of a response")?;
        let mut lines = text.split("\r\n");
        let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok());
        let status = status.ok_or_else(|| Failure(format!("not an HTTP response: {text}")))?;
        let begin = head + 4;
        let (mut length, mut chunked) = (None, false);
        for (name, value) in lines.filter_map(|line| line.split_once(':')) {
            if name.eq_ignore_ascii_case("content-length") {
                length = value.trim().parse::<usize>().ok();
            } else if name.eq_ignore_ascii_case("transfer-encoding") {
                chunked = value.trim().eq_ignore_ascii_case("chunked");
            }
        }
        let end = match length {
            Some(length) => Some(begin + length).filter(|end| *end <= bytes.len()),
            None if chunked => end_of_chunks(bytes, begin),
            None => return Err(Failure(format!("a response of unknown length: {text}"))),
        };
        Ok(end.map(|end| Self {
            status,
            begin,
            end,
            chunked,
        }))
    }
}

fn end_of_chunks(bytes: &[u8], begin: usize) -> Option<usize> {
    let mut at = begin;
    loop {
        let (length, head) = chunk(bytes.get(at..)?)?;
        at += head + length + 2;
        if at > bytes.len() {
            return None;
        }
        if length == 0 {
            return Some(at);
        }
    }
}

/// Returns the length of a chunk and the length of the line with its size.
fn chunk(bytes: &[u8]) -> Option<(usize, usize)> {
    let line = bytes.windows(2).take(18).position(|window| window == b"\r\n")?;
    let digits = std::str::from_utf8(&bytes[..line]).ok()?;
    Some((usize::from_str_radix(digits, 16).ok()?, line + 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(bytes: &[u8]) -> Option<Vec<u8>> {
        let shape = Shape::of(bytes).expect("an answer")?;
        Some(Answer { bytes, shape }.body())
    }

    #[test]
    fn a_response_with_content_length_needs_all_bytes() {
        let whole = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
        assert_eq!(body(whole).as_deref(), Some(&b"hello"[..]));
        for cut in 1..whole.len() {
            assert_eq!(body(&whole[..cut]), None, "cut at {cut}");
        }
    }

    #[test]
    fn a_chunked_response_is_joined() {
        let whole = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n11\r\n, sixteen letters\r\n0\r\n\r\n";
        assert_eq!(body(whole).as_deref(), Some(&b"hello, sixteen letters"[..]));
        for cut in 1..whole.len() {
            assert_eq!(body(&whole[..cut]), None, "cut at {cut}");
        }
    }

    #[test]
    fn errors_are_detected_before_and_after_data() {
        let long = "x".repeat(4_000);
        for (text, errors) in [
            ("{\"errors\":[1]}".to_owned(), true),
            (
                format!("{{\"data\":\"{long}\",\"errors\":[{{\"message\":\"no\"}}]}}"),
                true,
            ),
            (format!("{{\"data\":\"{long}\"}}"), false),
        ] {
            let bytes = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{text}", text.len());
            let shape = Shape::of(bytes.as_bytes()).expect("an answer").expect("whole");
            let bytes = bytes.as_bytes();
            assert_eq!(Answer { bytes, shape }.tells_errors(), errors);
        }
    }

    #[test]
    fn malformed_responses_are_failures() {
        assert!(Shape::of(b"hello\r\n\r\n").is_err());
        assert!(Shape::of(b"HTTP/1.1 200 OK\r\nserver: x\r\n\r\n").is_err());
    }
}

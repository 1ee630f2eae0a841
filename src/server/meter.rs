//! Limits the bytes that an unauthenticated client can send.
//!
//! The WebSocket library buffers a message until it is complete, invisible to the code above. The bytes of
//! clients that must authenticate first are therefore counted as they arrive.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, ready},
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};

use super::connection_slots::ConnectionSlot;

/// No limit.
const ANY: usize = usize::MAX;

/// Number of bytes that may still arrive.
#[derive(Clone, Debug)]
pub struct Meter(Arc<AtomicUsize>);

impl Default for Meter {
    fn default() -> Self {
        Self(Arc::new(AtomicUsize::new(ANY)))
    }
}

impl Meter {
    /// Limits the further bytes.
    pub fn allow(&self, bytes: usize) {
        self.0.store(bytes, Ordering::Relaxed);
    }

    /// Removes the limit.
    pub fn free(&self) {
        self.0.store(ANY, Ordering::Relaxed);
    }

    fn take(&self, bytes: usize) -> io::Result<()> {
        let remaining = self.0.load(Ordering::Relaxed);
        if remaining == ANY {
            return Ok(());
        }
        // Only one task reads a connection, so the load and the store need not be atomic together.
        self.0.store(remaining.saturating_sub(bytes), Ordering::Relaxed);
        if bytes > remaining {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        Ok(())
    }
}

/// A connection whose received bytes are counted.
#[derive(Debug)]
pub struct MeteredStream {
    stream: TcpStream,
    meter: Meter,
    slot: Arc<ConnectionSlot>,
}

impl MeteredStream {
    /// Counts received bytes with `meter` and reports activity to `slot`.
    pub fn new(stream: TcpStream, meter: Meter, slot: Arc<ConnectionSlot>) -> Self {
        Self { stream, meter, slot }
    }
}

impl AsyncRead for MeteredStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, buf))?;
        let bytes = buf.filled().len() - before;
        if bytes > 0 {
            self.slot.record_bytes();
        }
        Poll::Ready(self.meter.take(bytes))
    }
}

impl AsyncWrite for MeteredStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.slot.record_write(written.is_ready());
        written
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, parts);
        self.slot.record_write(written.is_ready());
        written
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_are_limited_before_authentication() {
        let meter = Meter::default();
        meter.take(1_000_000).expect("no limit yet");
        meter.allow(10);
        meter.take(6).expect("enough bytes");
        meter.take(4).expect("just enough");
        assert!(meter.take(1).is_err());
        meter.free();
        meter.take(1_000_000).expect("no limit any more");
    }
}

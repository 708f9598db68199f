//! A connection that is given up when its reader takes nothing of a stream of events for too long.
//!
//! Other answers have an end, and a slow download may take its time. A stream has none, and neither has a WebSocket: who takes nothing of it
//! would keep its place, and what waits there, for as long as it likes. A stream that has nothing to say waits for nobody, so that no time runs
//! for it.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
};

use socket2::SockRef;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::{Sleep, sleep},
};

use crate::limits::{REALTIME_SEND_BUFFER_BYTES, REALTIME_SEND_DEADLINE};

/// Whether what a connection is sent is a stream of events.
#[derive(Clone, Default)]
pub(super) struct Streams(Arc<AtomicBool>);

impl Streams {
    /// Notes what is sent from now on.
    pub fn set(&self, streams: bool) {
        self.0.store(streams, Ordering::Relaxed);
    }

    fn get(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// The connection.
pub(super) struct Prompt<T> {
    inner: T,
    streams: Streams,
    /// What is to be done when the first stream begins.
    begin: Option<fn(&T)>,
    /// Runs while a stream waits for its reader; a connection that is never waited for costs nothing.
    waits: Option<Pin<Box<Sleep>>>,
}

impl<T> Prompt<T> {
    pub fn new(inner: T, streams: Streams, begin: fn(&T)) -> Self {
        Self { inner, streams, begin: Some(begin), waits: None }
    }

    /// Sees that a stream was begun.
    fn prepare(&mut self) {
        if self.streams.get()
            && let Some(begin) = self.begin.take()
        {
            begin(&self.inner);
        }
    }

    /// What became of a write: what was taken stops the time, and what is not lets it run.
    fn judge<R>(&mut self, written: Poll<io::Result<R>>, cx: &mut Context<'_>) -> Poll<io::Result<R>> {
        if written.is_ready() || !self.streams.get() {
            self.waits = None;
            return written;
        }
        match self.waits.get_or_insert_with(|| Box::pin(sleep(REALTIME_SEND_DEADLINE))).as_mut().poll(cx) {
            Poll::Ready(()) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            Poll::Pending => Poll::Pending,
        }
    }
}

/// Has the system keep little of what a reader did not take yet: it asks for more only when about a third of what it may keep was taken. By
/// itself it would come to keep some megabytes, and who reads steadily would seem to take nothing for minutes.
pub(super) fn keep_little(stream: &TcpStream) {
    if let Err(error) = SockRef::from(stream).set_send_buffer_size(REALTIME_SEND_BUFFER_BYTES) {
        tracing::debug!(%error, "SO_SNDBUF is not available");
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Prompt<T> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_read(cx, into)
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Prompt<T> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.prepare();
        let written = Pin::new(&mut self.inner).poll_write(cx, bytes);
        self.judge(written, cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.prepare();
        let written = Pin::new(&mut self.inner).poll_write_vectored(cx, slices);
        self.judge(written, cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex},
        time::{Instant, timeout},
    };

    use super::*;

    const BUFFER_BYTES: usize = 64;

    fn connection(streams: bool) -> (Prompt<DuplexStream>, DuplexStream) {
        let (near, far) = duplex(BUFFER_BYTES);
        let sent = Streams::default();
        sent.set(streams);
        (Prompt::new(near, sent, |_| {}), far)
    }

    #[tokio::test(start_paused = true)]
    async fn who_takes_nothing_of_a_stream_loses_the_connection() {
        let (mut near, _far) = connection(true);
        let began = Instant::now();
        let error = near.write_all(&[0; 2 * BUFFER_BYTES]).await.expect_err("nobody reads");
        assert_eq!((error.kind(), began.elapsed().as_secs()), (io::ErrorKind::TimedOut, 60));
    }

    #[tokio::test(start_paused = true)]
    async fn who_takes_a_little_at_a_time_and_a_silent_stream_keep_it() {
        let (mut near, mut far) = connection(true);
        let reads = async {
            for _ in 0..2 * BUFFER_BYTES {
                sleep(REALTIME_SEND_DEADLINE / 2).await;
                far.read_u8().await.expect("a byte");
            }
        };
        let writes = async {
            near.write_all(&[0; 2 * BUFFER_BYTES]).await.expect("it is taken");
            sleep(10 * REALTIME_SEND_DEADLINE).await;
        };
        tokio::join!(reads, writes);
        near.write_all(&[0; BUFFER_BYTES]).await.expect("silence is no slowness");
    }

    #[tokio::test(start_paused = true)]
    async fn another_answer_waits_for_its_reader() {
        let (mut near, _far) = connection(false);
        let written = timeout(100 * REALTIME_SEND_DEADLINE, near.write_all(&[0; 2 * BUFFER_BYTES])).await;
        assert!(written.is_err(), "it still waits");
    }
}

//! What waits to be sent to one client: bounded, whatever the client does.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use bytes::Bytes;
use tokio::sync::Notify;

use super::letter::{Letter, Resync};
use crate::limits::{
    REALTIME_QUEUE_MAX_BYTES, REALTIME_QUEUE_MAX_EVENTS, SOCKET_REPLIES_MAX, SOCKET_REPLIES_MAX_BYTES,
};

/// The letters of one client.
#[derive(Default)]
pub struct Mailbox {
    state: Mutex<State>,
    /// Something came, or it was closed.
    ready: Notify,
    /// Something was taken out, or it was closed.
    room: Notify,
}

#[derive(Default)]
struct State {
    letters: VecDeque<Taken>,
    bytes: usize,
    /// Answers to the client, each with the number of letters that are gone when its turn has come. They are apart, so that neither a client
    /// that is behind nor one that has not acknowledged its events waits for them for ever.
    replies: VecDeque<(u64, Taken)>,
    reply_bytes: usize,
    /// How many letters went out, or were thrown away.
    gone: u64,
    /// The latest entry of the changelog that any letter told of.
    newest: i64,
    /// The client was too slow: a resync is all that waits, until it is taken.
    behind: bool,
    closed: bool,
}

/// A letter on its way out.
#[derive(Debug)]
pub struct Taken {
    /// What to send.
    pub letter: Arc<Letter>,
    /// Whether no other letter of the same entry of the changelog comes behind it, so that the client may go on from there.
    pub last: bool,
}

impl Mailbox {
    /// Adds a letter. When there is no room, all that waits is thrown away and the client is told to fetch its data anew, as of the entry
    /// `seq` of the changelog. Whoever waits for letters hears of it at [`wake`](Self::wake).
    pub fn put(&self, taken: Taken, seq: i64) {
        let mut state = self.lock();
        if state.closed || state.behind || state.is_outdated(&taken.letter) {
            return;
        }
        let size = taken.letter.size();
        if state.letters.len() >= REALTIME_QUEUE_MAX_EVENTS || state.bytes + size > REALTIME_QUEUE_MAX_BYTES {
            state.throw_away();
            state.behind = true;
            let resync = Letter::Resync(Resync::Behind, seq);
            state.push(Taken { letter: Arc::new(resync), last: true });
            return;
        }
        state.push(taken);
    }

    /// Wakes whoever waits for letters.
    pub fn wake(&self) {
        self.ready.notify_one();
    }

    /// Adds a letter and wakes whoever waits.
    pub fn send(&self, letter: Letter, seq: i64) {
        self.put(Taken { letter: Arc::new(letter), last: true }, seq);
        self.wake();
    }

    /// Adds an answer to the client and wakes whoever waits. A client that asks on without reading what it is answered loses its connection.
    pub fn reply(&self, text: Bytes) {
        let mut state = self.lock();
        if state.closed {
            return;
        }
        let letter = Letter::Reply(text);
        let size = letter.size();
        // A single one may be larger than all that may wait together.
        let is_full = state.replies.len() >= SOCKET_REPLIES_MAX || state.reply_bytes + size > SOCKET_REPLIES_MAX_BYTES;
        if is_full && !state.replies.is_empty() {
            state.closed = true;
        } else {
            let turn = state.gone + state.letters.len() as u64;
            state.reply_bytes += size;
            state.replies.push_back((turn, Taken { letter: Arc::new(letter), last: true }));
        }
        drop(state);
        self.wake();
    }

    /// Waits for letters and takes them, at most about `bytes_max` bytes of them; with 0, answers only, whose turn it is then. Nothing: it is
    /// closed, and nothing of the kind waits.
    pub async fn take(&self, bytes_max: usize) -> Vec<Taken> {
        loop {
            {
                let mut state = self.lock();
                let taken = state.take(bytes_max);
                if !taken.is_empty() {
                    drop(state);
                    self.room.notify_one();
                    return taken;
                }
                if state.closed {
                    return Vec::new();
                }
            }
            self.ready.notified().await;
        }
    }

    /// Waits until it is at most half full, and letters of so many bytes [fit](Self::fits); returns false when it is closed.
    pub async fn has_room(&self, bytes: usize) -> bool {
        loop {
            {
                let state = self.lock();
                if state.closed {
                    return false;
                }
                if state.bytes < REALTIME_QUEUE_MAX_BYTES / 2 && state.fits(bytes) {
                    return true;
                }
            }
            self.room.notified().await;
        }
    }

    /// Whether the letters of one entry, of so many bytes together, find room. In an empty one they do: there will never be more.
    pub fn fits(&self, bytes: usize) -> bool {
        self.lock().fits(bytes)
    }

    /// Takes nothing more in; what waits can still be taken.
    pub fn close(&self) {
        self.lock().closed = true;
        self.ready.notify_one();
        self.room.notify_one();
    }

    /// Whether it is closed.
    pub fn is_closed(&self) -> bool {
        self.lock().closed
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        let state = self.lock();
        state.letters.is_empty() && state.replies.is_empty()
    }

    /// The latest entry of the changelog that any letter told of; 0: none did.
    pub fn newest(&self) -> i64 {
        self.lock().newest
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn push(&mut self, taken: Taken) {
        self.bytes += taken.letter.size();
        self.newest = match *taken.letter {
            // The numbers may have begun anew.
            Letter::Resync(_, seq) => seq,
            Letter::Position(seq) => seq,
            _ => taken.letter.seq().map_or(self.newest, |seq| seq.max(self.newest)),
        };
        self.letters.push_back(taken);
    }

    fn fits(&self, bytes: usize) -> bool {
        let is_half_full = self.letters.len() >= REALTIME_QUEUE_MAX_EVENTS / 2;
        self.letters.is_empty() || !is_half_full && self.bytes + bytes <= REALTIME_QUEUE_MAX_BYTES
    }

    /// Whether a letter says that the client is where it was before what it has been told since.
    fn is_outdated(&self, letter: &Letter) -> bool {
        matches!(letter, Letter::Position(seq) if *seq < self.newest)
    }

    fn throw_away(&mut self) {
        self.gone += self.letters.len() as u64;
        self.letters = VecDeque::new();
        self.bytes = 0;
    }

    fn take(&mut self, bytes_max: usize) -> Vec<Taken> {
        let mut all = Vec::new();
        let mut bytes = 0;
        loop {
            if let Some((_, reply)) = self.replies.pop_front_if(|(turn, _)| *turn <= self.gone || bytes_max == 0) {
                self.reply_bytes -= reply.letter.size();
                all.push(reply);
            } else if bytes < bytes_max
                && let Some(letter) = self.letters.pop_front()
            {
                bytes += letter.letter.size();
                self.gone += 1;
                all.push(letter);
            } else {
                break;
            }
        }
        self.bytes -= bytes;
        if self.letters.is_empty() {
            // An idle client keeps no memory for the busiest moment it ever had.
            self.throw_away();
            self.behind = false;
        }
        if self.replies.is_empty() {
            self.replies = VecDeque::new();
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::realtime::letter::Event;

    fn event(seq: i64) -> Letter {
        Letter::Event(Event::new(Some(seq), "t".into(), "{}"))
    }

    fn taken(letter: Letter) -> Taken {
        Taken { letter: Arc::new(letter), last: true }
    }

    #[tokio::test]
    async fn letters_come_in_order_until_it_is_closed_and_empty() {
        let mailbox = Mailbox::default();
        for seq in [1, 2, 3] {
            mailbox.send(event(seq), seq);
        }
        let seqs: Vec<_> = mailbox.take(usize::MAX).await.iter().map(|taken| taken.letter.seq()).collect();
        assert_eq!(seqs, [Some(1), Some(2), Some(3)]);
        assert!(mailbox.has_room(0).await);
        mailbox.send(event(4), 4);
        mailbox.close();
        mailbox.send(event(5), 5);
        assert_eq!(mailbox.take(1).await.len(), 1);
        assert!(mailbox.take(1).await.is_empty());
        assert!(!mailbox.has_room(0).await);
    }

    #[tokio::test]
    async fn who_is_too_slow_is_told_to_resync_and_keeps_nothing() {
        let mailbox = Mailbox::default();
        let (letters, last) = (REALTIME_QUEUE_MAX_EVENTS, REALTIME_QUEUE_MAX_EVENTS as i64 + 10);
        for seq in 0..last {
            mailbox.put(taken(event(seq)), seq);
        }
        assert_eq!(mailbox.lock().letters.len(), 1);
        let told = mailbox.take(usize::MAX).await;
        let [Taken { letter, .. }] = told.as_slice() else { panic!("{} letters", told.len()) };
        assert!(matches!(**letter, Letter::Resync(Resync::Behind, seq) if seq == letters as i64));
        mailbox.send(event(last), last);
        assert_eq!(mailbox.take(usize::MAX).await[0].letter.seq(), Some(last), "it goes on from there");
    }

    #[tokio::test]
    async fn large_letters_count_by_their_bytes() {
        let mailbox = Mailbox::default();
        let large = "x".repeat(REALTIME_QUEUE_MAX_BYTES / 3);
        for seq in 0..4 {
            mailbox.put(taken(Letter::Event(Event::new(Some(seq), "t".into(), large.clone()))), seq);
            assert!(mailbox.lock().bytes <= REALTIME_QUEUE_MAX_BYTES);
        }
        assert!(mailbox.lock().behind);
    }
}

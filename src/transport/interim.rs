//! Bounds interim responses: a server may send any number of 1xx responses before the final one (RFC 9110 §15.2), and
//! the HTTP library stores those of HTTP/2 until they are taken.
//!
//! They are counted below that library, in the frames as they are read. The content of a header block is not known
//! there, because it is compressed (RFC 7541); the first DATA frame of a stream, or its end, shows that its final
//! header block has arrived. A stream has exactly one final header block, so all earlier ones were interim, and any
//! after content are trailers.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use super::limits::{HEADER_BLOCKS, HEADER_BYTES, INTERIM_HEADS, TRAILER_PIECES, WITHOUT_CONTENT};
use crate::evidence::FailureKind;

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const CONTINUATION: u8 = 9;
const END_STREAM: u8 = 1;

/// The length of a frame header (RFC 9113 §4.1).
const FRAME_HEAD: usize = 9;

/// Why a connection is not read any further.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Flood {
    /// Too many interim responses.
    #[error("the server sent more than {INTERIM_HEADS} interim answers (status 1xx) before a final one")]
    Heads,
    /// Too many bytes of interim responses.
    #[error("the server sent more than {} MiB of headers before a final answer", HEADER_BLOCKS >> 20)]
    Blocks,
    /// Endless trailers (RFC 9113 §8.1).
    #[error(
        "the server sent trailers after the body that do not end it, or more than {} KiB of them",
        HEADER_BYTES >> 10
    )]
    Trailers,
    /// Framing without content (RFC 9112 §7.1).
    #[error(
        "the server sent more than {} MiB of chunk sizes, extensions or trailers without content",
        WITHOUT_CONTENT >> 20
    )]
    Framing,
}

impl Flood {
    /// The kind of failure.
    pub(super) fn kind(self) -> FailureKind {
        match self {
            Self::Heads | Self::Blocks => FailureKind::HeadersTooLarge,
            Self::Trailers | Self::Framing => FailureKind::Framing,
        }
    }
}

/// The fault of a connection, shared by all that use it. It is set once, and nothing more is read after that.
#[derive(Debug, Clone, Default)]
pub(super) struct Flooded(Arc<State>);

#[derive(Debug, Default)]
struct State {
    flood: OnceLock<Flood>,
    /// The number of bytes received over HTTP/1 since any part of the answer last reached its reader.
    unused: AtomicUsize,
    /// Whether the final header block has reached its reader.
    is_answered: AtomicBool,
}

impl Flooded {
    pub(super) fn get(&self) -> Option<Flood> {
        self.0.flood.get().copied()
    }

    fn set(&self, flood: Flood) {
        // The first reason is the one that is reported.
        let _ = self.0.flood.set(flood);
    }

    /// Resets the count when a request begins over HTTP/1, or when a final header block or a piece of content has
    /// reached its reader.
    pub(super) fn arrived(&self, is_answered: bool) {
        self.0.is_answered.store(is_answered, Ordering::Relaxed);
        self.0.unused.store(0, Ordering::Relaxed);
    }

    /// Counts bytes received over HTTP/1. The library hands on their content as soon as there is any, and reads ahead
    /// no more than a part of the bound; so anything longer is framing alone, however it is written.
    pub(super) fn count(&self, bytes: usize) {
        if self.0.unused.fetch_add(bytes, Ordering::Relaxed).saturating_add(bytes) > WITHOUT_CONTENT {
            let is_answered = self.0.is_answered.load(Ordering::Relaxed);
            self.set(if is_answered { Flood::Framing } else { Flood::Blocks });
        }
    }

    /// Counts the interim responses to one HTTP/1 request, which the library reads and drops.
    pub(super) fn watch_request<B>(&self, request: &mut http::Request<B>) {
        let (flooded, heads) = (self.clone(), AtomicUsize::new(0));
        hyper::ext::on_informational(request, move |_| {
            if heads.fetch_add(1, Ordering::Relaxed) >= INTERIM_HEADS {
                flooded.set(Flood::Heads);
            }
        });
    }
}

/// Parses the frames of an HTTP/2 connection, and counts the header blocks that wait for their final answer.
#[derive(Debug)]
pub(super) struct HeadCount {
    flooded: Flooded,
    frame_head: [u8; FRAME_HEAD],
    /// How many bytes of it are filled.
    filled: usize,
    /// How many bytes of the current frame's payload are still to come.
    payload: usize,
    /// The kind of the current header block.
    block: Block,
    streams: HashMap<u32, Stream>,
    interim: usize,
    blocks: usize,
}

/// The role of a header block in its stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Block {
    /// A block that may be interim.
    Head,
    /// A final block that ends its stream: an answer without content.
    Last,
    /// Trailers, with the number of their frames and bytes so far.
    Trailers { pieces: usize, bytes: usize },
}

/// What a stream has received.
#[derive(Debug, Default)]
struct Stream {
    /// Header blocks not yet known to be followed by a final one.
    heads: usize,
    /// Their bytes.
    bytes: usize,
    /// Whether content arrived, and so the final header block.
    has_content: bool,
}

impl HeadCount {
    pub(super) fn new(flooded: Flooded) -> Self {
        Self {
            flooded,
            frame_head: [0; FRAME_HEAD],
            filled: 0,
            payload: 0,
            block: Block::Head,
            streams: HashMap::new(),
            interim: 0,
            blocks: 0,
        }
    }

    /// Reads more bytes. Frames may be split anywhere.
    pub(super) fn read(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let skipped = self.payload.min(bytes.len());
            self.payload -= skipped;
            bytes = &bytes[skipped..];
            let taken = bytes.len().min(FRAME_HEAD - self.filled);
            self.frame_head[self.filled..self.filled + taken].copy_from_slice(&bytes[..taken]);
            self.filled += taken;
            bytes = &bytes[taken..];
            if self.filled == FRAME_HEAD {
                self.filled = 0;
                self.frame();
                // A final answer in the same piece does not excuse the excess.
                if self.interim > INTERIM_HEADS {
                    self.flooded.set(Flood::Heads);
                } else if self.blocks > HEADER_BLOCKS {
                    self.flooded.set(Flood::Blocks);
                }
            }
        }
    }

    fn frame(&mut self) {
        let [high, middle, low, kind, flags, stream @ ..] = self.frame_head;
        let length = usize::from(high) << 16 | usize::from(middle) << 8 | usize::from(low);
        // The first bit of a stream number is reserved.
        let stream = u32::from_be_bytes(stream) & (u32::MAX >> 1);
        self.payload = length;
        let is_end = flags & END_STREAM != 0;
        match kind {
            HEADERS => {
                let entry = self.streams.entry(stream).or_default();
                if entry.has_content {
                    self.block = Block::Trailers { pieces: 0, bytes: length };
                    // After its content, only a block that ends the stream is allowed.
                    if !is_end || length > HEADER_BYTES {
                        self.flooded.set(Flood::Trailers);
                    }
                    return;
                }
                if is_end {
                    self.block = Block::Last;
                    return self.settle(stream);
                }
                self.block = Block::Head;
                self.interim += usize::from(entry.heads > 0);
                entry.heads += 1;
                entry.bytes += length;
                self.blocks += length;
            }
            CONTINUATION => match &mut self.block {
                Block::Head => {
                    self.streams.entry(stream).or_default().bytes += length;
                    self.blocks += length;
                }
                Block::Last => {}
                Block::Trailers { pieces, bytes } => {
                    (*pieces, *bytes) = (*pieces + 1, *bytes + length);
                    if *pieces > TRAILER_PIECES || *bytes > HEADER_BYTES {
                        self.flooded.set(Flood::Trailers);
                    }
                }
            },
            DATA => {
                self.settle(stream);
                if !is_end {
                    self.streams.insert(stream, Stream { has_content: true, ..Stream::default() });
                }
            }
            RST_STREAM => self.settle(stream),
            _ => {}
        }
    }

    /// Marks a stream as having its final header block, or as getting none any more.
    fn settle(&mut self, stream: u32) {
        if let Some(ended) = self.streams.remove(&stream) {
            self.interim -= ended.heads.saturating_sub(1);
            self.blocks -= ended.bytes;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SETTINGS: u8 = 4;
    const PING: u8 = 6;

    fn frame(kind: u8, flags: u8, stream: u32, length: usize) -> Vec<u8> {
        let size = u32::try_from(length).unwrap().to_be_bytes();
        [&size[1..], &[kind, flags], &stream.to_be_bytes(), &vec![1; length]].concat()
    }

    /// The verdict on a connection over which these bytes arrive, in pieces of this size.
    fn said_of(bytes: &[u8], piece: usize) -> Option<Flood> {
        let flooded = Flooded::default();
        let mut count = HeadCount::new(flooded.clone());
        bytes.chunks(piece).for_each(|piece| count.read(piece));
        flooded.get()
    }

    #[track_caller]
    fn assert_said(bytes: &[u8], flood: Option<Flood>) {
        for piece in [1, 7, 9, 4096, usize::MAX] {
            assert_eq!(said_of(bytes, piece.min(bytes.len())), flood, "in pieces of {piece}");
        }
    }

    #[test]
    fn sixty_four_interim_heads_and_a_final_one_are_read() {
        let answer = [frame(HEADERS, 4, 1, 30).repeat(65), frame(DATA, 1, 1, 100)].concat();
        assert_said(&answer, None);
        assert_said(&answer.repeat(20), None);
        let without_body = [frame(HEADERS, 4, 3, 30).repeat(64), frame(HEADERS, 5, 3, 40)].concat();
        assert_said(&without_body.repeat(20), None);
    }

    #[test]
    fn one_more_interim_head_is_too_many() {
        assert_said(&frame(HEADERS, 4, 1, 30).repeat(66), Some(Flood::Heads));
        let padded = [frame(HEADERS, 4 | 8 | 0x20, 1, 0), frame(PING, 0, 0, 8)].concat();
        assert_said(&padded.repeat(66), Some(Flood::Heads));
        let answered = [frame(HEADERS, 4, 1, 30).repeat(66), frame(DATA, 1, 1, 100)].concat();
        assert_said(&answered, Some(Flood::Heads));
    }

    #[test]
    fn interim_heads_of_several_streams_are_counted_together() {
        let heads: Vec<u8> = (0..8).flat_map(|at| frame(HEADERS, 4, at * 2 + 1, 10).repeat(10)).collect();
        assert_said(&heads, Some(Flood::Heads));
        let one_each: Vec<u8> = (0..100).flat_map(|at| frame(HEADERS, 4, at * 2 + 1, 10)).collect();
        assert_said(&one_each, None);
    }

    /// The end of another stream does not affect the count of the flooded one.
    #[test]
    fn answers_on_other_streams_do_not_begin_the_count_anew() {
        let hints = frame(HEADERS, 4, 1, 10).repeat(10);
        for (kind, flags, length) in [(DATA, 0, 0), (HEADERS, 5, 20), (RST_STREAM, 0, 4)] {
            let other = |stream| [frame(HEADERS, 4, stream, 20), frame(kind, flags, stream, length)].concat();
            let served: Vec<u8> = (1..8).flat_map(|at| [hints.clone(), other(at * 2 + 1)].concat()).collect();
            assert_said(&served, Some(Flood::Heads));
        }
    }

    #[test]
    fn the_first_bit_of_the_number_of_a_stream_means_nothing() {
        let head = |stream| frame(HEADERS, 4, stream, 10);
        assert_said(&[head(1), head(1 | 1 << 31)].concat().repeat(33), Some(Flood::Heads));
    }

    #[test]
    fn header_blocks_of_more_than_a_mebibyte_are_too_long() {
        let long = [frame(HEADERS, 0, 1, 16 << 10), frame(CONTINUATION, 0, 1, 16 << 10).repeat(3)].concat();
        assert_said(&long.repeat(16), None);
        assert_said(&[long.repeat(16), frame(HEADERS, 4, 1, 1)].concat(), Some(Flood::Blocks));
        // The announced length of a frame counts, whether its bytes arrive or not.
        let announced = [&[0xff, 0xff, 0xff, HEADERS, 0][..], &1_u32.to_be_bytes()].concat();
        assert_said(&announced, Some(Flood::Blocks));
    }

    #[test]
    fn a_long_body_is_not_a_header_block() {
        let body = frame(DATA, 0, 1, 16 << 10).repeat(200);
        // Bytes inside it that look like frames are content.
        let inside = frame(HEADERS, 4, 1, 10).repeat(1000);
        let inside = [frame(DATA, 0, 1, inside.len())[..9].to_vec(), inside].concat();
        let served = [frame(SETTINGS, 0, 0, 18), frame(HEADERS, 4, 1, 200), body, inside].concat();
        assert_said(&served, None);
        // Trailers end the stream.
        let trailers = [frame(HEADERS, 1, 1, 100), frame(CONTINUATION, 4, 1, 15 << 10).repeat(4)].concat();
        assert_said(&[served, trailers].concat(), None);
    }

    #[test]
    fn trailers_that_do_not_end_are_not_interim_heads() {
        let content = [frame(HEADERS, 4, 1, 30), frame(DATA, 0, 1, 0)].concat();
        for trailers in [
            frame(HEADERS, 4, 1, 30),
            frame(HEADERS, 4, 1, 0).repeat(100),
            [frame(HEADERS, 1, 1, 30), frame(CONTINUATION, 0, 1, 0).repeat(9)].concat(),
            [frame(HEADERS, 1, 1, 0), frame(CONTINUATION, 0, 1, 40 << 10).repeat(2)].concat(),
            frame(HEADERS, 5, 1, 65 << 10),
        ] {
            assert_said(&[content.clone(), trailers].concat(), Some(Flood::Trailers));
        }
        // On another stream, and in an answer without content, they count as before.
        let other = [content.clone(), frame(HEADERS, 4, 3, 30).repeat(66)].concat();
        assert_said(&other, Some(Flood::Heads));
        assert_said(&[frame(HEADERS, 5, 1, 30), frame(CONTINUATION, 4, 1, 100 << 10)].concat(), None);
        assert_said(&[content, frame(DATA, 0, 1, 9).repeat(500), frame(HEADERS, 5, 1, 30)].concat(), None);
    }

    #[test]
    fn bytes_of_http_1_are_counted_until_something_arrives() {
        let counted = |lengths: &[usize], is_answered: bool| {
            let flooded = Flooded::default();
            flooded.arrived(is_answered);
            lengths.iter().for_each(|length| flooded.count(*length));
            flooded.get()
        };
        assert_eq!(counted(&[1 << 20], true), None);
        assert_eq!(counted(&[1 << 19, 1 << 19, 1], true), Some(Flood::Framing));
        assert_eq!(counted(&[usize::MAX, 1], true), Some(Flood::Framing));
        assert_eq!(counted(&[(1 << 20) + 1], false), Some(Flood::Blocks));
        let flooded = Flooded::default();
        for _ in 0..1000 {
            flooded.count(1 << 20);
            flooded.arrived(true);
        }
        assert_eq!(flooded.get(), None);
    }
}

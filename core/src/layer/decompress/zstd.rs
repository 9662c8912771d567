//! Zstandard frames, one after the other, with the checks that the decoder leaves to its caller.
//!
//! Source: RFC 8878 ("Zstandard Compression and the 'application/zstd' Media Type").

use std::io::{BufRead, Read};

use ruzstd::decoding::{
    BlockDecodingStrategy, FrameDecoder,
    errors::{FrameDecoderError, FrameHeaderError},
};

use super::{Problem, Window, corrupt};

const FRAME_MAGIC: u32 = 0xfd2f_b528;
const SKIPPABLE_MAGICS: std::ops::RangeInclusive<u32> = 0x184d_2a50..=0x184d_2a5f;

/// The largest window a frame may ask for: what `zstd -d` grants without `--long`.
const WINDOW_LIMIT: u64 = 128 << 20;

/// Decodes frame by frame; the decoder's tables are used again for the next frame.
///
/// In the middle of a frame ruzstd keeps back its whole window (up to 8 MiB from `zstd -19`), so that of a damaged
/// frame as much is lost before the damage.
#[derive(Default)]
pub struct ZstdFrames {
    decoder: FrameDecoder,
    declared: Option<u64>,
    produced: u64,
}

impl ZstdFrames {
    /// Skips skippable frames and starts the next data frame; false where no frame follows.
    pub fn start<R: Read>(&mut self, window: &mut Window<R>) -> Result<bool, Problem> {
        loop {
            let Some(magic) = peek_u32(window, 0)? else { return Ok(false) };
            if SKIPPABLE_MAGICS.contains(&magic) {
                let Some(len) = peek_u32(window, 4)? else { return Err(Problem::CutShort) };
                skip(window, 8 + u64::from(len))?;
            } else if magic == FRAME_MAGIC {
                self.declared = None;
                let has_content_size =
                    window.peek(5).map_err(corrupt)?.get(4).is_some_and(|b| b >> 6 != 0 || b & 0x20 != 0);
                self.decoder.set_max_window_size(WINDOW_LIMIT);
                self.decoder.reset(&mut *window).map_err(problem)?;
                self.declared = has_content_size.then(|| self.decoder.content_size());
                self.produced = 0;
                return Ok(true);
            } else {
                return Ok(false);
            }
        }
    }

    /// Decodes into `out`; 0 at the end of the frame, whose length and checksum are then right.
    pub fn read<R: Read>(&mut self, window: &mut Window<R>, out: &mut [u8]) -> Result<usize, Problem> {
        while self.decoder.can_collect() == 0 && !self.decoder.is_finished() {
            let strategy = BlockDecodingStrategy::UptoBytes(out.len());
            self.decoder.decode_blocks(&mut *window, strategy).map_err(problem)?;
        }
        let read = self.decoder.read(out).map_err(corrupt)?;
        self.produced += read as u64;
        if let Some(declared) = self.declared
            && (self.produced > declared || (read == 0 && self.produced < declared))
        {
            return Err(Problem::ContentSize { declared, found: self.produced });
        }
        if read == 0
            && let Some(declared) = self.decoder.get_checksum_from_data()
            && let Some(computed) = self.decoder.get_calculated_checksum()
            && declared != computed
        {
            return Err(Problem::Checksum { declared, computed });
        }
        Ok(read)
    }
}

fn peek_u32<R: Read>(window: &mut Window<R>, at: usize) -> Result<Option<u32>, Problem> {
    let bytes = window.peek(at + 4).map_err(corrupt)?;
    Ok(bytes.get(at..).and_then(|b| b.try_into().ok()).map(u32::from_le_bytes))
}

fn skip<R: Read>(window: &mut Window<R>, mut len: u64) -> Result<(), Problem> {
    while len > 0 {
        let available = window.fill_buf().map_err(corrupt)?.len();
        if available == 0 {
            return Err(Problem::CutShort);
        }
        let step = usize::try_from(len).map_or(available, |len| len.min(available));
        window.consume(step);
        len -= step as u64;
    }
    Ok(())
}

fn problem(error: FrameDecoderError) -> Problem {
    match error {
        FrameDecoderError::DictNotProvided { dict_id } => Problem::Dictionary(dict_id),
        FrameDecoderError::WindowSizeTooBig { requested, max } => Problem::Window { requested, limit: max },
        FrameDecoderError::FrameHeaderError(FrameHeaderError::WindowTooBig { got }) => {
            Problem::Window { requested: got, limit: WINDOW_LIMIT }
        }
        error => corrupt(error),
    }
}

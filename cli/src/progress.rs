//! Progress on standard error: a bar where there is a terminal, silence elsewhere.

use std::io::Read;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// Indicatif draws to standard error, and nothing where that is no terminal.
    pub fn new() -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        Self { bar }
    }

    /// A compressed archive of `size` stored bytes is going to be spooled.
    pub fn opening(&self, size: u64) {
        self.start("decompressing", size);
    }

    /// Bytes of an unknown total have been spooled; with a total, [`Progress::reader`] has already counted them.
    pub fn spooled(&self, bytes: u64) {
        if self.bar.length().is_none() {
            self.bar.inc(bytes);
        }
    }

    /// Layers of `size` stored bytes in all are going to be read.
    pub fn layers(&self, size: u64) {
        self.start("reading layers", size);
    }

    pub fn read(&self, bytes: u64) {
        self.bar.inc(bytes);
    }

    /// Counts what passes.
    pub fn reader<R: Read>(&self, reader: R) -> impl Read + use<R> {
        self.bar.wrap_read(reader)
    }

    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }

    fn start(&self, what: &'static str, size: u64) {
        let style = ProgressStyle::with_template("{msg} {wide_bar} {bytes}/{total_bytes}, {eta} left");
        self.bar.reset();
        self.bar.set_length(size);
        self.bar.set_message(what);
        self.bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    }
}

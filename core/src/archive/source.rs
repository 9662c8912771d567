//! Bytes at places: the one way in which an archive is read at random.

use std::io::{self, Read, Seek, SeekFrom};

use super::Location;

/// The opened file, or the files of an opened folder, by number.
pub trait Volumes {
    /// Reads some bytes at `offset`; fewer than asked for is fine, none means that the volume ends there.
    fn read_at(&mut self, volume: u32, offset: u64, buf: &mut [u8]) -> io::Result<usize>;
}

/// One of the opened files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFile {
    /// For a file of a folder the path inside it, `/` between the components.
    pub name: String,
    pub size: u64,
}

/// A single file is volume 0.
impl Volumes for &[u8] {
    fn read_at(&mut self, volume: u32, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        let start = usize::try_from(offset).unwrap_or(usize::MAX);
        match self.get(start..) {
            Some(mut rest) if volume == 0 => rest.read(buf),
            _ => Ok(0),
        }
    }
}

/// Seekable files, by number.
#[derive(Debug)]
pub struct Files<F>(pub Vec<F>);

impl<F: Read + Seek> Volumes for Files<F> {
    fn read_at(&mut self, volume: u32, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        let file = self.0.get_mut(volume as usize).ok_or(io::ErrorKind::NotFound)?;
        file.seek(SeekFrom::Start(offset))?;
        file.read(buf)
    }
}

/// The bytes of one [`Location`], as a stream. It ends early where the volume does.
pub struct LocationReader<'a> {
    volumes: &'a mut dyn Volumes,
    location: Location,
    position: u64,
}

impl<'a> LocationReader<'a> {
    pub fn new(volumes: &'a mut dyn Volumes, location: Location) -> Self {
        Self { volumes, location, position: 0 }
    }
}

impl Read for LocationReader<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let Location { volume, offset, size } = self.location;
        let len = buf.len().min(usize::try_from(size - self.position).unwrap_or(usize::MAX));
        let read = match len {
            0 => 0,
            len => self.volumes.read_at(volume, offset + self.position, &mut buf[..len])?,
        };
        self.position += read as u64;
        Ok(read)
    }
}

impl std::fmt::Debug for LocationReader<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LocationReader").field("location", &self.location).field("position", &self.position).finish()
    }
}

/// First window of a volume, and the window after a jump. A read call costs a browser about 8 ms whatever its size
/// up to a MiB, so a header is never read on its own.
const SMALL_WINDOW: usize = 256 << 10;
/// Largest window, reached where one follows the other: an archive of many small members.
const LARGE_WINDOW: usize = 4 << 20;

/// Reads through one window, so that neighbouring small reads cost one call.
pub struct Windows<'a> {
    volumes: &'a mut dyn Volumes,
    sizes: Vec<u64>,
    window: Vec<u8>,
    volume: u32,
    start: u64,
    next_len: usize,
}

impl<'a> Windows<'a> {
    /// `sizes`: bytes of each volume; nothing is read behind them.
    pub fn new(volumes: &'a mut dyn Volumes, sizes: Vec<u64>) -> Self {
        Self { volumes, sizes, window: Vec::new(), volume: 0, start: 0, next_len: SMALL_WINDOW }
    }

    pub fn size(&self, volume: u32) -> u64 {
        self.sizes.get(volume as usize).copied().unwrap_or(0)
    }

    /// Fills `buf` as far as the volume goes, and returns how far that is.
    pub fn read(&mut self, volume: u32, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        let mut done = 0;
        while done < buf.len() {
            let at = offset.saturating_add(done as u64);
            let rest = &mut buf[done..];
            let known = self.known(volume, at);
            let read = match known.len() {
                0 if rest.len() >= SMALL_WINDOW => {
                    let len =
                        rest.len().min(usize::try_from(self.size(volume).saturating_sub(at)).unwrap_or(usize::MAX));
                    match fill(self.volumes, volume, at, &mut rest[..len])? {
                        0 => break,
                        read => read,
                    }
                }
                0 => {
                    self.move_to(volume, at)?;
                    if self.window.is_empty() {
                        break;
                    }
                    continue;
                }
                len => {
                    let len = len.min(rest.len());
                    rest[..len].copy_from_slice(&known[..len]);
                    len
                }
            };
            done += read;
        }
        Ok(done)
    }

    /// The bytes of the window from `offset` on; empty where it is outside.
    fn known(&self, volume: u32, offset: u64) -> &[u8] {
        let inside = offset.checked_sub(self.start).filter(|_| volume == self.volume);
        inside.and_then(|at| self.window.get(usize::try_from(at).ok()?..)).unwrap_or_default()
    }

    fn move_to(&mut self, volume: u32, offset: u64) -> io::Result<()> {
        let follows = volume == self.volume && offset == self.start + self.window.len() as u64;
        self.next_len =
            if follows && !self.window.is_empty() { (self.next_len * 2).min(LARGE_WINDOW) } else { SMALL_WINDOW };
        let left = self.size(volume).saturating_sub(offset);
        (self.volume, self.start) = (volume, offset);
        self.window.resize(self.next_len.min(usize::try_from(left).unwrap_or(usize::MAX)), 0);
        let read = fill(self.volumes, volume, offset, &mut self.window);
        self.window.truncate(*read.as_ref().unwrap_or(&0));
        read.map(drop)
    }
}

impl std::fmt::Debug for Windows<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Windows").field("volume", &self.volume).field("start", &self.start).finish_non_exhaustive()
    }
}

fn fill(volumes: &mut dyn Volumes, volume: u32, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
    let mut done = 0;
    while done < buf.len() {
        match volumes.read_at(volume, offset + done as u64, &mut buf[done..]) {
            Ok(0) => break,
            Ok(read) => done += read.min(buf.len() - done),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(done)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Counts calls and returns at most seven bytes from each.
    struct Stingy(Vec<u8>, usize);

    impl Volumes for Stingy {
        fn read_at(&mut self, volume: u32, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
            self.1 += 1;
            let len = buf.len().min(7);
            (&self.0[..]).read_at(volume, offset, &mut buf[..len])
        }
    }

    fn numbered(len: usize) -> Vec<u8> {
        (0..len).map(|n| (n / 3) as u8).collect()
    }

    #[test]
    fn windows_give_the_bytes_that_are_there() {
        let bytes = numbered(2_000);
        let mut stingy = Stingy(bytes.clone(), 0);
        let mut windows = Windows::new(&mut stingy, vec![2_000]);
        for (offset, len) in [(0, 10), (1_990, 10), (1_990, 20), (5, 1_995), (2_000, 1), (u64::MAX, 4)] {
            let mut buf = vec![0; len];
            let read = windows.read(0, offset, &mut buf).unwrap();
            let expected = bytes.get(offset as usize..).unwrap_or_default();
            assert_eq!(&buf[..read], &expected[..len.min(expected.len())], "{offset}+{len}");
        }
        assert_eq!(windows.read(1, 0, &mut [0]).unwrap(), 0);
    }

    #[test]
    fn neighbouring_small_reads_share_a_call_and_windows_grow() {
        struct Counting(Vec<u8>, Vec<usize>);
        impl Volumes for Counting {
            fn read_at(&mut self, volume: u32, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
                self.1.push(buf.len());
                (&self.0[..]).read_at(volume, offset, buf)
            }
        }
        let mut counting = Counting(numbered(1 << 20), Vec::new());
        let mut windows = Windows::new(&mut counting, vec![1 << 20]);
        for block in 0..2_048 {
            windows.read(0, block * 512, &mut [0; 512]).unwrap();
        }
        assert_eq!(counting.1, [256 << 10, 512 << 10, 256 << 10]);
    }

    #[test]
    fn a_location_is_a_stream_with_an_end() {
        let mut stingy = Stingy(numbered(100), 0);
        let mut read = Vec::new();
        let location = Location { volume: 0, offset: 90, size: 20 };
        LocationReader::new(&mut stingy, location).read_to_end(&mut read).unwrap();
        assert_eq!(read, numbered(100)[90..]);
    }
}

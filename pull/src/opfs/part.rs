//! A blob that is being written.

use web_sys::{FileSystemReadWriteOptions, FileSystemSyncAccessHandle};

use super::{Trouble, database::DatabasePart};

/// Bytes of one read of what is there already.
const READ_BYTES: usize = 1 << 20;

#[derive(Debug)]
pub enum Part {
    Private(PrivatePart),
    Database(DatabasePart),
}

/// An open file of the private file system; closed when it is dropped.
#[derive(Debug)]
pub struct PrivatePart {
    pub name: String,
    pub handle: FileSystemSyncAccessHandle,
}

impl Part {
    /// Tells what an earlier pull wrote, from the first byte on.
    pub async fn feed(&mut self, take: &mut dyn FnMut(&[u8])) -> Result<(), Trouble> {
        match self {
            Self::Private(part) => part.feed(take),
            Self::Database(part) => part.feed(take).await,
        }
    }

    pub async fn write(&mut self, offset: u64, bytes: &[u8]) -> Result<(), Trouble> {
        match self {
            Self::Private(part) => part.write(offset, bytes),
            Self::Database(part) => part.write(offset, bytes).await,
        }
    }

    /// Nothing that was written counts any more.
    pub fn clear(&mut self) {
        match self {
            Self::Private(part) => {
                let _ = part.handle.truncate_with_f64(0.0);
            }
            Self::Database(part) => part.clear(),
        }
    }
}

impl PrivatePart {
    fn feed(&mut self, take: &mut dyn FnMut(&[u8])) -> Result<(), Trouble> {
        let mut buffer = vec![0; READ_BYTES];
        let mut at = 0.0;
        loop {
            let options = FileSystemReadWriteOptions::new();
            options.set_at(at);
            let read = self.handle.read_with_u8_array_and_options(&mut buffer, &options);
            let read = read.map_err(|thrown| Trouble::of(&thrown))?;
            if read < 1.0 {
                return Ok(());
            }
            take(&buffer[..(read as usize).min(READ_BYTES)]);
            at += read;
        }
    }

    fn write(&mut self, offset: u64, bytes: &[u8]) -> Result<(), Trouble> {
        let mut done = 0;
        while done < bytes.len() {
            let options = FileSystemReadWriteOptions::new();
            options.set_at(offset as f64 + done as f64);
            match self.handle.write_with_u8_array_and_options(&bytes[done..], &options) {
                Ok(written) if written >= 1.0 => done += written as usize,
                // A full disk writes nothing and throws nothing.
                Ok(_) => return Err(Trouble::NoRoom),
                Err(thrown) => return Err(Trouble::of(&thrown)),
            }
        }
        Ok(())
    }
}

impl Drop for PrivatePart {
    fn drop(&mut self) {
        self.handle.close();
    }
}

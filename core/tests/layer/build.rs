//! Tars written by hand, field by field, because well-behaved writers refuse to write what must be read.

/// A tar that grows member by member; `end` adds the two zero blocks.
#[derive(Clone, Default)]
pub struct Tar(pub Vec<u8>);

/// A header in the ustar format, with mode 0644, no owner and no time.
#[derive(Clone)]
pub struct Head(pub [u8; 512]);

impl Tar {
    pub fn file(self, name: &str, content: &[u8]) -> Self {
        self.member(Head::new(name, b'0', content.len() as u64), content)
    }

    pub fn dir(self, name: &str) -> Self {
        self.member(Head::new(name, b'5', 0), b"")
    }

    pub fn link(self, flag: u8, name: &str, target: &str) -> Self {
        self.member(Head::new(name, flag, 0).link(target), b"")
    }

    pub fn member(mut self, head: Head, data: &[u8]) -> Self {
        self.0.extend_from_slice(&head.sealed());
        self.0.extend_from_slice(data);
        self.0.resize(self.0.len().next_multiple_of(512), 0);
        self
    }

    /// A PAX header (`x` for the next member, `g` for all) with these records.
    pub fn pax(self, flag: u8, pairs: &[(&str, &[u8])]) -> Self {
        self.extension(flag, &records(pairs))
    }

    /// A GNU record for a long name (`L`) or link name (`K`).
    pub fn gnu(self, flag: u8, name: &str) -> Self {
        self.extension(flag, format!("{name}\0").as_bytes())
    }

    pub fn extension(self, flag: u8, data: &[u8]) -> Self {
        self.member(Head::new("extension", flag, data.len() as u64), data)
    }

    pub fn end(mut self) -> Vec<u8> {
        self.0.extend_from_slice(&[0; 1024]);
        self.0
    }
}

impl Head {
    pub fn new(name: &str, flag: u8, size: u64) -> Self {
        let head = Self([0; 512]).set(0, name.as_bytes()).set(100, b"0000644\0").set(257, b"ustar\x0000");
        head.set(124, format!("{size:011o}\0").as_bytes()).set(156, &[flag])
    }

    pub fn link(self, target: &str) -> Self {
        self.set(157, target.as_bytes())
    }

    /// Writes a field at its offset.
    pub fn set(mut self, at: usize, field: &[u8]) -> Self {
        self.0[at..at + field.len()].copy_from_slice(field);
        self
    }

    pub fn sealed(self) -> [u8; 512] {
        let head = self.set(148, b"        ");
        let sum: u32 = head.0.iter().map(|&b| u32::from(b)).sum();
        head.set(148, format!("{sum:06o}\0 ").as_bytes()).0
    }
}

/// PAX records, whose lengths count their own digits.
pub fn records(pairs: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out = Vec::new();
    for (keyword, value) in pairs {
        let rest = keyword.len() + value.len() + 3;
        let len = (rest + 1..).find(|len| len - len.to_string().len() == rest).unwrap();
        out.extend_from_slice(format!("{len} {keyword}=").as_bytes());
        out.extend_from_slice(value);
        out.push(b'\n');
    }
    out
}

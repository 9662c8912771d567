//! The database of dpkg: paragraphs of fields.
//!
//! Source: deb822(5), dpkg-query(1).

use super::{Manager, Package, value};

/// Packages that are installed; those of which only configuration is left are not.
pub fn parse(text: &[u8]) -> Vec<Package> {
    let mut packages = Vec::new();
    let mut paragraph = Paragraph::default();
    for line in text.split(|&b| b == b'\n').chain([&b""[..]]) {
        if line.trim_ascii().is_empty() {
            packages.extend(std::mem::take(&mut paragraph).package());
        } else if !line.starts_with(b" ") && !line.starts_with(b"\t") {
            paragraph.field(line);
        }
    }
    packages
}

#[derive(Default)]
struct Paragraph<'t> {
    name: Option<&'t [u8]>,
    version: Option<&'t [u8]>,
    architecture: Option<&'t [u8]>,
    status: Option<&'t [u8]>,
    size: Option<&'t [u8]>,
}

impl<'t> Paragraph<'t> {
    fn field(&mut self, line: &'t [u8]) {
        let Some(colon) = line.iter().position(|&b| b == b':') else { return };
        let value = Some(line[colon + 1..].trim_ascii());
        match &line[..colon] {
            b"Package" => self.name = value,
            b"Version" => self.version = value,
            b"Architecture" => self.architecture = value,
            b"Status" => self.status = value,
            b"Installed-Size" => self.size = value,
            _ => {}
        }
    }

    fn package(self) -> Option<Package> {
        // `install ok installed`; a file of status.d has no status at all.
        let installed = self.status.is_none_or(|status| status.ends_with(b" installed"));
        let kib = |size: &[u8]| std::str::from_utf8(size).ok()?.parse::<u64>().ok()?.checked_mul(1024);
        installed.then_some(())?;
        Some(Package {
            manager: Manager::Dpkg,
            name: value(self.name?),
            version: value(self.version?),
            architecture: value(self.architecture.unwrap_or_default()),
            size: self.size.and_then(kib),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_installed_counts() {
        let text = b"Package: adduser\nStatus: install ok installed\nInstalled-Size: 12\nArchitecture: all\nVersion: 3.134\nDescription: x\n Package: not-a-field\n .\n\nPackage: old\nStatus: deinstall ok config-files\nVersion: 1\n\nPackage: half\nStatus: install ok half-installed\nVersion: 1\n\nPackage: last\nStatus: hold ok installed\nVersion: 1:2-3";
        let found = parse(text);
        let told: Vec<_> = found.iter().map(|p| (p.name.as_str(), p.version.as_str(), p.size)).collect();
        assert_eq!(told, [("adduser", "3.134", Some(12_288)), ("last", "1:2-3", None)]);
        assert!(parse(b"\xff\x00:\n:\nPackage\n").is_empty());
    }
}

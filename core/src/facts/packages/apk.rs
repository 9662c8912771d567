//! The database of apk: one letter a field.
//!
//! Source: the Alpine wiki, "Apk spec" ("Installed Database V2").

use super::{Manager, Package, value};

pub fn parse(text: &[u8]) -> Vec<Package> {
    let mut packages = Vec::new();
    let mut package = Package {
        manager: Manager::Apk,
        name: String::new(),
        version: String::new(),
        architecture: String::new(),
        size: None,
    };
    let empty = package.clone();
    for line in text.split(|&b| b == b'\n').chain([&b""[..]]) {
        match line {
            [b'P', b':', rest @ ..] => package.name = value(rest),
            [b'V', b':', rest @ ..] => package.version = value(rest),
            [b'A', b':', rest @ ..] => package.architecture = value(rest),
            [b'I', b':', rest @ ..] => {
                package.size = std::str::from_utf8(rest).ok().and_then(|n| n.trim().parse().ok())
            }
            [] => {
                let done = std::mem::replace(&mut package, empty.clone());
                if !done.name.is_empty() {
                    packages.push(done);
                }
            }
            _ => {}
        }
    }
    packages
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_and_checksums_of_a_package_are_passed_over() {
        let found = parse(b"C:Q1x=\nP:musl\nV:1.2-r1\nA:x86_64\nI:100\nF:lib\nR:libc.so\nZ:Q1y=\n\n\nP:zlib\nV:1\n");
        let told: Vec<_> = found.iter().map(|p| (p.name.as_str(), p.version.as_str(), p.size)).collect();
        assert_eq!(told, [("musl", "1.2-r1", Some(100)), ("zlib", "1", None)]);
    }
}

//! The members of an archive by name, and the links between them.

use super::Location;
use crate::{
    display::harmless,
    finding::{Code, Finding, Findings},
    limits::Limits,
    path::{PathId, PathTable, clamp},
};

/// The members of a tar, or the files of a folder.
#[derive(Debug, Default)]
pub struct Members {
    paths: PathTable,
    members: Vec<Member>,
    /// By [`PathId`]: the member that counts for the path, which is the last one of that name.
    of_path: Vec<Option<u32>>,
    name_bytes: u64,
    has_whiteouts: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    pub kind: MemberKind,
    /// Its data: clamped to what is there where the archive is truncated.
    pub location: Location,
    path: PathId,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MemberKind {
    File,
    Directory,
    Symlink(Box<[u8]>),
    HardLink(Box<[u8]>),
    /// Devices, sparse files, unknown types: no bytes that could be taken as they are.
    Other,
}

/// Why a name leads to no file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unresolved {
    Absent,
    /// It is a directory, a device or a sparse file.
    NotAFile,
    /// Links that lead in a circle, or through more than `Limits::link_hops`.
    LinkLoop,
}

impl std::fmt::Display for Unresolved {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Absent => "it is not in this archive",
            Self::NotAFile => "it is no regular file",
            Self::LinkLoop => "it is a link that leads in a circle",
        })
    }
}

impl Members {
    /// Adds a member. Its name is clamped into the root; a name that was there before now means this one.
    ///
    /// Returns false, and adds nothing, where a bound is hit; the finding says which.
    pub fn add(
        &mut self,
        name: &[u8],
        kind: MemberKind,
        location: Location,
        limits: &Limits,
        findings: &mut Findings,
    ) -> bool {
        let target_bytes = match &kind {
            MemberKind::Symlink(target) | MemberKind::HardLink(target) => target.len(),
            _ => 0,
        };
        let name_bytes = self.name_bytes + name.len() as u64 + target_bytes as u64;
        for (what, value, limit) in [
            ("members", self.members.len() as u64 + 1, limits.archive_members as u64),
            ("bytes of member names", name_bytes, limits.archive_name_bytes),
            // Each folder above a member is a path too: a name of one-letter folders would be thousands.
            ("paths", self.paths.len() as u64, 2 * limits.archive_members as u64),
        ] {
            if value > limit {
                let message = format!("The archive has more than {limit} {what}; the rest is not listed.");
                findings.push(Finding::warning(Code::LimitReached, message).at_path(name));
                return false;
            }
        }
        let clamped = clamp(name);
        if name.len() > limits.path_bytes || clamped.components.len() > limits.path_depth {
            let message = format!("The name of {} bytes is too long or too deep and is left out.", name.len());
            findings.push(Finding::warning(Code::LimitReached, message).at_path(name));
            return true;
        }
        if clamped.dot_dot || clamped.absolute {
            let inside = harmless(&clamped.components.join(&b'/'));
            let message = format!("The member {} leaves the archive by name; it is taken as {inside}.", harmless(name));
            let finding =
                if clamped.dot_dot { Finding::warning } else { Finding::note }(Code::MemberUnsafeName, message);
            findings.push(finding.at_path(name));
        }
        self.name_bytes = name_bytes;
        self.has_whiteouts |= clamped.components.last().is_some_and(|name| name.starts_with(b".wh."));
        let path = self.paths.path(clamped.components);
        self.put(Member { kind, location, path }, findings);
        true
    }

    fn put(&mut self, member: Member, findings: &mut Findings) {
        let path = member.path;
        let index = self.members.len() as u32;
        self.of_path.resize(self.paths.len(), None);
        let Some(slot) = self.of_path.get_mut(path.index()) else { return };
        let before = slot.replace(index).and_then(|before| self.members.get(before as usize));
        // Directories are listed again by every tool that appends.
        if before.is_some() && member.kind != MemberKind::Directory {
            let name = self.paths.bytes(path);
            let message = format!("The member {} is there more than once; the last one counts.", harmless(&name));
            findings
                .push(Finding::warning(Code::MemberRepeated, message).at_path(&name).at_offset(member.location.offset));
        }
        self.members.push(member);
    }

    /// Number of members, repeated ones included.
    pub fn len(&self) -> usize {
        self.members.len()
    }

    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Whether a member's name is an OCI whiteout: then the archive is a layer.
    pub fn has_whiteouts(&self) -> bool {
        self.has_whiteouts
    }

    /// Whether there is a member, or something below a member, of this name.
    pub fn exists(&self, name: &[u8]) -> bool {
        self.find(name).is_some()
    }

    /// Members in the order of the archive, with their names.
    pub fn iter(&self) -> impl Iterator<Item = (Vec<u8>, &Member)> {
        self.members.iter().map(|member| (self.paths.bytes(member.path), member))
    }

    /// Follows links to the file that `name` means, and returns where its bytes are.
    pub fn resolve(&self, name: &[u8], limits: &Limits) -> Result<Location, Unresolved> {
        self.resolve_member(name, limits).map(|member| member.location)
    }

    /// The name of the file that `name` means, links followed.
    pub fn resolved_name(&self, name: &[u8], limits: &Limits) -> Option<Vec<u8>> {
        self.resolve_member(name, limits).ok().map(|member| self.paths.bytes(member.path))
    }

    fn resolve_member(&self, name: &[u8], limits: &Limits) -> Result<&Member, Unresolved> {
        let mut path = self.find(name).ok_or(Unresolved::Absent)?;
        for _ in 0..=limits.link_hops {
            let member = self.of(path).ok_or(Unresolved::NotAFile)?;
            path = match &member.kind {
                MemberKind::File => return Ok(member),
                MemberKind::Directory | MemberKind::Other => return Err(Unresolved::NotAFile),
                MemberKind::Symlink(target) => self.follow(self.paths.parent(path), target),
                MemberKind::HardLink(target) => self.find(target).or_else(|| self.relative(path, target)),
            }
            .ok_or(Unresolved::Absent)?;
        }
        Err(Unresolved::LinkLoop)
    }

    /// A symbolic link's target is relative to its folder. Archives where it is relative to the root exist too
    /// (moby#24003 and its copies), so that is tried when the first leads nowhere.
    fn follow(&self, folder: PathId, target: &[u8]) -> Option<PathId> {
        let relative = (!target.starts_with(b"/")).then(|| self.below(folder, target)).flatten();
        relative.filter(|&path| self.of(path).is_some()).or_else(|| self.find(target))
    }

    /// A hard link's target is relative to the root; this is the mistaken reading, tried second.
    fn relative(&self, link: PathId, target: &[u8]) -> Option<PathId> {
        self.below(self.paths.parent(link), target)
    }

    fn below(&self, folder: PathId, target: &[u8]) -> Option<PathId> {
        let joined = [&self.paths.bytes(folder)[..], target].join(&b'/');
        self.find(&joined)
    }

    fn find(&self, name: &[u8]) -> Option<PathId> {
        self.paths.find(clamp(name).components)
    }

    fn of(&self, path: PathId) -> Option<&Member> {
        let index = (*self.of_path.get(path.index())?)?;
        self.members.get(index as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn members(list: &[(&str, MemberKind)]) -> (Members, Vec<Finding>) {
        let (mut members, mut findings) = (Members::default(), Findings::new(100));
        for (index, (name, kind)) in list.iter().enumerate() {
            let location = Location { volume: 0, offset: index as u64, size: 1 };
            members.add(name.as_bytes(), kind.clone(), location, &Limits::default(), &mut findings);
        }
        (members, findings.into_vec())
    }

    fn symlink(target: &str) -> MemberKind {
        MemberKind::Symlink(target.as_bytes().into())
    }

    fn hard_link(target: &str) -> MemberKind {
        MemberKind::HardLink(target.as_bytes().into())
    }

    #[test]
    fn links_lead_to_the_file_they_mean() {
        let (members, findings) = members(&[
            ("a/layer.tar", symlink("../b/layer.tar")),
            ("b/layer.tar", MemberKind::File),
            ("c/layer.tar", symlink("b/layer.tar")),
            ("d/layer.tar", symlink("../a/layer.tar")),
            ("e/layer.tar", hard_link("b/layer.tar")),
            ("e/second.tar", hard_link("layer.tar")),
            ("f", symlink("/b/layer.tar")),
            ("g", symlink("../../../../b/layer.tar")),
            ("dangling", symlink("nowhere")),
            ("dir/", MemberKind::Directory),
            ("to-dir", symlink("dir")),
            ("round", symlink("about")),
            ("about", symlink("round")),
            ("self", hard_link("self")),
        ]);
        assert_eq!(findings, []);
        for (name, leads_to) in [
            ("a/layer.tar", Ok(1)),
            ("./b//layer.tar", Ok(1)),
            ("c/layer.tar", Ok(1)),
            ("d/layer.tar", Ok(1)),
            ("e/layer.tar", Ok(1)),
            ("e/second.tar", Ok(1)),
            ("f", Ok(1)),
            ("g", Ok(1)),
            ("dangling", Err(Unresolved::Absent)),
            ("nowhere", Err(Unresolved::Absent)),
            ("b/layer.tar/x", Err(Unresolved::Absent)),
            ("to-dir", Err(Unresolved::NotAFile)),
            ("a", Err(Unresolved::NotAFile)),
            ("", Err(Unresolved::NotAFile)),
            ("round", Err(Unresolved::LinkLoop)),
            ("self", Err(Unresolved::LinkLoop)),
        ] {
            let found = members.resolve(name.as_bytes(), &Limits::default()).map(|location| location.offset);
            assert_eq!(found, leads_to, "{name}");
        }
    }

    #[test]
    fn the_last_of_a_name_counts_and_names_stay_inside() {
        let (members, findings) = members(&[
            ("x", MemberKind::File),
            ("./x", MemberKind::File),
            ("d", MemberKind::Directory),
            ("d", MemberKind::Directory),
            ("../../etc/passwd", MemberKind::File),
            ("/abs", MemberKind::File),
        ]);
        let offset = |name: &str| members.resolve(name.as_bytes(), &Limits::default()).unwrap().offset;
        assert_eq!([offset("x"), offset("etc/passwd"), offset("abs")], [1, 4, 5]);
        let codes: Vec<_> = findings.iter().map(|finding| finding.code).collect();
        assert_eq!(codes, [Code::MemberRepeated, Code::MemberUnsafeName, Code::MemberUnsafeName]);
    }

    #[test]
    fn what_is_too_much_is_said() {
        let limits = Limits { archive_members: 2, path_bytes: 10, path_depth: 3, ..Limits::default() };
        let (mut members, mut findings) = (Members::default(), Findings::new(100));
        let location = Location { volume: 0, offset: 0, size: 0 };
        let mut add = |name: &str| members.add(name.as_bytes(), MemberKind::File, location, &limits, &mut findings);
        assert_eq!([add("12345678901"), add("a/b/c/d"), add("a"), add("b"), add("c")], [true, true, true, true, false]);
        assert_eq!(members.len(), 2);
        assert_eq!(findings.into_vec().len(), 3);
    }
}

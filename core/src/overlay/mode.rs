//! The options of the mount that change what operations do.

use std::fmt;

/// Four sets of mount options. All three options are always said, because their defaults differ between kernels.
///
/// Source: Documentation/filesystems/overlayfs.rst ("Renaming directories", "Metadata only copy up", "Index").
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// `redirect_dir=nofollow,metacopy=off,index=off`: what container engines use.
    #[default]
    Default,
    /// `redirect_dir=on`: directories with a lower part can be renamed.
    RedirectDir,
    /// `redirect_dir=on,metacopy=on`: a change of metadata does not copy the data. (metacopy needs redirects.)
    Metacopy,
    /// `index=on`: lower hard links stay linked when they are copied up.
    Index,
}

impl Mode {
    pub const ALL: [Self; 4] = [Self::Default, Self::RedirectDir, Self::Metacopy, Self::Index];

    /// Whether redirects are made, and followed.
    pub fn redirect_dir(self) -> bool {
        matches!(self, Self::RedirectDir | Self::Metacopy)
    }

    pub fn metacopy(self) -> bool {
        self == Self::Metacopy
    }

    pub fn index(self) -> bool {
        self == Self::Index
    }

    /// In the default mode OverlayFS lets an administrator change lower layers between mounts, and therefore does not
    /// mark a new directory opaque where nothing lies below ("Changes to underlying filesystems").
    pub(super) fn allows_offline_changes(self) -> bool {
        self == Self::Default
    }

    /// As they stand behind `-o`.
    pub fn options(self) -> &'static str {
        match self {
            Self::Default => "redirect_dir=nofollow,metacopy=off,index=off",
            Self::RedirectDir => "redirect_dir=on,metacopy=off,index=off",
            Self::Metacopy => "redirect_dir=on,metacopy=on,index=off",
            Self::Index => "redirect_dir=nofollow,metacopy=off,index=on",
        }
    }
}

/// The directories of a mount, for the line that mounts it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OverlayMount {
    /// Top first, as `lowerdir=` wants them. (diff_ids and [`super::Overlay::lowers`] are base first.)
    pub lowerdirs: Vec<String>,
    pub upperdir: String,
    pub workdir: String,
    pub merged: String,
    pub mode: Mode,
}

impl OverlayMount {
    /// What stands behind `-o`. Colons part the lower directories and commas the options, so that both, and the
    /// backslash, are escaped inside a name.
    pub fn options(&self) -> String {
        let lowerdirs: Vec<String> = self.lowerdirs.iter().map(|dir| escape(dir, &['\\', ':', ','])).collect();
        let [upperdir, workdir] = [&self.upperdir, &self.workdir].map(|dir| escape(dir, &['\\', ',']));
        format!("lowerdir={},upperdir={upperdir},workdir={workdir},{}", lowerdirs.join(":"), self.mode.options())
    }
}

impl fmt::Display for OverlayMount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "mount -t overlay overlay -o {} {}", self.options(), self.merged)
    }
}

pub(super) fn escape(text: &str, special: &[char]) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if special.contains(&c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_has_the_top_layer_first_and_every_option() {
        let mount = OverlayMount {
            lowerdirs: vec!["/l/2".into(), "/l/a:b".into()],
            upperdir: "/u".into(),
            workdir: "/w".into(),
            merged: "/merged".into(),
            mode: Mode::Default,
        };
        assert_eq!(
            mount.to_string(),
            "mount -t overlay overlay -o lowerdir=/l/2:/l/a\\:b,upperdir=/u,workdir=/w,\
             redirect_dir=nofollow,metacopy=off,index=off /merged"
        );
    }
}

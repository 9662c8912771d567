//! Things that tools leave behind and that no program of the image needs.

use serde::{Deserialize, Serialize};

use crate::path::{PathId, PathTable};

macro_rules! known {
    ($($name:ident = $word:literal, $removal:literal;)*) => {
        /// A kind of leftover: stable names, the keys of the message catalogue and of the report.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Known { $(#[serde(rename = $word)] $name,)* }

        impl Known {
            pub const ALL: &'static [Known] = &[$(Known::$name,)*];

            /// The word of the report.
            pub fn as_str(self) -> &'static str {
                match self { $(Known::$name => $word,)* }
            }

            /// What to write where it is made: a command, an option or a setting, the same in every language.
            pub fn removal(self) -> &'static str {
                match self { $(Known::$name => $removal,)* }
            }
        }
    };
}

known! {
    AptLists = "apt_lists", "rm -rf /var/lib/apt/lists/*";
    AptCache = "apt_cache", "apt-get clean";
    DnfCache = "dnf_cache", "dnf clean all";
    ApkCache = "apk_cache", "apk add --no-cache";
    ZypperCache = "zypper_cache", "zypper clean --all";
    PacmanCache = "pacman_cache", "rm -rf /var/cache/pacman/*";
    PipCache = "pip_cache", "pip install --no-cache-dir";
    NpmCache = "npm_cache", "npm cache clean --force";
    YarnCache = "yarn_cache", "yarn cache clean";
    GoCache = "go_cache", "go clean -cache -modcache";
    CargoCache = "cargo_cache", "rm -rf \"$CARGO_HOME/registry\" \"$CARGO_HOME/git\"";
    JavaCache = "java_cache", "rm -rf ~/.m2/repository ~/.gradle/caches";
    Logs = "logs", "rm -rf /var/log/*";
    Temporary = "temporary", "rm -rf /tmp/* /var/tmp/*";
    PythonBytecode = "python_bytecode", "PYTHONDONTWRITEBYTECODE=1";
    GitHistory = "git_history", ".dockerignore: **/.git";
    Documentation = "documentation", "rm -rf /usr/share/doc/* /usr/share/man/* /usr/share/info/*";
    Locales = "locales", "rm -rf /usr/share/locale/*";
}

impl Known {
    /// The kind of leftover a path is or is in, and the place of it that is nearest to the root.
    pub fn of(paths: &PathTable, path: PathId) -> Option<(Self, PathId)> {
        let mut found = None;
        let mut at = path;
        while at != PathId::ROOT {
            found = Self::at(paths, at).map(|known| (known, at)).or(found);
            at = paths.parent(at);
        }
        found.filter(|&(known, place)| known.holds(paths, place, path))
    }

    /// The kind of leftover whose place is this very path.
    pub fn at(paths: &PathTable, path: PathId) -> Option<Self> {
        let last = paths.name(path);
        PLACES.iter().find(|place| place.last() == last && place.is(paths, path)).map(|place| place.known)
    }

    /// Whether `path`, which is at or below `place`, belongs to the leftover.
    pub fn holds(self, paths: &PathTable, place: PathId, path: PathId) -> bool {
        // Slim images keep the licences, which they must.
        path != place && !(self == Self::Documentation && paths.name(path) == b"copyright")
    }

    /// A cache that a build may mount from outside the layer instead (`RUN --mount=type=cache`).
    pub fn is_cache(self) -> bool {
        use Known::{
            ApkCache, AptCache, AptLists, CargoCache, DnfCache, GoCache, JavaCache, NpmCache, PacmanCache, PipCache,
            YarnCache, ZypperCache,
        };
        matches!(
            self,
            AptLists
                | AptCache
                | DnfCache
                | ApkCache
                | ZypperCache
                | PacmanCache
                | PipCache
                | NpmCache
                | YarnCache
                | GoCache
                | CargoCache
                | JavaCache
        )
    }
}

struct Place {
    known: Known,
    /// Counted from the root; otherwise the path may end so anywhere (a home directory, a project).
    from_root: bool,
    path: &'static [&'static [u8]],
}

macro_rules! places {
    ($($from_root:literal $known:ident $($name:literal)/ +;)*) => {
        const PLACES: &[Place] =
            &[$(Place { known: Known::$known, from_root: $from_root, path: &[$($name),*] },)*];
    };
}

places! {
    true AptLists b"var"/b"lib"/b"apt"/b"lists";
    true AptCache b"var"/b"cache"/b"apt";
    true DnfCache b"var"/b"cache"/b"dnf";
    true DnfCache b"var"/b"cache"/b"libdnf5";
    true DnfCache b"var"/b"cache"/b"yum";
    true ApkCache b"var"/b"cache"/b"apk";
    true ApkCache b"etc"/b"apk"/b"cache";
    true ZypperCache b"var"/b"cache"/b"zypp";
    true PacmanCache b"var"/b"cache"/b"pacman";
    false PipCache b".cache"/b"pip";
    false PipCache b".cache"/b"uv";
    false PipCache b".cache"/b"pypoetry";
    false NpmCache b".npm"/b"_cacache";
    false NpmCache b".npm"/b"_logs";
    false YarnCache b".cache"/b"yarn";
    false YarnCache b".yarn"/b"berry"/b"cache";
    false GoCache b".cache"/b"go-build";
    false GoCache b"go"/b"pkg"/b"mod";
    false CargoCache b".cargo"/b"registry";
    false CargoCache b".cargo"/b"git";
    true CargoCache b"usr"/b"local"/b"cargo"/b"registry";
    true CargoCache b"usr"/b"local"/b"cargo"/b"git";
    false JavaCache b".m2"/b"repository";
    false JavaCache b".gradle"/b"caches";
    true Logs b"var"/b"log";
    true Temporary b"tmp";
    true Temporary b"var"/b"tmp";
    false PythonBytecode b"__pycache__";
    false GitHistory b".git";
    true Documentation b"usr"/b"share"/b"doc";
    true Documentation b"usr"/b"share"/b"man";
    true Documentation b"usr"/b"share"/b"info";
    true Documentation b"usr"/b"local"/b"share"/b"man";
    true Locales b"usr"/b"share"/b"locale";
}

impl Place {
    fn last(&self) -> &'static [u8] {
        self.path.last().copied().unwrap_or_default()
    }

    fn is(&self, paths: &PathTable, path: PathId) -> bool {
        let mut at = path;
        for &name in self.path.iter().rev() {
            if at == PathId::ROOT || paths.name(at) != name {
                return false;
            }
            at = paths.parent(at);
        }
        !self.from_root || at == PathId::ROOT
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(path: &str) -> Option<(Known, String)> {
        let mut paths = PathTable::new();
        let id = paths.path(path.split('/').map(str::as_bytes));
        Known::of(&paths, id).map(|(known, place)| (known, paths.display(place)))
    }

    #[test]
    fn leftovers_are_known_by_where_they_are() {
        for (path, expected, place) in [
            ("var/lib/apt/lists/deb.debian.org_main", Known::AptLists, "var/lib/apt/lists"),
            ("var/cache/apt/archives/curl.deb", Known::AptCache, "var/cache/apt"),
            ("var/cache/yum/x/primary.xml", Known::DnfCache, "var/cache/yum"),
            ("var/cache/apk/APKINDEX.tar.gz", Known::ApkCache, "var/cache/apk"),
            ("root/.cache/pip/http/a", Known::PipCache, "root/.cache/pip"),
            ("home/app/.npm/_cacache/x", Known::NpmCache, "home/app/.npm/_cacache"),
            ("usr/local/share/.cache/yarn/v6/x", Known::YarnCache, "usr/local/share/.cache/yarn"),
            ("go/pkg/mod/cache/x", Known::GoCache, "go/pkg/mod"),
            ("usr/local/cargo/registry/src/x", Known::CargoCache, "usr/local/cargo/registry"),
            ("srv/app/__pycache__/a.pyc", Known::PythonBytecode, "srv/app/__pycache__"),
            ("srv/app/.git/objects/ab/cd", Known::GitHistory, "srv/app/.git"),
            ("usr/share/doc/curl/README", Known::Documentation, "usr/share/doc"),
            ("tmp/.git/HEAD", Known::Temporary, "tmp"),
        ] {
            assert_eq!(known(path), Some((expected, place.into())), "{path}");
        }
    }

    #[test]
    fn what_is_needed_is_no_leftover() {
        for path in [
            "srv/var/lib/apt/lists/x",
            "var/lib/apt/extended_states",
            "var/lib/dpkg/status",
            "lib/apk/db/installed",
            "usr/share/doc/curl/copyright",
            "var/log",
            "srv/tmp/x",
            "srv/app/.gitignore",
            "usr/lib/python3/a.pyc",
        ] {
            assert_eq!(known(path), None, "{path}");
        }
    }
}

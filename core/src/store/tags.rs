//! Names of images: what a tag stands for at this moment.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};

use crate::digest::ImageId;

/// Names, each of which stands for one image.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tags {
    by_name: BTreeMap<ImageName, ImageId>,
}

/// A repository and a tag, in the long form that Docker stores: `docker.io/library/redis`, `6.2`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ImageName {
    /// `docker.io`, `localhost:5000`.
    pub host: String,
    /// `library/redis`.
    pub path: String,
    pub tag: String,
}

const DOCKER_HUB: &str = "docker.io";
const OFFICIAL: &str = "library/";

impl ImageName {
    /// Completes what people type, as Docker does. Whether it is a valid reference is for the client to say; here
    /// every text is some name.
    pub fn parse(text: &str) -> Self {
        let (name, tag) = match text.rsplit_once(':') {
            Some((name, tag)) if !tag.contains('/') => (name, tag),
            _ => (text, "latest"),
        };
        let (host, path) = match name.split_once('/') {
            Some((host, path)) if host.contains(['.', ':']) || host == "localhost" => (host, path.to_owned()),
            Some(_) => (DOCKER_HUB, name.to_owned()),
            None => (DOCKER_HUB, format!("{OFFICIAL}{name}")),
        };
        Self { host: host.into(), path, tag: tag.into() }
    }

    /// `redis`, `ghcr.io/a/b`: the short form, without the tag.
    pub fn repository(&self) -> String {
        match (&*self.host, self.path.strip_prefix(OFFICIAL)) {
            (DOCKER_HUB, Some(name)) => name.into(),
            (DOCKER_HUB, None) => self.path.clone(),
            (host, _) => format!("{host}/{}", self.path),
        }
    }

    /// `docker.io/library/redis:6.2`.
    pub fn canonical(&self) -> String {
        format!("{}/{}:{}", self.host, self.path, self.tag)
    }
}

/// The short form: `redis:6.2`.
impl fmt::Display for ImageName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.repository(), self.tag)
    }
}

impl Tags {
    pub fn get(&self, name: &ImageName) -> Option<&ImageId> {
        self.by_name.get(name)
    }

    /// In the order of the names.
    pub fn iter(&self) -> impl Iterator<Item = (&ImageName, &ImageId)> {
        self.by_name.iter()
    }

    pub fn of<'a>(&'a self, id: &'a ImageId) -> impl Iterator<Item = &'a ImageName> {
        self.by_name.iter().filter(move |(_, tagged)| *tagged == id).map(|(name, _)| name)
    }

    pub(super) fn insert(&mut self, name: ImageName, id: ImageId) {
        self.by_name.insert(name, id);
    }

    pub(super) fn remove(&mut self, name: &ImageName) -> Option<ImageId> {
        self.by_name.remove(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_completed_and_shortened_as_docker_does() {
        for (typed, canonical, shown) in [
            ("redis", "docker.io/library/redis:latest", "redis:latest"),
            ("redis:6.2", "docker.io/library/redis:6.2", "redis:6.2"),
            ("bitnami/redis", "docker.io/bitnami/redis:latest", "bitnami/redis:latest"),
            ("ghcr.io/a/b:1", "ghcr.io/a/b:1", "ghcr.io/a/b:1"),
            ("localhost:5000/x", "localhost:5000/x:latest", "localhost:5000/x:latest"),
            ("localhost/x", "localhost/x:latest", "localhost/x:latest"),
            ("docker.io/library/redis:6.2", "docker.io/library/redis:6.2", "redis:6.2"),
        ] {
            let name = ImageName::parse(typed);
            assert_eq!((&*name.canonical(), &*name.to_string()), (canonical, shown), "{typed}");
        }
    }
}

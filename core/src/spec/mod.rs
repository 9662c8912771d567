//! The documents of the OCI image-spec and of `docker save`, one page of the specification a file.

pub mod config;
pub mod descriptor;
pub mod docker;
pub mod index;
pub mod json;
pub mod layout;
pub mod manifest;
pub mod media_type;
pub mod platform;

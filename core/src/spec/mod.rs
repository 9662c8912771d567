//! The documents of the OCI image-spec and of `docker save`, one page of the specification a file.

pub mod config;
pub mod platform;

//! A client of registries without a network: what is asked, what is believed, and why it went wrong.
//!
//! Source: OCI distribution-spec, v1.1; distribution's "Token Authentication Specification"; the Fetch Standard for
//! what a page may ask and see.

pub mod accept;
pub mod address;
pub mod against;
pub mod challenge;
pub mod choose;
pub mod doctor;
pub mod http;
pub mod known;
pub mod pull;
pub mod reference;
pub mod source;

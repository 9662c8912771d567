//! The CORS doctor: probes of the browser, what they decide, and what helps.

mod page;
mod probe;

pub use self::page::DoctorPage;

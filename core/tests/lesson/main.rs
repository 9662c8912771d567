//! The lessons of `static/lessons`, held to what they promise.

mod catalogue;
mod lessons;
mod session;

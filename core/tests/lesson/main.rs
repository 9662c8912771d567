//! The lessons of `static/lessons`, held to what they promise.

mod catalogue;
mod hostile;
mod lessons;
mod session;

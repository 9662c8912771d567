//! What leaves the analyser for other programs and for people: tables, a summary, a picture. All of it text, made of
//! a report or a tree alone, so that the browser and the command line write the same bytes.

pub mod csv;
pub mod markdown;
pub mod svg;

//! From an upperdir to a layer of an image.

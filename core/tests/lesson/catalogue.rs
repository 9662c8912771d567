//! Words for every key of the engine.

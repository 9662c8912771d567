//! What a pull bounds, as data, each bound with its reason.

/// `PullLimits::default()` is what the app uses; tests shrink it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PullLimits {
    /// Bytes of an index or a manifest. The distribution-spec has registries refuse more than 4 MiB.
    pub manifest_bytes: u64,
    /// Bytes of a config: those of images with thousands of layers reach some megabytes.
    pub config_bytes: u64,
    /// Bytes of a token's document, and of an error that is read for what it says.
    pub small_bytes: u64,
    /// Blobs that come at once: what Docker does, and half of what a browser opens to one host.
    pub parallel: usize,
    /// Redirects of one request.
    pub redirects: u32,
    /// Requests for the same thing without a byte gained between them.
    pub attempts: u32,
    /// The same, where nothing ever came and nothing says why: a refusal by CORS looks so, and never passes.
    pub opaque_attempts: u32,
    /// Tokens for one request: one may have expired on the way, a second that is refused too is a refusal.
    pub challenges: u32,
    /// The first wait, in milliseconds; each further one is twice as long.
    pub back_off_millis: u64,
    /// A `Retry-After` longer than this is told to the person instead of waited for.
    pub patience_millis: u64,
    /// Index inside of index.
    pub nesting: usize,
    pub layers: usize,
    /// Nesting and values of a document, as in [`crate::limits::Limits`].
    pub document_nesting: usize,
    pub document_values: usize,
}

impl Default for PullLimits {
    fn default() -> Self {
        Self {
            manifest_bytes: 4 << 20,
            config_bytes: 16 << 20,
            small_bytes: 64 << 10,
            parallel: 3,
            redirects: 5,
            attempts: 5,
            opaque_attempts: 2,
            challenges: 2,
            back_off_millis: 500,
            patience_millis: 120_000,
            nesting: 4,
            layers: 4_096,
            document_nesting: 100,
            document_values: 1_000_000,
        }
    }
}

//! The rules by name, and how much each weighs.

use serde::{Deserialize, Serialize};

/// How usable what was found is for who finds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Opens something by itself.
    High,
    /// Needs a second half, a guess of a password, or may be meant to be public.
    Medium,
}

macro_rules! rules {
    ($($(#[$doc:meta])* $name:ident = $key:literal, $severity:ident;)*) => {
        /// What kind of secret it is. The order is that of the list.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Rule { $($(#[$doc])* #[serde(rename = $key)] $name,)* }

        impl Rule {
            pub const ALL: &'static [Rule] = &[$(Rule::$name,)*];

            /// The key of the message catalogue and of JSON documents.
            pub fn key(self) -> &'static str {
                match self { $(Self::$name => $key,)* }
            }

            pub fn severity(self) -> Severity {
                match self { $(Self::$name => Severity::$severity,)* }
            }
        }
    };
}

rules! {
    PrivateKey = "private_key", High;
    OpenSshKey = "openssh_key", High;
    PgpPrivateKey = "pgp_private_key", High;
    PuttyKey = "putty_key", High;
    AgeKey = "age_key", High;
    AwsSecretKey = "aws_secret_key", High;
    AzureStorageKey = "azure_storage_key", High;
    GitHubToken = "github_token", High;
    GitLabToken = "gitlab_token", High;
    SlackToken = "slack_token", High;
    SlackWebhook = "slack_webhook", High;
    NpmToken = "npm_token", High;
    PypiToken = "pypi_token", High;
    DockerHubToken = "docker_hub_token", High;
    StripeKey = "stripe_key", High;
    SendGridKey = "sendgrid_key", High;
    DigitalOceanToken = "digitalocean_token", High;
    HuggingFaceToken = "hugging_face_token", High;
    OpenAiKey = "openai_key", High;
    AnthropicKey = "anthropic_key", High;
    VaultToken = "vault_token", High;
    ShopifyToken = "shopify_token", High;
    DatabricksToken = "databricks_token", High;
    NpmrcAuth = "npmrc_auth", High;
    PypircPassword = "pypirc_password", High;
    RegistryAuth = "registry_auth", High;
    Kubeconfig = "kubeconfig", High;
    Netrc = "netrc", High;
    GitCredentials = "git_credentials", High;
    UrlPassword = "url_password", High;
    Pgpass = "pgpass", High;
    MyCnf = "my_cnf", High;
    CargoToken = "cargo_token", High;
    GcloudRefreshToken = "gcloud_refresh_token", High;
    EnvFile = "env_file", High;
    EnvVariable = "env_variable", High;
    /// Passwords protect it, which can be tried offline.
    EncryptedPrivateKey = "encrypted_private_key", Medium;
    ShadowHash = "shadow_hash", Medium;
    ShadowEmpty = "shadow_empty", Medium;
    Htpasswd = "htpasswd", Medium;
    AwsAccessKeyId = "aws_access_key_id", Medium;
    GoogleApiKey = "google_api_key", Medium;
    Jwt = "jwt", Medium;
}

impl Rule {
    /// How many bytes of a value tell its kind and no secret.
    pub fn open_chars(self, value: &[u8]) -> usize {
        match self {
            Self::PrivateKey | Self::OpenSshKey | Self::PgpPrivateKey | Self::EncryptedPrivateKey | Self::PuttyKey => {
                // The first line: BEGIN … KEY.
                value.iter().position(|&b| b == b'\n' || b == b'\\').unwrap_or(0).min(40)
            }
            Self::Jwt => 3,
            Self::SlackWebhook => b"https://hooks.slack.com/services/".len(),
            _ => super::token::prefix_len(self, value),
        }
    }
}

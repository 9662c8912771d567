//! What to configure, exactly, and the way round.
//!
//! Sources: distribution, "Configuring a registry" (`http.headers`); zot, "Configuration reference" (`allowOrigin`);
//! nginx, `ngx_http_proxy_module`; Caddy, `reverse_proxy`.

use serde::{Deserialize, Serialize};

use super::{
    Cause, Examination,
    curl::{archive_name, quoted},
};
use crate::registry::{address::origin, reference::Reference};

/// What a configuration is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Server {
    Distribution,
    Zot,
    Nginx,
    Caddy,
}

impl Server {
    pub fn name(self) -> &'static str {
        match self {
            Self::Distribution => "distribution (config.yml)",
            Self::Zot => "zot (config.json)",
            Self::Nginx => "nginx",
            Self::Caddy => "Caddy (Caddyfile)",
        }
    }
}

/// A piece of configuration that removes a cause.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fix {
    pub server: Server,
    pub text: String,
}

/// Configurations that remove `cause`. Where a registry's own cannot (a preflight that meets authentication, a
/// storage that it redirects to), only the proxies of the page's own origin are left.
pub fn fixes(cause: Cause, examination: &Examination) -> Vec<Fix> {
    let page = &examination.page.origin;
    let registry = origin(&examination.manifest).unwrap_or_default();
    let fix = |server, text| Fix { server, text };
    let proxies = || vec![fix(Server::Nginx, nginx(&registry)), fix(Server::Caddy, caddy(&registry))];
    let own = || vec![fix(Server::Distribution, distribution(page)), fix(Server::Zot, zot(page))];
    match cause {
        Cause::NoCors | Cause::ChallengeHidden => [own(), proxies()].concat(),
        Cause::NoCorsOnBlobs => [vec![fix(Server::Distribution, distribution(page))], proxies()].concat(),
        Cause::NoCorsOnRedirect => [vec![fix(Server::Distribution, NO_REDIRECT.into())], proxies()].concat(),
        Cause::PreflightRefused | Cause::NoCorsOnToken | Cause::MixedContent => proxies(),
        _ => Vec::new(),
    }
}

/// Commands that bring the image as a file, to be dropped on the page.
pub fn ways_round(reference: &Reference) -> Vec<String> {
    let file = archive_name(reference);
    let (whole, familiar) = (reference.to_string(), reference.familiar());
    vec![
        format!("skopeo copy {} {}", quoted(&format!("docker://{whole}")), quoted(&format!("docker-archive:{file}"))),
        format!("docker pull {0} && docker save {0} -o {1}", quoted(&familiar), quoted(&file)),
    ]
}

/// Blobs come from the registry itself instead of from its storage.
const NO_REDIRECT: &str = "storage:\n  redirect:\n    disable: true\n";

fn distribution(page: &str) -> String {
    format!(
        "http:\n  headers:\n    Access-Control-Allow-Origin: ['{page}']\n    \
         Access-Control-Allow-Methods: ['GET', 'HEAD', 'OPTIONS']\n    \
         Access-Control-Allow-Headers: ['Authorization', 'Accept', 'Range']\n    \
         Access-Control-Expose-Headers: ['Docker-Content-Digest', 'WWW-Authenticate', 'Content-Range']\n"
    )
}

/// It reaches manifests, and not blobs.
fn zot(page: &str) -> String {
    format!("{{\n  \"http\": {{\n    \"allowOrigin\": \"{page}\"\n  }}\n}}\n")
}

/// The whole of it, with tokens and the storage behind redirects, is in `docs/pull.md`.
fn nginx(registry: &str) -> String {
    format!(
        "location /v2/ {{\n  proxy_pass {registry};\n  proxy_ssl_server_name on;\n  proxy_set_header Host $proxy_host;\n  \
         proxy_buffering off;\n  proxy_intercept_errors on;\n  error_page 301 302 307 = @blob;\n}}\n\
         location @blob {{\n  resolver 127.0.0.53;\n  set $blob $upstream_http_location;\n  proxy_pass $blob;\n  \
         proxy_ssl_server_name on;\n  proxy_set_header Authorization \"\";\n}}\n"
    )
}

fn caddy(registry: &str) -> String {
    format!(
        "handle /v2/* {{\n  reverse_proxy {registry} {{\n    header_up Host {{upstream_hostport}}\n    flush_interval -1\n    \
         @moved status 301 302 307\n    handle_response @moved {{\n      \
         reverse_proxy {{rp.header.Location}} {{\n        header_up -Authorization\n      }}\n    }}\n  }}\n}}\n"
    )
}

#[cfg(test)]
mod tests {
    use super::{super::*, *};

    fn examination() -> Examination {
        Examination {
            page: Page { origin: "https://page.example".into(), secure: true },
            manifest: "https://registry.example/v2/x/manifests/1".into(),
            blob: None,
            network: Network::Public,
            probes: Vec::new(),
        }
    }

    #[test]
    fn a_configuration_names_this_page_and_this_registry() {
        let texts: Vec<_> = fixes(Cause::NoCors, &examination());
        let servers: Vec<_> = texts.iter().map(|fix| fix.server).collect();
        assert_eq!(servers, [Server::Distribution, Server::Zot, Server::Nginx, Server::Caddy]);
        assert!(texts[0].text.contains("Access-Control-Allow-Origin: ['https://page.example']"));
        assert!(texts[2].text.contains("proxy_pass https://registry.example;"), "{}", texts[2].text);
    }

    #[test]
    fn where_the_registry_cannot_help_itself_only_a_proxy_is_named() {
        let servers = |cause| -> Vec<Server> { fixes(cause, &examination()).iter().map(|fix| fix.server).collect() };
        assert_eq!(servers(Cause::PreflightRefused), [Server::Nginx, Server::Caddy]);
        assert_eq!(servers(Cause::NoCorsOnBlobs), [Server::Distribution, Server::Nginx, Server::Caddy]);
        assert_eq!(servers(Cause::NotFound), []);
    }

    #[test]
    fn the_way_round_is_a_file_to_drop() {
        assert_eq!(
            ways_round(&"redis:6.2".parse().unwrap()),
            [
                "skopeo copy docker://docker.io/library/redis:6.2 docker-archive:redis-6.2.tar",
                "docker pull redis:6.2 && docker save redis:6.2 -o redis-6.2.tar",
            ]
        );
    }
}

//! A static file server, enough for `dist/` and no more.

use std::{
    fs::File,
    net::SocketAddr,
    path::{Component, Path, PathBuf},
    sync::Arc,
    thread,
};

use anyhow::{Result, anyhow};
use tiny_http::{Header, Method, Request, Response};

use crate::dist;

/// A page loads about ten files at once.
const THREADS: usize = 8;

/// Serves a folder below a path, on threads of its own, until it is dropped.
pub struct Server {
    http: Arc<tiny_http::Server>,
    threads: Vec<thread::JoinHandle<()>>,
    address: SocketAddr,
    mount: String,
}

impl Server {
    /// `mount` is the path of the folder in the address: `/`, or `/some/path/`.
    pub fn start(folder: &Path, host: &str, port: u16, mount: &str) -> Result<Self> {
        let http = tiny_http::Server::http((host, port)).map_err(|error| {
            anyhow!(
                "{host}:{port} cannot be served: {error}. Another program may hold it; --port takes another number."
            )
        })?;
        let address = http.server_addr().to_ip().ok_or_else(|| anyhow!("{host}:{port} is no address"))?;
        let http = Arc::new(http);
        let threads = (0..THREADS)
            .map(|_| {
                let (http, folder, mount) = (http.clone(), folder.to_path_buf(), mount.to_owned());
                thread::spawn(move || {
                    for request in http.incoming_requests() {
                        // A visitor who went away is nobody's error.
                        let _ = answer(request, &folder, &mount);
                    }
                })
            })
            .collect();
        Ok(Self { http, threads, address, mount: mount.to_owned() })
    }

    pub fn url(&self) -> String {
        format!("http://{}{}", self.address, self.mount)
    }

    /// Serves until the process ends.
    pub fn wait(mut self) {
        for thread in std::mem::take(&mut self.threads) {
            // A thread only ends when it panics; the others go on.
            let _ = thread.join();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        for _ in &self.threads {
            self.http.unblock();
        }
    }
}

fn answer(request: Request, folder: &Path, mount: &str) -> std::io::Result<()> {
    if !matches!(request.method(), Method::Get | Method::Head) {
        return request.respond(Response::from_string("method not allowed").with_status_code(405));
    }
    let Some(path) = local_path(request.url(), mount) else {
        return request.respond(Response::from_string("not found").with_status_code(404));
    };
    let Ok(file) = File::open(folder.join(&path)).and_then(|file| {
        // Opening a folder succeeds on some systems, reading it does not.
        if file.metadata()?.is_dir() { Err(std::io::ErrorKind::IsADirectory.into()) } else { Ok(file) }
    }) else {
        return request.respond(Response::from_string("not found").with_status_code(404));
    };
    let name = path.to_string_lossy();
    let cache = if dist::is_hashed(&name) { "public, max-age=31536000, immutable" } else { "no-cache" };
    let mut response = Response::from_file(file);
    for (field, value) in
        [("Content-Type", media_type(&name)), ("Cache-Control", cache), ("X-Content-Type-Options", "nosniff")]
    {
        response.add_header(Header::from_bytes(field, value).expect("a plain header"));
    }
    request.respond(response)
}

/// The file that an address names, below the served folder; `None` for everything that would leave it.
fn local_path(url: &str, mount: &str) -> Option<PathBuf> {
    let path = url.split(['?', '#']).next()?.strip_prefix(mount)?;
    let path = percent_decode(path)?;
    let path = if path.is_empty() || path.ends_with('/') { format!("{path}index.html") } else { path };
    let path = PathBuf::from(path);
    path.components().all(|part| matches!(part, Component::Normal(_))).then_some(path)
}

fn percent_decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let digits = [rest.next()?, rest.next()?];
                u8::from_str_radix(str::from_utf8(&digits).ok()?, 16).ok()?
            }
            byte => byte,
        });
    }
    String::from_utf8(bytes).ok()
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "html" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "wasm" => "application/wasm",
        "json" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "webp" => "image/webp",
        "woff2" => "font/woff2",
        "md" | "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_stay_below_the_folder() {
        let path = |url| local_path(url, "/sub/").map(|path| path.to_string_lossy().replace('\\', "/"));
        assert_eq!(path("/sub/").as_deref(), Some("index.html"));
        assert_eq!(path("/sub/?x=1").as_deref(), Some("index.html"));
        assert_eq!(path("/sub/a%20b/c.tar").as_deref(), Some("a b/c.tar"));
        assert_eq!(path("/other/"), None);
        assert_eq!(path("/sub/../secret"), None);
        assert_eq!(path("/sub/%2e%2e/secret"), None);
        assert_eq!(path("/sub//etc/passwd"), None);
        assert_eq!(path("/sub/%zz"), None);
    }
}

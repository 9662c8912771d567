//! A static file server, enough for `dist/` and no more.
//!
//! Every connection has a thread of its own. A pool is the simpler picture, but a browser opens connections ahead of
//! time and leaves them idle, and a pool whose threads all wait for those never hears the next request.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    path::{Component, Path, PathBuf},
    thread,
    time::Duration,
};

use anyhow::{Context, Result};

use crate::dist;

/// A request's line and headers together.
const LONGEST_HEAD: u64 = 64 << 10;
/// How long a connection may stay silent.
const PATIENCE: Duration = Duration::from_secs(30);

/// Serves a folder below a path, on threads of its own, until the process ends.
pub struct Server {
    thread: thread::JoinHandle<()>,
    address: SocketAddr,
    mount: String,
}

impl Server {
    /// `mount` is the path of the folder in the address: `/`, or `/some/path/`. Port 0 takes a free one.
    pub fn start(folder: &Path, host: &str, port: u16, mount: &str) -> Result<Self> {
        let listener = TcpListener::bind((host, port)).with_context(|| {
            format!("{host}:{port} cannot be served. Another program may hold it: --port takes another number")
        })?;
        let address = listener.local_addr()?;
        let site = Site { folder: folder.to_path_buf(), mount: mount.to_owned() };
        let thread = thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let site = site.clone();
                // A visitor who went away is nobody's error.
                thread::spawn(move || site.answer(stream).ok());
            }
        });
        Ok(Self { thread, address, mount: mount.to_owned() })
    }

    pub fn url(&self) -> String {
        format!("http://{}{}", self.address, self.mount)
    }

    /// Serves until the process ends.
    pub fn wait(self) {
        // The thread ends only by panicking, and then there is nothing left to wait for.
        let _ = self.thread.join();
    }
}

#[derive(Clone)]
struct Site {
    folder: PathBuf,
    mount: String,
}

impl Site {
    /// One request a connection: on the same machine another connection costs nothing.
    fn answer(&self, mut stream: TcpStream) -> io::Result<()> {
        stream.set_read_timeout(Some(PATIENCE))?;
        let head = read_head(&stream)?;
        let mut words = head.split(' ');
        let (method, url) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        if !matches!(method, "GET" | "HEAD") {
            return refuse(&mut stream, "405 Method Not Allowed");
        }
        let Some(path) = local_path(url, &self.mount) else { return refuse(&mut stream, "404 Not Found") };
        let Some((mut file, len)) = open(&self.folder.join(&path)) else {
            return refuse(&mut stream, "404 Not Found");
        };
        let name = path.to_string_lossy();
        let cache = if dist::is_hashed(&name) { "public, max-age=31536000, immutable" } else { "no-cache" };
        write!(
            stream,
            "HTTP/1.1 200 OK\r\nContent-Type: {}\r\nContent-Length: {len}\r\nCache-Control: {cache}\r\n\
             X-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n",
            media_type(&name)
        )?;
        if method == "GET" {
            io::copy(&mut file, &mut stream)?;
        }
        Ok(())
    }
}

/// Reads to the empty line and returns the first. What is left unread would reset the connection under the answer.
fn read_head(stream: &TcpStream) -> io::Result<String> {
    let mut lines = BufReader::new(stream.take(LONGEST_HEAD)).lines();
    let first = lines.next().ok_or(io::ErrorKind::UnexpectedEof)??;
    for line in lines {
        if line?.is_empty() {
            return Ok(first);
        }
    }
    Err(io::ErrorKind::UnexpectedEof.into())
}

fn refuse(stream: &mut TcpStream, status: &str) -> io::Result<()> {
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{status}",
        status.len()
    )
}

/// A file and its length. Opening a folder succeeds on some systems, reading it does not.
fn open(path: &Path) -> Option<(File, u64)> {
    let file = File::open(path).ok()?;
    let metadata = file.metadata().ok().filter(|metadata| metadata.is_file())?;
    Some((file, metadata.len()))
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

    #[test]
    fn a_file_is_served_however_many_connections_are_idle() {
        let folder = std::env::temp_dir().join(format!("layerlab-server-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("app-0123456789abcdef.wasm"), "program").unwrap();
        let server = Server::start(&folder, "127.0.0.1", 0, "/sub/").unwrap();
        let idle: Vec<_> = (0..20).map(|_| TcpStream::connect(server.address).unwrap()).collect();
        let ask = |request: &str| {
            let mut stream = TcpStream::connect(server.address).unwrap();
            write!(stream, "{request}\r\nHost: x\r\n\r\n").unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).unwrap();
            answer
        };
        let found = ask("GET /sub/app-0123456789abcdef.wasm HTTP/1.1");
        assert!(found.starts_with("HTTP/1.1 200 OK\r\nContent-Type: application/wasm\r\n"), "{found}");
        assert!(found.contains("immutable") && found.ends_with("\r\n\r\nprogram"), "{found}");
        assert!(ask("HEAD /sub/app-0123456789abcdef.wasm HTTP/1.1").ends_with("\r\n\r\n"));
        assert!(ask("GET /sub/ HTTP/1.1").starts_with("HTTP/1.1 404 "));
        assert!(ask("POST /sub/ HTTP/1.1").starts_with("HTTP/1.1 405 "));
        drop(idle);
        std::fs::remove_dir_all(&folder).unwrap();
    }
}

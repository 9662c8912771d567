//! `cargo xtask serve`: everything from a fresh checkout to an address in the terminal.

use anyhow::Result;
use lexopt::{Arg, Parser, ValueExt};

use crate::{build, server::Server};

pub struct Options {
    host: String,
    port: u16,
}

impl Options {
    pub fn parse(mut args: Parser) -> Result<Self> {
        let mut options = Self { host: "127.0.0.1".to_owned(), port: 8080 };
        while let Some(arg) = args.next()? {
            match arg {
                Arg::Long("host") => options.host = args.value()?.string()?,
                Arg::Long("port") => options.port = args.value()?.parse()?,
                other => return Err(other.unexpected().into()),
            }
        }
        Ok(options)
    }
}

pub fn run(options: Options) -> Result<()> {
    build::ensure()?;
    let server = Server::start(&build::dist_dir(), &options.host, options.port, "/")?;
    println!("Layerlab is at {} (Ctrl+C ends it)", server.url());
    server.wait();
    Ok(())
}

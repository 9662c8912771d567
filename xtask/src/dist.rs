//! Names every file of the page by its content.
//!
//! Trunk leaves worker and static file names as they are. A page from yesterday's cache that starts today's worker
//! would talk past it, so a name must change whenever the bytes do, those it refers to included: files are renamed
//! from the leaves up (wasm, then the script that loads it, then the worker's loader), and `index.html`, the only
//! name that stays, comes last.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use anyhow::{Context, Result, bail};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::project;

const INDEX: &str = "index.html";
/// What is below here is named by a protocol: a registry's clients ask for names, and check the bytes themselves.
const REGISTRY: &str = "registry/";
/// The service worker: browsers look for it under one name for ever.
const SERVICE_WORKER: &str = "sw.js";
/// The lines of it that are written here.
const VERSION_LINE: &str = "const VERSION = \"development\"\n";
const FILES_LINE: &str = "const FILES = []\n";
/// The element of the page that holds the names of the static files.
const ASSETS: &str = r#"<script type="application/json" id="assets">"#;

/// Makes `dist` from what trunk wrote into `plain`.
pub fn finish(plain: &Path, dist: &Path) -> Result<()> {
    let mut files = BTreeMap::new();
    for file in project::files(plain)? {
        let name = file.strip_prefix(plain)?.to_string_lossy().replace('\\', "/");
        files.insert(name, fs::read(&file).with_context(|| file.display().to_string())?);
    }
    let finished = rename(files)?;
    // Beside it first, so that a server never meets half a folder.
    let fresh = dist.with_extension("new");
    project::remove_dir(&fresh)?;
    for (name, content) in &finished {
        project::write(&fresh.join(name), content)?;
    }
    project::remove_dir(dist)?;
    fs::rename(&fresh, dist).with_context(|| dist.display().to_string())
}

/// Whether a path ends in a name that [`finish`] made: such a file never changes.
pub fn is_hashed(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let stem = name.split('.').next().unwrap_or(name);
    stem.rsplit_once('-').is_some_and(|(_, hash)| hash.len() == 16 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

type Files = BTreeMap<String, Vec<u8>>;

fn rename(mut files: Files) -> Result<Files> {
    let index = files.remove(INDEX).context("trunk wrote no index.html")?;
    let registry = files.extract_if(.., |name, _| name.starts_with(REGISTRY)).collect::<Files>();
    let service_worker = files.remove(SERVICE_WORKER);
    let names: BTreeSet<String> = files.keys().cloned().collect();
    let mut renamed = BTreeMap::new();
    let mut finished = registry;
    while !files.is_empty() {
        let ready = files.iter().find_map(|(name, content)| {
            let waits = references(name, content, &names).iter().any(|target| !renamed.contains_key(target));
            (!waits).then(|| name.clone())
        });
        let Some((name, content)) = ready.and_then(|name| files.remove_entry(&name)) else {
            bail!("these files refer to each other in a circle: {:?}", files.keys());
        };
        let content = rewrite(&name, content, &renamed);
        let hashed = hashed_name(&name, &content);
        finished.insert(hashed.clone(), content);
        renamed.insert(name, hashed);
    }
    finished.insert(INDEX.to_owned(), page(index, &renamed)?);
    if let Some(script) = service_worker {
        let script = with_files(&script, &finished)?;
        finished.insert(SERVICE_WORKER.to_owned(), script);
    }
    Ok(finished)
}

/// The service worker with the names of all other files, and a version that changes with the bytes of any of them.
fn with_files(script: &[u8], files: &Files) -> Result<Vec<u8>> {
    let script = str::from_utf8(script).context("sw.js is not UTF-8")?;
    let mut version = Sha256::new();
    for (name, content) in files {
        version.update(name);
        version.update(Sha256::digest(content));
    }
    let version = project::hex(&version.finalize()[..8]);
    let names: Vec<&String> = files.keys().collect();
    let mut filled = script.to_owned();
    for (line, value) in [(VERSION_LINE, json!(version)), (FILES_LINE, json!(names))] {
        let Some((before, after)) = filled.split_once(line) else { bail!("sw.js holds no line {line:?}") };
        let constant = line.split('=').next().unwrap_or_default();
        filled = format!("{before}{constant}= {value}\n{after}");
    }
    Ok(filled.into_bytes())
}

/// The page with the new names, and with the list of the static files, which the app looks up by their old names.
fn page(index: Vec<u8>, renamed: &BTreeMap<String, String>) -> Result<Vec<u8>> {
    let statics: BTreeMap<&String, &String> = renamed.iter().filter(|(name, _)| !is_program(name)).collect();
    let page = String::from_utf8(rewrite(INDEX, index, renamed)).context("index.html is not UTF-8")?;
    let Some((before, after)) = page.split_once(ASSETS) else {
        bail!("index.html holds no {ASSETS}");
    };
    let (_, after) = after.split_once("</script>").context("index.html: the list of assets is not closed")?;
    Ok(format!("{before}{ASSETS}{}</script>{after}", json!(statics)).into_bytes())
}

fn is_program(name: &str) -> bool {
    matches!(extension(name), "html" | "js" | "css" | "wasm")
}

/// The files that `content` names.
fn references(name: &str, content: &[u8], names: &BTreeSet<String>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    if let Some(text) = text(name, content) {
        for token in tokens(text) {
            found.extend(resolve(name, token).filter(|target| names.contains(target)));
        }
    }
    found.remove(name);
    found
}

fn rewrite(name: &str, content: Vec<u8>, renamed: &BTreeMap<String, String>) -> Vec<u8> {
    let Some(text) = text(name, &content) else { return content };
    let mut out = String::with_capacity(text.len());
    for token in tokens(text) {
        match resolve(name, token).and_then(|target| renamed.get(&target)) {
            Some(hashed) => out.push_str(&relative(name, token, hashed)),
            None => out.push_str(token),
        }
    }
    out.into_bytes()
}

/// Only these name other files; a sample may be text too, and must keep its bytes.
fn text<'a>(name: &str, content: &'a [u8]) -> Option<&'a str> {
    matches!(extension(name), "html" | "js" | "css").then_some(content).and_then(|bytes| str::from_utf8(bytes).ok())
}

/// Cuts between everything that can open or close a name in a script, a style sheet or a page. Joined again the
/// tokens are the text.
fn tokens(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive(['"', '\'', '`', '(', ')', ' ', '\n', ',']).flat_map(|piece| {
        let end = piece.len()
            - piece.chars().next_back().filter(|last| "\"'`() \n,".contains(*last)).map_or(0, char::len_utf8);
        let (token, delimiter) = piece.split_at(end);
        [token, delimiter].into_iter().filter(|part| !part.is_empty())
    })
}

/// The file that `token`, read in `name`, would be: `./`, `../` and plain names.
fn resolve(name: &str, token: &str) -> Option<String> {
    if token.is_empty() || token.starts_with('/') || !token.contains('.') {
        return None;
    }
    let mut parts: Vec<&str> = name.split('/').collect();
    parts.pop();
    for part in token.split('/') {
        match part {
            "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// The token with its last part exchanged: a hashed file stays in its folder.
fn relative(_name: &str, token: &str, hashed: &str) -> String {
    let file = hashed.rsplit('/').next().unwrap_or(hashed);
    match token.rsplit_once('/') {
        Some((folder, _)) => format!("{folder}/{file}"),
        None => file.to_owned(),
    }
}

/// `samples/shop.tar.gz` becomes `samples/shop-0123456789abcdef.tar.gz`.
fn hashed_name(name: &str, content: &[u8]) -> String {
    let hash = project::hex(&Sha256::digest(content)[..8]);
    let file = name.rfind('/').map_or(0, |slash| slash + 1);
    // Only what looks like an extension: in `shop-1.0.tar` the version is part of the name.
    let dot = file + name[file..].rfind('.').unwrap_or(name.len() - file);
    let stem = name[..dot].replace('.', "_");
    format!("{stem}-{hash}{}", &name[dot..])
}

fn extension(name: &str) -> &str {
    name.rsplit_once('.').map_or("", |(_, extension)| extension)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(files: &[(&str, &str)]) -> Files {
        files.iter().map(|(name, content)| ((*name).to_owned(), content.as_bytes().to_vec())).collect()
    }

    fn page_of(files: &Files) -> &str {
        str::from_utf8(&files[INDEX]).unwrap()
    }

    const PAGE: &str =
        "<meta content=\"./worker_loader.js\"><script type=\"application/json\" id=\"assets\">{}</script>";

    #[test]
    fn a_changed_worker_changes_the_name_that_the_page_starts() {
        let build = |wasm| {
            rename(files(&[
                (INDEX, PAGE),
                ("worker_loader.js", "import init from './worker.js';await init();"),
                ("worker.js", "new URL('worker_bg.wasm',import.meta.url)"),
                ("worker_bg.wasm", wasm),
            ]))
            .unwrap()
        };
        let (old, new) = (build("old"), build("new"));
        assert_ne!(page_of(&old), page_of(&new));
        let shared: Vec<_> = old.keys().filter(|name| new.contains_key(*name)).collect();
        assert_eq!(shared, [INDEX]);
        assert!(old.keys().all(|name| name == INDEX || is_hashed(name)));
    }

    #[test]
    fn references_are_found_in_styles_scripts_and_pages_and_keep_their_folder() {
        let built = rename(files(&[
            (INDEX, &format!("{PAGE}<link href=\"css/base.css\">")),
            ("worker_loader.js", ""),
            ("css/base.css", "a{background:url(../img/a.svg)} b{src:url(\"b.woff2\")}"),
            ("css/b.woff2", "font"),
            ("img/a.svg", "<svg/>"),
        ]))
        .unwrap();
        let css = built.iter().find(|(name, _)| name.starts_with("css/base-")).unwrap().1;
        let css = str::from_utf8(css).unwrap();
        assert!(css.starts_with("a{background:url(../img/a-"), "{css}");
        assert!(css.contains("url(\"b-"), "{css}");
        assert!(page_of(&built).contains("href=\"css/base-"));
    }

    #[test]
    fn static_files_keep_their_bytes_and_are_listed_by_their_old_names() {
        let built =
            rename(files(&[(INDEX, PAGE), ("worker_loader.js", ""), ("samples/shop-1.0.tar", "'worker_loader.js'")]))
                .unwrap();
        let list = page_of(&built).split_once(ASSETS).unwrap().1.split_once("</script>").unwrap().0;
        let list: BTreeMap<String, String> = serde_json::from_str(list).unwrap();
        assert_eq!(list.keys().collect::<Vec<_>>(), ["samples/shop-1.0.tar"]);
        assert_eq!(built[&list["samples/shop-1.0.tar"]], b"'worker_loader.js'");
    }

    #[test]
    fn a_registry_keeps_its_names() {
        let built =
            rename(files(&[(INDEX, PAGE), ("worker_loader.js", ""), ("registry/v2/a/manifests/1.0", "{}")])).unwrap();
        assert_eq!(built["registry/v2/a/manifests/1.0"], b"{}");
        assert!(!page_of(&built).contains("registry"));
    }

    #[test]
    fn the_service_worker_keeps_its_name_and_knows_every_file() {
        let build = |sample| {
            let built = rename(files(&[
                (INDEX, PAGE),
                ("worker_loader.js", ""),
                ("registry/v2/a/manifests/1.0", sample),
                (SERVICE_WORKER, &format!("{VERSION_LINE}{FILES_LINE}// the rest")),
            ]));
            String::from_utf8(built.unwrap()[SERVICE_WORKER].clone()).unwrap()
        };
        let script = build("a");
        for part in ["\"index.html\"", "\"registry/v2/a/manifests/1.0\"", "\"worker_loader-", "// the rest"] {
            assert!(script.contains(part), "{script}");
        }
        assert!(!script.contains("development") && !script.contains("sw.js"));
        assert_ne!(script, build("b"), "another file is another version");
    }

    #[test]
    fn a_circle_is_refused() {
        let error = rename(files(&[(INDEX, PAGE), ("a.js", "'./b.js'"), ("b.js", "'./a.js'")])).unwrap_err();
        assert_eq!(error.to_string(), "these files refer to each other in a circle: [\"a.js\", \"b.js\"]");
    }
}

//! Turns the client's wasm, `style/` and `public/` into the folder a browser is served from:
//! what `cargo leptos build` lays out, from cargo alone and without compiling cargo-leptos.
//!
//! ```text
//! bundle --wasm FILE --root DIR --site DIR --work DIR [--hash-file FILE]…
//!
//! site/pkg/tinytummy.<hash>.{js,wasm,css}   the names Leptos makes up from hash.txt
//! site/**/*.{br,gz}                         beside each file that is worth compressing
//! hash.txt                                  read by Leptos beside the server's executable
//! ```
//!
//! Each step keeps its result in `work`, under a name made of all it was made from. So a second
//! run does only what changed, and when nothing did, nothing.

#![expect(clippy::print_stdout, reason = "a command line tool that reports sizes")]

use std::{
    env, fs,
    io::Write,
    path::{Path, PathBuf},
    process::Command,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use anyhow::{Context, Result, bail, ensure};
use sha2::{Digest, Sha256};

/// `output-name` in the workspace's Leptos metadata.
const NAME: &str = "tinytummy";

/// What rustc turns on by itself for wasm, and every browser of the last years runs.
const WASM_FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// The other kinds (images, fonts, audio) are compressed already.
const COMPRESSIBLE: [&str; 11] = [
    "css",
    "html",
    "ico",
    "js",
    "json",
    "map",
    "mjs",
    "svg",
    "txt",
    "wasm",
    "webmanifest",
];

fn main() -> Result<()> {
    let args = Args::parse()?;
    let tools = Tools::new(&args.root)?;

    let wasm = fs::read(&args.wasm).with_context(|| format!("no wasm at {}", args.wasm.display()))?;
    let styles = files_below(&args.root.join("style"))?;
    let public = files_below(&args.root.join("public"))?;

    let client_key = key([tools.key.as_bytes(), &wasm]);
    let style_key = key_of_files(&tools.key, &styles)?;
    let site_key = key([
        client_key.as_bytes(),
        style_key.as_bytes(),
        key_of_files(&tools.key, &public)?.as_bytes(),
    ]);

    let done = args.work.join("site.key");
    let is_done = fs::read_to_string(&done).is_ok_and(|k| k == site_key)
        && args.site.is_dir()
        && args.hash_files.iter().all(|f| f.is_file());
    if is_done {
        println!("The site is up to date: {}", args.site.display());
        return Ok(());
    }

    let client = step(&args.work, "client", &client_key, |dir| tools.client(&args.wasm, dir))?;
    let style = step(&args.work, "style", &style_key, |dir| tools.style(&args.root, dir))?;

    // Built aside and moved into place, so a server that is running never serves half a site.
    let aside = args.work.join("site");
    remove_dir(&aside)?;
    for (path, name) in &public {
        copy(path, &aside.join(name))?;
    }
    let hashes = lay_out_pkg(&client, &style, &aside.join("pkg"))?;
    compress(&aside, &args.work.join("compressed"))?;
    report(&aside)?;

    remove_dir(&args.site)?;
    if let Some(parent) = args.site.parent() {
        fs::create_dir_all(parent)?;
    }
    fs::rename(&aside, &args.site)?;
    for file in &args.hash_files {
        write(file, hashes.as_bytes())?;
    }
    write(&done, site_key.as_bytes())
}

struct Args {
    wasm: PathBuf,
    root: PathBuf,
    site: PathBuf,
    work: PathBuf,
    hash_files: Vec<PathBuf>,
}

impl Args {
    fn parse() -> Result<Self> {
        let (mut wasm, mut root, mut site, mut work) = (None, None, None, None);
        let mut hash_files = Vec::new();
        let mut args = env::args_os().skip(1);
        while let Some(flag) = args.next() {
            let value = PathBuf::from(args.next().with_context(|| format!("{flag:?} wants a path"))?);
            match flag.to_str() {
                Some("--wasm") => wasm = Some(value),
                Some("--root") => root = Some(value),
                Some("--site") => site = Some(value),
                Some("--work") => work = Some(value),
                Some("--hash-file") => hash_files.push(value),
                _ => bail!("no such option: {flag:?}"),
            }
        }
        Ok(Self {
            wasm: wasm.context("--wasm is missing")?,
            root: root.context("--root is missing")?,
            site: site.context("--site is missing")?,
            work: work.context("--work is missing")?,
            hash_files,
        })
    }
}

/// The npm programs, found on PATH, and what identifies them and this one.
struct Tools {
    key: String,
}

impl Tools {
    fn new(root: &Path) -> Result<Self> {
        let lock = root.join("frontend/package-lock.json");
        let lock = fs::read(&lock).with_context(|| format!("no {}", lock.display()))?;
        let me = fs::read(env::current_exe()?)?;
        Ok(Self { key: key([&lock, &me]) })
    }

    /// The wasm as the browser gets it, and the JavaScript that loads it.
    fn client(&self, wasm: &Path, dir: &Path) -> Result<()> {
        println!("Binding the wasm to the browser …");
        wasm_bindgen_cli_support::Bindgen::new()
            .input_path(wasm)
            .out_name(NAME)
            .web(true)?
            .typescript(false)
            .remove_name_section(true)
            .remove_producers_section(true)
            .generate(dir)?;

        println!("Making the wasm small …");
        let bound = dir.join(format!("{NAME}_bg.wasm"));
        let small = dir.join(format!("{NAME}.wasm"));
        run(Command::new("wasm-opt")
            .arg("-Oz")
            .args(WASM_FEATURES)
            .arg(&bound)
            .arg("-o")
            .arg(&small))?;
        fs::remove_file(bound)?;

        let js = dir.join(format!("{NAME}.js"));
        run(Command::new("terser")
            .arg(&js)
            .args(["--module", "--compress", "--mangle", "-o"])
            .arg(&js))
    }

    fn style(&self, root: &Path, dir: &Path) -> Result<()> {
        println!("Compiling the style …");
        run(Command::new("sass")
            .args(["--style=compressed", "--no-source-map"])
            .arg(root.join("style/main.scss"))
            .arg(dir.join(format!("{NAME}.css"))))
    }
}

fn run(command: &mut Command) -> Result<()> {
    let name = command.get_program().to_string_lossy().into_owned();
    let status = command
        .status()
        .with_context(|| format!("{name} does not start: run tools/setup node"))?;
    ensure!(status.success(), "{name} failed");
    Ok(())
}

/// Copies the client into `pkg` under hashed names, and gives the text of hash.txt.
///
/// Everything in pkg may be cached for ever, so the scripts that crates bring (`snippets`) lie in
/// a folder with a hash too: their own names do not change with their content.
fn lay_out_pkg(client: &Path, style: &Path, pkg: &Path) -> Result<String> {
    let wasm = fs::read(client.join(format!("{NAME}.wasm")))?;
    let css = fs::read(style.join(format!("{NAME}.css")))?;
    let mut js = fs::read_to_string(client.join(format!("{NAME}.js")))?;

    let wasm_hash = key([&wasm]);
    let css_hash = key([&css]);
    js = js.replace(&format!("{NAME}_bg.wasm"), &format!("{NAME}.{wasm_hash}.wasm"));

    let snippets = files_below(&client.join("snippets"))?;
    if !snippets.is_empty() {
        let folder = format!("snippets.{}", key_of_files("", &snippets)?);
        js = js.replace("./snippets/", &format!("./{folder}/"));
        for (path, name) in &snippets {
            copy(path, &pkg.join(&folder).join(name))?;
        }
    }
    let js_hash = key([js.as_bytes()]);

    write(&pkg.join(format!("{NAME}.{wasm_hash}.wasm")), &wasm)?;
    write(&pkg.join(format!("{NAME}.{js_hash}.js")), js.as_bytes())?;
    write(&pkg.join(format!("{NAME}.{css_hash}.css")), &css)?;
    Ok(format!("js: {js_hash}\nwasm: {wasm_hash}\ncss: {css_hash}\n"))
}

/// Writes `.br` and `.gz` beside every file that gets smaller by it. Results are kept in `kept`
/// by content: brotli at its best takes seconds for the wasm and a file rarely changes.
fn compress(site: &Path, kept: &Path) -> Result<()> {
    let files: Vec<PathBuf> = files_below(site)?
        .into_iter()
        .map(|(path, _)| path)
        .filter(|p| {
            p.extension()
                .and_then(|e| e.to_str())
                .is_some_and(|e| COMPRESSIBLE.contains(&e))
        })
        .collect();
    let next = AtomicUsize::new(0);
    let work = || -> Result<()> {
        while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
            let content = fs::read(file)?;
            let hash = key([&content]);
            for (extension, encode) in [("br", brotli as fn(&[u8]) -> Result<Vec<u8>>), ("gz", gzip)] {
                let cached = kept.join(format!("{hash}.{extension}"));
                let encoded = match fs::read(&cached) {
                    Ok(encoded) => encoded,
                    Err(_) => {
                        let encoded = encode(&content)?;
                        write(&cached, &encoded)?;
                        encoded
                    }
                };
                if encoded.len() < content.len() {
                    let mut name = file.clone().into_os_string();
                    name.push(format!(".{extension}"));
                    write(Path::new(&name), &encoded)?;
                }
            }
        }
        Ok(())
    };
    let threads = thread::available_parallelism().map_or(1, |n| n.get());
    thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        running.into_iter().try_for_each(|t| match t.join() {
            Ok(result) => result,
            Err(_) => bail!("a compressing thread panicked"),
        })
    })
}

fn brotli(content: &[u8]) -> Result<Vec<u8>> {
    let params = brotli::enc::BrotliEncoderParams {
        quality: 11,
        lgwin: 22,
        ..Default::default()
    };
    let mut encoded = Vec::new();
    brotli::BrotliCompress(&mut &content[..], &mut encoded, &params)?;
    Ok(encoded)
}

fn gzip(content: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(content)?;
    Ok(encoder.finish()?)
}

fn report(site: &Path) -> Result<()> {
    println!("{:>10} {:>10}  what the browser downloads", "raw", "brotli");
    for (path, name) in files_below(&site.join("pkg"))? {
        if name.extension().is_some_and(|e| e == "br" || e == "gz") {
            continue;
        }
        let raw = fs::metadata(&path)?.len();
        let mut br = path.into_os_string();
        br.push(".br");
        let br = fs::metadata(br).map_or(raw, |m| m.len());
        println!("{raw:>10} {br:>10}  pkg/{}", name.display());
    }
    Ok(())
}

/// Runs `make` into `work/name-key`, unless an earlier run did. Older results are thrown away.
fn step(work: &Path, name: &str, key: &str, make: impl FnOnce(&Path) -> Result<()>) -> Result<PathBuf> {
    let dir = work.join(format!("{name}-{key}"));
    if dir.is_dir() {
        return Ok(dir);
    }
    fs::create_dir_all(work)?;
    for entry in fs::read_dir(work)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(&format!("{name}-")) {
            remove_dir(&entry.path())?;
        }
    }
    let aside = work.join(format!("{name}-new"));
    fs::create_dir_all(&aside)?;
    make(&aside)?;
    fs::rename(&aside, &dir)?;
    Ok(dir)
}

/// All files below a folder with their path in it, in a fixed order; hidden ones are left out.
fn files_below(dir: &Path) -> Result<Vec<(PathBuf, PathBuf)>> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(dir.join(&folder)) else {
            continue;
        };
        for entry in entries {
            let entry = entry?;
            if entry.file_name().to_string_lossy().starts_with('.') {
                continue;
            }
            let name = folder.join(entry.file_name());
            if entry.path().is_dir() {
                folders.push(name);
            } else {
                found.push((entry.path(), name));
            }
        }
    }
    found.sort();
    Ok(found)
}

/// 64 bits of SHA-256: enough to tell versions of a file apart, short enough to read.
fn key<T: AsRef<[u8]>>(parts: impl IntoIterator<Item = T>) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        let part = part.as_ref();
        hash.update(part.len().to_le_bytes());
        hash.update(part);
    }
    hash.finalize()
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn key_of_files(start: &str, files: &[(PathBuf, PathBuf)]) -> Result<String> {
    let mut parts = vec![start.as_bytes().to_vec()];
    for (path, name) in files {
        parts.push(name.to_string_lossy().into_owned().into_bytes());
        parts.push(fs::read(path)?);
    }
    Ok(key(parts))
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    write(to, &fs::read(from)?)
}

fn write(path: &Path, content: &[u8]) -> Result<()> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    fs::write(path, content).with_context(|| format!("cannot write {}", path.display()))
}

fn remove_dir(dir: &Path) -> Result<()> {
    match fs::remove_dir_all(dir) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
            Err(e).with_context(|| format!("cannot remove {}", dir.display()))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_tells_where_one_part_ends() {
        assert_ne!(key(["ab", "c"]), key(["a", "bc"]));
    }

    #[test]
    fn pkg_names_follow_the_content_and_hash_txt_names_them() -> Result<()> {
        let dir = env::temp_dir().join(format!("bundle-test-{}", std::process::id()));
        let client = dir.join("client");
        write(&client.join("tinytummy.wasm"), b"wasm")?;
        write(
            &client.join("tinytummy.js"),
            b"import './snippets/a/inline0.js'; new URL('tinytummy_bg.wasm', import.meta.url)",
        )?;
        write(&client.join("snippets/a/inline0.js"), b"export {}")?;
        write(&dir.join("style/tinytummy.css"), b"a{}")?;

        let hashes = lay_out_pkg(&client, &dir.join("style"), &dir.join("pkg"))?;

        let wasm = key(["wasm"]);
        assert!(hashes.contains(&format!("wasm: {wasm}\n")));
        let js_hash = hashes
            .lines()
            .find_map(|l| l.strip_prefix("js: "))
            .context("no js line")?;
        let js = fs::read_to_string(dir.join(format!("pkg/tinytummy.{js_hash}.js")))?;
        assert!(js.contains(&format!("'tinytummy.{wasm}.wasm'")), "{js}");
        let folder = js.split('/').nth(1).context("no folder")?;
        assert!(dir.join("pkg").join(folder).join("a/inline0.js").is_file(), "{js}");
        remove_dir(&dir)
    }
}

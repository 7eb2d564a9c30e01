//! Food files: read one, build one, and hand the built-in one to browsers.

use crate::assets::brotli_bytes;
use crate::config::FoodsBuildOptions;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use domain::food::{FoodFileError, Table};
use std::fs;
use std::io::{self, Read as _};
use std::path::PathBuf;
use std::sync::LazyLock;

/// No food file is nearly as long; a brotli bomb is.
const LONGEST: u64 = 256 * 1024 * 1024;

/// Why a food file could not be read or built.
#[derive(Debug, thiserror::Error)]
pub enum FoodsError {
    #[error("{path}: {source}")]
    File { path: PathBuf, source: io::Error },
    #[error("{path}: {source}")]
    Content { path: PathBuf, source: FoodFileError },
    #[error(transparent)]
    Build(#[from] domain::food::build::BuildError),
}

fn unpack(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut unpacked = Vec::new();
    brotli_decompressor::Decompressor::new(bytes, 4096)
        .take(LONGEST)
        .read_to_end(&mut unpacked)?;
    Ok(unpacked)
}

/// Reads a food file, as it is or brotli-compressed.
///
/// # Errors
/// It cannot be read, or is no food file.
pub fn read(path: &std::path::Path) -> Result<Table, FoodsError> {
    let bytes = fs::read(path).map_err(|source| FoodsError::File {
        path: path.to_owned(),
        source,
    })?;
    let table = match Table::parse(&bytes) {
        Err(FoodFileError::NotAFoodFile) => match unpack(&bytes) {
            Ok(bytes) => Table::parse(&bytes),
            Err(_) => Err(FoodFileError::NotAFoodFile),
        },
        parsed => parsed,
    };
    table.map_err(|source| FoodsError::Content {
        path: path.to_owned(),
        source,
    })
}

/// `tinytummy foods build`: an uncompressed food file, checked by reading it again.
///
/// # Errors
/// A file that cannot be read or written, or a table with a line that makes no sense.
pub fn build(options: &FoodsBuildOptions) -> Result<Table, FoodsError> {
    let text = |path: &PathBuf| {
        fs::read_to_string(path).map_err(|source| FoodsError::File {
            path: path.clone(),
            source,
        })
    };
    let foods = text(&options.foods)?;
    let portions = text(&options.portions)?;
    let aliases = match &options.aliases {
        Some(path) => text(path)?,
        None => "words,food,one_g,usual_g\n".to_owned(),
    };
    let bytes = domain::food::build::build(&foods, &portions, &aliases, &options.name)?;
    let table = Table::parse(&bytes).map_err(|source| FoodsError::Content {
        path: options.out.clone(),
        source,
    })?;
    fs::write(&options.out, &bytes).map_err(|source| FoodsError::File {
        path: options.out.clone(),
        source,
    })?;
    Ok(table)
}

/// Where browsers find the built-in food file: its name and its hash, so that it may be kept for ever.
pub fn built_in_url() -> &'static str {
    static URL: LazyLock<String> = LazyLock::new(|| {
        let name = services::foods::built_in().name();
        format!("/foods/{name}.{}.bin", services::foods::built_in_hash())
    });
    &URL
}

/// `GET /foods/{file}`
pub async fn get(Path(file): Path<String>, headers: HeaderMap) -> Response {
    if built_in_url().strip_prefix("/foods/") != Some(&file) {
        return StatusCode::NOT_FOUND.into_response();
    }
    let packed = services::foods::built_in_bytes();
    // It was unpacked at start, from the same bytes.
    brotli_bytes(&headers, packed, || unpack(packed).unwrap_or_default())
}

//! Food files: read one, build one, and hand those in use to browsers.

use crate::assets::{brotli_bytes, short_hash};
use crate::config::FoodsBuildOptions;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use domain::food::build::BuildError;
use domain::food::fdc::{self, Tables};
use domain::food::{FoodFileError, Table};
use std::borrow::Cow;
use std::fs::{self, File};
use std::io::{self, BufReader, Read};
use std::path::{Path as FilePath, PathBuf};
use std::sync::LazyLock;
use zip::ZipArchive;
use zip::result::ZipError;

/// No food file, and no table of one, is nearly as long; a bomb is.
const LONGEST: u64 = 256 * 1024 * 1024;

/// Why a food file could not be read or built.
#[derive(Debug, thiserror::Error)]
pub enum FoodsError {
    #[error("{path}: {source}")]
    File { path: PathBuf, source: io::Error },
    #[error("{path}: {source}")]
    Content { path: PathBuf, source: FoodFileError },
    #[error("{path}: {source}")]
    Zip { path: PathBuf, source: ZipError },
    #[error("{path}: there is no {file} in it, nor in a folder of it")]
    Missing { path: PathBuf, file: &'static str },
    #[error("{0}: several folders in it have foods; name one of them")]
    Several(PathBuf),
    #[error("{path}: {file} is too long for an export of foods without brands")]
    TooLong { path: PathBuf, file: &'static str },
    #[error(
        "{path}: its ids begin with {prefix}: as those of the built-in table do. Build it again with another --name"
    )]
    SamePrefix { path: PathBuf, prefix: String },
    #[error("say which foods: --fdc, or --foods and --portions")]
    NoFoods,
    #[error(transparent)]
    Build(#[from] BuildError),
}

/// What `fs` says of this file.
fn of_file<T>(path: &FilePath, done: io::Result<T>) -> Result<T, FoodsError> {
    done.map_err(|source| FoodsError::File {
        path: path.to_owned(),
        source,
    })
}

fn unpack(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut unpacked = Vec::new();
    brotli::Decompressor::new(bytes, 4096)
        .take(LONGEST)
        .read_to_end(&mut unpacked)?;
    Ok(unpacked)
}

/// Reads a food file, as it is or brotli-compressed.
///
/// # Errors
/// It cannot be read, or is no food file.
pub fn read(path: &FilePath) -> Result<Table, FoodsError> {
    Ok(open(path)?.0)
}

/// The table of a food file, and its bytes with brotli.
fn open(path: &FilePath) -> Result<(Table, Vec<u8>), FoodsError> {
    let bytes = of_file(path, fs::read(path))?;
    let opened = match Table::parse(&bytes) {
        Err(FoodFileError::NotAFoodFile) => match unpack(&bytes) {
            Ok(unpacked) => Table::parse(&unpacked).map(|table| (table, bytes)),
            Err(_) => Err(FoodFileError::NotAFoodFile),
        },
        // From a build before files were packed, or by another program.
        Ok(table) => of_file(path, pack(&bytes, QUICK)).map(|packed| Ok((table, packed)))?,
        Err(error) => Err(error),
    };
    opened.map_err(|source| FoodsError::Content {
        path: path.to_owned(),
        source,
    })
}

/// How hard brotli tries: as hard as it can, some seconds, once; or at a start of the server.
const THOROUGH: i32 = 11;
const QUICK: i32 = 7;

fn pack(mut bytes: &[u8], quality: i32) -> io::Result<Vec<u8>> {
    let mut packed = Vec::new();
    let params = brotli::enc::BrotliEncoderParams {
        quality,
        size_hint: bytes.len(),
        ..Default::default()
    };
    brotli::BrotliCompress(&mut bytes, &mut packed, &params)?;
    Ok(packed)
}

/// `tinytummy foods build`: a food file with brotli, checked by reading it again.
///
/// # Errors
/// A file that cannot be read or written, or a table with a line that makes no sense.
pub fn build(options: &FoodsBuildOptions) -> Result<Table, FoodsError> {
    let text = |path: &PathBuf| of_file(path, fs::read_to_string(path));
    let aliases = match &options.aliases {
        Some(path) => text(path)?,
        None => "words,food,one_g,usual_g\n".to_owned(),
    };
    let bytes = match (&options.fdc, &options.foods, &options.portions) {
        (Some(export), _, _) => fdc::build(&export_tables(export)?, &aliases, &options.name)?,
        (None, Some(foods), Some(portions)) => {
            domain::food::build::build(&text(foods)?, &text(portions)?, &aliases, &options.name)?
        }
        _ => return Err(FoodsError::NoFoods),
    };
    let table = Table::parse(&bytes).map_err(|source| FoodsError::Content {
        path: options.out.clone(),
        source,
    })?;
    let packed = of_file(&options.out, pack(&bytes, THOROUGH))?;
    of_file(&options.out, fs::write(&options.out, &packed))?;
    Ok(table)
}

/// The tables of an export of FoodData Central: a zip, or the folder it was unpacked to.
fn export_tables(path: &FilePath) -> Result<Tables, FoodsError> {
    if path.is_dir() {
        let folder = export_folder(path)?;
        return Tables::read(|file| from_folder(&folder, file));
    }
    let zip = of_file(path, File::open(path))?;
    let mut zip = ZipArchive::new(BufReader::new(zip)).map_err(|source| FoodsError::Zip {
        path: path.to_owned(),
        source,
    })?;
    Tables::read(|file| from_zip(&mut zip, path, file))
}

fn from_zip(zip: &mut ZipArchive<BufReader<File>>, path: &FilePath, file: &'static str) -> Result<String, FoodsError> {
    let in_a_folder = |name: &str| name.split_once('/').is_some_and(|(_, name)| name == file);
    // A name that cannot be read is not the one looked for.
    let name = zip
        .file_names()
        .flatten()
        .find(|name| name == file || in_a_folder(name))
        .map(Cow::into_owned);
    let name = name.ok_or_else(|| missing(path, file))?;
    let table = zip.by_name(&name).map_err(|source| FoodsError::Zip {
        path: path.join(file),
        source,
    })?;
    table_text(table, path, file)
}

/// `path`, or the one folder in it that has an export.
fn export_folder(path: &FilePath) -> Result<PathBuf, FoodsError> {
    let has_foods = |folder: &PathBuf| folder.join(fdc::FOOD).is_file();
    let path_itself = path.to_owned();
    if has_foods(&path_itself) {
        return Ok(path_itself);
    }
    let mut folders = Vec::new();
    for entry in of_file(path, fs::read_dir(path))? {
        folders.push(of_file(path, entry)?.path());
    }
    folders.retain(has_foods);
    match (folders.pop(), folders.is_empty()) {
        (Some(folder), true) => Ok(folder),
        (Some(_), false) => Err(FoodsError::Several(path_itself)),
        (None, _) => Err(missing(path, fdc::FOOD)),
    }
}

fn from_folder(folder: &FilePath, file: &'static str) -> Result<String, FoodsError> {
    let path = folder.join(file);
    if !path.exists() {
        return Err(missing(folder, file));
    }
    table_text(of_file(&path, File::open(&path))?, folder, file)
}

fn missing(path: &FilePath, file: &'static str) -> FoodsError {
    FoodsError::Missing {
        path: path.to_owned(),
        file,
    }
}

fn table_text(table: impl Read, path: &FilePath, file: &'static str) -> Result<String, FoodsError> {
    let mut text = String::new();
    let read = table.take(LONGEST).read_to_string(&mut text);
    if of_file(&path.join(file), read)? as u64 == LONGEST {
        return Err(FoodsError::TooLong {
            path: path.to_owned(),
            file,
        });
    }
    Ok(text)
}

/// A food file in use: its table for the server, its bytes for browsers.
#[derive(Debug)]
pub struct FoodFile {
    pub table: &'static Table,
    /// Where browsers find it: its name and its hash, so that it may be kept for ever.
    pub url: String,
    packed: Cow<'static, [u8]>,
}

impl FoodFile {
    fn new(table: &'static Table, packed: Cow<'static, [u8]>) -> Self {
        let hash = short_hash(&[&packed]);
        let url = format!("/foods/{}.{hash}.bin", table.name());
        Self { table, url, packed }
    }

    /// The one inside this binary.
    pub fn built_in() -> &'static Self {
        static FILE: LazyLock<FoodFile> = LazyLock::new(|| {
            let packed = Cow::Borrowed(services::foods::built_in_bytes());
            FoodFile::new(services::foods::built_in(), packed)
        });
        &FILE
    }

    /// The files of a server that was given `path`, the one to read with first: families keep what they logged
    /// with the built-in table. They stay as long as the process does, hence the leak.
    ///
    /// # Errors
    /// It cannot be read, is no food file, or calls its foods as the built-in one does.
    pub fn in_use(path: Option<&FilePath>) -> Result<&'static [&'static Self], FoodsError> {
        let built_in = Self::built_in();
        let Some(path) = path else {
            return Ok(Vec::leak(vec![built_in]));
        };
        let (table, packed) = open(path)?;
        if table.prefix() == built_in.table.prefix() {
            return Err(FoodsError::SamePrefix {
                path: path.to_owned(),
                prefix: table.prefix().to_owned(),
            });
        }
        let table: &'static Table = Box::leak(Box::new(table.replacing(built_in.table)));
        let given: &'static Self = Box::leak(Box::new(Self::new(table, packed.into())));
        Ok(Vec::leak(vec![given, built_in]))
    }
}

/// `GET /foods/{file}`
pub async fn get(
    State(files): State<&'static [&'static FoodFile]>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Response {
    let asked = files
        .iter()
        .find(|file| file.url.strip_prefix("/foods/") == Some(&name));
    let Some(file) = asked else {
        return StatusCode::NOT_FOUND.into_response();
    };
    // It was unpacked at start, from the same bytes.
    brotli_bytes(&headers, &file.packed, || unpack(&file.packed).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::analysis::{Eater, analyse};
    use domain::nutrient::Nutrient;
    use std::io::Write as _;
    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    const EXPORT: [(&str, &str); 5] = [
        (
            "food.csv",
            "fdc_id,data_type,description\n7,sr_legacy_food,\"Milk, whole\"\n8,sr_legacy_food,\"Peas, green, raw\"\n",
        ),
        (
            "food_nutrient.csv",
            "id,fdc_id,nutrient_id,amount\n1,7,1008,61\n2,7,1087,113\n3,8,1008,81\n",
        ),
        (
            "food_portion.csv",
            "id,fdc_id,seq_num,amount,measure_unit_id,portion_description,modifier,gram_weight\n\
             1,7,1,1,9999,,cup,244\n2,8,1,1,9999,,cup,145\n",
        ),
        ("measure_unit.csv", "id,name\n9999,undetermined\n"),
        (
            "nutrient.csv",
            "id,name,unit_name,nutrient_nbr\n1008,Energy,KCAL,208\n1087,\"Calcium, Ca\",MG,301\n",
        ),
    ];

    /// A zip of these tables, all in `folder`.
    fn zip(path: &FilePath, folder: &str, tables: &[(&str, &str)]) {
        let mut zip = ZipWriter::new(File::create(path).unwrap());
        for (name, text) in tables {
            zip.start_file(format!("{folder}{name}"), SimpleFileOptions::default())
                .unwrap();
            zip.write_all(text.as_bytes()).unwrap();
        }
        zip.finish().unwrap();
    }

    fn options(export: PathBuf, out: PathBuf) -> FoodsBuildOptions {
        FoodsBuildOptions {
            fdc: Some(export),
            foods: None,
            portions: None,
            aliases: None,
            name: "sr-2018".to_owned(),
            out,
        }
    }

    fn eats_a_cup_of_milk(table: &Table) {
        let analysis = analyse("1 cup milk", table, &Eater::default());
        assert_eq!(analysis.items.len(), 1);
        let item = serde_json::to_value(&analysis.items[0]).unwrap();
        assert_eq!(
            (&item["food"], &item["grams"]),
            (&"sr:7".into(), &244.0.into()),
            "{item}"
        );
        assert_eq!(analysis.nutrition_breakdown.get(Nutrient::Calories), Some(148.8));
        assert_eq!(analysis.nutrition_breakdown.get(Nutrient::Iron), None);
    }

    #[test]
    fn an_export_is_read_from_a_zip_or_a_folder_and_used() {
        let dir = tempfile::tempdir().unwrap();
        let out = dir.path().join("foods.bin");
        for folder in ["", "FoodData_Central_sr_legacy_food_csv_2018-04/"] {
            let export = dir.path().join("export.zip");
            zip(&export, folder, &EXPORT);
            build(&options(export, out.clone())).unwrap();
            eats_a_cup_of_milk(&read(&out).unwrap());

            let unpacked = dir.path().join("unpacked");
            fs::create_dir_all(unpacked.join(folder)).unwrap();
            for (name, text) in EXPORT {
                fs::write(unpacked.join(folder).join(name), text).unwrap();
            }
            build(&options(unpacked.clone(), out.clone())).unwrap();
            eats_a_cup_of_milk(&read(&out).unwrap());
            fs::remove_dir_all(unpacked).unwrap();
        }
    }

    #[test]
    fn a_zip_that_is_none_or_lacks_a_table_is_refused_by_name() {
        let dir = tempfile::tempdir().unwrap();
        let export = dir.path().join("export.zip");
        let said = || {
            let error = build(&options(export.clone(), dir.path().join("foods.bin"))).unwrap_err();
            error.to_string()
        };
        assert!(said().contains("export.zip: No such file"), "{}", said());
        fs::write(&export, "fdc_id,data_type,description\n").unwrap();
        assert!(said().contains("export.zip: invalid Zip archive"), "{}", said());
        zip(&export, "a/", &EXPORT[..4]);
        assert!(
            said().contains("export.zip: there is no nutrient.csv in it"),
            "{}",
            said()
        );
        zip(&export, "a/b/", &EXPORT);
        assert!(said().contains("export.zip: there is no food.csv in it"), "{}", said());
    }

    #[test]
    fn a_folder_of_several_exports_is_not_mixed() {
        let dir = tempfile::tempdir().unwrap();
        let said = || {
            let error = build(&options(dir.path().to_owned(), dir.path().join("foods.bin"))).unwrap_err();
            error.to_string()
        };
        assert!(said().contains("there is no food.csv in it"), "{}", said());
        for folder in ["sr", "fndds"] {
            fs::create_dir(dir.path().join(folder)).unwrap();
            fs::write(dir.path().join(folder).join("food.csv"), "").unwrap();
            let expected = if folder == "sr" {
                "sr: there is no food_nutrient.csv in it"
            } else {
                "several folders in it have foods"
            };
            assert!(said().contains(expected), "{}", said());
        }
    }
}

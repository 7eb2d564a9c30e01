//! The food table the program carries.

use domain::food::Table;
use sha2::{Digest, Sha256};
use std::io::Read;
use std::sync::OnceLock;

/// The food file as it is served: brotli-compressed, the same one for every browser.
static COMPRESSED: &[u8] = include_bytes!("../../domain/data/foods-sr24-1.bin.br");

/// The food table. The first call unpacks it.
///
/// # Panics
/// When the file that was compiled in is broken, which a test rules out.
pub fn built_in() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut bytes = Vec::new();
        brotli_decompressor::Decompressor::new(COMPRESSED, 4096)
            .read_to_end(&mut bytes)
            .expect("the food file compiled in unpacks");
        Table::parse(&bytes).expect("the food file compiled in is whole")
    })
}

/// The compressed file, for a browser that takes brotli.
pub fn built_in_bytes() -> &'static [u8] {
    COMPRESSED
}

/// The start of the file's hash: it goes into the file's address, which may then be kept for ever.
pub fn built_in_hash() -> &'static str {
    static HASH: OnceLock<String> = OnceLock::new();
    HASH.get_or_init(|| {
        Sha256::digest(COMPRESSED)
            .iter()
            .take(8)
            .map(|byte| format!("{byte:02x}"))
            .collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_food_file_compiled_in_can_be_read() {
        assert!(built_in().len() > 1000);
        assert_eq!(built_in_hash().len(), 16);
    }
}

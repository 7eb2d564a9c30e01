//! The food table the program carries.

use domain::food::Table;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_food_file_compiled_in_can_be_read() {
        assert!(built_in().len() > 1000);
    }
}

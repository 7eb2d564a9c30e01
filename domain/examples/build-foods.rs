//! Rebuilds the committed food file from the tables beside it:
//!
//! ```text
//! cargo run -p domain --features build --example build-foods
//! ```

use std::error::Error;
use std::fs;
use std::io::Write;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("data");
    let bytes = domain::food::build::build(
        &fs::read_to_string(data.join("foods_sr24.csv"))?,
        &fs::read_to_string(data.join("portions_sr24.csv"))?,
        &fs::read_to_string(data.join("aliases.csv"))?,
        "sr24-1",
    )?;
    let mut packed = Vec::new();
    let params = brotli::enc::BrotliEncoderParams {
        quality: 11,
        lgwin: 22,
        size_hint: bytes.len(),
        ..Default::default()
    };
    brotli::BrotliCompress(&mut bytes.as_slice(), &mut packed, &params)?;
    fs::write(data.join("foods-sr24-1.bin.br"), &packed)?;
    writeln!(std::io::stdout(), "{} bytes, {} packed", bytes.len(), packed.len())?;
    Ok(())
}

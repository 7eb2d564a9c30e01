//! How server functions answer.

use leptos::server_fn::codec::Post;
use leptos::server_fn::{Bytes, ContentType, Decodes, Encodes, Format, FormatType};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Error;

/// JSON, read as text. Leptos' own reads bytes; what a page brings along is read as text, so that
/// one would put a second reader of each type into the wasm, 100 kB of it.
#[derive(Debug)]
pub struct JsonText;

/// For the `output` of a server function that the wasm calls.
pub type Json = Post<JsonText>;

impl ContentType for JsonText {
    const CONTENT_TYPE: &'static str = "application/json";
}

impl FormatType for JsonText {
    const FORMAT_TYPE: Format = Format::Text;
}

impl<T: Serialize> Encodes<T> for JsonText {
    type Error = Error;

    fn encode(output: &T) -> Result<Bytes, Error> {
        serde_json::to_vec(output).map(Into::into)
    }
}

impl<T: DeserializeOwned> Decodes<T> for JsonText {
    type Error = Error;

    fn decode(bytes: Bytes) -> Result<T, Error> {
        // Bytes that are no text are no JSON either; the reader says where it stops.
        serde_json::from_str(&String::from_utf8_lossy(&bytes))
    }
}

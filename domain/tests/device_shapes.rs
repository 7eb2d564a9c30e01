//! What earlier releases left on a device is still read: `device_shapes/N.json` is what a browser kept in
//! `IndexedDB` at version N of its storage. `end2end/tests/shapes.spec.js` opens the app on the same files.
//!
//! A failure here after a type has changed: let it read the old text, or raise `VERSION` in
//! `app/src/offline/disk.rs`, move there what is stored, and lay a file of the new shape beside these.

use domain::id::AccountId;
use domain::replica::{Entry, Known, Owner, Queue, Row, upload};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::fs;
use std::path::Path;

/// Keys and texts of a store.
fn entries(shape: &Value, store: &str) -> Vec<(Value, String)> {
    serde_json::from_value(shape["stores"][store]["entries"].clone()).expect("keys and texts")
}

/// Whether everything that `old` says is said by `new`, too.
fn says_all(new: &Value, old: &Value) -> bool {
    match (new, old) {
        (Value::Object(new), Value::Object(old)) => old
            .iter()
            .all(|(key, old)| old.is_null() || new.get(key).is_some_and(|new| says_all(new, old))),
        (Value::Array(new), Value::Array(old)) => {
            new.len() == old.len() && new.iter().zip(old).all(|(new, old)| says_all(new, old))
        }
        (new, old) => new == old,
    }
}

fn read<T: DeserializeOwned + Serialize>(text: &str) -> T {
    let value: T = serde_json::from_str(text).unwrap_or_else(|why| panic!("{why}: {text}"));
    let (new, old) = (
        serde_json::to_value(&value).expect("a value"),
        serde_json::from_str(text).expect("JSON"),
    );
    assert!(says_all(&new, &old), "something is lost of {text}: {new}");
    value
}

#[test]
fn every_shape_is_read_whole_and_its_queue_is_sent() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/device_shapes");
    let mut shapes = 0;
    for file in fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let shape: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        let name = format!("{}.json", shape["version"]);
        assert_eq!(path.file_name().unwrap().to_str(), Some(name.as_str()));
        let texts: Vec<(u64, String)> = entries(&shape, "queue")
            .into_iter()
            .map(|(number, text)| (number.as_u64().unwrap(), text))
            .collect();
        let account = read::<Entry>(&texts[0].1).account;
        let queue = Queue::read(account, texts.clone());
        assert_eq!((queue.entries.len(), queue.unread), (texts.len(), vec![]));
        for (entry, (number, text)) in queue.entries.iter().zip(&texts) {
            assert_eq!(
                (entry, entry.number),
                (
                    &Entry {
                        number: *number,
                        ..read(text)
                    },
                    *number
                )
            );
        }
        let waiting = queue.entries.iter().filter(|entry| entry.rejected.is_none()).count();
        assert!(waiting > 0 && waiting < texts.len(), "some wait, some were refused");
        assert_eq!(upload(account, &queue.entries, []).changes.len(), waiting);
        for (_, text) in entries(&shape, "rows") {
            let (date, row) = text.split_at("2026-11-24".len());
            let row: Row = read(row);
            assert_eq!(row.shown().unwrap().meal.when.date.to_string(), date);
        }
        for (key, text) in entries(&shape, "kept") {
            match key.as_str().and_then(|key| key.split('/').next()) {
                Some("child") => drop(read::<Known>(&text)),
                Some("owner") => drop(read::<Owner>(&text)),
                // Of the app, and asked for again where it cannot be read.
                Some("home") => {}
                other => panic!("unknown: {other:?}"),
            }
        }
        shapes += 1;
    }
    assert!(shapes > 0);
}

#[test]
fn what_cannot_be_read_is_kept_as_it_is_for_whose_it_is() {
    let ada = AccountId("0190a000-0000-7000-8000-000000000001".parse().unwrap());
    let ben = AccountId("0190a000-0000-7000-8000-000000000002".parse().unwrap());
    let newer = format!(r#"{{"account":"{}","change":{{"noun":"growth"}}}}"#, ada.0);
    let broken = r#"{"account":"#.to_owned();
    let texts = vec![(3, newer.clone()), (4, broken.clone())];
    assert_eq!(Queue::read(ada, texts.clone()).unread, texts);
    assert_eq!(Queue::read(ben, texts).unread, [(4, broken)]);
}

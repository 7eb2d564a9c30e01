//! What this device keeps, in `IndexedDB`. Text by key: each value is JSON of a type in `domain`.
//!
//! Three stores. `kept`: the account, what the pages know of it, and its children. `rows`: meals, a day
//! before the JSON, so that those of one day are found without reading the others. `queue`: what waits for
//! the server, numbered in the order it was written; it outlives a sign-out.

use idb::{Database, DatabaseEvent as _, Factory, KeyRange, ObjectStoreParams, Query, TransactionMode};
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::js_sys::JsString;

const NAME: &str = "tinytummy";
/// The shape of what is stored. A release that changes it moves what is there, in [`shape`].
const VERSION: u32 = 1;

pub(super) const KEPT: &str = "kept";
pub(super) const ROWS: &str = "rows";
pub(super) const QUEUE: &str = "queue";

/// The browser keeps nothing: its storage is full, forbidden, or broken.
pub(super) type Refused = idb::Error;

#[derive(Debug)]
pub(super) struct Disk(Database);

/// A write; several are done together or not at all.
#[derive(Debug)]
pub(super) enum Write {
    Put(&'static str, String, String),
    Remove(&'static str, String),
    /// Every key that begins so.
    RemoveAll(&'static str, String),
    Append(String),
    PutEntry(u64, String),
    RemoveEntry(u64),
}

/// Makes the stores, whatever was there before.
fn shape(database: &Database) -> Result<(), Refused> {
    let there = database.store_names();
    for name in [KEPT, ROWS, QUEUE] {
        if !there.iter().any(|there| there == name) {
            let mut params = ObjectStoreParams::new();
            params.auto_increment(name == QUEUE);
            database.create_object_store(name, params)?;
        }
    }
    Ok(())
}

fn beginning_with(start: &str) -> Result<Query, Refused> {
    let end = format!("{start}\u{ffff}");
    let range = KeyRange::bound(&start.into(), &end.as_str().into(), None, None)?;
    Ok(Query::KeyRange(range))
}

impl Disk {
    pub(super) async fn open() -> Result<Self, Refused> {
        let mut request = Factory::new()?.open(NAME, Some(VERSION))?;
        request.on_upgrade_needed(|event| {
            if let Ok(database) = event.database()
                && let Err(why) = shape(&database)
            {
                leptos::logging::warn!("The device's storage could not be prepared: {why}");
            }
        });
        let mut database = request.await?;
        // A newer release in another tab wants to change the shape: it must not wait for this one.
        database.on_version_change(|event| {
            if let Ok(database) = event.database() {
                database.close();
            }
        });
        Ok(Self(database))
    }

    pub(super) async fn get(&self, store: &str, key: &str) -> Result<Option<String>, Refused> {
        let transaction = self.0.transaction(&[store], TransactionMode::ReadOnly)?;
        let value = transaction.object_store(store)?.get(JsValue::from_str(key))?.await?;
        Ok(value.and_then(|value| value.as_string()))
    }

    /// The values whose keys begin so and whose text does, too.
    pub(super) async fn all(&self, store: &str, key: &str, text: &str) -> Result<Vec<String>, Refused> {
        let transaction = self.0.transaction(&[store], TransactionMode::ReadOnly)?;
        let values = transaction
            .object_store(store)?
            .get_all(Some(beginning_with(key)?), None)?
            .await?;
        let begins = |value: &JsValue| {
            let value: &JsString = value.unchecked_ref();
            value.starts_with(text, 0)
        };
        Ok(values
            .into_iter()
            .filter(begins)
            .filter_map(|value| value.as_string())
            .collect())
    }

    /// The queue, oldest first.
    pub(super) async fn queue(&self) -> Result<Vec<(u64, String)>, Refused> {
        let transaction = self.0.transaction(&[QUEUE], TransactionMode::ReadOnly)?;
        let store = transaction.object_store(QUEUE)?;
        let (keys, values) = (store.get_all_keys(None, None)?, store.get_all(None, None)?);
        let (keys, values) = (keys.await?, values.await?);
        Ok(keys
            .into_iter()
            .zip(values)
            .filter_map(|(key, value)| Some((key.as_f64()? as u64, value.as_string()?)))
            .collect())
    }

    /// All of it, or nothing.
    pub(super) async fn write(&self, writes: Vec<Write>) -> Result<(), Refused> {
        let transaction = self.0.transaction(&[KEPT, ROWS, QUEUE], TransactionMode::ReadWrite)?;
        let key = |number: u64| JsValue::from_f64(number as f64);
        for write in writes {
            match write {
                Write::Put(store, key, text) => {
                    transaction.object_store(store)?.put(&text.into(), Some(&key.into()))?;
                }
                Write::Remove(store, key) => {
                    transaction.object_store(store)?.delete(JsValue::from(key))?;
                }
                Write::RemoveAll(store, start) => {
                    transaction.object_store(store)?.delete(beginning_with(&start)?)?;
                }
                Write::Append(text) => {
                    transaction.object_store(QUEUE)?.add(&text.into(), None)?;
                }
                Write::PutEntry(number, text) => {
                    transaction.object_store(QUEUE)?.put(&text.into(), Some(&key(number)))?;
                }
                Write::RemoveEntry(number) => {
                    transaction.object_store(QUEUE)?.delete(key(number))?;
                }
            }
        }
        // Done in order, and one that fails takes the others with it: once this is answered, all are written.
        transaction.object_store(KEPT)?.count(None)?.await?;
        // A full disk shows only now: no write fails, and then the browser gives up all of it.
        if transaction.commit()?.await?.is_committed() {
            Ok(())
        } else {
            Err(idb::Error::TransactionCommitError("given up by the browser".into()))
        }
    }
}

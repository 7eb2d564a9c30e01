//! Hashing passwords: off the async threads, few at a time, and never a longer line than is soon
//! served. Each takes tens of milliseconds and 19 MiB, so a flood would take the memory.

use crate::error::ServiceError;
use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use domain::account::Password;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::Semaphore;

/// A password nobody has, hashed as every other: an unknown e-mail costs the same work.
pub(crate) const NOBODYS_HASH: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$dGlueXR1bW15LW5vYm9keQ$Jm3hS1ALhFGrqQKLs0hWqW8mTzjTQ3NEzKfSqmqOI8M";

/// How long to wait for one's turn: longer only when the machine is busy with other things.
const PATIENCE: Duration = Duration::from_secs(10);

#[derive(Clone, Debug)]
pub(crate) struct Hashing {
    /// Those being hashed.
    turns: Arc<Semaphore>,
    /// Those being hashed and those that wait.
    places: Arc<Semaphore>,
    done: Arc<AtomicU64>,
}

impl Hashing {
    pub(crate) fn new(at_once: usize, waiting: usize) -> Self {
        let at_once = at_once.max(1);
        Self {
            turns: Arc::new(Semaphore::new(at_once)),
            places: Arc::new(Semaphore::new(at_once + waiting)),
            done: Arc::new(AtomicU64::new(0)),
        }
    }

    /// How many passwords were hashed since the start.
    pub(crate) fn done(&self) -> u64 {
        self.done.load(Ordering::Relaxed)
    }

    /// # Errors
    /// [`ServiceError::Busy`], at once where the line is long.
    pub(crate) async fn hash(&self, password: Password) -> Result<String, ServiceError> {
        self.in_turn(move || {
            Argon2::default()
                .hash_password(password.expose().as_bytes())
                .map(|hash| hash.to_string())
                .map_err(|error| ServiceError::fault(error.to_string()))
        })
        .await
    }

    /// Whether `password` is the one of `hash`.
    ///
    /// # Errors
    /// [`ServiceError::Busy`], at once where the line is long.
    pub(crate) async fn verify(&self, password: Password, hash: String) -> Result<bool, ServiceError> {
        self.in_turn(move || {
            let hash = PasswordHash::new(&hash).map_err(|error| ServiceError::fault(error.to_string()))?;
            Ok(Argon2::default()
                .verify_password(password.expose().as_bytes(), &hash)
                .is_ok())
        })
        .await
    }

    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, ServiceError> + Send + 'static,
    ) -> Result<T, ServiceError> {
        let place = self
            .places
            .clone()
            .try_acquire_owned()
            .map_err(|_| ServiceError::Busy)?;
        let turn = tokio::time::timeout(PATIENCE, self.turns.clone().acquire_owned())
            .await
            .map_err(|_| ServiceError::Busy)?
            .map_err(ServiceError::fault)?;
        let done = self.done.clone();
        tokio::task::spawn_blocking(move || {
            // Held to the end of the work, also when nobody waits for it any more.
            let _held = (place, turn);
            let result = work();
            done.fetch_add(1, Ordering::Relaxed);
            result
        })
        .await
        .map_err(ServiceError::fault)?
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    #[test]
    fn nobodys_hash_costs_what_every_other_costs() {
        let nobody = PasswordHash::new(NOBODYS_HASH).unwrap();
        let somebody = Argon2::default().hash_password(b"a few words").unwrap();
        let somebody = PasswordHash::new(somebody.to_string().as_str())
            .unwrap()
            .params
            .to_string();
        assert_eq!(nobody.params.to_string(), somebody);
    }

    #[tokio::test]
    async fn a_flood_takes_no_more_than_its_turns_and_the_rest_hears_so_at_once() {
        let hashing = Hashing::new(2, 3);
        let (started, starts) = mpsc::channel();
        let mut ends = Vec::new();
        let mut line = Vec::new();
        for _ in 0..5 {
            let (end, ended) = mpsc::channel::<()>();
            ends.push(end);
            let (hashing, started) = (hashing.clone(), started.clone());
            line.push(tokio::spawn(async move {
                hashing
                    .in_turn(move || {
                        started.send(()).unwrap();
                        ended.recv().unwrap();
                        Ok(())
                    })
                    .await
            }));
            // Each takes its place before the next one comes.
            tokio::task::yield_now().await;
        }
        for _ in 0..20 {
            let turned_away = hashing.in_turn(|| Ok(())).await;
            assert!(matches!(turned_away, Err(ServiceError::Busy)), "{turned_away:?}");
        }
        starts.recv().unwrap();
        starts.recv().unwrap();
        assert!(starts.try_recv().is_err(), "more than two at a time");
        for end in ends {
            end.send(()).unwrap();
        }
        for one in line {
            one.await.unwrap().unwrap();
        }
        assert_eq!(hashing.done(), 5);
        hashing.in_turn(|| Ok(())).await.unwrap();
    }
}

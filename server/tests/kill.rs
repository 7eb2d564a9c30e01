//! Killed, and told to stop, while meals are being written: what was answered is kept, and what is sent
//! again with its ids is one write.

mod support;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;
use support::binary::{Running, data_dir, postmaster, send, serve, until};
use support::inside::{Inside, Rows};
use support::random::Random;
use support::sender::{By, Parent, Step, What, life};

/// Every place of the write path where the process can be made to die, and what passes there.
const PLACES: [(&str, &[What]); 8] = {
    const EVERY: &[What] = &[What::Log, What::Mend, What::Delete];
    [
        ("before the lock", EVERY),
        ("after the lock", EVERY),
        ("before the row", EVERY),
        ("after the tombstone", &[What::Delete]),
        ("after the row", EVERY),
        ("after the change's line", EVERY),
        ("before the commit", EVERY),
        ("before the answer", EVERY),
    ]
};

/// A server that dies at the place whose name is in the file `fault`.
fn start(dir: &Path) -> Running {
    let mut command = serve(dir);
    command.env("TINYTUMMY_FAULT", dir.join("fault"));
    Running::start_as(command)
}

/// Sends a step that must be taken.
fn take(parent: &Parent, address: &str, step: &Step) {
    let answer = parent.send(address, step, By::Form).expect("an answer");
    assert_eq!(answer.status, 303, "{step:?}\n{}", answer.body);
}

const fn rows_after(what: What) -> Rows {
    match what {
        What::Log => (1, 0, 1),
        What::Mend => (1, 0, 2),
        What::Delete => (0, 1, 3),
    }
}

#[test]
fn dying_at_any_step_of_a_write_loses_nothing_answered_and_doubles_nothing_retried() {
    let dir = data_dir();
    let mut running = start(dir.path());
    let parent = Parent::new(&running.address);
    let mut taken: Vec<Step> = Vec::new();
    for (place, whats) in PLACES {
        for what in whats {
            let case = format!("{what:?}, {place}");
            let life = life(&format!("half a banana, {case}"));
            let at = life
                .iter()
                .position(|step| step.what == *what)
                .expect("a step of a life");
            for step in &life[..at] {
                take(&parent, &running.address, step);
            }
            let step = &life[at];
            let before = if at == 0 {
                (0, 0, 0)
            } else {
                rows_after(life[at - 1].what)
            };

            std::fs::write(dir.path().join("fault"), place).expect("a file");
            let answer = parent.send(&running.address, step, By::Form);
            assert!(answer.is_err(), "{case}: it did not die but said {answer:?}");
            assert!(!running.ended_well(), "{case}");
            std::fs::remove_file(dir.path().join("fault")).expect("the file");

            running = start(dir.path());
            let mut inside = Inside::open(dir.path());
            let committed = place == "before the answer";
            let left = inside.rows(parent.child, step.meal);
            assert_eq!(left, if committed { rows_after(*what) } else { before }, "{case}");
            // Again with the same ids, and once more for a thumb that taps twice.
            for _ in 0..2 {
                take(&parent, &running.address, step);
                assert_eq!(inside.rows(parent.child, step.meal), rows_after(*what), "{case}");
            }
            inside.close();
            taken.extend(life.into_iter().take(at + 1));
        }
    }
    let mut inside = Inside::open(dir.path());
    inside.assert_exactly(&parent, &taken);
    inside.close();
    running.stop();
}

/// Where the server is at the moment; `None` while it is dead.
#[derive(Debug, Default)]
struct Whereabouts {
    now: Mutex<(Option<String>, bool)>,
    changed: Condvar,
}

impl Whereabouts {
    fn set(&self, address: Option<&str>, over: bool) {
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        *now = (address.map(str::to_owned), over || now.1);
        self.changed.notify_all();
    }

    /// Waits for a server to ask; `None` when there will be no more.
    fn address(&self) -> Option<String> {
        let now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self
            .changed
            .wait_while(now, |(address, over)| address.is_none() && !*over);
        now.unwrap_or_else(PoisonError::into_inner).0.clone()
    }

    fn is_over(&self) -> bool {
        self.now.lock().unwrap_or_else(PoisonError::into_inner).1
    }
}

/// Lets those who wait go when the test ends, well or badly.
struct AtLast<'a>(&'a Whereabouts);

impl Drop for AtLast<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.set(None, true);
        }
    }
}

/// Logs, mends and deletes meals, and sends each step until it is answered. What was taken.
fn live(parent: &Parent, nth: usize, server: &Whereabouts, events: &Sender<()>) -> Vec<Step> {
    let mut taken = Vec::new();
    for meal in 0.. {
        // Of three meals one stays as it was logged, one is mended, one deleted.
        let steps = life(&format!("half a banana and {nth} spoons of meal {meal}"));
        for step in steps.into_iter().take(meal % 3 + 1) {
            loop {
                let Some(address) = server.address() else { return taken };
                // Nobody may listen any more for when to kill.
                let _ = events.send(());
                match parent.send(&address, &step, By::Form) {
                    Ok(answer) if answer.status == 303 => break,
                    // PostgreSQL was killed too, and is being brought back.
                    Ok(answer) => assert_eq!(answer.status, 503, "{step:?}\n{}", answer.body),
                    Err(_) => {}
                }
            }
            let _ = events.send(());
            taken.push(step);
        }
        if server.is_over() {
            break;
        }
    }
    taken
}

/// Waits until so many requests were sent or answered.
fn pass(events: &Receiver<()>, number: u64) {
    for _ in 0..number {
        events
            .recv_timeout(Duration::from_secs(60))
            .expect("parents go on logging");
    }
}

#[test]
fn twenty_kills_at_random_moments_lose_nothing_answered_and_double_nothing_retried() {
    const KILLS: usize = 20;
    let seed = match std::env::var("TINYTUMMY_SEED") {
        Ok(seed) => seed.parse().expect("TINYTUMMY_SEED is a number"),
        Err(_) => uuid::Uuid::new_v4().as_u64_pair().0,
    };
    // Shown when the test fails.
    eprintln!("to have the same kills again: TINYTUMMY_SEED={seed}");
    let mut random = Random(seed);

    let dir = data_dir();
    let running = Running::start(dir.path());
    let parents: Vec<Parent> = (0..3).map(|_| Parent::new(&running.address)).collect();
    let server = Whereabouts::default();
    let (happened, events) = channel();
    let mut taken: BTreeMap<usize, Vec<Step>> = BTreeMap::new();
    let running = std::thread::scope(|scope| {
        let mut running = running;
        let _at_last = AtLast(&server);
        let writers: Vec<_> = (0..6)
            .map(|nth| {
                let (parent, server, happened) = (&parents[nth % 3], &server, happened.clone());
                scope.spawn(move || (nth % 3, live(parent, nth, server, &happened)))
            })
            .collect();
        server.set(Some(&running.address), false);
        for kill in 0..KILLS {
            pass(&events, 6 + random.below(60));
            // Between two requests there is time for a few thousand of these.
            for _ in 0..random.below(3000) {
                std::thread::yield_now();
            }
            server.set(None, false);
            // Each fourth time PostgreSQL goes with it, as when a machine is out of memory.
            let postgres = postmaster(dir.path()).filter(|_| kill % 4 == 3);
            running.signal("KILL");
            if let Some(postgres) = postgres {
                send("KILL", postgres);
            }
            assert!(!running.ended_well());
            running = Running::start(dir.path());
            // What was sent before counts no more.
            while events.try_recv().is_ok() {}
            server.set(Some(&running.address), false);
        }
        pass(&events, 30);
        server.set(Some(&running.address), true);
        for writer in writers {
            let (parent, steps) = writer.join().expect("a parent who was answered rightly");
            taken.entry(parent).or_default().extend(steps);
        }
        running
    });
    let mut inside = Inside::open(dir.path());
    for (parent, steps) in &taken {
        assert!(steps.len() > KILLS, "hardly anything was written");
        inside.assert_exactly(&parents[*parent], steps);
    }
    inside.close();
    running.stop();
}

#[test]
fn told_to_stop_it_answers_every_meal_that_it_had_in_hand() {
    let dir = data_dir();
    let running = Running::start(dir.path());
    let parent = Parent::new(&running.address);
    let steps: Vec<Step> = (0..4).map(|n| life(&format!("{n} bananas"))[0].clone()).collect();
    let mut inside = Inside::open(dir.path());
    // Whoever holds the child's counter holds up every write.
    inside.run("begin; select * from change_counters for update");
    let mut looking = Inside::open(dir.path());
    std::thread::scope(|scope| {
        let in_hand: Vec<_> = steps
            .iter()
            .map(|step| scope.spawn(|| take(&parent, &running.address, step)))
            .collect();
        let waiting = until(Duration::from_secs(10), || (looking.waiting() == 4).then_some(()));
        waiting.expect("all four wait");
        running.signal("TERM");
        until(Duration::from_secs(10), || {
            std::net::TcpStream::connect(&running.address).is_err().then_some(())
        })
        .expect("it takes no more");
        inside.run("commit");
        for answered in in_hand {
            answered.join().expect("it was answered");
        }
    });
    inside.close();
    looking.close();
    assert!(running.ended_well());

    let again = Running::start(dir.path());
    let mut inside = Inside::open(dir.path());
    inside.assert_exactly(&parent, &steps);
    inside.close();
    again.stop();
}

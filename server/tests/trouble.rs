//! PostgreSQL restarted, out of connections, out of disk, slow, or silent: a parent gets clear words and
//! keeps what was typed, whoever watches is told, and when it is over all goes on by itself.

mod support;

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use support::binary::{Running, data_dir, postmaster, send, serve, until};
use support::inside::Inside;
use support::sender::{Answer, By, Parent, Step, life};
use tokio::time::Instant;

/// The longest a parent may be left without an answer.
const LONGEST: Duration = Duration::from_secs(25);

const AWAY: &str = "Our notebook cannot be reached just now";

/// A server, its private PostgreSQL, and a parent with a meal that was saved before the trouble.
struct House {
    running: Running,
    parent: Parent,
    saved: Vec<Step>,
}

impl House {
    fn start(dir: &Path) -> Self {
        let mut command = serve(dir);
        command.args(["--max-connections", "3"]);
        let running = Running::start_as(command);
        let parent = Parent::new(&running.address);
        let mut house = Self {
            running,
            parent,
            saved: Vec::new(),
        };
        house.saves(&life("a peach")[0]);
        house
    }

    fn send(&self, step: &Step, by: By) -> Answer {
        let began = Instant::now();
        let answer = self.parent.send(&self.running.address, step, by).expect("an answer");
        assert!(began.elapsed() < LONGEST, "answered after {:?}", began.elapsed());
        answer
    }

    fn saves(&mut self, step: &Step) {
        let answer = self.send(step, By::Form);
        assert_eq!(answer.status, 303, "{}", answer.body);
        self.saved.push(step.clone());
    }

    fn page(&self) -> Answer {
        let page = self.parent.get(&self.running.address, &self.parent.day());
        page.expect("an answer")
    }

    /// Of a form that could not be saved, a parent keeps the text, and the page's script and a program are told.
    fn keeps(&self, step: &Step) {
        let page = self.send(step, By::Form);
        assert_eq!(page.status, 503, "{}", page.body);
        assert!(page.body.contains(AWAY), "{}", page.body);
        assert!(page.body.contains(&step.text), "the text is lost: {}", page.body);
        // Sent again, it is the same meal.
        for id in [step.meal, step.change] {
            assert!(page.body.contains(&id.to_string()), "{}", page.body);
        }
        let told = self.send(step, By::Script);
        assert_eq!((told.status, told.body.as_str()), (503, "\"Unavailable\""));
        let told = self.send(step, By::Program);
        assert_eq!(told.status, 503, "{}", told.body);
        assert_eq!(told.header("content-type"), "application/problem+json");
        assert!(told.body.contains("\"code\":\"unavailable\""), "{}", told.body);
    }

    /// A page that cannot be shown says so.
    fn is_closed(&self) {
        let page = self.page();
        assert_eq!(page.status, 503, "{}", page.body);
        assert!(
            page.body.contains("The notebook is closed for a moment"),
            "{}",
            page.body
        );
    }

    fn is_not_ready(&self) {
        until(Duration::from_secs(30), || {
            (self.running.status("/health/ready") == 503).then_some(())
        })
        .expect("it says that it is not ready");
        assert_eq!(self.running.status("/health/live"), 200);
    }

    /// The same server goes on: the forms that came back are sent again, and all is there once.
    fn goes_on(mut self, dir: &Path, steps: &[Step]) {
        until(Duration::from_secs(90), || {
            (self.running.status("/health/ready") == 200).then_some(())
        })
        .expect("it is ready again");
        for step in steps {
            self.saves(step);
        }
        let page = self.page();
        assert_eq!(page.status, 200, "{}", page.body);
        let mut inside = Inside::open(dir);
        inside.assert_exactly(&self.parent, &self.saved);
        inside.close();
        self.running.stop();
    }
}

#[test]
fn while_postgres_is_being_restarted_forms_are_kept() {
    let dir = data_dir();
    let house = House::start(dir.path());
    let step = &life("half a banana")[0];
    // Without its settings it cannot start again, for as long as the test needs.
    let settings = dir.path().join("postgres/postgresql.conf");
    let aside = dir.path().join("postgresql.conf");
    fs::rename(&settings, &aside).expect("moved");
    send("INT", postmaster(dir.path()).expect("PostgreSQL runs"));
    house.is_not_ready();
    house.keeps(step);
    house.is_closed();
    fs::rename(&aside, &settings).expect("moved back");
    house.goes_on(dir.path(), std::slice::from_ref(step));
}

#[test]
fn when_postgres_has_no_connection_left_forms_are_kept() {
    let dir = data_dir();
    let house = House::start(dir.path());
    let step = &life("half a banana")[0];
    let mut superuser = Inside::open(dir.path());
    let mut others = Vec::new();
    let mut fill = || {
        while let Ok(other) = Inside::try_open(dir.path(), "tinytummy_owner") {
            others.push(other);
        }
    };
    fill();
    // The server's own go, and somebody else is faster.
    superuser.run("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'tinytummy_app'");
    until(Duration::from_secs(10), || {
        let left = superuser.number("select count(*) from pg_stat_activity where usename = 'tinytummy_app'");
        (left == 0).then_some(())
    })
    .expect("the server has no connection");
    fill();
    house.is_not_ready();
    house.keeps(step);
    house.is_closed();
    for other in others {
        other.close();
    }
    superuser.close();
    house.goes_on(dir.path(), std::slice::from_ref(step));
}

#[test]
fn a_statement_that_hangs_is_ended_and_its_form_is_kept() {
    let dir = data_dir();
    let house = House::start(dir.path());
    let steps: Vec<Step> = (0..3)
        .map(|n| life(&format!("{n} slices of pear"))[0].clone())
        .collect();
    let mut holder = Inside::open(dir.path());
    let mut looking = Inside::open(dir.path());
    holder.run("begin; select * from change_counters for update");
    std::thread::scope(|scope| {
        // As many as there are connections: who comes then waits for one, and not for long.
        let hanging: Vec<_> = steps
            .iter()
            .map(|step| scope.spawn(|| house.send(step, By::Form)))
            .collect();
        until(Duration::from_secs(10), || (looking.waiting() == 3).then_some(())).expect("all three hang");
        house.is_not_ready();
        house.is_closed();
        for (step, hung) in steps.iter().zip(hanging) {
            let page = hung.join().expect("an answer in time");
            assert_eq!(page.status, 503, "{}", page.body);
            assert!(
                page.body.contains(AWAY) && page.body.contains(&step.text),
                "{}",
                page.body
            );
        }
    });
    // Reading was never held up.
    assert_eq!(house.page().status, 200);
    holder.run("rollback");
    holder.close();
    looking.close();
    house.goes_on(dir.path(), &steps);
}

#[test]
fn a_postgres_that_falls_silent_leaves_nobody_waiting_and_is_used_again_when_it_speaks() {
    let dir = data_dir();
    let house = House::start(dir.path());
    let step = &life("half a banana")[0];
    let mut holder = Inside::open(dir.path());
    let mut looking = Inside::open(dir.path());
    holder.run("begin; select * from change_counters for update");
    let silent = std::thread::scope(|scope| {
        let caught = scope.spawn(|| house.send(step, By::Form));
        until(Duration::from_secs(10), || (looking.waiting() == 1).then_some(())).expect("it is in a statement");
        // Every process of it stands still, as on a disk that does not answer.
        let silent = Silent::new(postmaster(dir.path()).expect("PostgreSQL runs"));
        let page = caught.join().expect("an answer in time");
        assert_eq!(page.status, 503, "{}", page.body);
        assert!(
            page.body.contains(AWAY) && page.body.contains(&step.text),
            "{}",
            page.body
        );
        silent
    });
    house.is_not_ready();
    house.keeps(step);
    house.is_closed();
    drop(silent);
    holder.run("rollback");
    holder.close();
    looking.close();
    house.goes_on(dir.path(), std::slice::from_ref(step));
}

/// Processes that stand still, until dropped.
struct Silent(Vec<u32>);

impl Silent {
    /// PostgreSQL with all its backends.
    fn new(postmaster: u32) -> Self {
        let parent = |stat: &str| -> Option<u32> { stat.rsplit(')').next()?.split_whitespace().nth(1)?.parse().ok() };
        // First the one that would start more.
        send("STOP", postmaster);
        let mut stopped = Self(vec![postmaster]);
        let processes = fs::read_dir("/proc").expect("/proc").filter_map(Result::ok);
        for process in processes.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok()) {
            let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
            if parent(&stat) == Some(postmaster) {
                send("STOP", process);
                stopped.0.push(process);
            }
        }
        assert!(
            stopped.0.len() > 3,
            "PostgreSQL has more processes than {:?}",
            stopped.0
        );
        stopped
    }
}

impl Drop for Silent {
    fn drop(&mut self) {
        for process in self.0.drain(..).rev() {
            send("CONT", process);
        }
    }
}

#[test]
fn on_a_full_disk_forms_are_kept_and_reading_goes_on() {
    let dir = data_dir();
    let Some(disk) = Disk::mount(dir.path()) else {
        eprintln!("skipped: only root can mount the small disk that this fills up");
        return;
    };
    let mut house = House::start(dir.path());
    disk.fill();
    // What PostgreSQL has room for already it still takes.
    let refused = until(Duration::from_secs(60), || {
        let step = life(&"half a banana and a peach, ".repeat(25))[0].clone();
        let answer = house.send(&step, By::Form);
        if answer.status == 303 {
            house.saved.push(step);
            return None;
        }
        Some((step, answer))
    });
    let (step, page) = refused.expect("the disk is full");
    assert_eq!(page.status, 503, "{}", page.body);
    assert!(
        page.body.contains(AWAY) && page.body.contains(step.text.trim()),
        "{}",
        page.body
    );
    house.is_not_ready();
    // The same meal again is not asked for here: what the refused one had taken may be room for it.
    assert_eq!(house.page().status, 200);
    disk.empty();
    house.goes_on(dir.path(), &[step]);
}

#[test]
fn a_disk_too_full_to_keep_postgres_up_loses_nothing_and_it_comes_back_by_itself() {
    let dir = data_dir();
    let Some(disk) = Disk::mount(dir.path()) else {
        eprintln!("skipped: only root can mount the small disk that this fills up");
        return;
    };
    let house = House::start(dir.path());
    let step = &life("half a banana")[0];
    disk.fill();
    // The next piece of its log has no place, and PostgreSQL cannot go on without.
    let superuser = Inside::open(dir.path());
    superuser.end_by("select pg_logical_emit_message(true, '', repeat('x', 20000000))");
    house.is_not_ready();
    house.keeps(step);
    house.is_closed();
    disk.empty();
    house.goes_on(dir.path(), std::slice::from_ref(step));
}

/// A small disk of the test's own, under a server's data.
struct Disk(PathBuf);

impl Disk {
    /// `None` where mounting is not allowed.
    fn mount(at: &Path) -> Option<Self> {
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=160m,mode=755", "tmpfs"])
            .arg(at)
            .output()
            .ok()?;
        mounted.status.success().then(|| Self(at.to_owned()))
    }

    /// Leaves no room at all.
    fn fill(&self) {
        let mut ballast = File::create(self.0.join("ballast")).expect("a file");
        let mut piece = vec![0; 1 << 20];
        while !piece.is_empty() {
            match ballast.write(&piece) {
                Ok(0) | Err(_) => piece.truncate(piece.len() / 2),
                Ok(_) => {}
            }
        }
    }

    fn empty(&self) {
        fs::remove_file(self.0.join("ballast")).expect("the ballast");
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily: of a test that failed, a server may still be at work in it.
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}

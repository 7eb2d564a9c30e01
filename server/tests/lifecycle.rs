//! The private PostgreSQL over its life, with the real binary: made, stopped, killed, refused.

mod support;

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;
use support::binary::{Running, data_dir, is_alive, postmaster, run, send, serve, text, tinytummy, until};

/// What a start that is refused says.
fn refusal(command: &mut Command) -> String {
    let output = run(command);
    assert!(!output.status.success(), "it started");
    text(&output.stderr)
}

#[test]
fn it_starts_from_nothing_stops_cleanly_and_starts_again() {
    let dir = data_dir();
    for _ in 0..2 {
        let running = Running::start(dir.path());
        assert_eq!(running.status("/health/ready"), 200);
        let postgres = postmaster(dir.path()).expect("PostgreSQL runs");
        running.stop();
        assert!(!is_alive(postgres), "PostgreSQL was left behind");
        assert_eq!(postmaster(dir.path()), None, "PostgreSQL was not shut down");
    }
}

#[test]
fn after_a_kill_9_the_next_start_takes_the_directory_back() {
    let dir = data_dir();
    let killed = Running::start(dir.path());
    let orphan = postmaster(dir.path()).expect("PostgreSQL runs");
    killed.signal("KILL");
    assert!(!killed.ended_well());
    assert!(is_alive(orphan), "this test is about one that is left behind");

    let running = Running::start(dir.path());
    assert!(!is_alive(orphan));
    assert_eq!(running.status("/health/ready"), 200);
    running.stop();
}

#[test]
fn after_a_reboot_a_pid_file_that_names_some_other_process_is_no_obstacle() {
    let dir = data_dir();
    Running::start(dir.path()).stop();
    // Our own number stands for whoever has the old one now.
    let stale = fs::read_to_string(dir.path().join("postgres/postmaster.opts")).expect("it ran");
    assert!(stale.contains("postgres"));
    fs::write(
        dir.path().join("postgres/postmaster.pid"),
        format!(
            "{}\n{}\n1700000000\n5432\n\n\n\nready\n",
            std::process::id(),
            dir.path().join("postgres").display()
        ),
    )
    .expect("a stale file");
    let running = Running::start(dir.path());
    assert_eq!(running.status("/health/ready"), 200);
    running.stop();
}

#[test]
fn a_lock_on_the_socket_that_names_some_other_postgres_is_no_obstacle() {
    let dir = data_dir();
    Running::start(dir.path()).stop();
    // A process of PostgreSQL's own user has the number now, and PostgreSQL would take it for the old one.
    let elsewhere = data_dir();
    let other = Running::start(elsewhere.path());
    let process = postmaster(elsewhere.path()).expect("PostgreSQL runs");
    fs::write(dir.path().join("socket/.s.PGSQL.5432.lock"), format!("{process}\n")).expect("a stale file");
    let running = Running::start(dir.path());
    assert_eq!(running.status("/health/ready"), 200);
    running.stop();
    other.stop();
}

#[test]
fn when_postgres_dies_it_is_restarted_and_meanwhile_we_are_not_ready() {
    let dir = data_dir();
    let running = Running::start(dir.path());
    let first = postmaster(dir.path()).expect("PostgreSQL runs");
    send("KILL", first);
    until(Duration::from_secs(10), || {
        (running.status("/health/ready") == 503).then_some(())
    })
    .expect("it says that it is not ready");
    assert_eq!(running.status("/health/live"), 200);
    until(Duration::from_secs(60), || {
        (running.status("/health/ready") == 200).then_some(())
    })
    .expect("it is ready again");
    assert_ne!(postmaster(dir.path()), Some(first));
    running.stop();
}

#[test]
fn told_to_stop_while_it_starts_it_leaves_nothing_behind() {
    let dir = data_dir();
    let mut child = serve(dir.path())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the binary starts");
    let postgres = until(Duration::from_secs(60), || postmaster(dir.path())).expect("PostgreSQL is started");
    send("TERM", child.id());
    assert!(child.wait().expect("it ends").success());
    assert!(!is_alive(postgres));
}

#[test]
fn a_directory_in_use_is_refused_and_its_user_is_named() {
    let dir = data_dir();
    let running = Running::start(dir.path());
    let said = refusal(&mut serve(dir.path()));
    assert!(said.contains("already in use by another TinyTummy"), "{said}");
    assert!(said.contains(&running.id().to_string()), "{said}");
    assert_eq!(running.status("/health/ready"), 200);
    running.stop();
}

#[test]
fn a_directory_of_another_major_version_is_refused_untouched() {
    let dir = data_dir();
    fs::create_dir(dir.path().join("postgres")).expect("a folder");
    fs::write(dir.path().join("postgres/PG_VERSION"), "15\n").expect("a file");
    let said = refusal(&mut serve(dir.path()));
    assert!(
        said.contains("PostgreSQL 15") && said.contains("PostgreSQL 16"),
        "{said}"
    );
    assert_eq!(names(dir.path()), ["postgres"]);
    assert_eq!(names(&dir.path().join("postgres")), ["PG_VERSION"]);
}

#[test]
fn a_directory_that_is_something_else_is_refused_untouched() {
    let dir = data_dir();
    fs::create_dir(dir.path().join("postgres")).expect("a folder");
    fs::write(dir.path().join("postgres/thesis.txt"), "years of work").expect("a file");
    let said = refusal(&mut serve(dir.path()));
    assert!(said.contains("not a PostgreSQL data directory"), "{said}");
    assert_eq!(names(dir.path()), ["postgres"]);
}

#[test]
fn without_a_postgres_to_run_the_ways_out_are_named() {
    let dir = data_dir();
    let said = refusal(
        tinytummy()
            .args(["--listen", "127.0.0.1:0", "--postgres-dir", "/nowhere", "--data-dir"])
            .arg(dir.path()),
    );
    assert!(said.contains("/nowhere"), "{said}");
    assert!(
        said.contains("TINYTUMMY_POSTGRES_DIR") && said.contains("DATABASE_URL"),
        "{said}"
    );
}

#[test]
fn a_deep_data_directory_is_no_obstacle() {
    let dir = data_dir();
    let deep = dir.path().join("a".repeat(60)).join("b c & d".repeat(8));
    fs::create_dir_all(&deep).expect("folders");
    let running = Running::start(&deep);
    assert_eq!(running.status("/health/ready"), 200);
    running.stop();
}

#[test]
fn a_port_in_use_is_named_before_anything_is_made() {
    let dir = data_dir();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    let said = refusal(tinytummy().args(["--listen", &address, "--data-dir"]).arg(dir.path()));
    assert!(said.contains(&address) && said.contains("--listen"), "{said}");
    assert!(names(dir.path()).is_empty());
}

fn names(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir).expect("a folder");
    entries
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect()
}

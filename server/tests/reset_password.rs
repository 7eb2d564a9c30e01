//! `tinytummy reset-password`, with the real binary: beside a running server, and without one.

mod support;

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use support::binary::{Running, data_dir, postgres_dir, postmaster, run, text, tinytummy};
use support::client::{Answer, send};

fn reset(dir: &Path, arguments: &[&str]) -> Command {
    let mut command = tinytummy();
    command
        .args(["reset-password", "--data-dir"])
        .arg(dir)
        .args(arguments)
        .env("TINYTUMMY_POSTGRES_DIR", postgres_dir());
    command
}

fn with_input(command: &mut Command, input: &str) -> Output {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    child
        .stdin
        .take()
        .expect("its input")
        .write_all(input.as_bytes())
        .expect("it reads");
    child.wait_with_output().expect("it ends")
}

/// Calls a server function as the wasm does.
async fn call(running: &Running, function: &str, fields: &[(&str, &str)]) -> Answer {
    let address: SocketAddr = running.address.parse().expect("an address");
    let body = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish();
    let headers = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("sec-fetch-site", "same-origin"),
        ("accept", "application/json"),
    ];
    send(address, "POST", &format!("/api/{function}"), &headers, body.as_bytes()).await
}

async fn signs_in(running: &Running, password: &str) -> bool {
    let fields = [("email", "ada@example.org"), ("password", password)];
    call(running, "account/sign_in", &fields).await.status.is_success()
}

#[tokio::test]
async fn whoever_runs_the_server_hands_out_a_link_or_sets_a_password() {
    let dir = data_dir();
    let running = Running::start(dir.path());
    let fields = [("email", "ada@example.org"), ("password", "plums and porridge")];
    assert!(call(&running, "account/sign_up", &fields).await.status.is_success());

    // While it runs: a link, and the server stays as it is.
    let output = run(reset(dir.path(), &["Ada@Example.org"]).env("PUBLIC_URL", "https://tummy.example.org"));
    assert!(output.status.success(), "{}", text(&output.stderr));
    let link = text(&output.stdout);
    let token = link
        .trim_end()
        .strip_prefix("https://tummy.example.org/reset-password?token=")
        .expect("a link alone on its line");
    let fields = [("token", token), ("password", "three green jackets")];
    assert!(call(&running, "password/reset", &fields).await.status.is_success());
    assert!(signs_in(&running, "three green jackets").await);
    assert!(!signs_in(&running, "plums and porridge").await);

    let output = run(&mut reset(dir.path(), &["eve@example.org"]));
    assert!(!output.status.success());
    assert!(text(&output.stderr).contains("No account has the address eve@example.org"));
    running.stop();

    // Without it: the database is brought up, and stopped again.
    let output = with_input(&mut reset(dir.path(), &["--stdin", "ada@example.org"]), "password123\n");
    assert!(!output.status.success());
    assert!(
        text(&output.stderr).contains("among the first that are tried"),
        "{}",
        text(&output.stderr)
    );
    let output = with_input(
        &mut reset(dir.path(), &["--stdin", "ada@example.org"]),
        "four yellow boots\n",
    );
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(output.stdout.is_empty());
    assert_eq!(postmaster(dir.path()), None, "PostgreSQL was left running");
    let running = Running::start(dir.path());
    assert!(signs_in(&running, "four yellow boots").await);
    running.stop();
}

#[test]
fn where_there_is_no_tinytummy_none_is_made() {
    let dir = data_dir();
    let output = run(&mut reset(dir.path(), &["ada@example.org"]));
    assert!(!output.status.success());
    assert!(
        text(&output.stderr).contains("There is no TinyTummy in"),
        "{}",
        text(&output.stderr)
    );
    assert_eq!(std::fs::read_dir(dir.path()).expect("the folder").count(), 0);
}

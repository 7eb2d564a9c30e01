//! Settings that cannot be meant are refused in words, before anything is started.

mod support;

use support::binary::{run, text, tinytummy};

/// What it says when started with this environment.
fn refusal(environment: &[(&str, &str)], arguments: &[&str]) -> String {
    // A listen address that fails at once, should the settings pass.
    let output = run(tinytummy()
        .args(["--listen", "203.0.113.1:1"])
        .args(arguments)
        .envs(environment.iter().copied()));
    assert!(!output.status.success());
    text(&output.stderr)
}

const APP: (&str, &str) = ("DATABASE_URL", "postgres://app:hush@127.0.0.1:1/x");
const OWNER: (&str, &str) = ("DATABASE_OWNER_URL", "postgres://owner:hush@127.0.0.1:1/x");

#[test]
fn one_database_url_alone_is_refused_and_the_other_is_named() {
    let said = refusal(&[APP], &[]);
    assert!(
        said.contains("DATABASE_URL is set but DATABASE_OWNER_URL is not"),
        "{said}"
    );
    let said = refusal(&[OWNER], &[]);
    assert!(
        said.contains("DATABASE_OWNER_URL is set but DATABASE_URL is not"),
        "{said}"
    );
}

#[test]
fn the_app_may_not_work_as_the_owner() {
    let said = refusal(&[APP, ("DATABASE_OWNER_URL", APP.1)], &[]);
    assert!(said.contains("are the same"), "{said}");
    assert!(!said.contains("hush"), "{said}");
}

#[test]
fn a_secret_comes_from_its_file_and_from_one_place_only() {
    let dir = tempfile::tempdir().expect("a folder");
    let file = dir.path().join("url");
    let path = file.to_str().expect("a name");

    let said = refusal(&[APP, OWNER, ("DATABASE_URL_FILE", path)], &[]);
    assert!(
        said.contains("DATABASE_URL and DATABASE_URL_FILE are both set"),
        "{said}"
    );

    let said = refusal(&[OWNER, ("DATABASE_URL_FILE", path)], &[]);
    assert!(said.contains(path) && said.contains("could not be read"), "{said}");

    std::fs::write(&file, "\n").expect("a file");
    let said = refusal(&[OWNER, ("DATABASE_URL_FILE", path)], &[]);
    assert!(said.contains("is empty"), "{said}");

    // With its newline, as editors leave it: past the settings, it fails at the address.
    std::fs::write(&file, format!("{}\n", APP.1)).expect("a file");
    let said = refusal(&[OWNER, ("DATABASE_URL_FILE", path)], &[]);
    assert!(said.contains("203.0.113.1:1"), "{said}");
}

#[test]
fn an_empty_variable_counts_as_unset() {
    let said = refusal(&[("DATABASE_URL", ""), OWNER], &[]);
    assert!(said.contains("DATABASE_URL is not"), "{said}");
}

#[test]
fn what_is_no_postgres_address_is_refused_without_being_repeated() {
    let said = refusal(&[("DATABASE_URL", "mysql://app:hush@x/y"), OWNER], &[]);
    assert!(said.contains("DATABASE_URL must begin with postgres://"), "{said}");
    assert!(!said.contains("hush"), "{said}");
}

#[test]
fn mail_without_all_it_needs_is_refused_and_what_is_missing_is_named() {
    let host = ("TINYTUMMY_SMTP_HOST", "localhost");
    let from = ("TINYTUMMY_MAIL_FROM", "tummy@example.org");
    let public = ("PUBLIC_URL", "https://tummy.example.org");
    let user = ("TINYTUMMY_SMTP_USER", "tummy");
    let password = ("TINYTUMMY_SMTP_PASSWORD", "hush");
    for (environment, missing) in [
        (&[host][..], "TINYTUMMY_MAIL_FROM is not"),
        (&[from], "TINYTUMMY_SMTP_HOST is not"),
        (&[host, from], "PUBLIC_URL is not"),
        (&[host, from, public, user], "TINYTUMMY_SMTP_PASSWORD is not"),
        (&[host, from, public, password], "TINYTUMMY_SMTP_USER is not"),
        (
            &[host, ("TINYTUMMY_MAIL_FROM", "TinyTummy"), public],
            "should read like",
        ),
        // With all of it, it goes on to the address.
        (&[host, from, public, user, password], "203.0.113.1:1"),
        (&[host, from, public], "203.0.113.1:1"),
    ] {
        let said = refusal(environment, &[]);
        assert!(said.contains(missing), "{environment:?}: {said}");
        assert!(!said.contains("hush"), "{said}");
    }
}

#[test]
fn wrong_values_are_named_with_their_option() {
    for (arguments, expected) in [
        (["--public-url", "tummy.example.org"], "PUBLIC_URL"),
        (["--trusted-proxies", "traefik"], "--trusted-proxies"),
        (["--log", "loud"], "TINYTUMMY_LOG"),
        (["--sign-up", "maybe"], "--sign-up"),
        (["--max-connections", "0"], "--max-connections"),
        (["--default-tier", "gold"], "--default-tier"),
        (["--smtp-security", "ssl"], "--smtp-security"),
    ] {
        let said = refusal(&[], &arguments);
        assert!(said.contains(expected), "{arguments:?}: {said}");
    }
}

#[test]
fn hashed_names_without_their_list_are_refused_rather_than_served_broken() {
    let said = refusal(&[APP, OWNER, ("LEPTOS_HASH_FILES", "true")], &[]);
    // tools/site may have laid it beside this binary: then it goes on to the address.
    assert!(said.contains("hash.txt") || said.contains("203.0.113.1:1"), "{said}");
}

#[test]
fn help_explains_every_option_and_shows_no_secret() {
    let output = run(tinytummy()
        .arg("--help")
        .envs([APP, OWNER, ("TINYTUMMY_SMTP_PASSWORD", "hush")]));
    assert!(output.status.success());
    let help = text(&output.stdout);
    for variable in [
        "LEPTOS_SITE_ADDR",
        "PUBLIC_URL",
        "LEPTOS_SITE_ROOT",
        "LEPTOS_HASH_FILES",
        "TINYTUMMY_TRUSTED_PROXIES",
        "TINYTUMMY_DATA_DIR",
        "TINYTUMMY_POSTGRES_DIR",
        "DATABASE_URL",
        "DATABASE_URL_FILE",
        "DATABASE_OWNER_URL",
        "DATABASE_OWNER_URL_FILE",
        "TINYTUMMY_MAX_CONNECTIONS",
        "TINYTUMMY_SIGN_UP",
        "TINYTUMMY_DEFAULT_TIER",
        "TINYTUMMY_DEMO",
        "TINYTUMMY_SMTP_HOST",
        "TINYTUMMY_SMTP_PORT",
        "TINYTUMMY_SMTP_SECURITY",
        "TINYTUMMY_SMTP_USER",
        "TINYTUMMY_SMTP_PASSWORD",
        "TINYTUMMY_SMTP_PASSWORD_FILE",
        "TINYTUMMY_MAIL_FROM",
        "TINYTUMMY_LOG",
        "TINYTUMMY_LOG_FORMAT",
    ] {
        assert!(
            help.contains(&format!("[env: {variable}")),
            "{variable} is missing:\n{help}"
        );
    }
    assert!(!help.contains("hush"), "{help}");
}

#[test]
fn server_variables_do_not_disturb_a_command() {
    let output = run(tinytummy()
        .args(["analyse", "--age-months", "9"])
        .envs([APP])
        .env("TINYTUMMY_DEMO", "1"));
    assert!(output.status.success(), "{}", text(&output.stderr));
}

//! The command line: serve, or do one thing and be done.

use anyhow::Context as _;
use clap::Parser as _;
use server::config::{Cli, Command, DatabaseSource, FoodsCommand, ResetPasswordOptions, ServeOptions, Settings};
use server::{analyse, foods, logging, reset_password, serve};
use std::io::{self, Write as _};
use std::process::ExitCode;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::Instant;

/// A page is a thousand small pieces of text: with it, pages are some tenth quicker than with the
/// system's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let began = Instant::now();
    let cli = Cli::parse();
    let done = match cli.command {
        None => serve(cli.serve, began),
        Some(Command::Analyse(options)) => {
            analyse::run(&options, io::stdin().lock(), io::stdout().lock()).map_err(Into::into)
        }
        Some(Command::ResetPassword(options)) => reset_password(options),
        Some(Command::Foods(FoodsCommand::Build(options))) => build_foods(&options),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Standard error may be closed; there is nowhere left to say so.
            let _ = writeln!(io::stderr(), "tinytummy: {}", explain(&error));
            ExitCode::FAILURE
        }
    }
}

/// The error and its causes, each said once: some messages hold their cause already.
fn explain(error: &anyhow::Error) -> String {
    let mut said = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if said.is_empty() {
            said = cause;
        } else if !said.contains(&cause) {
            said = format!("{said}: {cause}");
        }
    }
    said
}

fn build_foods(options: &server::config::FoodsBuildOptions) -> anyhow::Result<()> {
    let table = foods::build(options)?;
    writeln!(io::stdout(), "{}: {} foods", options.out.display(), table.len())?;
    Ok(())
}

fn reset_password(options: ResetPasswordOptions) -> anyhow::Result<()> {
    #[expect(clippy::disallowed_methods, reason = "the edge: a link is good from now on")]
    let now = chrono::Utc::now();
    tokio::runtime::Runtime::new()
        .context("the threads could not be started")?
        .block_on(reset_password::run(
            options,
            io::stdin().lock(),
            io::stdout().lock(),
            now,
        ))?;
    Ok(())
}

fn serve(options: ServeOptions, began: Instant) -> anyhow::Result<()> {
    logging::start(options.log_format, &options.log).map_err(anyhow::Error::msg)?;
    let settings = options.settle()?;
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("the threads could not be started")?
        .block_on(run(&settings, began))
}

async fn run(settings: &Settings, began: Instant) -> anyhow::Result<()> {
    // From here on a signal waits for us instead of ending us.
    let mut stop = StopSignal::listen().context("signals cannot be listened for")?;
    let starting = serve::start(settings, began);
    let mut server = if matches!(settings.database, DatabaseSource::Given { .. }) {
        tokio::select! {
            started = starting => started?,
            () = stop.given() => return Ok(()),
        }
    } else {
        // Not cut short: a PostgreSQL that is only half started would stay behind.
        starting.await?
    };
    announce(settings, &server)?;
    let failure = tokio::select! {
        () = stop.given() => None,
        error = server.failed() => Some(error),
    };
    tracing::info!("stopping: finishing the requests in hand");
    tokio::select! {
        // PostgreSQL stays behind then; the next start finds it.
        () = stop.given() => tracing::warn!("told a second time: stopping at once"),
        () = server.stop() => {}
    }
    failure.map_or(Ok(()), |error| Err(error).context("the server failed"))
}

/// Tells the person at the terminal where to go.
fn announce(settings: &Settings, server: &serve::Server) -> io::Result<()> {
    let mut address = server.address();
    if address.ip().is_unspecified() {
        address.set_ip(if address.is_ipv4() {
            std::net::Ipv4Addr::LOCALHOST.into()
        } else {
            std::net::Ipv6Addr::LOCALHOST.into()
        });
    }
    let mut out = io::stdout().lock();
    match &settings.public_url {
        Some(url) => writeln!(out, "\nTinyTummy is at {} (listening on {address})", url.origin())?,
        None => writeln!(out, "\nTinyTummy is at http://{address}")?,
    }
    if settings.demo {
        writeln!(
            out,
            "Sign in as {} with the password {}",
            services::demo::EMAIL,
            services::demo::PASSWORD
        )?;
    }
    out.flush()
}

/// Ctrl-C, a service manager's SIGTERM, or a terminal that was closed.
struct StopSignal([Signal; 3]);

impl StopSignal {
    fn listen() -> io::Result<Self> {
        Ok(Self([
            signal(SignalKind::interrupt())?,
            signal(SignalKind::terminate())?,
            signal(SignalKind::hangup())?,
        ]))
    }

    async fn given(&mut self) {
        let [interrupt, terminate, hangup] = &mut self.0;
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hangup.recv() => {}
        }
    }
}

//! The release server as a process: how soon it is ready, and what it holds.

use anyhow::{Context as _, ensure};
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;
use tokio::time::Instant;

/// A server that answers. Dropped, it is killed.
#[derive(Debug)]
pub(crate) struct Running {
    child: Child,
    pub(crate) address: SocketAddr,
    /// Kept open: it may say more.
    _output: BufReader<ChildStdout>,
}

/// In bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Memory {
    pub(crate) now: u64,
    pub(crate) peak: u64,
}

impl Running {
    /// Starts it and waits until it says where it is.
    pub(crate) fn start(environment: Vec<(&'static str, String)>) -> anyhow::Result<Self> {
        // Another build may be named, to compare with.
        let program = std::env::var_os("TINYTUMMY_BIN").unwrap_or_else(|| env!("CARGO_BIN_EXE_tinytummy").into());
        let mut command = Command::new(program);
        command.args(["--listen", "127.0.0.1:0"]).envs(environment);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
        let mut output = BufReader::new(child.stdout.take().context("its output")?);
        let mut line = String::new();
        let address = loop {
            line.clear();
            ensure!(output.read_line(&mut line)? > 0, "the server did not start");
            if let Some(address) = line.trim().strip_prefix("TinyTummy is at http://") {
                break address.parse()?;
            }
        };
        Ok(Self {
            child,
            address,
            _output: output,
        })
    }

    pub(crate) fn memory(&self) -> anyhow::Result<Memory> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let bytes = |name: &str| {
            let line = status
                .lines()
                .find_map(|line| line.strip_prefix(name))
                .context("a size")?;
            let kilobytes: u64 = line.trim().trim_end_matches(" kB").parse()?;
            anyhow::Ok(kilobytes * 1024)
        };
        Ok(Memory {
            now: bytes("VmRSS:")?,
            peak: bytes("VmHWM:")?,
        })
    }

    /// Asks it to stop, and waits.
    pub(crate) fn stop(mut self) -> anyhow::Result<()> {
        let asked = Command::new("kill").arg(self.child.id().to_string()).status()?;
        ensure!(
            asked.success() && self.child.wait()?.success(),
            "the server did not stop well"
        );
        Ok(())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Of a bench that failed; one that was stopped is gone already.
        let _ = self.child.kill();
    }
}

/// From the command to the first answer's address.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ready {
    pub(crate) first: Duration,
    pub(crate) later: Duration,
}

/// Starts and stops it with a private PostgreSQL, as `make run` does.
pub(crate) fn ready(restarts: usize) -> anyhow::Result<Ready> {
    // PostgreSQL's own user must be able to enter it when we are root.
    let dir = tempfile::Builder::new().prefix("tt").tempdir_in("/tmp")?;
    open_to_all(dir.path())?;
    let start = || {
        let began = Instant::now();
        let data = dir.path().to_string_lossy().into_owned();
        let server = Running::start(vec![("TINYTUMMY_DATA_DIR", data), ("TINYTUMMY_LOG", "warn".to_owned())])?;
        let took = began.elapsed();
        server.stop()?;
        anyhow::Ok(took)
    };
    let first = start()?;
    let mut later = (0..restarts).map(|_| start()).collect::<Result<Vec<_>, _>>()?;
    later.sort_unstable();
    Ok(Ready {
        first,
        later: later.get(restarts / 2).copied().context("a restart")?,
    })
}

fn open_to_all(dir: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(dir, std::fs::Permissions::from_mode(0o755))
}

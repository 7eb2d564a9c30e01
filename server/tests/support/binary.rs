//! The real binary, as a process.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;
use tokio::time::Instant;

/// `tinytummy`, knowing nothing of the environment that the tests run in.
pub(crate) fn tinytummy() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tinytummy"));
    command.env_clear().stdin(Stdio::null());
    for name in ["PATH", "LD_LIBRARY_PATH"] {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    command
}

/// Runs it to its end.
pub(crate) fn run(command: &mut Command) -> Output {
    command.output().expect("the binary runs")
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The PostgreSQL to run privately, as tools/env has it.
pub(crate) fn postgres_dir() -> PathBuf {
    std::env::var_os("TINYTUMMY_POSTGRES_DIR")
        .map(PathBuf::from)
        .expect("TINYTUMMY_POSTGRES_DIR names a PostgreSQL: run the tests by way of tools/with-postgres")
}

/// A folder to keep data in, which PostgreSQL's own user can enter when we are root.
pub(crate) fn data_dir() -> tempfile::TempDir {
    let dir = tempfile::Builder::new()
        .prefix("tt")
        .tempdir_in("/tmp")
        .expect("a folder");
    std::fs::set_permissions(dir.path(), std::fs::Permissions::from_mode(0o755)).expect("the folder is ours");
    dir
}

/// A server with a private PostgreSQL, as a process.
#[derive(Debug)]
pub(crate) struct Running {
    child: Child,
    /// `127.0.0.1:4711`
    pub(crate) address: String,
}

/// The command that serves from `dir`.
pub(crate) fn serve(dir: &Path) -> Command {
    let mut command = tinytummy();
    command
        .args(["--listen", "127.0.0.1:0", "--data-dir"])
        .arg(dir)
        .env("TINYTUMMY_POSTGRES_DIR", postgres_dir());
    command
}

impl Running {
    /// Starts and waits until it says where it is.
    pub(crate) fn start(dir: &Path) -> Self {
        Self::start_as(serve(dir))
    }

    /// The same with a command of [`serve`] that says more.
    pub(crate) fn start_as(mut command: Command) -> Self {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        let mut log = child.stderr.take().expect("its log");
        // Read all the while, or it would block on a full pipe.
        let log = std::thread::spawn(move || {
            let mut all = String::new();
            let _ = log.read_to_string(&mut all);
            all
        });
        let lines = BufReader::new(child.stdout.take().expect("its output")).lines();
        let address = lines
            .map_while(Result::ok)
            .find_map(|line| line.strip_prefix("TinyTummy is at http://").map(str::to_owned));
        match address {
            Some(address) => Self { child, address },
            None => panic!("it did not start:\n{}", log.join().unwrap_or_default()),
        }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// The status of a GET.
    pub(crate) fn status(&self, path: &str) -> u16 {
        let mut stream = TcpStream::connect(&self.address).expect("it listens");
        stream
            .set_read_timeout(Some(Duration::from_secs(10)))
            .expect("a timeout");
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
            self.address
        )
        .expect("it reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("it answers");
        answer
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok())
            .expect("a status")
    }

    pub(crate) fn signal(&self, signal: &str) {
        send(signal, self.id());
    }

    /// Waits for it to end; whether it ended well.
    pub(crate) fn ended_well(mut self) -> bool {
        let ended = until(Duration::from_secs(60), || self.child.try_wait().ok().flatten());
        ended.expect("it ends").success()
    }

    /// SIGTERM, as a service manager does it.
    pub(crate) fn stop(self) {
        self.signal("TERM");
        assert!(self.ended_well());
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Of a test that failed; of one that went well there is nothing left.
        if self.child.try_wait().is_ok_and(|ended| ended.is_none()) {
            self.signal("TERM");
            let _ = until(Duration::from_secs(30), || self.child.try_wait().ok().flatten());
        }
    }
}

pub(crate) fn send(signal: &str, process: u32) {
    let sent = Command::new("kill").args(["-s", signal, &process.to_string()]).status();
    assert!(sent.expect("kill runs").success());
}

/// The PostgreSQL that serves `dir`, if its pid file says so.
pub(crate) fn postmaster(dir: &Path) -> Option<u32> {
    let file = std::fs::read_to_string(dir.join("postgres/postmaster.pid")).ok()?;
    file.lines().next()?.trim().parse().ok()
}

pub(crate) fn is_alive(process: u32) -> bool {
    // A process that ended but was not waited for is a zombie, and dead.
    std::fs::read_to_string(format!("/proc/{process}/stat")).is_ok_and(|stat| {
        !stat
            .rsplit(')')
            .next()
            .is_some_and(|rest| rest.trim_start().starts_with('Z'))
    })
}

/// Asks again and again until there is an answer.
pub(crate) fn until<T>(patience: Duration, mut ask: impl FnMut() -> Option<T>) -> Option<T> {
    let deadline = Instant::now() + patience;
    loop {
        if let Some(answer) = ask() {
            return Some(answer);
        }
        if Instant::now() > deadline {
            return None;
        }
        std::thread::yield_now();
        std::thread::park_timeout(Duration::from_millis(10));
    }
}

//! The private PostgreSQL: made on the first start, ours to run, stopped with us.
//!
//! It listens on a Unix socket only, in a directory that nobody else can enter, so that it needs no
//! password. What may have happened since we were last here is put right at each start: an orphan
//! left by a kill -9 is stopped, a stale `postmaster.pid` of another boot is removed.

use crate::config;
use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::unistd::{Gid, Pid, Uid, User};
use sqlx::postgres::{PgConnectOptions, PgConnection, PgSslMode};
use sqlx::{ConnectOptions as _, Connection as _, Executor as _};
use std::collections::VecDeque;
use std::ffi::OsString;
use std::fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

/// The one major version whose files we read and write.
pub const MAJOR: &str = "16";

const SUPERUSER: &str = "postgres";
const OWNER: &str = "tinytummy_owner";
const APP: &str = "tinytummy_app";
const DATABASE: &str = "tinytummy";

/// `sun_path` has 108 bytes, the last one a zero.
const LONGEST_SOCKET_PATH: usize = 107;
const SOCKET: &str = ".s.PGSQL.5432";

/// After a crash PostgreSQL replays its log before it answers; on a slow disk that takes a while.
const START_PATIENCE: Duration = Duration::from_secs(300);
const STOP_PATIENCE: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_millis(5);

/// What a private PostgreSQL needs to know.
#[derive(Clone, Debug)]
pub struct Setup {
    pub data_dir: PathBuf,
    /// `None`: looked for in the usual places.
    pub postgres_dir: Option<PathBuf>,
    /// Of the app's pool; the server keeps a few more for migrations and for a look inside.
    pub max_connections: u32,
}

/// Why there is no private PostgreSQL. Each message ends in a way out.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(
        "No PostgreSQL {MAJOR} to run was found (looked for bin/postgres in {}).\n\
         Point TINYTUMMY_POSTGRES_DIR at the folder of one with pgvector, run `tools/setup postgres` in a checkout, \
         or set DATABASE_URL and DATABASE_OWNER_URL to use a server of yours.",
        list(looked)
    )]
    NoBinaries { looked: Vec<PathBuf> },
    #[error(
        "{path} cannot be run as the user {user}: {reason}\n\
         That user must be able to read it, and to enter {data_dir}. \
         Move one of them (TINYTUMMY_POSTGRES_DIR, TINYTUMMY_DATA_DIR), \
         or set DATABASE_URL and DATABASE_OWNER_URL to use a server of yours."
    )]
    CannotRun {
        path: PathBuf,
        user: String,
        data_dir: PathBuf,
        reason: String,
    },
    #[error(
        "{path} is {found}; TinyTummy runs PostgreSQL {MAJOR}.\n\
         Point TINYTUMMY_POSTGRES_DIR at a PostgreSQL {MAJOR} with pgvector."
    )]
    WrongBinaries { path: PathBuf, found: String },
    #[error(
        "{dir} holds the data of PostgreSQL {found}, and this TinyTummy runs PostgreSQL {MAJOR}. Nothing was touched.\n\
         Start the TinyTummy that made it and move the data over, convert the folder with pg_upgrade, \
         or start afresh in another TINYTUMMY_DATA_DIR."
    )]
    OtherMajor { dir: PathBuf, found: String },
    #[error(
        "{dir} is there but is not a PostgreSQL data directory. Nothing was touched.\n\
         Move it away, or set TINYTUMMY_DATA_DIR to another folder."
    )]
    NotADatabase { dir: PathBuf },
    #[error(
        "{dir} is already in use by another TinyTummy{}.\n\
         Stop that one first, or give this one a TINYTUMMY_DATA_DIR of its own.",
        process.map(|id| format!(" (process {id})")).unwrap_or_default()
    )]
    InUse { dir: PathBuf, process: Option<u32> },
    #[error(
        "{dir} belongs to another user (uid {uid}).\n\
         Start TinyTummy as that user or as root, or set TINYTUMMY_DATA_DIR to another folder."
    )]
    OtherUser { dir: PathBuf, uid: u32 },
    #[error(
        "PostgreSQL refuses to run as root, and there is no other user to run it as \
         (tinytummy, postgres or nobody).\nMake one with `useradd --system tinytummy`."
    )]
    NoUser,
    #[error("{path} could not be used: {source}\nSet TINYTUMMY_DATA_DIR to a folder that can.")]
    Files { path: PathBuf, source: io::Error },
    #[error("PostgreSQL could not make its data directory:\n{output}")]
    Init { output: String },
    #[error("PostgreSQL did not start:\n{output}")]
    Start { output: String },
    #[error(
        "The process {process}, left over from an earlier run, still works in {dir} and does not stop.\n\
         End it by hand and start TinyTummy again."
    )]
    Orphan { dir: PathBuf, process: i32 },
    #[error("PostgreSQL started but its database could not be set up: {0}")]
    Sql(#[from] sqlx::Error),
    #[error(
        "This PostgreSQL has no pgvector: {0}\n\
         Point TINYTUMMY_POSTGRES_DIR at one that has it."
    )]
    NoVector(sqlx::Error),
}

fn list(paths: &[PathBuf]) -> String {
    let paths: Vec<_> = paths.iter().map(|path| path.display().to_string()).collect();
    paths.join(", ")
}

/// Wraps an I/O error with the path it is about.
fn at(path: &Path) -> impl FnOnce(io::Error) -> Error {
    let path = path.to_owned();
    move |source| Error::Files { path, source }
}

/// A running private PostgreSQL. Stop it with [`Postgres::stop`]: one that is merely dropped keeps running
/// until the next start finds it.
#[derive(Debug)]
pub struct Postgres {
    app_url: String,
    owner_url: String,
    own_start: Duration,
    up: watch::Receiver<bool>,
    stop: oneshot::Sender<()>,
    keeper: JoinHandle<()>,
    /// Held for as long as we use the directory; the kernel lets go of it even after a kill -9.
    _lock: File,
}

impl Postgres {
    /// Makes the data directory if need be, starts PostgreSQL in it, and sees to roles, database and pgvector.
    ///
    /// # Errors
    /// See [`Error`]; nothing is left running.
    pub async fn start(setup: &Setup) -> Result<Self, Error> {
        let data_dir = open_data_dir(&setup.data_dir)?;
        let cluster = data_dir.join("postgres");
        // Before anything is written, the lock file included.
        let fresh = is_fresh(&cluster)?;
        let lock = lock(&data_dir)?;
        let bin = find_binaries(setup.postgres_dir.as_deref())?;
        let user = unprivileged_user()?;
        check_binaries(&bin, &data_dir, user.as_ref()).await?;
        settle_ownership(&cluster, user.as_ref())?;
        stop_orphan(&cluster).await?;
        let began = Instant::now();
        if fresh {
            initialise(&bin, &cluster, user.as_ref()).await?;
        }
        let initialised = began.elapsed();
        let socket_dir = socket_dir(&data_dir, user.as_ref())?;
        let launch = Launch {
            bin,
            cluster,
            socket_dir,
            user,
            max_connections: setup.max_connections,
        };
        let (mut child, started) = launch.start().await?;
        if let Err(error) = set_up_database(&launch.socket_dir, fresh).await {
            stop_child(&mut child).await;
            return Err(error);
        }
        let app_url = url(&launch.socket_dir, APP);
        let owner_url = url(&launch.socket_dir, OWNER);
        let (stop, stopped) = oneshot::channel();
        let (up_writer, up) = watch::channel(true);
        Ok(Self {
            app_url,
            owner_url,
            own_start: initialised + started,
            up,
            stop,
            keeper: tokio::spawn(keep(launch, child, up_writer, stopped)),
            _lock: lock,
        })
    }

    /// Where the app works: a role without ownership.
    pub fn app_url(&self) -> &str {
        &self.app_url
    }

    /// Where migrations run.
    pub fn owner_url(&self) -> &str {
        &self.owner_url
    }

    /// What `initdb` took, if it was run, and from launching PostgreSQL until it accepted connections.
    pub fn own_start(&self) -> Duration {
        self.own_start
    }

    /// False while it is being restarted after it died.
    pub fn up(&self) -> watch::Receiver<bool> {
        self.up.clone()
    }

    /// Stops it (fast shutdown) and waits until it is gone.
    pub async fn stop(self) {
        // The keeper only ends early if it panicked; then the next start cleans up.
        let _ = self.stop.send(());
        let _ = self.keeper.await;
    }
}

/// Where the app works in a directory that a running server has in use.
///
/// # Errors
/// [`Error::OtherUser`] when that server is another user's.
pub fn running_app_url(data_dir: &Path) -> Result<String, Error> {
    let data_dir = open_data_dir(data_dir)?;
    Ok(url(&socket_dir(&data_dir, unprivileged_user()?.as_ref())?, APP))
}

/// The data directory, made if need be, as an absolute path without links.
fn open_data_dir(path: &Path) -> Result<PathBuf, Error> {
    if !path.is_dir() {
        // PostgreSQL's user must get through; what is in it is closed to others.
        DirBuilder::new()
            .recursive(true)
            .mode(0o755)
            .create(path)
            .map_err(at(path))?;
    }
    path.canonicalize().map_err(at(path))
}

/// Whether the cluster is still to be made.
fn is_fresh(cluster: &Path) -> Result<bool, Error> {
    match fs::read_to_string(cluster.join("PG_VERSION")) {
        Ok(version) if version.trim() == MAJOR => Ok(false),
        Ok(version) => Err(Error::OtherMajor {
            dir: cluster.to_owned(),
            found: version.trim().to_owned(),
        }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            match fs::read_dir(cluster).map(|mut entries| entries.next().is_none()) {
                Ok(true) => Ok(true),
                Ok(false) => Err(Error::NotADatabase {
                    dir: cluster.to_owned(),
                }),
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
                Err(error) => Err(at(cluster)(error)),
            }
        }
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            let uid = fs::metadata(cluster).map_err(at(cluster))?.uid();
            Err(Error::OtherUser {
                dir: cluster.to_owned(),
                uid,
            })
        }
        Err(error) => Err(at(cluster)(error)),
    }
}

/// Makes this process the directory's only user, for as long as the file lives.
fn lock(data_dir: &Path) -> Result<File, Error> {
    let path = data_dir.join("lock");
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(&path)
        .map_err(at(&path))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut holder = String::new();
            // Only for the message: without it the message is shorter.
            let _ = file.read_to_string(&mut holder);
            return Err(Error::InUse {
                dir: data_dir.to_owned(),
                process: holder.trim().parse().ok(),
            });
        }
        Err(TryLockError::Error(error)) => return Err(at(&path)(error)),
    }
    let write = |file: &mut File| {
        file.set_len(0)?;
        file.rewind()?;
        writeln!(file, "{}", std::process::id())
    };
    write(&mut file).map_err(at(&path))?;
    Ok(file)
}

/// The `bin` folder of the PostgreSQL to run.
fn find_binaries(named: Option<&Path>) -> Result<PathBuf, Error> {
    let looked = match named {
        Some(dir) => vec![dir.to_owned()],
        None => config::usual_postgres_dirs(),
    };
    for dir in &looked {
        if dir.join("bin/postgres").is_file() && dir.join("bin/initdb").is_file() {
            let bin = dir.join("bin");
            // Absolute: it is started in another directory.
            return bin.canonicalize().map_err(at(&bin));
        }
    }
    Err(Error::NoBinaries { looked })
}

/// As root: the user PostgreSQL runs as instead. `None` when we are nobody special ourselves.
fn unprivileged_user() -> Result<Option<User>, Error> {
    if !config::is_root() {
        return Ok(None);
    }
    ["tinytummy", "postgres", "nobody"]
        .iter()
        .find_map(|name| User::from_name(name).ok().flatten())
        .filter(|user| !user.uid.is_root())
        .map(Some)
        .ok_or(Error::NoUser)
}

fn user_name(user: Option<&User>) -> String {
    match user {
        Some(user) => user.name.clone(),
        None => User::from_uid(Uid::effective())
            .ok()
            .flatten()
            .map_or_else(|| Uid::effective().to_string(), |user| user.name),
    }
}

/// One of PostgreSQL's programs, as the right user, knowing nothing of our environment: it may hold secrets,
/// and a PGDATA or PGPORT meant for another server.
fn command(program: &Path, user: Option<&User>) -> Command {
    let mut command = Command::new(program);
    command.env_clear().stdin(Stdio::null());
    for name in ["PATH", "LD_LIBRARY_PATH", "TZ", "TMPDIR"] {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    command.env("LC_ALL", "C");
    // A Ctrl-C in the terminal is for us; we stop PostgreSQL after the last request.
    command.process_group(0);
    if let Some(user) = user {
        // The standard library drops root's supplementary groups along with its uid.
        command.uid(user.uid.as_raw()).gid(user.gid.as_raw());
    }
    command
}

/// That the binaries can be run where and as whom they will be, and that they are of our version.
async fn check_binaries(bin: &Path, data_dir: &Path, user: Option<&User>) -> Result<(), Error> {
    let postgres = bin.join("postgres");
    let cannot = |reason: String| Error::CannotRun {
        path: postgres.clone(),
        user: user_name(user),
        data_dir: data_dir.to_owned(),
        reason,
    };
    let output = command(&postgres, user)
        .arg("--version")
        .current_dir(data_dir)
        .output()
        .await
        .map_err(|error| cannot(error.to_string()))?;
    let version = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    if !output.status.success() {
        return Err(cannot(String::from_utf8_lossy(&output.stderr).trim().to_owned()));
    }
    // "postgres (PostgreSQL) 16.14 (Debian …)"
    let number = version.split_whitespace().nth(2).unwrap_or_default();
    if number.split('.').next() != Some(MAJOR) {
        return Err(Error::WrongBinaries {
            path: postgres,
            found: version,
        });
    }
    Ok(())
}

/// Gives an existing cluster to the user that will run it: it may have been made under another.
fn settle_ownership(cluster: &Path, user: Option<&User>) -> Result<(), Error> {
    let metadata = match fs::metadata(cluster) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(at(cluster)(error)),
    };
    match user {
        Some(user) if metadata.uid() != user.uid.as_raw() => {
            tracing::info!(
                user = user.name,
                "giving the data directory to the user that runs PostgreSQL"
            );
            hand_over(cluster, user.uid, user.gid)
        }
        None if metadata.uid() != Uid::effective().as_raw() => Err(Error::OtherUser {
            dir: cluster.to_owned(),
            uid: metadata.uid(),
        }),
        _ => Ok(()),
    }
}

/// Changes the owner of a tree, links themselves rather than what they point at.
fn hand_over(path: &Path, uid: Uid, gid: Gid) -> Result<(), Error> {
    std::os::unix::fs::lchown(path, Some(uid.as_raw()), Some(gid.as_raw())).map_err(at(path))?;
    if path.symlink_metadata().map_err(at(path))?.is_dir() {
        for entry in fs::read_dir(path).map_err(at(path))? {
            hand_over(&entry.map_err(at(path))?.path(), uid, gid)?;
        }
    }
    Ok(())
}

/// A directory of `user` alone. One that is there already must be ours: in /tmp anyone may have made it.
fn private_dir(path: &Path, user: Option<&User>) -> Result<(), Error> {
    let owner = user.map_or(Uid::effective(), |user| user.uid);
    match DirBuilder::new().mode(0o700).create(path) {
        Ok(()) => {
            if let Some(user) = user {
                std::os::unix::fs::chown(path, Some(user.uid.as_raw()), Some(user.gid.as_raw())).map_err(at(path))?;
            }
            return Ok(());
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(at(path)(error)),
    }
    let found = path.symlink_metadata().map_err(at(path))?;
    if !found.is_dir() {
        return Err(at(path)(io::ErrorKind::NotADirectory.into()));
    }
    if found.uid() != owner.as_raw() {
        // As root it may be of the user we ran PostgreSQL as before.
        match user {
            Some(user)
                if path
                    .parent()
                    .and_then(|parent| parent.metadata().ok())
                    .is_some_and(|parent| parent.uid() == 0 && parent.mode() & 0o022 == 0) =>
            {
                hand_over(path, user.uid, user.gid)?;
            }
            _ => {
                return Err(Error::OtherUser {
                    dir: path.to_owned(),
                    uid: found.uid(),
                });
            }
        }
    }
    fs::set_permissions(path, Permissions::from_mode(0o700)).map_err(at(path))
}

/// Where the socket goes: into the data directory, or somewhere with a shorter name.
fn socket_dir(data_dir: &Path, user: Option<&User>) -> Result<PathBuf, Error> {
    let fits = |dir: &Path| dir.as_os_str().len() + 1 + SOCKET.len() <= LONGEST_SOCKET_PATH;
    let beside = data_dir.join("socket");
    let dir = if fits(&beside) {
        beside
    } else {
        use std::hash::{DefaultHasher, Hash as _, Hasher as _};
        let mut hasher = DefaultHasher::new();
        data_dir.hash(&mut hasher);
        let name = format!("tinytummy-{:016x}", hasher.finish());
        let runtime = if user.is_some() {
            Some(PathBuf::from("/run"))
        } else {
            std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from)
        };
        runtime
            .filter(|dir| dir.is_absolute() && dir.is_dir())
            .map(|dir| dir.join(&name))
            .filter(|dir| fits(dir))
            .unwrap_or_else(|| Path::new("/tmp").join(&name))
    };
    private_dir(&dir, user)?;
    Ok(dir)
}

/// A process that is a PostgreSQL of this very directory.
fn postmaster(cluster: &Path) -> Option<Pid> {
    let file = fs::read_to_string(cluster.join("postmaster.pid")).ok()?;
    let pid = Pid::from_raw(file.lines().next()?.trim().parse().ok().filter(|pid| *pid > 1)?);
    if !is_alive(pid) {
        return None;
    }
    // Numbers are reused, after a reboot above all: only a process that works in the directory counts.
    let works_here = match fs::read_link(format!("/proc/{pid}/cwd")) {
        Ok(cwd) => cwd == cluster,
        Err(_) if Path::new("/proc/self/cwd").exists() => false,
        // No /proc, as on macOS.
        Err(_) => std::process::Command::new("ps")
            .args(["-o", "command=", "-p", &pid.to_string()])
            .output()
            .is_ok_and(|output| {
                let line = String::from_utf8_lossy(&output.stdout).into_owned();
                line.contains("postgres") && line.contains(&*cluster.to_string_lossy())
            }),
    };
    works_here.then_some(pid)
}

fn is_alive(pid: Pid) -> bool {
    // Not allowed to signal it means that it is there.
    !matches!(kill(pid, None), Err(Errno::ESRCH))
}

/// We hold the lock, so whatever still runs in the directory was left by a TinyTummy that was killed.
async fn stop_orphan(cluster: &Path) -> Result<(), Error> {
    if let Some(pid) = postmaster(cluster) {
        tracing::warn!(
            process = pid.as_raw(),
            "an earlier TinyTummy ended without stopping its PostgreSQL; stopping it"
        );
        let began = Instant::now();
        // Fast first; immediate is what a crash would have been, and as safe.
        for (signal, patience) in [
            (Signal::SIGINT, Duration::from_secs(30)),
            (Signal::SIGQUIT, Duration::from_secs(10)),
        ] {
            // Gone in between is what we want.
            let _ = kill(pid, signal);
            let deadline = Instant::now() + patience;
            while Instant::now() < deadline {
                if postmaster(cluster).is_none() {
                    tracing::info!(ms = began.elapsed().as_millis(), "the old PostgreSQL has stopped");
                    return Ok(());
                }
                sleep(POLL).await;
            }
        }
        return Err(Error::Orphan {
            dir: cluster.to_owned(),
            process: pid.as_raw(),
        });
    }
    // PostgreSQL would refuse to start if the number now belongs to another process.
    let stale = cluster.join("postmaster.pid");
    match fs::remove_file(&stale) {
        Ok(()) => {
            tracing::warn!("PostgreSQL was not stopped properly last time; it recovers now");
            Ok(())
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(at(&stale)(error)),
    }
}

/// `initdb`, aside and then renamed: a first start that was cut short leaves nothing that looks finished.
async fn initialise(bin: &Path, cluster: &Path, user: Option<&User>) -> Result<(), Error> {
    let began = Instant::now();
    tracing::info!("making the data directory of the private PostgreSQL");
    let aside = cluster.with_extension("new");
    let mut output = String::new();
    // The second where the C library has no C.UTF-8.
    for locale in ["C.UTF-8", "C"] {
        match fs::remove_dir_all(&aside) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(at(&aside)(error)),
            _ => {}
        }
        private_dir(&aside, user)?;
        let done = command(&bin.join("initdb"), user)
            .current_dir(&aside)
            .arg("--pgdata")
            .arg(&aside)
            .args(["--username", SUPERUSER, "--encoding", "UTF8", "--locale", locale])
            .args(["--auth-local", "trust", "--auth-host", "reject", "--data-checksums"])
            .output()
            .await
            .map_err(at(&bin.join("initdb")))?;
        if done.status.success() {
            // An empty directory may be there, as a mount point's parent sometimes is.
            let _ = fs::remove_dir(cluster);
            fs::rename(&aside, cluster).map_err(at(cluster))?;
            tracing::info!(ms = began.elapsed().as_millis(), "the data directory is made");
            return Ok(());
        }
        output = String::from_utf8_lossy(&done.stderr).trim().to_owned();
    }
    Err(Error::Init { output })
}

/// All it takes to start PostgreSQL, again if it dies.
#[derive(Debug)]
struct Launch {
    bin: PathBuf,
    cluster: PathBuf,
    socket_dir: PathBuf,
    user: Option<User>,
    max_connections: u32,
}

/// The last lines PostgreSQL said, for a message when it does not start.
type Tail = Arc<Mutex<VecDeque<String>>>;

impl Launch {
    /// The settings of a small private server, given at each start so that a new version's are used.
    fn arguments(&self) -> Vec<OsString> {
        let settings = [
            ("listen_addresses", String::new()),
            ("unix_socket_permissions", "0700".to_owned()),
            // Some for migrations, the queue's listener and a look with psql.
            ("max_connections", (self.max_connections + 10).to_string()),
            ("shared_buffers", "64MB".to_owned()),
            ("work_mem", "4MB".to_owned()),
            ("maintenance_work_mem", "32MB".to_owned()),
            ("effective_cache_size", "256MB".to_owned()),
            ("max_wal_size", "256MB".to_owned()),
            ("min_wal_size", "64MB".to_owned()),
            ("random_page_cost", "1.1".to_owned()),
            // One machine, nothing to replicate to.
            ("wal_level", "minimal".to_owned()),
            ("max_wal_senders", "0".to_owned()),
            ("max_worker_processes", "4".to_owned()),
            ("max_parallel_workers_per_gather", "0".to_owned()),
            ("jit", "off".to_owned()),
            ("logging_collector", "off".to_owned()),
            ("log_destination", "stderr".to_owned()),
            ("log_line_prefix", String::new()),
            // A statement, its values or a conflict's detail would put families into the log.
            // In this order ERROR lies below LOG.
            ("log_min_messages", "log".to_owned()),
            ("log_min_error_statement", "panic".to_owned()),
            ("log_error_verbosity", "terse".to_owned()),
            ("log_checkpoints", "off".to_owned()),
            ("lc_messages", "C".to_owned()),
        ];
        let mut arguments = vec![OsString::from("-D"), self.cluster.clone().into()];
        for (name, value) in settings {
            arguments.push("-c".into());
            arguments.push(format!("{name}={value}").into());
        }
        let mut sockets = OsString::from("unix_socket_directories=");
        // In the list a comma would separate; in quotes it does not.
        sockets.push("\"");
        sockets.push(&self.socket_dir);
        sockets.push("\"");
        arguments.push("-c".into());
        arguments.push(sockets);
        arguments
    }

    /// Starts it and waits until it accepts connections. Answers how long that took.
    async fn start(&self) -> Result<(Child, Duration), Error> {
        let patience = Instant::now() + Duration::from_secs(10);
        loop {
            match self.try_start().await {
                // Processes of one that was killed take a moment to notice and to let go of its memory.
                Err(Error::Start { output }) if output.contains("shared memory block") && Instant::now() < patience => {
                    sleep(Duration::from_millis(100)).await;
                }
                outcome => return outcome,
            }
        }
    }

    async fn try_start(&self) -> Result<(Child, Duration), Error> {
        let began = Instant::now();
        let postgres = self.bin.join("postgres");
        // The folder is ours alone, as the data is: a lock in it is of one that was killed, even if some
        // process has its number now, or it is a zombie that nobody has waited for.
        let stale = self.socket_dir.join(format!("{SOCKET}.lock"));
        match fs::remove_file(&stale) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(at(&stale)(error)),
            _ => {}
        }
        let mut child = command(&postgres, self.user.as_ref())
            .current_dir(&self.cluster)
            .args(self.arguments())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(at(&postgres))?;
        let tail = Tail::default();
        let reader = child
            .stderr
            .take()
            .map(|stderr| tokio::spawn(pass_on(stderr, tail.clone())));
        let mut said = began;
        loop {
            if let Some(status) = child.try_wait().map_err(at(&postgres))? {
                if let Some(reader) = reader {
                    // It ends with the pipe, which a lingering child may keep open.
                    let _ = tokio::time::timeout(Duration::from_secs(1), reader).await;
                }
                return Err(Error::Start {
                    output: explain(status, &tail),
                });
            }
            if self.says_ready(&child) {
                return Ok((child, began.elapsed()));
            }
            if began.elapsed() > START_PATIENCE {
                stop_child(&mut child).await;
                return Err(Error::Start {
                    output: format!("it was not ready after {} s", START_PATIENCE.as_secs()),
                });
            }
            if said.elapsed() > Duration::from_secs(10) {
                said = Instant::now();
                tracing::info!(
                    s = began.elapsed().as_secs(),
                    "still waiting for PostgreSQL to be ready"
                );
            }
            sleep(POLL).await;
        }
    }

    /// What pg_ctl waits for: the eighth line of the file the postmaster keeps.
    fn says_ready(&self, child: &Child) -> bool {
        let Ok(file) = fs::read_to_string(self.cluster.join("postmaster.pid")) else {
            return false;
        };
        let mut lines = file.lines();
        let ours = lines.next().and_then(|line| line.trim().parse().ok()) == child.id();
        ours && lines.nth(6).is_some_and(|line| line.trim() == "ready")
    }
}

/// PostgreSQL's own words into our log, and the last of them kept.
async fn pass_on(stderr: impl AsyncRead + Unpin, tail: Tail) {
    let mut lines = BufReader::new(stderr).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        if line.starts_with("FATAL") || line.starts_with("PANIC") {
            tracing::warn!(target: "postgres", "{line}");
        } else {
            tracing::debug!(target: "postgres", "{line}");
        }
        let mut tail = tail.lock().unwrap_or_else(PoisonError::into_inner);
        if tail.len() == 20 {
            tail.pop_front();
        }
        tail.push_back(line);
    }
}

fn explain(status: ExitStatus, tail: &Tail) -> String {
    let tail = tail.lock().unwrap_or_else(PoisonError::into_inner);
    let lines: Vec<&str> = tail.iter().map(String::as_str).collect();
    if lines.is_empty() {
        status.to_string()
    } else {
        lines.join("\n")
    }
}

/// Fast shutdown, then ever less polite.
async fn stop_child(child: &mut Child) {
    let Some(pid) = child.id().and_then(|id| i32::try_from(id).ok()).map(Pid::from_raw) else {
        return;
    };
    for (signal, patience) in [
        (Signal::SIGINT, STOP_PATIENCE),
        (Signal::SIGQUIT, Duration::from_secs(10)),
        (Signal::SIGKILL, Duration::from_secs(10)),
    ] {
        let _ = kill(pid, signal);
        if tokio::time::timeout(patience, child.wait()).await.is_ok() {
            return;
        }
        tracing::warn!(?signal, "PostgreSQL does not stop");
    }
}

/// Restarts PostgreSQL whenever it dies, until told to stop it.
///
/// It never gives up, since a full disk may be emptied, but tries no more often than every half minute.
async fn keep(launch: Launch, mut child: Child, up: watch::Sender<bool>, mut stopped: oneshot::Receiver<()>) {
    const LONGEST_PAUSE: Duration = Duration::from_secs(30);
    loop {
        let started = Instant::now();
        tokio::select! {
            _ = &mut stopped => {
                stop_child(&mut child).await;
                return;
            }
            status = child.wait() => {
                let status = status.map_or_else(|error| error.to_string(), |status| status.to_string());
                tracing::error!(%status, "PostgreSQL has died; restarting it");
            }
        }
        up.send_replace(false);
        // One that dies young must not be restarted in a tight loop.
        let mut pause = if started.elapsed() < Duration::from_secs(10) {
            Duration::from_secs(1)
        } else {
            Duration::ZERO
        };
        child = loop {
            tokio::select! {
                _ = &mut stopped => return,
                () = sleep(pause) => {}
            }
            tokio::select! {
                // A start that is cut short is found and stopped by the next one of TinyTummy.
                outcome = async { stop_orphan(&launch.cluster).await?; launch.start().await } => match outcome {
                    Ok((child, took)) => {
                        tracing::info!(ms = took.as_millis(), "PostgreSQL is back");
                        break child;
                    }
                    Err(error) => tracing::error!(%error, "PostgreSQL could not be restarted; trying again"),
                },
                _ = &mut stopped => {
                    let _ = stop_orphan(&launch.cluster).await;
                    return;
                }
            }
            pause = (pause * 2).clamp(Duration::from_millis(500), LONGEST_PAUSE);
        };
        up.send_replace(true);
    }
}

/// Roles, database and pgvector, each made if it is not there: a first start may have been cut short.
async fn set_up_database(socket_dir: &Path, fresh: bool) -> Result<(), Error> {
    let options = PgConnectOptions::new_without_pgpass()
        .socket(socket_dir)
        .port(5432)
        .username(SUPERUSER)
        .ssl_mode(PgSslMode::Disable)
        // At TRACE: it would say what we do twice.
        .log_statements(tracing::log::LevelFilter::Trace);
    if !fresh && is_set_up(&options).await? {
        return Ok(());
    }
    let mut connection = connect(&options, "postgres").await?;
    connection
        .execute(
            "do $$ begin
                if not exists (select from pg_roles where rolname = 'tinytummy_owner') then
                    create role tinytummy_owner login;
                end if;
                if not exists (select from pg_roles where rolname = 'tinytummy_app') then
                    create role tinytummy_app login;
                end if;
            end $$",
        )
        .await?;
    let there: bool = sqlx::query_scalar("select exists (select from pg_database where datname = 'tinytummy')")
        .fetch_one(&mut connection)
        .await?;
    if !there {
        connection
            .execute("create database tinytummy owner tinytummy_owner template template0")
            .await?;
    }
    connection.close().await?;
    let mut connection = connect(&options, DATABASE).await?;
    connection
        .execute("create extension if not exists vector")
        .await
        .map_err(Error::NoVector)?;
    connection.close().await?;
    Ok(())
}

/// Almost always all is there, and this is one question.
async fn is_set_up(options: &PgConnectOptions) -> Result<bool, sqlx::Error> {
    const NO_SUCH_DATABASE: &str = "3D000";
    let mut connection = match connect(options, DATABASE).await {
        Ok(connection) => connection,
        Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some(NO_SUCH_DATABASE) => return Ok(false),
        Err(error) => return Err(error),
    };
    let complete = sqlx::query_scalar(
        "select exists (select from pg_extension where extname = 'vector')
            and (select count(*) = 2 from pg_roles where rolname in ('tinytummy_owner', 'tinytummy_app'))",
    )
    .fetch_one(&mut connection)
    .await?;
    connection.close().await?;
    Ok(complete)
}

async fn connect(options: &PgConnectOptions, database: &str) -> Result<PgConnection, sqlx::Error> {
    options.clone().database(database).connect().await
}

/// A connection string for a role on the socket in `dir`.
fn url(dir: &Path, role: &str) -> String {
    use std::fmt::Write as _;
    use std::os::unix::ffi::OsStrExt as _;
    let mut host = String::new();
    for byte in dir.as_os_str().as_bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(byte) {
            host.push(char::from(*byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(host, "%{byte:02X}");
        }
    }
    format!("postgres://{role}@localhost/{DATABASE}?host={host}&sslmode=disable")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_directory_with_odd_letters_survives_the_url() {
        let url = url(Path::new("/srv/Mum & Dad/a+b"), APP);
        assert_eq!(
            url,
            "postgres://tinytummy_app@localhost/tinytummy?host=/srv/Mum%20%26%20Dad/a%2Bb&sslmode=disable"
        );
    }

    #[test]
    fn a_stale_pid_file_that_names_another_living_process_is_not_taken_for_postgres() {
        let dir = tempfile::tempdir().expect("a directory");
        // Ourselves: alive, and not at work in there.
        fs::write(dir.path().join("postmaster.pid"), format!("{}\n", std::process::id())).expect("a file");
        assert_eq!(postmaster(dir.path()), None);
    }

    #[test]
    fn a_directory_of_another_major_version_is_named_and_left_alone() {
        let dir = tempfile::tempdir().expect("a directory");
        fs::write(dir.path().join("PG_VERSION"), "15\n").expect("a file");
        let error = is_fresh(dir.path()).expect_err("another version");
        assert!(error.to_string().contains("PostgreSQL 15"), "{error}");
    }
}

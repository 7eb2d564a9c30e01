//! Configuration: flags, the environment, and what is made of both.

mod database;
mod mail;

pub use database::{DatabaseOptions, DatabaseSource};
pub use mail::{MailOptions, SmtpSecurity};

use clap::builder::FalseyValueParser;
use clap::{Args, Parser, Subcommand, ValueEnum};
use domain::entitlement::Tier;
use services::mail::{MailError, Mailer};
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// The command line, before anything was checked against anything else.
#[derive(Debug, Parser)]
#[command(
    name = "tinytummy",
    version,
    about = "TinyTummy: what a baby ate, what it gave, what to watch.",
    long_about = "TinyTummy: what a baby ate, what it gave, what to watch.\n\n\
        Without a command it serves the app. Without DATABASE_URL it brings a private PostgreSQL \
        of its own and keeps it in the data directory.",
    after_long_help = "Every option can be given as a flag or, in brackets above, as an environment \
        variable; the flag wins. For a secret, NAME_FILE names a file that holds it.\n\n\
        Stop it with Ctrl-C or SIGTERM: requests are finished, then the private PostgreSQL is stopped.",
    args_conflicts_with_subcommands = true,
    max_term_width = 100
)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Option<Command>,
    #[command(flatten)]
    pub serve: ServeOptions,
}

/// What the binary does when it does not serve.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Read meals from standard input, one a line, and print what each gave as JSON, one a line
    Analyse(AnalyseOptions),
    /// Print a link that sets a new password for an account, once, within a day
    ///
    /// For whoever forgot theirs. It works beside a running server and without one, and takes the same
    /// settings. The account's devices are signed out when the new password is chosen.
    ResetPassword(ResetPasswordOptions),
    /// Food files: what the analyser knows about foods
    #[command(subcommand)]
    Foods(FoodsCommand),
}

/// `tinytummy analyse`.
#[derive(Debug, Args)]
pub struct AnalyseOptions {
    /// The child's age in months; without it no age rule is applied
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=i64::from(crate::analyse::MOST_MONTHS)))]
    pub age_months: Option<u32>,
    /// The child's allergies, separated by commas, such as milk,peanut
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    pub allergies: Vec<String>,
    /// A food file to use instead of the one inside this binary
    #[arg(long, value_name = "FILE")]
    pub foods: Option<PathBuf>,
}

/// `tinytummy reset-password`.
#[derive(Debug, Args)]
pub struct ResetPasswordOptions {
    /// The account's e-mail address
    #[arg(value_name = "EMAIL")]
    pub email: String,
    /// Set the password on standard input, one line, instead of printing a link
    #[arg(long)]
    pub stdin: bool,
    /// The address parents type, which the link begins with
    #[arg(long, env = "PUBLIC_URL", value_name = "URL", help_heading = WEB)]
    pub public_url: Option<String>,
    /// Where the server listens, for a link without PUBLIC_URL
    #[arg(long, env = "LEPTOS_SITE_ADDR", value_name = "IP:PORT", default_value = "127.0.0.1:3000", help_heading = WEB)]
    pub listen: SocketAddr,
    #[command(flatten)]
    pub database: DatabaseOptions,
}

/// `tinytummy foods …`.
#[derive(Debug, Subcommand)]
pub enum FoodsCommand {
    /// Build a food file from an export of FoodData Central, or from tables of your own
    Build(FoodsBuildOptions),
}

/// `tinytummy foods build`.
#[derive(Debug, Args)]
pub struct FoodsBuildOptions {
    /// An export of USDA FoodData Central: SR Legacy, Foundation Foods or FNDDS
    ///
    /// The zip with CSV as it comes from https://fdc.nal.usda.gov/download-datasets, or the folder it was unpacked to.
    #[arg(long, value_name = "ZIP", conflicts_with_all = ["foods", "portions"])]
    pub fdc: Option<PathBuf>,
    /// The foods and their nutrients per 100 g
    #[arg(long, value_name = "CSV", required_unless_present = "fdc")]
    pub foods: Option<PathBuf>,
    /// What a cup, a slice or a piece of each weighs
    #[arg(long, value_name = "CSV", required_unless_present = "fdc")]
    pub portions: Option<PathBuf>,
    /// What parents call them
    #[arg(long, value_name = "CSV")]
    pub aliases: Option<PathBuf>,
    /// The name stored in the file and in each analysis made with it, such as sr24-1
    #[arg(long)]
    pub name: String,
    /// Where to write it
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
}

const WEB: &str = "Web";
const DATABASE: &str = "Database";
const FAMILIES: &str = "Families";
const MAIL: &str = "Mail";
const LOG: &str = "Log";

/// The options of the server itself, as given.
#[derive(Debug, Clone, Args)]
pub struct ServeOptions {
    /// Address and port to listen on
    ///
    /// Keep the default behind a reverse proxy on the same machine; 0.0.0.0:3000 serves the whole network.
    #[arg(long, env = "LEPTOS_SITE_ADDR", value_name = "IP:PORT", default_value = "127.0.0.1:3000", help_heading = WEB)]
    pub listen: SocketAddr,

    /// The address parents type, such as https://tummy.example.org
    ///
    /// Needed behind a proxy that rewrites the host. When it is https, cookies are sent over TLS only and
    /// browsers are told to insist on it.
    #[arg(long, env = "PUBLIC_URL", value_name = "URL", help_heading = WEB)]
    pub public_url: Option<String>,

    /// The folder with the app's files, as the build laid them out [default: looked for beside the binary]
    #[arg(long, env = "LEPTOS_SITE_ROOT", value_name = "DIR", help_heading = WEB)]
    pub site_root: Option<PathBuf>,

    /// Whether the names of those files carry a hash [default: true when hash.txt is beside the binary]
    #[arg(long, env = "LEPTOS_HASH_FILES", value_name = "BOOL", help_heading = WEB)]
    pub hash_files: Option<bool>,

    /// Address and port for Prometheus, which finds /metrics there and nothing else [default: none]
    ///
    /// Keep it away from strangers, such as 127.0.0.1:9464. It tells counts and times, and never who or what.
    #[arg(long, env = "TINYTUMMY_METRICS", value_name = "IP:PORT", help_heading = WEB)]
    pub metrics: Option<SocketAddr>,

    /// Reverse proxies whose X-Forwarded-For is believed: addresses or networks, separated by commas
    ///
    /// Without it every client behind the proxy looks like one, and sign-in throttling hits them together.
    #[arg(long, env = "TINYTUMMY_TRUSTED_PROXIES", value_name = "LIST", value_delimiter = ',', help_heading = WEB)]
    pub trusted_proxies: Vec<Network>,

    #[command(flatten)]
    pub database: DatabaseOptions,

    /// The most connections to the database at a time, beside one that listens
    #[arg(long, env = "TINYTUMMY_MAX_CONNECTIONS", value_name = "N", default_value_t = 10,
          value_parser = clap::value_parser!(u32).range(1..=1000), help_heading = DATABASE)]
    pub max_connections: u32,

    /// Who may sign up: anyone, or nobody new
    #[arg(long, env = "TINYTUMMY_SIGN_UP", value_enum, default_value_t = SignUp::Open, help_heading = FAMILIES)]
    pub sign_up: SignUp,

    /// What a family may use that has no subscription: on a server of one's own, premium
    #[arg(long, env = "TINYTUMMY_DEFAULT_TIER", value_enum, default_value_t = DefaultTier::Free, help_heading = FAMILIES)]
    pub default_tier: DefaultTier,

    /// A food file to read meals with, as `tinytummy foods build` makes it [default: the one inside this binary]
    ///
    /// What was logged with the built-in table keeps its foods and figures.
    #[arg(long, env = "TINYTUMMY_FOODS", value_name = "FILE", help_heading = FAMILIES)]
    pub foods: Option<PathBuf>,

    /// Make a demo family to sign in with, and print its e-mail address and password
    #[arg(long, env = "TINYTUMMY_DEMO", value_parser = FalseyValueParser::new(), help_heading = FAMILIES)]
    pub demo: bool,

    #[command(flatten)]
    pub mail: MailOptions,

    /// How log lines look
    #[arg(long, env = "TINYTUMMY_LOG_FORMAT", value_enum, default_value_t = LogFormat::Text, help_heading = LOG)]
    pub log_format: LogFormat,

    /// What is logged: error, warn, info, debug or trace, also per part, such as info,sqlx=warn
    #[arg(long, env = "TINYTUMMY_LOG", value_name = "LEVELS", default_value = "info", help_heading = LOG)]
    pub log: String,
}

/// Whether a stranger can make an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SignUp {
    Open,
    Closed,
}

/// A [`Tier`] as an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DefaultTier {
    Free,
    Premium,
}

impl From<DefaultTier> for Tier {
    fn from(tier: DefaultTier) -> Self {
        match tier {
            DefaultTier::Free => Self::Free,
            DefaultTier::Premium => Self::Premium,
        }
    }
}

/// `text` for people, `json` for machines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    Text,
    Json,
}

/// What the server runs with: everything decided, nothing contradictory.
#[derive(Clone, Debug)]
pub struct Settings {
    pub listen: SocketAddr,
    /// Where Prometheus asks; `None`: nowhere.
    pub metrics: Option<SocketAddr>,
    pub public_url: Option<PublicUrl>,
    pub site_root: PathBuf,
    /// The list of hashes, when the names of the site's files carry one.
    pub hash_file: Option<PathBuf>,
    pub trusted_proxies: Vec<Network>,
    pub database: DatabaseSource,
    pub max_connections: u32,
    pub sign_up: SignUp,
    pub default_tier: Tier,
    /// Read meals with this food file instead of the built-in one.
    pub foods: Option<PathBuf>,
    pub demo: bool,
    pub mailer: Option<Mailer>,
}

/// A string that never reaches a log by way of `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    /// The value itself, for the one place that needs it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Settings that contradict each other or do not say enough; each says what to do.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error(
        "{given} is set but {missing} is not.\n\
         TinyTummy works as one role and migrates as another: set both, or neither for a private PostgreSQL."
    )]
    OneUrlOnly { given: &'static str, missing: &'static str },
    #[error("{name} and {name}_FILE are both set. Keep one of them.")]
    Twice { name: &'static str },
    #[error("{name}_FILE: {path} could not be read: {source}")]
    SecretFile {
        name: &'static str,
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("{name}_FILE: {path} is empty. Put the secret into it, or unset {name}_FILE.")]
    EmptySecretFile { name: &'static str, path: PathBuf },
    #[error("{name} must begin with postgres:// or postgresql://")]
    NotPostgres { name: &'static str },
    #[error(
        "DATABASE_URL and DATABASE_OWNER_URL are the same.\n\
         The app must not work as the owner, or row security would not hold: give it a role of its own."
    )]
    SameRole,
    #[error("PUBLIC_URL: {0:?} is not an address like https://tummy.example.org (http or https, a host, no path).")]
    PublicUrl(String),
    #[error(
        "The names of the app's files carry hashes (--hash-files, LEPTOS_HASH_FILES), but {0} is not there to say which.\n\
         Run `tools/site`, or unset the option."
    )]
    NoHashFile(PathBuf),
    #[error("{given} is set but {missing} is not. Mail needs both.")]
    MailIncomplete { given: &'static str, missing: &'static str },
    #[error("TINYTUMMY_MAIL_FROM or TINYTUMMY_SMTP_HOST: {0}")]
    Mail(#[source] MailError),
    #[error("There is no home directory to keep the data in. Set TINYTUMMY_DATA_DIR.")]
    NoHome,
}

impl ServeOptions {
    /// Checks the options against each other and fills in what was left to us.
    ///
    /// # Errors
    /// A [`ConfigError`] that says what to change.
    pub fn settle(self) -> Result<Settings, ConfigError> {
        let public_url = match self.public_url.as_deref().map(str::trim) {
            None | Some("") => None,
            Some(text) => Some(text.parse()?),
        };
        let mailer = self.mail.settle(public_url.as_ref())?;
        Ok(Settings {
            listen: self.listen,
            metrics: self.metrics,
            public_url,
            site_root: self.site_root.unwrap_or_else(default_site_root),
            hash_file: hash_file(self.hash_files)?,
            trusted_proxies: self.trusted_proxies,
            database: self.database.settle()?,
            max_connections: self.max_connections,
            sign_up: self.sign_up,
            default_tier: self.default_tier.into(),
            foods: self.foods,
            demo: self.demo,
            mailer,
        })
    }
}

/// The value or the file's content; an empty variable counts as unset, as compose files leave them.
fn secret(name: &'static str, value: Option<String>, file: Option<PathBuf>) -> Result<Option<Secret>, ConfigError> {
    let value = value.filter(|value| !value.trim().is_empty());
    let file = file.filter(|file| !file.as_os_str().is_empty());
    let text = match (value, file) {
        (None, None) => return Ok(None),
        (Some(_), Some(_)) => return Err(ConfigError::Twice { name }),
        (Some(value), None) => value,
        (None, Some(path)) => {
            let text = std::fs::read_to_string(&path).map_err(|source| ConfigError::SecretFile {
                name,
                path: path.clone(),
                source,
            })?;
            if text.trim().is_empty() {
                return Err(ConfigError::EmptySecretFile { name, path });
            }
            text
        }
    };
    Ok(Some(Secret::new(text.trim())))
}

fn variable(name: &str) -> Option<PathBuf> {
    std::env::var_os(name)
        .filter(|value| !value.is_empty())
        .map(PathBuf::from)
}

pub(crate) fn is_root() -> bool {
    nix::unistd::geteuid().is_root()
}

fn default_data_dir() -> Option<PathBuf> {
    if is_root() {
        return Some(PathBuf::from("/var/lib/tinytummy"));
    }
    let data = variable("XDG_DATA_HOME").or_else(|| Some(variable("HOME")?.join(".local/share")))?;
    Some(data.join("tinytummy"))
}

/// Where a PostgreSQL to run is looked for when nobody named one, best first.
pub(crate) fn usual_postgres_dirs() -> Vec<PathBuf> {
    let mut dirs = Vec::new();
    if let Some(beside) = beside_binary() {
        dirs.push(beside.join("postgresql"));
    }
    // As in tools/env.
    let cache = variable("TINYTUMMY_CACHE").or_else(|| {
        if is_root() {
            Some(PathBuf::from("/var/cache/tinytummy"))
        } else {
            let cache = variable("XDG_CACHE_HOME").or_else(|| Some(variable("HOME")?.join(".cache")))?;
            Some(cache.join("tinytummy"))
        }
    });
    if let Some(cache) = cache {
        dirs.push(cache.join(format!("postgres-{POSTGRES_VERSION}")));
    }
    dirs
}

/// As in tools/versions.
const POSTGRES_VERSION: &str = "16.14";

fn beside_binary() -> Option<PathBuf> {
    let binary = std::env::current_exe().ok()?;
    let binary = binary.canonicalize().unwrap_or(binary);
    binary.parent().map(Path::to_owned)
}

/// `site` beside the binary or one up (the target folder), else where cargo-leptos puts it.
fn default_site_root() -> PathBuf {
    beside_binary()
        .into_iter()
        .flat_map(|dir| [dir.join("site"), dir.join("../site")])
        .find(|dir| dir.is_dir())
        .unwrap_or_else(|| PathBuf::from("target/site"))
}

/// The bundler's `hash.txt` beside the binary: `wanted` or, when nobody said, if it is there.
fn hash_file(wanted: Option<bool>) -> Result<Option<PathBuf>, ConfigError> {
    let file = beside_binary().unwrap_or_default().join("hash.txt");
    match wanted {
        Some(false) => Ok(None),
        _ if file.is_file() => Ok(Some(file)),
        None => Ok(None),
        Some(true) => Err(ConfigError::NoHashFile(file)),
    }
}

/// The address parents type: scheme and host, with the port when it is not the scheme's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl(String);

impl PublicUrl {
    /// As in an `Origin` header, such as `https://tummy.example.org`.
    pub fn origin(&self) -> &str {
        &self.0
    }

    pub fn is_https(&self) -> bool {
        self.0.starts_with("https://")
    }
}

impl FromStr for PublicUrl {
    type Err = ConfigError;

    fn from_str(text: &str) -> Result<Self, ConfigError> {
        let refuse = || ConfigError::PublicUrl(text.to_owned());
        let uri: axum::http::Uri = text.parse().map_err(|_| refuse())?;
        let scheme = uri.scheme_str().ok_or_else(refuse)?;
        let authority = uri.authority().ok_or_else(refuse)?.as_str();
        if !matches!(scheme, "http" | "https")
            || !matches!(uri.path(), "" | "/")
            || uri.query().is_some()
            || authority.contains('@')
        {
            return Err(refuse());
        }
        Ok(Self(format!(
            "{scheme}://{}",
            crate::security::without_default_port(scheme, authority).to_ascii_lowercase()
        )))
    }
}

/// An address or a network such as `10.0.0.0/8`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    prefix: u8,
}

impl Network {
    pub fn contains(&self, other: IpAddr) -> bool {
        match (self.address, other.to_canonical()) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                let ignored = 32 - u32::from(self.prefix);
                own.to_bits().checked_shr(ignored) == other.to_bits().checked_shr(ignored)
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                let ignored = 128 - u32::from(self.prefix);
                own.to_bits().checked_shr(ignored) == other.to_bits().checked_shr(ignored)
            }
            _ => false,
        }
    }
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let refuse = || format!("{text:?} is not an IP address or a network like 10.0.0.0/8");
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| refuse())?;
        let widest = if address.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            None => widest,
            Some(prefix) => prefix.parse().map_err(|_| refuse())?,
        };
        if prefix > widest {
            return Err(refuse());
        }
        Ok(Self { address, prefix })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        use clap::CommandFactory as _;
        Cli::command().debug_assert();
    }

    #[test]
    fn the_postgresql_looked_for_is_the_one_that_the_tools_fetch() {
        let versions = include_str!("../../tools/versions");
        assert!(versions.contains(&format!("\nPOSTGRES_VERSION={POSTGRES_VERSION}\n")));
    }

    #[test]
    fn a_public_url_is_an_origin() {
        let origin = |text: &str| text.parse::<PublicUrl>().map(|url| url.0).ok();
        assert_eq!(
            origin("https://Tummy.Example.org/").as_deref(),
            Some("https://tummy.example.org")
        );
        assert_eq!(
            origin("https://tummy.example.org:443").as_deref(),
            Some("https://tummy.example.org")
        );
        assert_eq!(
            origin("http://192.168.1.5:3000").as_deref(),
            Some("http://192.168.1.5:3000")
        );
        for wrong in [
            "tummy.example.org",
            "ftp://tummy.example.org",
            "https://x/app",
            "https://me@x",
            "https://",
        ] {
            assert_eq!(origin(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_network_contains_its_addresses_and_no_others() {
        let network: Network = "10.1.0.0/16".parse().expect("a network");
        assert!(network.contains("10.1.200.3".parse().expect("an address")));
        assert!(network.contains("::ffff:10.1.200.3".parse().expect("an address")));
        assert!(!network.contains("10.2.0.1".parse().expect("an address")));
        let everything: Network = "0.0.0.0/0".parse().expect("a network");
        assert!(everything.contains("8.8.8.8".parse().expect("an address")));
        let one: Network = "fd00::1".parse().expect("an address");
        assert!(one.contains("fd00::1".parse().expect("an address")));
        assert!(!one.contains("fd00::2".parse().expect("an address")));
        assert!("10.0.0.0/33".parse::<Network>().is_err());
        assert!("proxy".parse::<Network>().is_err());
    }

    #[test]
    fn a_secret_does_not_show_in_debug_output() {
        assert_eq!(format!("{:?}", Secret::new("postgres://me:hush@x/y")), "Secret(…)");
    }
}

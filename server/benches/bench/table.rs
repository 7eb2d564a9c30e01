//! The table that is printed.

use crate::load::Load;
use std::fmt::Write as _;
use std::io::Write as _;

#[derive(Debug, Default)]
pub(crate) struct Table(String);

impl Table {
    pub(crate) fn section(&mut self, title: &str) {
        let _ = write!(self.0, "\n{title}\n");
    }

    pub(crate) fn line(&mut self, name: &str, figure: &str, note: &str) {
        let line = format!("  {name:<38} {figure:>12}   {note}");
        let _ = writeln!(self.0, "{}", line.trim_end());
    }

    pub(crate) fn load(&mut self, name: &str, load: &Load) {
        let times = format!(
            "p50 {:8.2} ms   p99 {:8.2} ms",
            load.percentile(50),
            load.percentile(99)
        );
        self.line(name, &format!("{:.0} /s", load.per_second()), &times);
    }

    /// # Errors
    /// Standard output is closed.
    pub(crate) fn print(&self) -> anyhow::Result<()> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let mut out = std::io::stdout().lock();
        writeln!(
            out,
            "TinyTummy {} on {cores} cores{}, which the server, PostgreSQL (durable) and the load share.",
            env!("CARGO_PKG_VERSION"),
            processor().map(|name| format!(" ({name})")).unwrap_or_default(),
        )?;
        Ok(write!(out, "{}", self.0)?)
    }
}

fn processor() -> Option<String> {
    let info = std::fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = info.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

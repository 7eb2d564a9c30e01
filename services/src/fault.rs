//! Where a test may have the process die as a kill -9 would have it: at once, with no unwinding and
//! no clean-up. A release has none of these places; `tools/test` looks.

/// A place in the write path, by name.
///
/// `TINYTUMMY_FAULT` names a file that holds the name of the place to die at, so that a test can say
/// so while the server runs.
#[cfg(debug_assertions)]
pub(crate) fn point(name: &str) {
    static ARMED: std::sync::LazyLock<Option<std::ffi::OsString>> =
        std::sync::LazyLock::new(|| std::env::var_os("TINYTUMMY_FAULT"));
    if let Some(file) = ARMED.as_ref()
        && std::fs::read_to_string(file).is_ok_and(|place| place == name)
    {
        std::process::abort();
    }
}

#[cfg(not(debug_assertions))]
pub(crate) const fn point(_: &str) {}

//! How much one file may claim: five bytes of text can ask for a package of many more in memory.

/// Packages of one database: full installations of a distribution have a tenth.
const PACKAGES: usize = 100_000;
/// Needs and provided names of all packages of one database, likewise.
const NAMES: usize = 1_000_000;

/// What one file may still claim.
#[derive(Debug)]
pub(super) struct Bounds {
    packages: usize,
    names: usize,
}

impl Bounds {
    pub(super) fn new() -> Self {
        Self { packages: PACKAGES, names: NAMES }
    }

    /// Counts a package.
    pub(super) fn package(&mut self) -> Result<(), String> {
        self.packages = self.packages.checked_sub(1).ok_or_else(|| format!("more than {PACKAGES} packages"))?;
        Ok(())
    }

    /// Counts a name that a package needs or provides.
    pub(super) fn name(&mut self) -> Result<(), String> {
        self.names = self.names.checked_sub(1).ok_or_else(|| format!("more than {NAMES} dependencies"))?;
        Ok(())
    }
}

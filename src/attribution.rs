//! Who owns each byte: the package, if any, that an entry belongs to.
//!
//! Package databases change from layer to layer, so a package is [`Installed`] from one layer until
//! another, and an entry belongs to the package that had its path when its layer was made. Hidden
//! bytes have their owner too: that of the layer that pays for them.

mod claims;
mod installed;
mod why;

pub use why::{Reasons, Why};

use crate::facts::{Ecosystem, Package};
use crate::index::{Index, Placed};
use crate::layer::Measures;
use crate::paths::NodeId;
use claims::{Claims, Exact};
use std::sync::OnceLock;
use why::Graph;

/// A package, as a number within its [`Attribution`].
pub type PackageId = u32;

/// A package that an image has or had.
#[derive(Debug)]
pub struct Installed<'i> {
    /// What its database says.
    pub package: &'i Package,
    /// The layer whose database lists it first.
    pub layer: usize,
    /// The layer whose database lists it no more.
    pub removed: Option<usize>,
    /// The file that lists it.
    pub record: NodeId,
    /// Somebody asked for it by name; `None` where nothing tells.
    pub asked: Option<bool>,
    /// Only development needs it, as a lock file or a database says.
    pub dev: bool,
}

/// An image's packages, and whose each entry is.
#[derive(Debug)]
pub struct Attribution<'i> {
    index: &'i Index,
    packages: Vec<Installed<'i>>,
    claims: Exact,
    /// For each layer the owner of each entry, or `NOBODY`.
    owners: Vec<Vec<PackageId>>,
    graph: OnceLock<Graph>,
}

/// No package.
const NOBODY: PackageId = PackageId::MAX;

impl<'i> Attribution<'i> {
    /// Reads the databases that the index's layers hold.
    pub fn new(index: &'i Index) -> Self {
        let packages = installed::find(index);
        let claims = Claims::new(index, &packages);
        let of_layer = |layer: usize| match packages.as_slice() {
            [] => Vec::new(),
            packages => index.layer(layer).map(|placed| claims.owner(index, packages, &placed).unwrap_or(NOBODY)).collect(),
        };
        let owners = (0..index.image().layers().len()).map(of_layer).collect();
        Self { index, packages, claims: claims.exact, owners, graph: OnceLock::new() }
    }

    /// All packages that the image has or had, in a fixed order.
    pub fn packages(&self) -> &[Installed<'i>] {
        &self.packages
    }

    /// The package that an entry belongs to.
    pub fn owner(&self, placed: &Placed<'_>) -> Option<PackageId> {
        self.owners[placed.layer].get(placed.number).copied().filter(|owner| *owner != NOBODY)
    }

    /// One package.
    pub fn package(&self, id: PackageId) -> &Installed<'i> {
        &self.packages[id as usize]
    }

    /// What each package's entries weigh: live ones, and hidden ones.
    pub fn weights(&self) -> Vec<(Measures, Measures)> {
        let mut sums = vec![<(Measures, Measures)>::default(); self.packages.len()];
        self.index.entries().for_each(|placed| {
            if let Some(owner) = self.owner(&placed) {
                let (live, hidden) = &mut sums[owner as usize];
                *if placed.fate == crate::index::Fate::Live { live } else { hidden } += placed.entry.measures();
            }
        });
        sums
    }

    /// All packages that claim a path; several do where they share a directory.
    pub fn claimants(&self, node: NodeId) -> &[PackageId] {
        self.claims.of(node)
    }
}

impl Installed<'_> {
    /// Whether it is there in `layer`.
    pub fn covers(&self, layer: usize) -> bool {
        self.layer <= layer && self.removed.is_none_or(|removed| layer < removed)
    }

    /// Whether the finished image has it.
    pub fn is_live(&self) -> bool {
        self.removed.is_none()
    }

    /// Its ecosystem.
    pub fn ecosystem(&self) -> Ecosystem {
        self.package.ecosystem
    }
}

//! Why a package is there: asked for, needed by one that is, or only recommended.

use super::{Attribution, PackageId};
use crate::facts::Ecosystem;
use std::collections::{BTreeMap, VecDeque};

/// Why a package is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// Somebody asked for it by name.
    Asked,
    /// What somebody asked for needs it.
    Needed,
    /// It would not be there but for a recommendation.
    Recommended,
    /// Nothing tells, or nothing that is there needs it.
    Unknown,
}

impl Why {
    /// The name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Needed => "dependency",
            Self::Recommended => "recommended",
            Self::Unknown => "unknown",
        }
    }
}

/// Why every package is there.
#[derive(Debug)]
pub struct Reasons {
    why: Vec<Why>,
    from: Vec<Option<PackageId>>,
}

impl Reasons {
    /// Why a package is there.
    pub fn why(&self, id: PackageId) -> Why {
        self.why[id as usize]
    }

    /// The chain that leads to it, from what was asked for to what needs or recommends it.
    pub fn chain(&self, id: PackageId) -> Vec<PackageId> {
        let mut chain = Vec::new();
        let mut at = self.from[id as usize];
        while let Some(link) = at {
            chain.push(link);
            at = self.from[link as usize];
        }
        chain.reverse();
        chain
    }
}

/// Packages of one name that are looked at: no real name has more.
const NAMESAKES: usize = 16;

/// Who needs whom, among the packages of one ecosystem that are there together.
#[derive(Debug, Default)]
pub(crate) struct Graph {
    /// For each package those that it needs: for each need every package that meets it.
    pub(crate) needs: Vec<Vec<Vec<PackageId>>>,
    /// Likewise for what it recommends.
    pub(crate) recommends: Vec<Vec<Vec<PackageId>>>,
}

impl Attribution<'_> {
    /// The dependencies among packages. A need is met by what is there when its package is.
    pub(crate) fn graph(&self) -> &Graph {
        self.graph.get_or_init(|| self.find_graph())
    }

    fn find_graph(&self) -> Graph {
        let mut names: BTreeMap<(Ecosystem, &str), Vec<PackageId>> = BTreeMap::new();
        for (id, installed) in (0..).zip(&self.packages) {
            let package = installed.package;
            for name in std::iter::once(&package.name).chain(&package.provides) {
                let of_name = names.entry((package.ecosystem, name)).or_default();
                if of_name.last() != Some(&id) && of_name.len() < NAMESAKES {
                    of_name.push(id);
                }
            }
        }
        let resolve = |id: usize, wanted: &[Vec<String>]| -> Vec<Vec<PackageId>> {
            let installed = &self.packages[id];
            let there = |other: &&PackageId| {
                let other = &self.packages[**other as usize];
                other.layer <= installed.removed.unwrap_or(usize::MAX) && other.removed.is_none_or(|removed| removed > installed.layer)
            };
            let one = |need: &Vec<String>| {
                let mut found: Vec<PackageId> = Vec::new();
                for name in need {
                    let of_name = names.get(&(installed.package.ecosystem, name.as_str())).into_iter().flatten();
                    found.extend(of_name.filter(there).filter(|other| **other as usize != id));
                }
                found
            };
            wanted.iter().map(one).filter(|found| !found.is_empty()).collect()
        };
        let all = 0..self.packages.len();
        Graph {
            needs: all.clone().map(|id| resolve(id, &self.packages[id].package.depends)).collect(),
            recommends: all.map(|id| resolve(id, &self.packages[id].package.recommends)).collect(),
        }
    }

    /// Why each package is there: the shortest chain of needs, or one with recommendations where there is none.
    pub fn reasons(&self) -> Reasons {
        let graph = self.graph();
        let mut why = vec![Why::Unknown; self.packages.len()];
        let mut from: Vec<Option<PackageId>> = vec![None; self.packages.len()];
        let mut queue = VecDeque::new();
        for (id, installed) in (0..).zip(&self.packages) {
            if installed.asked == Some(true) || installed.package.essential {
                why[id as usize] = Why::Asked;
                queue.push_back(id);
            }
        }
        for recommended in [false, true] {
            if recommended {
                queue.extend((0..).zip(&why).filter(|(_, why)| **why != Why::Unknown).map(|(id, _)| id));
            }
            while let Some(id) = queue.pop_front() {
                let needs = graph.needs[id as usize].iter().flatten();
                let wishes = graph.recommends[id as usize].iter().flatten().filter(|_| recommended);
                for next in needs.chain(wishes) {
                    if why[*next as usize] == Why::Unknown {
                        from[*next as usize] = Some(id);
                        why[*next as usize] = if recommended { Why::Recommended } else { Why::Needed };
                        queue.push_back(*next);
                    }
                }
            }
        }
        Reasons { why, from }
    }
}

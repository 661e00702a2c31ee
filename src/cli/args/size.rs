//! Sizes by manifests alone.

use super::output::List;
use super::source::Remote;
use clap::{Args, ValueHint};

#[derive(Debug, Args)]
#[command(after_long_help = "No layer is read. Sizes are of the compressed layers, as manifests have them; a node keeps each layer once, \
    so it pulls for an image what the images that it has do not share; what a layer that is stored uncompressed takes is unknown. Of one IMAGE all platforms are shown, of several the one \
    that would be weighed, unless --platform or --all-platforms says otherwise.")]
pub(crate) struct Size {
    /// Images: names in a registry, OCI layouts or OCI archives
    #[arg(required = true, value_name = "IMAGE", value_hint = ValueHint::AnyPath)]
    pub(crate) images: Vec<String>,
    /// Which platform: os/arch or os/arch/variant
    #[arg(long, value_name = "PLATFORM", help_heading = "Choosing")]
    pub(crate) platform: Option<String>,
    /// All platforms of each image
    #[arg(long, conflicts_with = "platform", help_heading = "Choosing")]
    pub(crate) all_platforms: bool,
    /// List the layers too; of a single image they are listed anyway
    #[arg(long, help_heading = "Showing")]
    pub(crate) layers: bool,
    #[command(flatten)]
    pub(crate) remote: Remote,
    #[command(flatten)]
    pub(crate) list: List,
}

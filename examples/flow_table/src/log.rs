//! What the program logs with `defmt`: `cargo qemu run flow_table --defmt`. Built without the feature,
//! or for the host, it logs nothing.
//!
//! A log line holds the console for as long as it takes to send a few bytes, so there is none for each
//! frame or batch.

#[cfg(all(feature = "defmt", target_os = "none"))]
mod imp {
    use crate::flows::FlowMap;
    use crate::work::Share;

    /// The cores begin to count.
    pub fn started(frames: u64, cores: usize, capacity: usize) {
        defmt::info!(
            "{=u64} frames for {=usize} cores; a map for {=usize} flows",
            frames,
            cores,
            capacity
        );
    }

    /// From time to time.
    pub fn progress(frames: u64, flows: usize) {
        defmt::info!("{=u64} frames, {=usize} flows", frames, flows);
    }

    /// The map had no place for a flow, for the first time on this core.
    pub fn refused(flows: usize) {
        defmt::warn!("the map is full with {=usize} flows", flows);
    }

    /// A core found no frame left.
    pub fn idle(share: Share) {
        defmt::debug!("no frame is left; counted {}", share);
    }

    /// All cores are done.
    pub fn ended<const N: usize>(passes: u64, nanoseconds: u64, flows: &FlowMap<N>) {
        defmt::info!("{=u64} passes in {=u64:us} s", passes, nanoseconds / 1000);
        defmt::debug!("{}", flows.stats());
    }
}

#[cfg(not(all(feature = "defmt", target_os = "none")))]
mod imp {
    use crate::flows::FlowMap;
    use crate::work::Share;

    pub fn started(_frames: u64, _cores: usize, _capacity: usize) {}
    pub fn progress(_frames: u64, _flows: usize) {}
    pub fn refused(_flows: usize) {}
    pub fn idle(_share: Share) {}
    pub fn ended<const N: usize>(_passes: u64, _nanoseconds: u64, _flows: &FlowMap<N>) {}
}

pub use imp::{ended, idle, progress, refused, started};

//! The instructions at which the debugger stops a core: see [`stops_image::symbol`]. They are on a page of
//! their own, because the emulator executes a page that has some instruction by instruction.

#[cfg(target_os = "none")]
core::arch::global_asm!(
    ".section .text.stops, \"ax\"",
    ".balign 4096",
    ".global stops_others, stops_others_after",
    ".global stops_begun, stops_begun_after",
    ".global stops_ended, stops_ended_after",
    "stops_others: nop",
    "stops_others_after: ret",
    "stops_begun: nop",
    "stops_begun_after: ret",
    "stops_ended: nop",
    "stops_ended_after: ret",
    ".balign 4096",
    ".text",
);

#[cfg(target_os = "none")]
unsafe extern "C" {
    safe fn stops_others();
    safe fn stops_begun();
    safe fn stops_ended();
}

/// The first core has performed a list.
pub fn others() {
    #[cfg(target_os = "none")]
    stops_others();
}

/// The second core is about to begin its operation.
pub fn begun() {
    #[cfg(target_os = "none")]
    stops_begun();
}

/// The second core has ended its operation.
pub fn ended() {
    #[cfg(target_os = "none")]
    stops_ended();
}

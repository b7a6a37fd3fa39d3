//! The tables.

use super::costs::Costs;
use super::{MAPS, Wanted, Width};
use crate::chances::Binomial;
use crate::table;

/// How improbable a fuller bucket is.
const CHANCE: (f64, &str) = (1e-6, "1 in a million");

/// All of it.
pub(super) fn text(wanted: &Wanted, widths: &[Width], markdown: bool) -> String {
    let mut text = String::new();
    let Some(Width { plan, .. }) = widths.first() else {
        return text;
    };
    for map in 0..MAPS.len() {
        let guards = match map {
            0 => String::new(),
            _ => format!(", {} guards", wanted.guards()),
        };
        let name = plan.map(map);
        let quoted = format!("`{name}`");
        text.push_str(&heading(if markdown { &quoted } else { &name }, markdown));
        text.push_str(&format!(
            "N = {}: {} entries, {} cells for {} other contexts{guards}; EXTRA = {}. Bytes, opt-level s:\n\n",
            plan.n[map],
            plan.entries,
            wanted.of_contexts(),
            wanted.contexts - 1,
            plan.extra[0]
        ));
        text.push_str(&costs(widths, map, markdown));
        text.push('\n');
    }
    text.push_str(&heading("How many entries are in chains", markdown));
    text.push_str(&format!(
        "Counted on this host with {} entries in the CopyMap and keys at random. In use: entries were removed \
         and others put in, ten times as many as there are.\n\n",
        plan.entries
    ));
    for width in widths {
        text.push_str(&comparison(width, markdown));
        text.push('\n');
    }
    text
}

fn heading(text: &str, markdown: bool) -> String {
    match markdown {
        true => format!("### {text}\n\n"),
        false => format!("{text}\n"),
    }
}

/// What a map costs: a target a row.
fn costs(widths: &[Width], map: usize, markdown: bool) -> String {
    let heading = [
        "target",
        "RAM",
        "code, main methods",
        "stack of get",
        "deepest stack",
        "bits of version",
    ];
    let mut rows = vec![heading.map(String::from)];
    for (target, Costs(costs)) in widths.iter().flat_map(|width| &width.targets) {
        let cost = &costs[map];
        let [get, deepest] = cost.stack.clone();
        let numbers =
            [cost.memory[0], cost.code, cost.version_bits].map(|number| number.to_string());
        let [memory, code, bits] = numbers;
        rows.push([target.name.into(), memory, code, get, deepest, bits]);
    }
    table::text(&rows, &[1, 2, 3, 4, 5], markdown)
}

/// What more cells bring: an `EXTRA` a row.
fn comparison(width: &Width, markdown: bool) -> String {
    let bits = if width.is_32_bit { 32 } else { 64 };
    let heading = [
        &format!("{bits} bits: EXTRA"),
        "RAM of CopyMap",
        "of Map",
        "in chains, filled",
        "in use",
        "fullest bucket",
        &format!("fuller: {}", CHANCE.1),
    ];
    let mut rows = vec![heading.map(String::from)];
    let Some((_, Costs([copies, guarded]))) = width.targets.first() else {
        return String::new();
    };
    for (at, chains) in width.chains.iter().enumerate() {
        if at > 0 && chains.extra == width.chains[at - 1].extra {
            continue;
        }
        let bound = Binomial {
            entries: width.plan.entries,
            groups: chains.buckets,
        };
        rows.push([
            chains.extra.to_string(),
            copies.memory[at].to_string(),
            guarded.memory[at].to_string(),
            format!("{:.0}", chains.filled),
            format!("{:.0}", chains.used),
            format!("{:.0}", chains.fullest),
            bound.fullest(CHANCE.0).to_string(),
        ]);
    }
    table::text(&rows, &[1, 2, 3, 4, 5, 6], markdown)
}

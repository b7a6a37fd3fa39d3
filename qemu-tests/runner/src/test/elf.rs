//! What the symbols of a built program show.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use object::{File, Object, ObjectSection, ObjectSymbol, SectionKind, SymbolKind};
use rustc_demangle::demangle;

/// The names of the statics that hold a map: the last part of their paths.
const MAPS: [&str; 3] = ["FLOWS", "FEW", "MAP"];
/// A map is larger than this. A smaller symbol of the same name is something else.
const SMALLEST_MAP: u64 = 64;

/// A symbol with a readable name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symbol {
    /// Its path, without hashes.
    pub name: String,
    /// Its size in bytes.
    pub size: u64,
    /// Whether it names data.
    pub is_data: bool,
    /// The section in which it lies, and whether that takes no space in the file.
    pub section: Option<(String, bool)>,
}

/// The symbols that a program defines.
pub fn symbols(program: &Path) -> Result<Vec<Symbol>> {
    let bytes = fs::read(program).with_context(|| format!("cannot read {}", program.display()))?;
    let file = File::parse(&*bytes).with_context(|| format!("{}", program.display()))?;
    let mut symbols = Vec::new();
    for symbol in file.symbols().filter(|symbol| symbol.is_definition()) {
        let section = symbol
            .section_index()
            .and_then(|index| file.section_by_index(index).ok())
            .map(|section| {
                let name = section.name().unwrap_or("?").to_owned();
                (name, section.kind() == SectionKind::UninitializedData)
            });
        symbols.push(Symbol {
            name: format!("{:#}", demangle(symbol.name().unwrap_or_default())),
            size: symbol.size(),
            is_data: symbol.kind() == SymbolKind::Data,
            section,
        });
    }
    if symbols.is_empty() {
        bail!("{} has no symbols to look at", program.display());
    }
    Ok(symbols)
}

/// Fails when a symbol belongs to an allocator or to the crate `alloc`.
pub fn no_allocator(symbols: &[Symbol]) -> Result<()> {
    let found: Vec<_> = symbols
        .iter()
        .map(|symbol| &*symbol.name)
        .filter(|name| is_allocator(name))
        .collect();
    if found.is_empty() {
        Ok(())
    } else {
        bail!("symbols of an allocator: {}", found.join(", "));
    }
}

fn is_allocator(name: &str) -> bool {
    const PARTS: [&str; 5] = [
        "__rust_alloc",
        "__rust_realloc",
        "__rg_alloc",
        "__rdl_alloc",
        "GlobalAlloc",
    ];
    const NAMES: [&str; 4] = ["malloc", "calloc", "realloc", "free"];
    PARTS.iter().any(|part| name.contains(part))
        || NAMES.contains(&name)
        || mentions_crate_alloc(name)
}

/// Whether a path in the name starts with the crate `alloc`; `core::alloc` is another thing.
fn mentions_crate_alloc(name: &str) -> bool {
    name.match_indices("alloc::").any(|(at, _)| {
        let before = name[..at].chars().next_back();
        !before.is_some_and(|c| c == ':' || c == '_' || c.is_alphanumeric())
    })
}

/// Fails unless at least one map's static is there and all of them take no space in the file.
pub fn maps_in_bss(symbols: &[Symbol]) -> Result<()> {
    let maps: Vec<_> = symbols.iter().filter(|symbol| is_map(symbol)).collect();
    if maps.is_empty() {
        bail!(
            "no map found: no static of at least {SMALLEST_MAP} bytes is called {}",
            MAPS.join(" or ")
        );
    }
    for map in maps {
        match &map.section {
            Some((_, true)) => {}
            Some((section, false)) => bail!(
                "{} ({} bytes) lies in {section}, which takes space in the image",
                map.name,
                map.size
            ),
            None => bail!("{} lies in no section", map.name),
        }
    }
    Ok(())
}

fn is_map(symbol: &Symbol) -> bool {
    let last = symbol.name.rsplit("::").next().unwrap_or_default();
    symbol.is_data
        && symbol.size >= SMALLEST_MAP
        && MAPS
            .iter()
            .any(|map| last == *map || last.ends_with(&format!("_{map}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data(name: &str, size: u64, section: &str, is_bss: bool) -> Symbol {
        Symbol {
            name: name.into(),
            size,
            is_data: true,
            section: Some((section.into(), is_bss)),
        }
    }

    #[test]
    fn allocators_are_found() {
        for bad in [
            "__rust_alloc",
            "_RNvCs1_7___rustc12___rust_alloc",
            "malloc",
            "alloc::vec::Vec<T>::push",
            "<alloc::string::String as core::fmt::Write>::write_str",
            "<image::Bump as core::alloc::global::GlobalAlloc>::alloc",
        ] {
            assert!(is_allocator(bad), "{bad}");
        }
        for good in [
            "core::alloc::layout::Layout::new",
            "arenamap::map::Map<K,V>::insert",
            "my_alloc::Pool::take",
            "flow_table::main",
        ] {
            assert!(!is_allocator(good), "{good}");
        }
    }

    #[test]
    fn a_program_with_an_allocator_is_told_apart() {
        // This very test program is linked with the standard library.
        let symbols = symbols(&std::env::current_exe().unwrap()).unwrap();
        let error = no_allocator(&symbols).unwrap_err().to_string();
        assert!(error.contains("alloc"), "{error}");
    }

    #[test]
    fn maps_must_exist_and_take_no_space() {
        let good = data("flow_table::flows::FLOWS", 65536, ".bss", true);
        let other = data("flow_table::report::ROWS", 65536, ".data", false);
        let small = data("x::MAP", 8, ".data", false);
        assert!(maps_in_bss(&[good.clone(), other.clone(), small]).is_ok());
        assert!(maps_in_bss(&[other]).is_err());
        let bad = data("image::STRESS_MAP", 65536, ".data", false);
        let error = maps_in_bss(&[good, bad]).unwrap_err().to_string();
        assert!(error.contains("STRESS_MAP (65536 bytes) lies in .data"));
    }
}

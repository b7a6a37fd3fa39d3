//! `&K` borrows the guard, too.
use arenamap::Map;

static MAP: Map<String, u32, 4> = Map::new();

fn main() {
    let key: &str = {
        let guard = MAP.get("a").unwrap();
        guard.key()
    };
    println!("{key}");
}

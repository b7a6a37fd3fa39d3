//! A low-level guard does not know whether it saw its cell live.
use tagged_arena::guard::Guard;

fn read<'g>(guard: &'g Guard<'_, (), String>) -> &'g str {
    guard.payload()
}

fn main() {
    let _ = read;
}

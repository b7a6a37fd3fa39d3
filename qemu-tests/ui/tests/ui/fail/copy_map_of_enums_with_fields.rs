//! Not by itself: nobody knows its layout. (It may implement `Plain` by hand.)
use arenamap::CopyMap;

#[derive(Clone, Copy)]
enum Job {
    Idle,
    Until(u32),
}

static JOBS: CopyMap<u8, Job, 4> = CopyMap::new();
static NEXT: CopyMap<u8, Option<(u8, Job)>, 4> = CopyMap::new();

fn main() {
    JOBS.insert(1, Job::Until(7)).ok();
    JOBS.insert(2, Job::Idle).ok();
    NEXT.get(&1);
}

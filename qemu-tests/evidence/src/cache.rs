//! The methods of `Cache`. Its values are of another type than a `Map`'s, so that they share no code.

use arenamap::iter::{CacheIter, Expire};
use arenamap::{Cache, CacheStats, Full, Inserted, Ref};

const N: usize = 256;
type Held = Ref<'static, u32, i32>;
type Put = Inserted<'static, u32, i32>;

#[unsafe(export_name = "Cache<u32,i32>")]
static CACHE: Cache<u32, i32, N> = Cache::new();

#[unsafe(export_name = "Cache<u32,i32>::get")]
fn get(key: u32) -> Option<Held> {
    CACHE.get(&key)
}

#[unsafe(export_name = "Cache<u32,i32>::Ref::drop")]
fn drop_ref(held: Held) {
    drop(held);
}

#[unsafe(export_name = "Cache<u32,i32>::contains_key")]
fn contains_key(key: u32) -> bool {
    CACHE.contains_key(&key)
}

#[unsafe(export_name = "Cache<u32,i32>::get_at")]
fn get_at(key: u32, now: u32) -> Option<Held> {
    CACHE.get_at(&key, now)
}

#[unsafe(export_name = "Cache<u32,i32>::peek")]
fn peek(key: u32) -> Option<Held> {
    CACHE.peek(&key)
}

#[unsafe(export_name = "Cache<u32,i32>::insert")]
fn insert(key: u32, value: i32) -> Result<Put, Full<(u32, i32)>> {
    CACHE.insert(key, value)
}

#[unsafe(export_name = "Cache<u32,i32>::insert_at")]
fn insert_at(key: u32, value: i32, now: u32, ttl: u32) -> Result<Put, Full<(u32, i32)>> {
    CACHE.insert_at(key, value, now, ttl)
}

#[unsafe(export_name = "Cache<u32,i32>::get_or_insert_with")]
fn get_or_insert_with(key: u32, value: i32) -> Result<(Held, Put), Full<(u32, i32)>> {
    CACHE.get_or_insert_with(key, || value)
}

#[unsafe(export_name = "Cache<u32,i32>::get_or_insert_with_at")]
fn get_or_insert_with_at(
    key: u32,
    value: i32,
    now: u32,
    ttl: u32,
) -> Result<(Held, Put), Full<(u32, i32)>> {
    CACHE.get_or_insert_with_at(key, now, ttl, || value)
}

#[unsafe(export_name = "Cache<u32,i32>::remove_if")]
fn remove_if(key: u32, value: i32) -> Option<Held> {
    CACHE.remove_if(&key, |_, there| *there == value)
}

#[unsafe(export_name = "Cache<u32,i32>::remove")]
fn remove(key: u32) -> Option<Held> {
    CACHE.remove(&key)
}

#[unsafe(export_name = "Cache<u32,i32>::pin")]
fn pin(key: u32) -> bool {
    CACHE.pin(&key)
}

#[unsafe(export_name = "Cache<u32,i32>::unpin")]
fn unpin(key: u32) -> bool {
    CACHE.unpin(&key)
}

#[unsafe(export_name = "Cache<u32,i32>::is_pinned")]
fn is_pinned(key: u32) -> bool {
    CACHE.is_pinned(&key)
}

#[unsafe(export_name = "Cache<u32,i32>::expires_at")]
fn expires_at(key: u32) -> Option<u32> {
    CACHE.expires_at(&key)
}

#[unsafe(export_name = "Cache<u32,i32>::renew")]
fn renew(key: u32, now: u32, ttl: u32) -> bool {
    CACHE.renew(&key, now, ttl)
}

#[unsafe(export_name = "Cache<u32,i32>::expire")]
fn expire(now: u32) -> Expire<'static, u32, i32, N> {
    CACHE.expire(now)
}

#[unsafe(export_name = "Cache<u32,i32>::expire_some")]
fn expire_some(now: u32) -> Expire<'static, u32, i32, N> {
    CACHE.expire_some(now, 4)
}

#[unsafe(export_name = "Cache<u32,i32>::expire::next")]
fn expire_next(iter: &mut Expire<'static, u32, i32, N>) -> Option<Held> {
    iter.next()
}

#[unsafe(export_name = "Cache<u32,i32>::iter")]
fn iter() -> CacheIter<'static, u32, i32, N> {
    CACHE.iter()
}

#[unsafe(export_name = "Cache<u32,i32>::iter::next")]
fn next(iter: &mut CacheIter<'static, u32, i32, N>) -> Option<Held> {
    iter.next()
}

#[unsafe(export_name = "Cache<u32,i32>::len")]
fn len() -> usize {
    CACHE.len()
}

#[unsafe(export_name = "Cache<u32,i32>::stats")]
fn stats() -> CacheStats {
    CACHE.stats()
}

pub fn addresses() -> [*const (); 23] {
    [
        get as *const (),
        drop_ref as *const (),
        contains_key as *const (),
        get_at as *const (),
        peek as *const (),
        insert as *const (),
        insert_at as *const (),
        get_or_insert_with as *const (),
        get_or_insert_with_at as *const (),
        remove_if as *const (),
        remove as *const (),
        pin as *const (),
        unpin as *const (),
        is_pinned as *const (),
        expires_at as *const (),
        renew as *const (),
        expire as *const (),
        expire_some as *const (),
        expire_next as *const (),
        iter as *const (),
        next as *const (),
        len as *const (),
        stats as *const (),
    ]
}

//! Measures yrs on recorded traces: one JSON line a measure, in nanoseconds for the whole operation, the least of the
//! rounds, as ../yjs/bench.mjs does for yjs.
//!
//!     yrsbench FOLDER ROUNDS SET...
//!
//! FOLDER holds SET.updates, unpacked: of each update its length (4 bytes, low first), then its bytes.

use std::hint::black_box;
use std::path::Path;
use std::time::Duration;

use yrs::updates::decoder::Decode;
use yrs::{Doc, GetString, OffsetKind, Options, ReadTxn, StateVector, Transact, Update};

/// Merging takes yrs quadratic time, as it takes yjs: it is measured on no more updates than these.
const MERGE_MOST: usize = 8000;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [folder, rounds, sets @ ..] = args.as_slice() else {
        eprintln!("usage: yrsbench FOLDER ROUNDS SET...");
        std::process::exit(2);
    };
    let rounds: u32 = rounds.parse().expect("the number of rounds");
    for set in sets {
        let path = Path::new(folder).join(format!("{set}.updates"));
        let bytes = std::fs::read(&path).unwrap_or_else(|err| panic!("read {}: {err}", path.display()));
        let list = unpack(&bytes);
        match stream(&list) {
            Ok(_) => measure(set, &list, rounds),
            Err(err) => eprintln!("yrs cannot read {set}: {err}"),
        }
    }
}

/// Cuts a trace into its updates.
fn unpack(mut bytes: &[u8]) -> Vec<&[u8]> {
    let mut list = Vec::new();
    while let Some((length, rest)) = bytes.split_first_chunk::<4>() {
        let (update, rest) = rest.split_at(u32::from_le_bytes(*length) as usize);
        list.push(update);
        bytes = rest;
    }
    list
}

fn new_doc() -> Doc {
    Doc::with_options(Options { offset_kind: OffsetKind::Utf16, ..Options::default() })
}

/// Applies updates one by one, each in a transaction of its own.
fn stream(list: &[&[u8]]) -> Result<Doc, String> {
    let doc = new_doc();
    for update in list {
        let update = Update::decode_v1(update).map_err(|err| err.to_string())?;
        doc.transact_mut().apply_update(update).map_err(|err| err.to_string())?;
    }
    Ok(doc)
}

fn must_stream(list: &[&[u8]]) -> Doc {
    stream(list).expect("updates that could be applied once")
}

fn measure(set: &str, list: &[&[u8]], rounds: u32) {
    tell("ApplyStream", set, least_of_many(rounds, || drop(black_box(must_stream(list)))));
    let doc = must_stream(list);
    let state = doc.transact().encode_state_as_update_v1(&StateVector::default());
    let half = must_stream(&list[..list.len() / 2]).transact().state_vector();
    let whole = [state.as_slice()];
    tell("Load", set, least_of_many(rounds, || drop(black_box(must_stream(&whole)))));
    tell("Encode", set, least_of_many(rounds, || {
        black_box(doc.transact().encode_state_as_update_v1(&StateVector::default()));
    }));
    tell("Diff", set, least_of_many(rounds, || {
        black_box(doc.transact().encode_state_as_update_v1(&half));
    }));
    let text = doc.get_or_insert_text("text");
    tell("Text", set, least_of_many(rounds, || {
        black_box(text.get_string(&doc.transact()));
    }));
    tell("VectorFromUpdate", set, least_of_many(rounds, || {
        black_box(yrs::encode_state_vector_from_update_v1(&state).expect("state vector"));
    }));
    if list.len() <= MERGE_MOST {
        tell("Merge", set, least(rounds, || {
            black_box(yrs::merge_updates_v1(list).expect("merge"));
        }));
    }
}

#[repr(C)]
struct Timespec {
    seconds: i64,
    nanos: i64,
}

extern "C" {
    fn clock_gettime(clock: i32, at: *mut Timespec) -> i32;
}

/// What this process has had a processor for (Linux, 64 bits).
fn cpu_time() -> Duration {
    const PROCESS_CPUTIME: i32 = 2;
    let mut at = Timespec { seconds: 0, nanos: 0 };
    assert_eq!(unsafe { clock_gettime(PROCESS_CPUTIME, &mut at) }, 0);
    Duration::new(at.seconds as u64, at.nanos as u32)
}

/// The least time of some rounds.
fn least(rounds: u32, mut f: impl FnMut()) -> f64 {
    let mut best = Duration::MAX;
    for _ in 0..rounds {
        let start = cpu_time();
        f();
        best = best.min(cpu_time() - start);
    }
    best.as_nanos() as f64
}

/// Very short operations are repeated, so that the clock can see them.
fn least_of_many(rounds: u32, mut f: impl FnMut()) -> f64 {
    let once = least(1, &mut f).max(1.0);
    let times = (2e7 / once).clamp(1.0, 1000.0) as u32;
    least(rounds, || (0..times).for_each(|_| f())) / f64::from(times)
}

fn tell(what: &str, set: &str, ns: f64) {
    println!(r#"{{"engine":"yrs","what":"{what}","set":"{set}","ns":{ns}}}"#);
}

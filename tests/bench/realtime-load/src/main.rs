//! Measures realtime of a `bak` process: `bakend-bench-realtime PROGRAM [idle] [fan-out] [stream] [inserts]`.

mod http;
mod inserts;
mod server;

use std::{
    env, io,
    process::ExitCode,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use http::{Http, Stream};
use serde_json::json;
use server::Server;
use tokio::task::JoinSet;

/// Idle connections.
const IDLE: usize = 10_000;
/// Resident memory that they may cost, in MB, with the server itself.
const IDLE_MAX_MB: f64 = 200.0;
/// Subscribers of the hot topic.
const SUBSCRIBERS: usize = 1000;
/// Events a second on it.
const EVENTS_PER_SECOND: u32 = 100;
/// Seconds of it.
const SECONDS: u32 = 10;
/// Longest time that 99 of 100 deliveries may take, in milliseconds, from sending the write.
const P99_MAX_MS: f64 = 100.0;
/// Subscribers of the stream of changes.
const READERS: usize = 10;
/// Changes of it.
const CHANGES: u32 = 50_000;
/// Connections that write them.
const WRITERS: u32 = 32;
/// Changes a second that are to be reached.
const RATE_MIN: f64 = 10_000.0;

const TOPIC: &str = "events/*";
const RECORDS: &str = "/api/collections/events/records";

#[tokio::main]
async fn main() -> ExitCode {
    let mut args = env::args().skip(1);
    let Some(program) = args.next() else {
        eprintln!("usage: bakend-bench-realtime PROGRAM [idle] [fan-out] [stream] [inserts]");
        return ExitCode::FAILURE;
    };
    let chosen: Vec<String> = args.collect();
    let mut good = true;
    for name in ["idle", "fan-out", "stream", "inserts"] {
        if !chosen.is_empty() && !chosen.iter().any(|one| one == name) {
            continue;
        }
        let outcome = match name {
            "idle" => idle(&program).await,
            "fan-out" => fan_out(&program).await,
            "stream" => stream(&program).await,
            _ => inserts::inserts(&program).await,
        };
        match outcome {
            Ok(met) => good &= met,
            Err(error) => {
                println!("{name}: failed: {error}");
                good = false;
            }
        }
    }
    if good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Opens streams and subscribes them, some at a time.
async fn open(address: &str, count: usize) -> io::Result<Vec<Stream>> {
    let mut tasks = JoinSet::new();
    for share in 0..20 {
        let (address, count) = (address.to_owned(), count / 20 + usize::from(share < count % 20));
        tasks.spawn(async move {
            let mut http = Http::connect(&address).await?;
            let mut streams = Vec::with_capacity(count);
            for _ in 0..count {
                let stream = Stream::open(&address).await?;
                stream.subscribe(&mut http, TOPIC).await?;
                streams.push(stream);
            }
            Ok::<_, io::Error>(streams)
        });
    }
    let mut all = Vec::with_capacity(count);
    while let Some(streams) = tasks.join_next().await {
        all.extend(streams.map_err(io::Error::other)??);
    }
    Ok(all)
}

/// Memory of connections that hear nothing.
async fn idle(program: &str) -> io::Result<bool> {
    let server = Server::start(program).await?;
    let before = server.resident_mb();
    let started = Instant::now();
    let streams = open(&server.address, IDLE).await?;
    let took = started.elapsed().as_secs_f64();
    tokio::time::sleep(Duration::from_secs(3)).await;
    let after = server.resident_mb();
    let each = (after - before) * 1024.0 / streams.len() as f64;
    println!(
        "idle: {} connections, opened in {took:.1} s: {after:.0} MB resident ({before:.0} MB before, {each:.1} KiB each); goal < {IDLE_MAX_MB} MB",
        streams.len()
    );
    Ok(after < IDLE_MAX_MB)
}

/// The time from a write to the last of many subscribers.
async fn fan_out(program: &str) -> io::Result<bool> {
    let server = Server::start(program).await?;
    let expected = EVENTS_PER_SECOND * SECONDS;
    let mut readers = JoinSet::new();
    for stream in open(&server.address, SUBSCRIBERS).await? {
        readers.spawn(latencies(stream, expected));
    }
    let mut http = Http::connect(&server.address).await?;
    let mut tick = tokio::time::interval(Duration::from_secs(1) / EVENTS_PER_SECOND);
    for n in 0..expected {
        tick.tick().await;
        http.ask("POST", RECORDS, &json!({ "at": now_micros().to_string(), "n": n }), "").await?;
    }
    let mut all = Vec::new();
    while let Some(found) = readers.join_next().await {
        all.extend(found.map_err(io::Error::other)??);
    }
    all.sort_by(f64::total_cmp);
    let at = |part: f64| all[((all.len() - 1) as f64 * part) as usize];
    println!(
        "fan-out: {SUBSCRIBERS} subscribers, {EVENTS_PER_SECOND} events/s for {SECONDS} s: p50 {:.1} ms, p99 {:.1} ms, longest {:.1} ms, {:.0} MB resident; goal p99 < {P99_MAX_MS} ms",
        at(0.5),
        at(0.99),
        at(1.0),
        server.resident_mb()
    );
    Ok(at(0.99) < P99_MAX_MS)
}

/// What each event took, in milliseconds; fails when one is missing or out of order.
async fn latencies(mut stream: Stream, expected: u32) -> io::Result<Vec<f64>> {
    let mut found = Vec::with_capacity(expected as usize);
    while found.len() < expected as usize {
        for event in stream.next().await? {
            let (n, expected) = (event.number("n"), found.len());
            if n.and_then(|n| usize::try_from(n).ok()) != Some(expected) {
                return Err(io::Error::other(format!("event {n:?} instead of {expected}")));
            }
            let sent = event.number("at").unwrap_or_default();
            found.push((now_micros() - sent) as f64 / 1000.0);
        }
    }
    Ok(found)
}

/// Many changes: all of them must come, in order, to everybody.
async fn stream(program: &str) -> io::Result<bool> {
    let server = Server::start(program).await?;
    let mut readers = JoinSet::new();
    for stream in open(&server.address, READERS).await? {
        readers.spawn(numbers(stream, CHANGES));
    }
    let started = Instant::now();
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        let address = server.address.clone();
        writers.spawn(async move {
            let mut http = Http::connect(&address).await?;
            for n in (writer..CHANGES).step_by(WRITERS as usize) {
                http.ask("POST", RECORDS, &json!({ "n": n }), "").await?;
            }
            Ok::<_, io::Error>(())
        });
    }
    while let Some(written) = writers.join_next().await {
        written.map_err(io::Error::other)??;
    }
    let wrote = started.elapsed().as_secs_f64();
    while let Some(read) = readers.join_next().await {
        read.map_err(io::Error::other)??;
    }
    let told = started.elapsed().as_secs_f64();
    let rate = f64::from(CHANGES) / told;
    println!(
        "stream: {CHANGES} changes to {READERS} subscribers: written in {wrote:.1} s, told in {told:.1} s ({rate:.0}/s), in order, none lost; goal {RATE_MIN:.0}/s"
    );
    Ok(rate >= RATE_MIN)
}

/// Reads until every change was heard; fails when a number is missing, doubled or out of order.
async fn numbers(mut stream: Stream, expected: u32) -> io::Result<()> {
    let (mut last, mut seen) = (None, vec![false; expected as usize]);
    let mut left = expected;
    while left > 0 {
        for event in stream.next().await? {
            if last.is_some_and(|last| event.id != last + 1) {
                return Err(io::Error::other(format!("entry {} behind {last:?}", event.id)));
            }
            last = Some(event.id);
            let n = event.number("n").and_then(|n| usize::try_from(n).ok()).unwrap_or(usize::MAX);
            match seen.get_mut(n) {
                Some(seen) if !*seen => *seen = true,
                _ => return Err(io::Error::other(format!("event {n} is not expected"))),
            }
            left -= 1;
        }
    }
    Ok(())
}

fn now_micros() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}

//! What the changelog costs inserts: the same inserts into a table that is logged and one that is not, in turns, on one server.

use std::{io, time::Instant};

use serde_json::json;
use tokio::task::JoinSet;

use crate::{
    http::Http,
    server::{LOGGED, Server, UNLOGGED},
};

/// Inserts of one turn.
const INSERTS: u32 = 10_000;
/// Turns of each table. Their medians are compared: other work on the machine slows some of them.
const TURNS: usize = 9;
/// Connections that write.
const WRITERS: u32 = 32;
/// The part of the speed without the log that is to be kept.
const PART_MIN: f64 = 0.8;

/// Compares both; returns whether enough of the speed is kept.
pub async fn inserts(program: &str) -> io::Result<bool> {
    let server = Server::start(program).await?;
    server.stop_logging().await?;
    let (mut logged, mut unlogged) = (Vec::new(), Vec::new());
    // The first turn of each warms up.
    for turn in 0..=TURNS {
        for (table, rates) in [(LOGGED, &mut logged), (UNLOGGED, &mut unlogged)] {
            let rate = rate(&server, table).await?;
            if turn > 0 {
                rates.push(rate);
            }
        }
    }
    let (found, all) = (server.changes_of(LOGGED).await?, u64::from(INSERTS) * (TURNS as u64 + 1));
    if (found, server.changes_of(UNLOGGED).await?) != (all, 0) {
        return Err(io::Error::other(format!("the log has {found} of {all} changes, and some of the other table")));
    }
    let (logged, unlogged) = (median(logged), median(unlogged));
    let part = logged / unlogged;
    println!(
        "inserts: {logged:.0}/s with the changelog, {unlogged:.0}/s without (medians of {TURNS} turns of {INSERTS}): {:.0} %; goal {:.0} %",
        part * 100.0,
        PART_MIN * 100.0
    );
    Ok(part >= PART_MIN)
}

/// Inserts in a second.
async fn rate(server: &Server, table: &str) -> io::Result<f64> {
    let path = format!("/api/collections/{table}/records");
    let started = Instant::now();
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        let (address, path) = (server.address.clone(), path.clone());
        writers.spawn(async move {
            let mut http = Http::connect(&address).await?;
            for n in (writer..INSERTS).step_by(WRITERS as usize) {
                let made = http.ask("POST", &path, &json!({ "n": n, "at": "now" }), "").await?;
                if made["id"].is_null() {
                    return Err(io::Error::other(made.to_string()));
                }
            }
            Ok(())
        });
    }
    while let Some(written) = writers.join_next().await {
        written.map_err(io::Error::other)??;
    }
    Ok(f64::from(INSERTS) / started.elapsed().as_secs_f64())
}

fn median(mut rates: Vec<f64>) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates[rates.len() / 2]
}

//! A `bak` process in a folder of its own, with one superuser and open collections.

use std::{io, process::Stdio, time::Duration};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
};

use crate::http::Http;

const EMAIL: &str = "root@example.com";
const PASSWORD: &str = "1234567890";
/// A collection that everybody may use.
pub const LOGGED: &str = "events";
/// Another one; its changes are not logged after [`Server::stop_logging`].
pub const UNLOGGED: &str = "unlogged";
/// Drops the triggers of one table of one database.
const DROP_TRIGGERS: &str = "
import sqlite3, sys
with sqlite3.connect(sys.argv[1], timeout=20) as db:
    of_table = 'SELECT name FROM sqlite_schema WHERE type = ? AND tbl_name = ?'
    for (name,) in db.execute(of_table, ('trigger', sys.argv[2])).fetchall():
        db.execute(f'DROP TRIGGER \"{name}\"')
";
/// Says how many changes of a collection are in the log.
const COUNT_CHANGES: &str = "
import sqlite3, sys
with sqlite3.connect(sys.argv[1], timeout=20) as db:
    of_collection = 'SELECT count(*) FROM _changes JOIN _collections ON _collections.id = collection WHERE name = ?'
    print(db.execute(of_collection, (sys.argv[2],)).fetchone()[0])
";
/// Longest time that the server may take to say where it listens.
const START: Duration = Duration::from_secs(30);

/// A running server; it is killed when this is dropped.
pub struct Server {
    child: Child,
    /// Host and port.
    pub address: String,
    folder: tempfile::TempDir,
}

impl Server {
    /// Starts one, with two collections that everybody may use.
    pub async fn start(program: &str) -> io::Result<Self> {
        let folder = tempfile::tempdir()?;
        let dir = folder.path().to_string_lossy().into_owned();
        let made = Command::new(program).args(["admin", "upsert", EMAIL, PASSWORD, "--dir", &dir]).output().await?;
        if !made.status.success() {
            return Err(io::Error::other(String::from_utf8_lossy(&made.stderr).into_owned()));
        }
        let mut child = Command::new(program)
            .args(["start", "--http", "127.0.0.1:0", "--dir", &dir])
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let stdout = child.stdout.take().ok_or_else(|| io::Error::other("no output"))?;
        let address = tokio::time::timeout(START, address(stdout)).await??;
        let server = Self { child, address, folder };
        server.prepare().await?;
        Ok(server)
    }

    async fn prepare(&self) -> io::Result<()> {
        let mut http = Http::connect(&self.address).await?;
        let credentials = json!({ "identity": EMAIL, "password": PASSWORD });
        let signed_in = http.ask("POST", "/api/collections/_superusers/auth-with-password", &credentials, "").await?;
        let token = signed_in["token"].as_str().unwrap_or_default().to_owned();
        for name in [LOGGED, UNLOGGED] {
            self.open_to_all(&mut http, name, &token).await?;
        }
        Ok(())
    }

    async fn open_to_all(&self, http: &mut Http, name: &str, token: &str) -> io::Result<()> {
        let rules = json!({
            "name": name, "type": "base", "listRule": "", "viewRule": "", "createRule": "",
            "fields": [{ "name": "at", "type": "text" }, { "name": "n", "type": "number" }],
        });
        let made = http.ask("POST", "/api/collections", &rules, token).await?;
        if made["id"] == Value::Null {
            return Err(io::Error::other(made.to_string()));
        }
        Ok(())
    }

    /// Has changes of [`UNLOGGED`] logged no longer, until the server starts again.
    pub async fn stop_logging(&self) -> io::Result<()> {
        self.python(DROP_TRIGGERS, UNLOGGED).await.map(drop)
    }

    /// How many changes of a collection are in the log.
    pub async fn changes_of(&self, collection: &str) -> io::Result<u64> {
        self.python(COUNT_CHANGES, collection).await?.trim().parse().map_err(io::Error::other)
    }

    /// Runs a script on the database past the server.
    async fn python(&self, script: &str, argument: &str) -> io::Result<String> {
        let database = self.folder.path().join("bak.db");
        let done = Command::new("python3").args(["-c", script]).arg(database).arg(argument).output().await?;
        if !done.status.success() {
            return Err(io::Error::other(String::from_utf8_lossy(&done.stderr).into_owned()));
        }
        Ok(String::from_utf8_lossy(&done.stdout).into_owned())
    }

    /// Resident memory, in MB.
    pub fn resident_mb(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id().unwrap_or(0)));
        let status = status.unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.and_then(|line| line.trim().trim_end_matches("kB").trim().parse::<f64>().ok());
        kib.unwrap_or(f64::NAN) / 1024.0
    }
}

/// Where the server says that it listens; the rest of its words is read and dropped.
async fn address(stdout: tokio::process::ChildStdout) -> io::Result<String> {
    let mut lines = BufReader::new(stdout).lines();
    while let Some(line) = lines.next_line().await? {
        let Some((_, rest)) = line.split_once("http://") else { continue };
        let address: String = rest.chars().take_while(|c| c.is_ascii_digit() || matches!(c, '.' | ':')).collect();
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        return Ok(address);
    }
    Err(io::Error::other("the server ended before it listened"))
}

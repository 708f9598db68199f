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
/// Longest time that the server may take to say where it listens.
const START: Duration = Duration::from_secs(30);

/// A running server; it is killed when this is dropped.
pub struct Server {
    child: Child,
    /// Host and port.
    pub address: String,
    _folder: tempfile::TempDir,
}

impl Server {
    /// Starts one, with a collection `events` that everybody may use.
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
        let server = Self { child, address, _folder: folder };
        server.prepare().await?;
        Ok(server)
    }

    async fn prepare(&self) -> io::Result<()> {
        let mut http = Http::connect(&self.address).await?;
        let credentials = json!({ "identity": EMAIL, "password": PASSWORD });
        let signed_in = http.ask("POST", "/api/collections/_superusers/auth-with-password", &credentials, "").await?;
        let token = signed_in["token"].as_str().unwrap_or_default().to_owned();
        let rules = json!({
            "name": "events", "type": "base", "listRule": "", "viewRule": "", "createRule": "",
            "fields": [{ "name": "at", "type": "text" }, { "name": "n", "type": "number" }],
        });
        let made = http.ask("POST", "/api/collections", &rules, &token).await?;
        if made["id"] == Value::Null {
            return Err(io::Error::other(made.to_string()));
        }
        Ok(())
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

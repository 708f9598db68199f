//! `bak files move`, by the command itself: to a bucket and back, killed on the way and started again.

use std::{
    fs::File,
    path::Path,
    process::{Child, Command, Output, Stdio},
    time::{Duration, SystemTime},
};

use bakend::{
    limits,
    service::files::{Place, transfer},
};

use super::{
    client::{Server, patch},
    files::{below, content, holds},
    s3::{Store, docs, large, uploaded},
};

const FILES: usize = 150;
/// How often to look how far the command is.
const LOOK_EVERY: Duration = Duration::from_millis(2);
/// Longest time a command may take.
const PATIENCE: Duration = Duration::from_secs(120);

fn command(dir: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bak-of-tests"));
    command.args(["files"]).args(arguments).arg("--dir").arg(dir).stdin(Stdio::null());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

async fn run(dir: &Path, arguments: &[&str]) -> Output {
    let mut command = command(dir, arguments);
    tokio::task::spawn_blocking(move || command.output()).await.expect("no panic").expect("it runs")
}

async fn succeeds(dir: &Path, arguments: &[&str], says: &str) {
    let output = run(dir, arguments).await;
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && text.contains(says),
        "{arguments:?}: {text}{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// Kills a command once `some` files have come to the bucket.
async fn killed_after(mut child: Child, store: &Store, some: usize) {
    let wait = async {
        while store.files().iter().filter(|path| path.extension().is_some_and(|end| end == "txt")).count() < some {
            assert!(child.try_wait().expect("a child").is_none(), "it ended before it could be killed");
            tokio::time::sleep(LOOK_EVERY).await;
        }
    };
    tokio::time::timeout(PATIENCE, wait).await.expect("files come to the bucket");
    child.kill().expect("it can be killed");
    child.wait().expect("it ends");
}

/// Makes what lies in the staging folder as old as what nobody writes to any more.
fn age_staged(server: &Server) {
    let long_ago = SystemTime::now() - 2 * limits::STAGED_MAX_IDLE;
    for path in below(server, ".tmp") {
        File::options().append(true).open(path).and_then(|file| file.set_modified(long_ago)).expect("it is left");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_command_moves_every_file_there_and_back_though_it_is_killed_on_the_way() {
    let (server, store) = (Server::start().await, Store::start().await);
    docs(&server).await;
    let dir = server.app.options().dir.clone();
    let refused = run(&dir, &["move", "--to", "s3"]).await;
    assert!(!refused.status.success(), "the settings name no bucket");
    server.made(patch("/api/settings", store.settings(false))).await;
    let mut urls = vec![(uploaded(&server, "one", "large.bin", &large()).await.1, large())];
    for at in 0..FILES {
        let bytes = format!("file {at}").into_bytes();
        urls.push((uploaded(&server, "one", "a.txt", &bytes).await.1, bytes));
    }
    holds(&server, FILES + 1).await;
    killed_after(command(&dir, &["move", "--to", "s3"]).spawn().expect("it starts"), &store, FILES / 10).await;
    let left = transfer::total(&server.app, Place::Local).await.expect("counts").files;
    assert!(left > 0, "it was killed on the way");
    let all = async |server: &Server| {
        for (url, bytes) in &urls {
            assert_eq!(&content(server, url).await, bytes, "{url}");
        }
    };
    all(&server).await;
    // The copy that it was at, if it was at one: the check below clears it away.
    age_staged(&server);
    succeeds(&dir, &["move", "--to", "s3"], "each read back and compared").await;
    succeeds(&dir, &["status"], &format!("{:<6} {:>10} files", "s3", FILES + 1)).await;
    succeeds(&dir, &["check"], "removed 0").await;
    holds(&server, 0).await;
    all(&server).await;
    succeeds(&dir, &["move", "--to", "local"], "New files go to local").await;
    succeeds(&dir, &["status"], &format!("{:<6} {:>10} files", "s3", 0)).await;
    holds(&server, FILES + 1).await;
    all(&server).await;
    let is_left = |path: &std::path::PathBuf| path.extension().is_some_and(|end| end == "txt" || end == "bin");
    let in_bucket: Vec<_> = store.files().into_iter().filter(is_left).collect();
    assert!(in_bucket.is_empty(), "{in_bucket:?}");
}

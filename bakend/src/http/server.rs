//! Connections: accepting them, and ending well.

use std::{convert::Infallible, net::SocketAddr, path::PathBuf, time::Duration};

use axum::body::{Body, HttpBody as _};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{mpsc, watch},
};

use super::{
    cors::Origins,
    door::Door,
    patient::Patient,
    prompt::{self, Prompt, Streams},
    streams,
};
use crate::{Result, limits, service::App};

/// How long to wait after a connection could not be accepted: most often too many files are open.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// How to serve.
#[derive(Clone, Debug, Default)]
pub struct ServeOptions {
    /// Who may read answers from other origins.
    pub origins: Origins,
    /// A folder with pages of the app's own, served at `/`.
    pub public: Option<PathBuf>,
}

/// Serves an app until `stop` is ready; requests in flight then get [`SHUTDOWN_DEADLINE`](limits::SHUTDOWN_DEADLINE) to finish.
///
/// # Errors
/// None after the listener is open; a connection's trouble is its own.
pub async fn serve(
    app: App,
    listener: TcpListener,
    options: ServeOptions,
    stop: impl Future<Output = ()>,
) -> Result<()> {
    let mut door = Door::new(&app, options.origins);
    if let Some(folder) = &options.public {
        door = door.with_public(folder);
    }
    serve_door(door, listener, stop).await
}

/// The same for a door of one's own, with routes beside the API's.
///
/// # Errors
/// None after the listener is open; a connection's trouble is its own.
pub async fn serve_door(door: Door, listener: TcpListener, stop: impl Future<Output = ()>) -> Result<()> {
    let (ending, ended) = watch::channel(false);
    let (alive, mut all_gone) = mpsc::channel::<Infallible>(1);
    tokio::pin!(stop);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut stop => break,
        };
        match accepted {
            Ok((stream, remote)) => {
                let (door, ended, alive) = (door.clone(), ended.clone(), alive.clone());
                tokio::spawn(async move {
                    connection(door, stream, remote, ended).await;
                    drop(alive);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    drop((listener, alive));
    // Streams of events have no end of their own.
    door.app().realtime().close();
    ending.send_replace(true);
    if tokio::time::timeout(limits::SHUTDOWN_DEADLINE, all_gone.recv()).await.is_err() {
        tracing::warn!("some requests did not finish in time and were cut off");
    }
    Ok(())
}

async fn connection(door: Door, mut stream: TcpStream, remote: SocketAddr, mut ended: watch::Receiver<bool>) {
    // Answers are small and complete: waiting for more to send only delays them.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY is not available");
    }
    let address = remote.ip().to_canonical();
    let asked = tokio::select! {
        asked = streams::asked(&mut stream) => asked,
        // It never asked for anything.
        () = async { ended.wait_for(|ended| *ended).await.map_or((), drop) } => return,
    };
    if let Some(request) = asked {
        // Ended by realtime itself when the server stops.
        return streams::answer(door, stream, request, address).await;
    }
    let sends = Streams::default();
    let stream = Prompt::new(stream, sends.clone(), prompt::keep_little);
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let (door, sends) = (door.clone(), sends.clone());
        let request =
            request.map(|body| if body.is_end_stream() { Body::empty() } else { Body::new(Patient::new(body)) });
        async move {
            let response = door.answer(request, address).await;
            sends.set(streams::is_one(&response));
            Ok::<_, Infallible>(response)
        }
    });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(limits::HEAD_DEADLINE);
    // Upgrades: WebSockets.
    let connection = builder.serve_connection(TokioIo::new(stream), service).with_upgrades();
    tokio::pin!(connection);
    let outcome = tokio::select! {
        outcome = connection.as_mut() => outcome,
        () = async { ended.wait_for(|ended| *ended).await.map_or((), drop) } => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = outcome {
        tracing::debug!(%error, "a connection ended early");
    }
}

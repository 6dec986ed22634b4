//! Where the mail server calls: a port, or a socket in the file system.

use anyhow::{Context as _, bail};
use std::path::PathBuf;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, UnixListener};

/// A connection, of either kind.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// An open door.
#[derive(Debug)]
pub(super) enum Listener {
    Inet(TcpListener),
    Unix(UnixListener, PathBuf),
}

impl Listener {
    /// Opens `inet:HOST:PORT`, `inet:PORT@HOST` (as Sendmail writes it) or `unix:PATH`.
    pub(super) async fn open(address: &str) -> anyhow::Result<Self> {
        match address.split_once(':') {
            Some(("inet", place)) => {
                let place = match place.split_once('@') {
                    Some((port, host)) => format!("{host}:{port}"),
                    None => place.to_owned(),
                };
                let listener = TcpListener::bind(&place).await;
                let listener = listener.with_context(|| {
                    format!("{place} cannot be listened on: is it HOST:PORT, and does no other program hold it?")
                })?;
                Ok(Self::Inet(listener))
            }
            Some(("unix" | "local", path)) => {
                let path = PathBuf::from(path);
                remove_stale(&path)?;
                let listener = UnixListener::bind(&path);
                let listener = listener.with_context(|| format!("the socket {} cannot be made", path.display()))?;
                Ok(Self::Unix(listener, path))
            }
            _ => bail!("{address:?} is no place to listen: use inet:127.0.0.1:PORT or unix:/PATH"),
        }
    }

    /// The next connection.
    pub(super) async fn accept(&self) -> std::io::Result<Box<dyn Stream>> {
        match self {
            Self::Inet(listener) => {
                let (stream, _) = listener.accept().await?;
                stream.set_nodelay(true)?;
                Ok(Box::new(stream))
            }
            Self::Unix(listener, _) => Ok(Box::new(listener.accept().await?.0)),
        }
    }

    /// Where it listens, as the mail server's configuration writes it.
    pub(super) fn place(&self) -> std::io::Result<String> {
        Ok(match self {
            Self::Inet(listener) => format!("inet:{}", listener.local_addr()?),
            Self::Unix(_, path) => format!("unix:{}", path.display()),
        })
    }
}

/// A socket that a milter left behind when it was killed. One that still answers is another milter's and stays.
fn remove_stale(path: &std::path::Path) -> anyhow::Result<()> {
    use std::os::unix::fs::FileTypeExt as _;
    match std::fs::symlink_metadata(path) {
        Ok(found) if found.file_type().is_socket() => {
            if std::os::unix::net::UnixStream::connect(path).is_ok() {
                bail!("another program listens on {}: stop it first", path.display());
            }
            std::fs::remove_file(path).with_context(|| format!("{} cannot be removed", path.display()))
        }
        Ok(_) => bail!("{} is no socket: name another path", path.display()),
        Err(_) => Ok(()),
    }
}

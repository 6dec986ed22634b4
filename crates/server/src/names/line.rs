//! One question to the DNS and its answer, as they are: with the code, and the word of who answers that it checked the
//! signatures. Nothing is remembered, so that whoever mended a record sees it at once.

use mail_auth::hickory_resolver::proto::op::{Edns, Message, MessageType, Query, ResponseCode};
use mail_auth::hickory_resolver::proto::rr::{Name, RData, RecordType};
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::timeout;

/// How long one server may take, by datagram and by stream.
const PATIENCE: Duration = Duration::from_secs(2);
const STREAM_PATIENCE: Duration = Duration::from_secs(4);
/// How often all are asked.
const ROUNDS: usize = 2;
/// Servers that are asked.
const MOST_SERVERS: usize = 3;
/// What passes every network in one piece (the DNS flag day of 2020).
const MOST_DATAGRAM: u16 = 1_232;

/// An answer as it came.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) code: ResponseCode,
    /// Whether who answers says that it checked the signatures (AD).
    pub(super) checked: bool,
    pub(super) records: Vec<RData>,
}

/// Whom to ask.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) servers: Vec<SocketAddr>,
}

impl Line {
    /// Asks one server after the other until one answers with more than a failure. `unchecked` asks for answers whose
    /// signatures do not hold, too (CD, RFC 4035 section 3.2.2).
    ///
    /// # Errors
    /// Why none did; and where the name is none that the DNS can carry, `Ok(None)`.
    pub(super) async fn ask(&self, name: &str, kind: RecordType, unchecked: bool) -> Result<Option<Reply>, String> {
        let Ok(name) = Name::from_str_relaxed(format!("{}.", name.trim_end_matches('.'))) else { return Ok(None) };
        let (mut failed, mut why) = (None, "no name server is known".to_owned());
        for _ in 0..ROUNDS {
            for server in self.servers.iter().take(MOST_SERVERS) {
                match self.one(*server, &name, kind, unchecked).await {
                    Ok(reply) if matches!(reply.code, ResponseCode::NoError | ResponseCode::NXDomain) => {
                        return Ok(Some(reply));
                    }
                    Ok(reply) => failed = Some(reply),
                    Err(error) => why = format!("{server}: {error}"),
                }
            }
            if failed.is_some() {
                break;
            }
        }
        failed.map(Some).ok_or(why)
    }

    async fn one(&self, server: SocketAddr, name: &Name, kind: RecordType, unchecked: bool) -> io::Result<Reply> {
        let mut message = Message::query();
        message.metadata.recursion_desired = true;
        // Asks for the word in the answer (RFC 6840 section 5.7).
        message.metadata.authentic_data = true;
        message.metadata.checking_disabled = unchecked;
        let query = Query::query(name.clone(), kind);
        message.add_query(query.clone());
        let mut edns = Edns::new();
        edns.set_max_payload(MOST_DATAGRAM);
        message.set_edns(edns);
        let bytes = message.to_vec().map_err(io::Error::other)?;
        let fits = |reply: &Message| {
            let asked = reply
                .queries
                .first()
                .is_some_and(|asked| asked.name() == query.name() && asked.query_type() == query.query_type());
            reply.metadata.id == message.metadata.id && reply.metadata.message_type == MessageType::Response && asked
        };
        let late = |_| io::Error::from(io::ErrorKind::TimedOut);
        let mut reply = timeout(PATIENCE, datagram(server, &bytes, &fits)).await.map_err(late)??;
        if reply.metadata.truncation {
            reply = timeout(STREAM_PATIENCE, stream(server, &bytes)).await.map_err(late)??;
            if !fits(&reply) {
                return Err(io::Error::other("the answer is to another question"));
            }
        }
        let metadata = reply.metadata;
        let records = reply.answers.into_iter().map(|record| record.data).filter(|data| data.record_type() == kind);
        Ok(Reply { code: metadata.response_code, checked: metadata.authentic_data, records: records.collect() })
    }
}

async fn datagram(server: SocketAddr, bytes: &[u8], fits: &impl Fn(&Message) -> bool) -> io::Result<Message> {
    let any: SocketAddr =
        if server.is_ipv4() { (Ipv4Addr::UNSPECIFIED, 0).into() } else { (Ipv6Addr::UNSPECIFIED, 0).into() };
    let socket = UdpSocket::bind(any).await?;
    socket.connect(server).await?;
    socket.send(bytes).await?;
    let mut buffer = vec![0; 1 << 16];
    loop {
        let length = socket.recv(&mut buffer).await?;
        // What is no answer to this question may have been sent by anybody, and is passed over.
        if let Ok(reply) = Message::from_vec(&buffer[..length])
            && fits(&reply)
        {
            return Ok(reply);
        }
    }
}

async fn stream(server: SocketAddr, bytes: &[u8]) -> io::Result<Message> {
    let mut stream = TcpStream::connect(server).await?;
    let length = u16::try_from(bytes.len()).map_err(io::Error::other)?;
    stream.write_all(&[&length.to_be_bytes(), bytes].concat()).await?;
    let length = stream.read_u16().await?;
    let mut buffer = vec![0; usize::from(length)];
    stream.read_exact(&mut buffer).await?;
    Message::from_vec(&buffer).map_err(io::Error::other)
}

//! Requests and their logs: rows of the consortium that was asked.

use crate::error::StoreError;
use crate::scope::{ConsortiumTx, PlatformTx};
use crate::tx::{Row, args, to_json};
use baluardo_model::activation::{Request, RequestEvent, RequestEventKind, ServiceCode};
use baluardo_model::{PersonId, RequestId, TenantId};
use std::collections::HashMap;

crate::statements! {
    INSERT = "INSERT INTO request (tenant, request, service, cadastral_code, application, received_at)
        VALUES ($1, $2, $3, $4, $5, $6)";
    GET = "SELECT tenant, request, service, application FROM request WHERE tenant = $1 AND request = $2";
    FIND = "SELECT tenant FROM request WHERE request = $1";
    LIST = "SELECT tenant, request, service, application FROM request WHERE tenant = $1
        ORDER BY received_at, request";
    OF_COMUNE = "SELECT tenant, request, service, application FROM request
        WHERE tenant = $1 AND cadastral_code = $2 AND service = $3 ORDER BY received_at, request";
    APPEND = "INSERT INTO request_event (tenant, request, seq, at, by_person, body) VALUES ($1, $2, $3, $4, $5, $6)";
    LOG = "SELECT request, at, by_person, body FROM request_event WHERE tenant = $1 AND request = $2 ORDER BY seq";
    LOGS = "SELECT request, at, by_person, body FROM request_event WHERE tenant = $1 ORDER BY request, seq";
}

fn request(row: &Row) -> Result<Request, StoreError> {
    Ok(Request {
        consortium: row.parsed(0, "request", "tenant")?,
        id: row.parsed(1, "request", "request")?,
        service: row.coded(2, ServiceCode::from_code, "request", "service")?,
        application: row.json(3, "request", "application")?,
        log: Vec::new(),
    })
}

fn event(row: &Row) -> Result<(RequestId, RequestEvent), StoreError> {
    let by = row
        .text_or_null(2)?
        .map(|text| text.parse::<PersonId>())
        .transpose()
        .map_err(|e| StoreError::Unreadable { table: "request_event", column: "by_person", why: e.to_string() })?;
    let kind: RequestEventKind = row.json(3, "request_event", "body")?;
    Ok((row.parsed(0, "request_event", "request")?, RequestEvent { at: row.time(1)?, by, kind }))
}

impl PlatformTx<'_> {
    /// The consortium that holds a request.
    ///
    /// # Errors
    /// What the database says.
    pub async fn find_request(&mut self, id: RequestId) -> Result<Option<TenantId>, StoreError> {
        let row = self.tx.optional(FIND, args![id]).await?;
        row.map(|row| row.parsed(0, "request", "tenant")).transpose()
    }
}

impl ConsortiumTx<'_> {
    /// Lets one request for a comune be taken in at a time, until the transaction ends.
    ///
    /// # Errors
    /// What the database says.
    pub async fn hold_comune(&mut self, cadastral_code: &str) -> Result<(), StoreError> {
        self.tx.hold_turn(&format!("request {} {cadastral_code}", self.consortium)).await
    }

    /// Writes a new request with its log; its consortium is that of the scope, whatever the struct says.
    ///
    /// # Errors
    /// What the database says.
    pub async fn insert_request(&mut self, new: &Request) -> Result<(), StoreError> {
        let received = new.log.first().map(|event| event.at);
        let values = args![
            self.consortium,
            new.id,
            new.service.code(),
            new.application.cadastral_code.as_str(),
            to_json(&new.application),
            received,
        ];
        self.tx.execute(INSERT, values).await?;
        for (before, event) in new.log.iter().enumerate() {
            self.append_request_event(new.id, before, event).await?;
        }
        Ok(())
    }

    /// Adds an event to a log that had `before` events.
    ///
    /// # Errors
    /// [`StoreError::Exists`] when somebody else added one since.
    pub async fn append_request_event(
        &mut self,
        id: RequestId,
        before: usize,
        event: &RequestEvent,
    ) -> Result<(), StoreError> {
        let values = args![self.consortium, id, before as u64 + 1, event.at, event.by, to_json(&event.kind)];
        self.tx.execute(APPEND, values).await.map(drop)
    }

    /// A request with its log.
    ///
    /// # Errors
    /// What the database says.
    pub async fn request(&mut self, id: RequestId) -> Result<Option<Request>, StoreError> {
        let Some(row) = self.tx.optional(GET, args![self.consortium, id]).await? else { return Ok(None) };
        let mut found = request(&row)?;
        for row in &self.tx.all(LOG, args![self.consortium, id]).await? {
            found.log.push(event(row)?.1);
        }
        Ok(Some(found))
    }

    /// Waits for the turn of a request, so that two who decide at once see each other's act.
    ///
    /// # Errors
    /// What the database says.
    pub async fn hold_request(&mut self, id: RequestId) -> Result<(), StoreError> {
        self.tx.hold_turn(&format!("request {id}")).await
    }

    /// Every request with its log, in the order of receipt.
    ///
    /// # Errors
    /// What the database says.
    pub async fn requests(&mut self) -> Result<Vec<Request>, StoreError> {
        let rows = self.tx.all(LIST, args![self.consortium]).await?;
        let mut logs: HashMap<RequestId, Vec<RequestEvent>> = HashMap::new();
        for row in &self.tx.all(LOGS, args![self.consortium]).await? {
            let (id, event) = event(row)?;
            logs.entry(id).or_default().push(event);
        }
        rows.iter()
            .map(|row| {
                let mut found = request(row)?;
                found.log = logs.remove(&found.id).unwrap_or_default();
                Ok(found)
            })
            .collect()
    }

    /// The requests of a comune for a service, with their logs, in the order of receipt.
    ///
    /// # Errors
    /// What the database says.
    pub async fn requests_of_comune(
        &mut self,
        cadastral_code: &str,
        service: ServiceCode,
    ) -> Result<Vec<Request>, StoreError> {
        let rows = self.tx.all(OF_COMUNE, args![self.consortium, cadastral_code, service.code()]).await?;
        let mut found = rows.iter().map(request).collect::<Result<Vec<_>, _>>()?;
        for request in &mut found {
            for row in &self.tx.all(LOG, args![self.consortium, request.id]).await? {
                request.log.push(event(row)?.1);
            }
        }
        Ok(found)
    }
}

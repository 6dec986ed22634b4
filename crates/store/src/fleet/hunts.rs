//! Hunts: what is looked for, how it stands on each device, and what was found.

use crate::error::StoreError;
use crate::scope::TenantTx;
use crate::tx::{Row, args, to_json};
use baluardo_model::hunt::{HuntHit, HuntState, Quarry};
use baluardo_model::{DeviceId, HuntId, Timestamp};

crate::statements! {
    INSERT = "INSERT INTO hunt (tenant, hunt, quarry, folders, reason, asked_by, asked_at, until, stopped_at, round)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, NULL, $9)";
    INSERT_DEVICE = "INSERT INTO hunt_device (tenant, hunt, device, state, checked, note, changed_at)
        VALUES ($1, $2, $3, 'waiting', 0, '', $4)";
    GET = "SELECT hunt, quarry, folders, reason, asked_by, asked_at, until, stopped_at FROM hunt
        WHERE tenant = $1 AND hunt = $2";
    ALL = "SELECT hunt, quarry, folders, reason, asked_by, asked_at, until, stopped_at FROM hunt
        WHERE tenant = $1 ORDER BY asked_at DESC, hunt DESC LIMIT $2";
    STOP = "UPDATE hunt SET stopped_at = $3 WHERE tenant = $1 AND hunt = $2 AND stopped_at IS NULL";
    TELL = "UPDATE hunt_device SET state = $4, checked = $5, note = $6, changed_at = $7
        WHERE tenant = $1 AND hunt = $2 AND device = $3";
    ADD_HIT = "INSERT INTO hunt_hit (tenant, hunt, device, what, detail, at) VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (tenant, hunt, device, what) DO NOTHING";
    COUNT_HITS = "SELECT COUNT(*) FROM hunt_hit WHERE tenant = $1 AND hunt = $2 AND device = $3";
    DEVICES = "SELECT h.device, d.hostname, h.state, h.checked, h.note, h.changed_at FROM hunt_device h
        JOIN device d ON d.tenant = h.tenant AND d.device = h.device
        WHERE h.tenant = $1 AND h.hunt = $2 ORDER BY d.hostname, h.device";
    HITS = "SELECT h.device, d.hostname, h.what, h.detail, h.at FROM hunt_hit h
        JOIN device d ON d.tenant = h.tenant AND d.device = h.device
        WHERE h.tenant = $1 AND h.hunt = $2 ORDER BY d.hostname, h.device, h.what LIMIT $3";
    COUNTS = "SELECT h.hunt, h.state, COUNT(*) FROM hunt_device h WHERE h.tenant = $1 GROUP BY h.hunt, h.state";
    HIT_COUNTS = "SELECT h.hunt, COUNT(*) FROM hunt_hit h WHERE h.tenant = $1 GROUP BY h.hunt";
    WITHDRAW = "UPDATE device_order SET note = $3, ended_at = $4, body = ''
        WHERE tenant = $1 AND target = $2 AND kind = 'hunt' AND ended_at IS NULL";
}

/// A hunt.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct HuntRow {
    /// Which.
    pub id: HuntId,
    /// What is looked for.
    pub quarry: Quarry,
    /// Where, for files.
    pub folders: Vec<String>,
    /// Why.
    pub reason: String,
    /// Who asked.
    pub asked_by: String,
    /// When.
    pub asked_at: Timestamp,
    /// Until when devices take it up.
    pub until: Timestamp,
    /// When somebody stopped it.
    pub stopped_at: Option<Timestamp>,
}

/// How a hunt stands on one device, as it last told.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct HuntDeviceRow {
    /// The device.
    pub device: DeviceId,
    /// Its own name: foreign text.
    pub hostname: String,
    /// How it stands.
    pub state: HuntState,
    /// How many things it looked at.
    pub checked: u64,
    /// What it said: foreign text.
    pub note: String,
    /// When it last told.
    pub changed_at: Timestamp,
}

/// Something that was found.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct HuntHitRow {
    /// On which device.
    pub device: DeviceId,
    /// Its own name: foreign text.
    pub hostname: String,
    /// What: foreign text.
    pub what: String,
    /// More about it: foreign text.
    pub detail: String,
    /// When the server learned of it.
    pub at: Timestamp,
}

pub(super) fn hunt(row: &Row) -> Result<HuntRow, StoreError> {
    Ok(HuntRow {
        id: row.parsed(0, "hunt", "hunt")?,
        quarry: row.json(1, "hunt", "quarry")?,
        folders: row.json(2, "hunt", "folders")?,
        reason: row.text(3)?,
        asked_by: row.text(4)?,
        asked_at: row.time(5)?,
        until: row.time(6)?,
        stopped_at: row.time_or_null(7)?,
    })
}

impl TenantTx<'_> {
    /// Writes a hunt over some devices, as one of a round where it is.
    ///
    /// # Errors
    /// What the database says.
    pub async fn insert_hunt(
        &mut self,
        row: &HuntRow,
        devices: &[DeviceId],
        round: Option<HuntId>,
    ) -> Result<(), StoreError> {
        let (quarry, folders) = (to_json(&row.quarry), to_json(&row.folders));
        let (reason, asked_by) = (row.reason.as_str(), row.asked_by.as_str());
        let round = round.map(|round| round.to_string()).unwrap_or_default();
        let values = args![self.tenant, row.id, quarry, folders, reason, asked_by, row.asked_at, row.until, round];
        self.tx.execute(INSERT, values).await?;
        for device in devices {
            self.tx.execute(INSERT_DEVICE, args![self.tenant, row.id, *device, row.asked_at]).await?;
        }
        Ok(())
    }

    /// One hunt.
    ///
    /// # Errors
    /// What the database says.
    pub async fn hunt(&mut self, id: HuntId) -> Result<Option<HuntRow>, StoreError> {
        self.tx.optional(GET, args![self.tenant, id]).await?.as_ref().map(hunt).transpose()
    }

    /// The newest hunts, newest first.
    ///
    /// # Errors
    /// What the database says.
    pub async fn hunts(&mut self, limit: u32) -> Result<Vec<HuntRow>, StoreError> {
        self.tx.all(ALL, args![self.tenant, i64::from(limit)]).await?.iter().map(hunt).collect()
    }

    /// Notes that a hunt was stopped, and takes back its orders that wait; false when it was stopped before.
    ///
    /// # Errors
    /// What the database says.
    pub async fn stop_hunt(&mut self, id: HuntId, note: &str, now: Timestamp) -> Result<bool, StoreError> {
        if self.tx.execute(STOP, args![self.tenant, id, now]).await? == 0 {
            return Ok(false);
        }
        self.tx.execute(WITHDRAW, args![self.tenant, id, note, now]).await?;
        Ok(true)
    }

    /// Keeps what a device tells of a hunt, at most `most` hits in all; false when it is not one of the hunt's devices.
    ///
    /// # Errors
    /// What the database says.
    pub async fn hunt_told(
        &mut self,
        (id, device): (HuntId, DeviceId),
        (state, checked, note): (HuntState, u64, &str),
        (hits, most): (&[HuntHit], usize),
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let values = args![self.tenant, id, device, state.code(), checked, note, now];
        if self.tx.execute(TELL, values).await? == 0 {
            return Ok(false);
        }
        if hits.is_empty() {
            return Ok(true);
        }
        let before = self.tx.number(COUNT_HITS, args![self.tenant, id, device]).await?;
        let room = most.saturating_sub(usize::try_from(before).unwrap_or(usize::MAX));
        for hit in hits.iter().take(room) {
            let values = args![self.tenant, id, device, hit.what.as_str(), hit.detail.as_str(), now];
            self.tx.execute(ADD_HIT, values).await?;
        }
        Ok(true)
    }

    /// How a hunt stands on each of its devices, by name.
    ///
    /// # Errors
    /// What the database says.
    pub async fn hunt_devices(&mut self, id: HuntId) -> Result<Vec<HuntDeviceRow>, StoreError> {
        let device = |row: &Row| {
            Ok(HuntDeviceRow {
                device: row.parsed(0, "hunt_device", "device")?,
                hostname: row.text(1)?,
                state: row.coded(2, HuntState::from_code, "hunt_device", "state")?,
                checked: row.count(3)?,
                note: row.text(4)?,
                changed_at: row.time(5)?,
            })
        };
        self.tx.all(DEVICES, args![self.tenant, id]).await?.iter().map(device).collect()
    }

    /// What a hunt found, by device.
    ///
    /// # Errors
    /// What the database says.
    pub async fn hunt_hits(&mut self, id: HuntId, limit: u32) -> Result<Vec<HuntHitRow>, StoreError> {
        let hit = |row: &Row| {
            Ok(HuntHitRow {
                device: row.parsed(0, "hunt_hit", "device")?,
                hostname: row.text(1)?,
                what: row.text(2)?,
                detail: row.text(3)?,
                at: row.time(4)?,
            })
        };
        self.tx.all(HITS, args![self.tenant, id, i64::from(limit)]).await?.iter().map(hit).collect()
    }

    /// For each hunt how many devices stand how, as they last told.
    ///
    /// # Errors
    /// What the database says.
    pub async fn hunt_states(&mut self) -> Result<Vec<(HuntId, HuntState, u64)>, StoreError> {
        let count = |row: &Row| {
            let state = row.coded(1, HuntState::from_code, "hunt_device", "state")?;
            Ok((row.parsed(0, "hunt_device", "hunt")?, state, row.count(2)?))
        };
        self.tx.all(COUNTS, args![self.tenant]).await?.iter().map(count).collect()
    }

    /// How much each hunt found.
    ///
    /// # Errors
    /// What the database says.
    pub async fn hunt_hit_counts(&mut self) -> Result<Vec<(HuntId, u64)>, StoreError> {
        let count = |row: &Row| Ok((row.parsed(0, "hunt_hit", "hunt")?, row.count(1)?));
        self.tx.all(HIT_COUNTS, args![self.tenant]).await?.iter().map(count).collect()
    }
}

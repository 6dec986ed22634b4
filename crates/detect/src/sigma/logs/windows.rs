//! Windows events: which log source they are of, and their fields by the names that rules use.

use super::{put, time_of};
use crate::sigma::event::{Event, Source};
use serde_json::Value;
use std::borrow::Cow;

/// Channels and the service that rules call them by.
const SERVICES: [(&str, &str); 60] = [
    ("Application", "application"),
    ("Security", "security"),
    ("System", "system"),
    ("Microsoft-Windows-Sysmon/Operational", "sysmon"),
    ("Microsoft-Windows-PowerShell/Operational", "powershell"),
    ("PowerShellCore/Operational", "powershell"),
    ("Windows PowerShell", "powershell-classic"),
    ("Microsoft-Windows-TaskScheduler/Operational", "taskscheduler"),
    ("Microsoft-Windows-WMI-Activity/Operational", "wmi"),
    ("Microsoft-Windows-Windows Defender/Operational", "windefend"),
    ("Microsoft-Windows-Windows Firewall With Advanced Security/Firewall", "firewall-as"),
    ("Microsoft-Windows-NTLM/Operational", "ntlm"),
    ("Microsoft-Windows-Bits-Client/Operational", "bits-client"),
    ("Microsoft-Windows-CodeIntegrity/Operational", "codeintegrity-operational"),
    ("Microsoft-Windows-AppLocker/MSI and Script", "applocker"),
    ("Microsoft-Windows-AppLocker/EXE and DLL", "applocker"),
    ("Microsoft-Windows-AppLocker/Packaged app-Deployment", "applocker"),
    ("Microsoft-Windows-AppLocker/Packaged app-Execution", "applocker"),
    ("MSExchange Management", "msexchange-management"),
    ("DNS Server", "dns-server"),
    ("Microsoft-Windows-DNS-Server/Audit", "dns-server-audit"),
    ("Microsoft-Windows-DNS-Server/Analytical", "dns-server-analytic"),
    ("Microsoft-Windows-DNS Client Events/Operational", "dns-client"),
    ("Microsoft-Windows-DHCP-Server/Operational", "dhcp"),
    ("Microsoft-Windows-PrintService/Admin", "printservice-admin"),
    ("Microsoft-Windows-PrintService/Operational", "printservice-operational"),
    ("Microsoft-Windows-SmbClient/Security", "smbclient-security"),
    ("Microsoft-Windows-SmbClient/Connectivity", "smbclient-connectivity"),
    ("Microsoft-Windows-SMBServer/Connectivity", "smbserver-connectivity"),
    ("Microsoft-Windows-TerminalServices-LocalSessionManager/Operational", "terminalservices-localsessionmanager"),
    ("Microsoft-Windows-Security-Mitigations/Kernel Mode", "security-mitigations"),
    ("Microsoft-Windows-Security-Mitigations/User Mode", "security-mitigations"),
    ("Microsoft-Windows-Diagnosis-Scripted/Operational", "diagnosis-scripted"),
    ("Microsoft-Windows-Shell-Core/Operational", "shell-core"),
    ("OpenSSH/Operational", "openssh"),
    ("Microsoft-Windows-LDAP-Client/Debug", "ldap"),
    ("Microsoft-Windows-BitLocker/BitLocker Management", "bitlocker"),
    ("Microsoft-Windows-VHDMP/Operational", "vhdmp"),
    ("Microsoft-Windows-AppXDeploymentServer/Operational", "appxdeployment-server"),
    ("Microsoft-Windows-AppxPackaging/Operational", "appxpackaging-om"),
    ("Microsoft-Windows-AppModel-Runtime/Admin", "appmodel-runtime"),
    ("Microsoft-Windows-LSA/Operational", "lsa-server"),
    ("Microsoft-Windows-CAPI2/Operational", "capi2"),
    (
        "Microsoft-Windows-CertificateServicesClient-Lifecycle-System/Operational",
        "certificateservicesclient-lifecycle-system",
    ),
    ("Microsoft-Windows-DriverFrameworks-UserMode/Operational", "driver-framework"),
    ("Microsoft-Windows-Kernel-ShimEngine/Operational", "kernel-shimengine"),
    ("Microsoft-Windows-Kernel-ShimEngine/Diagnostic", "kernel-shimengine"),
    ("Microsoft-Windows-Application-Experience/Program-Telemetry", "application-experience"),
    ("Microsoft-Windows-Application-Experience/Program-Compatibility-Assistant", "application-experience"),
    ("Microsoft-Windows-Ntfs/Operational", "ntfs"),
    ("Microsoft-Windows-Hyper-V-Worker", "hyper-v-worker"),
    ("Microsoft-Windows-Kernel-EventTracing", "kernel-event-tracing"),
    ("Microsoft-Windows-SENSE/Operational", "sense"),
    ("Microsoft-ServiceBus-Client/Admin", "microsoft-servicebus-client"),
    ("Microsoft-ServiceBus-Client/Operational", "microsoft-servicebus-client"),
    ("Microsoft-IIS-Configuration/Operational", "iis-configuration"),
    ("Microsoft-Windows-Crypto-DPAPI/Debug", "dpapi"),
    ("Microsoft-Windows-PowerShell-DesiredStateConfiguration/Operational", "powershell-dsc"),
    ("Microsoft-Windows-WinRM/Operational", "winrm"),
    ("Microsoft-Windows-GroupPolicy/Operational", "grouppolicy"),
];

/// What Sysmon's events are about, by their number.
const SYSMON: [(u32, &str); 28] = [
    (1, "process_creation"),
    (2, "file_change"),
    (3, "network_connection"),
    (4, "sysmon_status"),
    (5, "process_termination"),
    (6, "driver_load"),
    (7, "image_load"),
    (8, "create_remote_thread"),
    (9, "raw_access_thread"),
    (10, "process_access"),
    (11, "file_event"),
    (13, "registry_set"),
    (14, "registry_rename"),
    (15, "create_stream_hash"),
    (16, "sysmon_status"),
    (17, "pipe_created"),
    (18, "pipe_created"),
    (19, "wmi_event"),
    (20, "wmi_event"),
    (21, "wmi_event"),
    (22, "dns_query"),
    (23, "file_delete"),
    (24, "clipboard_change"),
    (25, "process_tampering"),
    (26, "file_delete_detected"),
    (27, "file_block_executable"),
    (28, "file_block_shredding"),
    (29, "file_executable_detected"),
];

/// Defender's events that name a threat.
const THREATS: [u32; 13] = [1006, 1007, 1008, 1009, 1010, 1011, 1012, 1017, 1018, 1019, 1115, 1116, 1119];

/// An event as it stands in an event log: `{"Event": {"System": …, "EventData": …}}`.
pub(super) fn of_record(value: &Value, system: &Value) -> Event {
    let at = system.pointer("/TimeCreated/#attributes/SystemTime").and_then(time_of);
    let mut event = Event::new(Source::default(), at);
    if let Some(name) = system.pointer("/Provider/#attributes/Name") {
        put(&mut event, "Provider_Name", name);
    }
    for (name, inner) in system.as_object().into_iter().flatten() {
        match inner {
            Value::Object(parts) => {
                if let Some(text) = parts.get("#text") {
                    put(&mut event, name, text);
                }
            }
            other => put(&mut event, name, other),
        }
    }
    for part in ["EventData", "UserData"] {
        data(&mut event, part, value.get("Event").and_then(|event| event.get(part)).unwrap_or(&Value::Null), 0);
    }
    finish(event)
}

/// An event whose fields some forwarder has put side by side.
pub(super) fn of_flat(value: &Value) -> Event {
    let at = super::TIMES.iter().find_map(|name| value.get(*name)).and_then(time_of);
    let mut event = Event::new(Source::default(), at);
    for (name, inner) in value.as_object().into_iter().flatten() {
        data(&mut event, name, inner, 0);
    }
    if let Some(provider) = event.get("SourceName").map(str::to_owned).filter(|_| !event.has("Provider_Name")) {
        event.put("Provider_Name", provider);
    }
    finish(event)
}

/// The values of an event, by the names next to them.
fn data(event: &mut Event, name: &str, value: &Value, depth: usize) {
    match value {
        Value::Object(entries) if depth < super::DEEPEST => {
            for (key, inner) in entries.iter().filter(|(key, _)| *key != "#attributes") {
                data(event, if key == "#text" { name } else { key }, inner, depth + 1);
            }
        }
        Value::Array(items) if depth < super::DEEPEST => {
            items.iter().for_each(|item| data(event, name, item, depth + 1));
        }
        Value::Null if depth == 0 => {}
        other => {
            put(event, name, other);
            // Defender writes `Threat Name` where rules say `ThreatName`.
            if name.contains(' ') {
                put(event, &name.replace(' ', ""), other);
            }
        }
    }
}

/// Says where the event comes from, and adds the names that rules use for what Windows names otherwise.
fn finish(mut event: Event) -> Event {
    let channel = event.get("Channel").unwrap_or_default();
    let known = SERVICES.iter().find(|(name, _)| name.eq_ignore_ascii_case(channel));
    let service =
        known.map_or_else(|| Cow::Owned(channel.to_ascii_lowercase()), |(_, service)| Cow::Borrowed(*service));
    let number = event.get("EventID").and_then(|id| id.parse().ok()).unwrap_or(0);
    let categories = categories(&service, number, event.get("EventType").unwrap_or_default());
    let renamed: &[(&str, &'static str)] = match categories.first() {
        Some(&"process_creation") if service == "security" => {
            &[("NewProcessName", "Image"), ("ParentProcessName", "ParentImage"), ("SubjectUserName", "User")]
        }
        Some(&"antivirus") => &[("ThreatName", "Signature"), ("Path", "Filename")],
        _ => &[],
    };
    for (theirs, ours) in renamed {
        if let Some(value) = event.get(theirs).map(str::to_owned).filter(|_| !event.has(ours)) {
            event.put(*ours, value);
        }
    }
    event.source = Source {
        product: Some("windows".into()),
        categories: categories.into_iter().map(Cow::Borrowed).collect(),
        services: vec![service],
    };
    event
}

/// What sort of event this is.
fn categories(service: &str, number: u32, kind: &str) -> Vec<&'static str> {
    match (service, number) {
        ("sysmon", 12) => match kind {
            "CreateKey" => vec!["registry_event", "registry_add"],
            "DeleteKey" | "DeleteValue" => vec!["registry_event", "registry_delete"],
            _ => vec!["registry_event"],
        },
        ("sysmon", 13) => vec!["registry_set", "registry_event"],
        ("sysmon", 14) => vec!["registry_rename", "registry_event"],
        ("sysmon", 255) => vec!["sysmon_error"],
        ("sysmon", _) => SYSMON.iter().filter(|(known, _)| *known == number).map(|(_, category)| *category).collect(),
        ("security", 4688) => vec!["process_creation"],
        ("powershell", 4103) => vec!["ps_module"],
        ("powershell", 4104) => vec!["ps_script"],
        ("powershell-classic", 400) => vec!["ps_classic_start"],
        ("powershell-classic", 600) => vec!["ps_classic_provider_start"],
        ("powershell-classic", 800) => vec!["ps_classic_script"],
        ("windefend", _) if THREATS.contains(&number) => vec!["antivirus"],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::of_json;
    use super::*;
    use serde_json::json;

    fn record(channel: &str, number: u32, data: &Value) -> Event {
        let event = json!({"Event": {
            "System": {
                "Provider": {"#attributes": {"Name": "P", "Guid": "g"}},
                "EventID": {"#attributes": {"Qualifiers": 1}, "#text": number},
                "Channel": channel,
                "TimeCreated": {"#attributes": {"SystemTime": "2026-04-17T04:14:33.653414Z"}},
            },
            "EventData": data,
        }});
        of_json(&event, &Source::default())
    }

    #[test]
    fn a_process_start_is_the_same_from_sysmon_and_from_the_security_log() {
        let sysmon = record("Microsoft-Windows-Sysmon/Operational", 1, &json!({"Image": "C:\\a.exe"}));
        let security =
            record("Security", 4688, &json!({"NewProcessName": "C:\\a.exe", "ParentProcessName": "C:\\b.exe"}));
        assert_eq!(sysmon.source.categories, security.source.categories);
        assert_eq!([sysmon.get("Image"), security.get("Image")], [Some("C:\\a.exe"); 2]);
        assert_eq!(security.get("ParentImage"), Some("C:\\b.exe"));
        assert_eq!([sysmon.get("Provider_Name"), sysmon.get("EventID")], [Some("P"), Some("1")]);
        assert!(sysmon.at.is_some());
    }

    #[test]
    fn names_with_spaces_go_by_both_names_and_lists_by_one() {
        let event = record(
            "Microsoft-Windows-Windows Defender/Operational",
            1116,
            &json!({"Threat Name": "T", "Path": "p", "Data": {"#text": ["x", "y"]}, "Empty": null}),
        );
        assert_eq!([event.get("Threat Name"), event.get("ThreatName"), event.get("Signature")], [Some("T"); 3]);
        assert_eq!(event.fields().filter(|(name, _)| *name == "Data").count(), 2);
        assert!(event.has("Empty"));
        assert_eq!(event.source.services, ["windefend"]);
    }

    #[test]
    fn registry_events_are_of_every_sort_that_rules_know() {
        let of = |number, kind: &str| {
            record("Microsoft-Windows-Sysmon/Operational", number, &json!({ "EventType": kind })).source.categories
        };
        assert_eq!(of(12, "CreateKey"), ["registry_event", "registry_add"]);
        assert_eq!(of(12, "DeleteValue"), ["registry_event", "registry_delete"]);
        assert_eq!(of(13, "SetValue"), ["registry_set", "registry_event"]);
    }

    #[test]
    fn user_data_and_flat_events_are_read_too() {
        let event = of_json(
            &json!({"Event": {"System": {"Channel": "Some/Channel", "EventID": 7},
                "UserData": {"Operation": {"#attributes": {"x": "y"}, "User": "u"}}}}),
            &Source::default(),
        );
        assert_eq!([event.get("User"), event.get("x")], [Some("u"), None]);
        assert_eq!(event.source.services, ["some/channel"]);
        let flat = json!({"Channel": "System", "EventID": 7045, "SourceName": "Service Control Manager"});
        let flat = of_json(&flat, &Source::default());
        assert_eq!(flat.source.services, ["system"]);
        assert_eq!(flat.get("Provider_Name"), Some("Service Control Manager"));
    }
}

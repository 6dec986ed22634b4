//! Checks what a comune wrote into the form.

use crate::error::{Error, Faults};
use crate::identity::{check_email, check_line, check_text};
use baluardo_model::activation::{Application, ServiceCode};
use baluardo_model::register::{Comune, Register};

/// The most devices of one request; Rome has fewer.
const MOST_DEVICES: u32 = 100_000;
/// The longest note, in characters.
const LONGEST_NOTE: usize = 2_000;

/// The application as it is kept, and its comune.
///
/// # Errors
/// Every field that is wrong, in the order of the form: `comune_unknown`, `required`, `too_long`, `control_chars`,
/// `email_invalid`, `devices_range`.
pub(super) fn check(service: ServiceCode, typed: &Application) -> Result<(Application, &'static Comune), Error> {
    let mut faults = Faults::default();
    let comune = faults.take(comune_of(&typed.cadastral_code));
    let pec = faults.take(check_email("pec", &typed.pec));
    let rtd_name = faults.take(check_line("rtd_name", &typed.rtd_name, 120));
    let rtd_role = faults.take(check_line("rtd_role", &typed.rtd_role, 120));
    let email = faults.take(check_email("email", &typed.email));
    let devices = faults.take(check_devices(typed.devices));
    let note = faults.take(check_note(service, &typed.note));
    match (comune, rtd_name, rtd_role, email, pec, devices, note) {
        (Some(comune), Some(rtd_name), Some(rtd_role), Some(email), Some(pec), Some(devices), Some(note)) => {
            let cadastral_code = comune.cadastral_code.clone();
            Ok((Application { cadastral_code, rtd_name, rtd_role, email, pec, devices, note }, comune))
        }
        _ => Err(faults.joined()),
    }
}

fn check_devices(devices: u32) -> Result<u32, Error> {
    if (1..=MOST_DEVICES).contains(&devices) {
        return Ok(devices);
    }
    Err(Error::invalid("devices", "devices_range", format!("a number from 1 to {MOST_DEVICES}")))
}

fn check_note(service: ServiceCode, typed: &str) -> Result<String, Error> {
    let note = check_text("note", typed, LONGEST_NOTE)?;
    if service == ServiceCode::Update && note.is_empty() {
        return Err(Error::invalid("note", "required", "say what has changed"));
    }
    Ok(note)
}

/// The comune of a code in the register.
///
/// # Errors
/// `comune_unknown` in the field `cadastral_code`.
pub(super) fn comune_of(cadastral_code: &str) -> Result<&'static Comune, Error> {
    Register::shipped().comune(cadastral_code).ok_or_else(|| {
        Error::invalid("cadastral_code", "comune_unknown", "choose a comune from the list: this code is in no register")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn good() -> Application {
        Application {
            cadastral_code: "i726".to_owned(),
            rtd_name: " Anna Bianchi ".to_owned(),
            rtd_role: "Segretaria comunale".to_owned(),
            email: "Anna.Bianchi@comune.siena.it".to_owned(),
            pec: "comune.siena@postacert.toscana.it".to_owned(),
            devices: 12,
            note: String::new(),
        }
    }

    #[test]
    fn a_good_form_is_kept_clean() {
        let (kept, comune) = check(ServiceCode::Activation, &good()).unwrap();
        assert_eq!(kept.cadastral_code, "I726");
        assert_eq!(kept.rtd_name, "Anna Bianchi");
        assert_eq!(kept.email, "anna.bianchi@comune.siena.it");
        assert_eq!(comune.name, "Siena");
    }

    #[test]
    fn each_wrong_field_is_named_with_its_reason() {
        type Spoil = fn(&mut Application);
        let cases: [(&str, &str, Spoil); 8] = [
            ("cadastral_code", "comune_unknown", |form| form.cadastral_code = "Z999".to_owned()),
            ("rtd_name", "required", |form| form.rtd_name = "  ".to_owned()),
            ("rtd_name", "control_chars", |form| form.rtd_name = "Anna\u{0}".to_owned()),
            ("rtd_role", "too_long", |form| form.rtd_role = "x".repeat(121)),
            ("email", "email_invalid", |form| form.email = "anna".to_owned()),
            ("pec", "email_invalid", |form| form.pec = "pec@".to_owned()),
            ("devices", "devices_range", |form| form.devices = 0),
            ("devices", "devices_range", |form| form.devices = 100_001),
        ];
        for (field, code, spoil) in cases {
            let mut form = good();
            spoil(&mut form);
            match check(ServiceCode::Activation, &form) {
                Err(Error::Invalid { field: told, code: why, .. }) => assert_eq!((told, why), (field, code)),
                other => panic!("{field} {code}: {other:?}"),
            }
        }
    }

    #[test]
    fn all_that_is_wrong_is_told_at_once_in_the_order_of_the_form() {
        let form = Application {
            cadastral_code: String::new(),
            rtd_name: String::new(),
            rtd_role: "x".repeat(121),
            email: "anna".to_owned(),
            pec: "pec@".to_owned(),
            devices: 0,
            note: String::new(),
        };
        match check(ServiceCode::Update, &form) {
            Err(Error::Invalid { field, more, .. }) => {
                let told: Vec<&str> = std::iter::once(field).chain(more.iter().map(|one| one.field)).collect();
                assert_eq!(told, ["cadastral_code", "pec", "rtd_name", "rtd_role", "email", "devices", "note"]);
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn an_update_says_what_has_changed() {
        let refused = check(ServiceCode::Update, &good()).map_err(|e| e.code());
        assert_eq!(refused.err(), Some("required"));
    }
}

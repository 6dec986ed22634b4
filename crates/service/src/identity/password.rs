//! Passwords: which are good enough, and how they are kept.

use crate::error::Error;
use crate::house::House;
use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher as _, PasswordVerifier as _};

/// The shortest good password, in characters (NIST SP 800-63B asks for 8 with a second factor; length costs little).
const SHORTEST: usize = 12;
/// The longest that is taken, in characters.
const LONGEST: usize = 200;
/// How many different characters a password has at least.
const VARIETY: usize = 5;

/// Passwords that everybody tries first, as roots: digits and signs around them make them no better.
const WORST: &str = include_str!("worst_passwords.txt");

/// A hash of no password anybody knows, with today's parameters: an unknown address costs the same time as a known one.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$YmFsdWFyZG8gbm9ib2R5$\
                      Cz1DBCqhL6xTwOLXO0uUlQyzDpM5ByXUl8pGVyZ0cTk";

/// Whether a password may be set by the person with this address.
///
/// # Errors
/// `password_short`, `password_long`, `password_email`, `password_common`; the field is `password`.
pub(crate) fn check_password(password: &str, email: &str) -> Result<(), Error> {
    let refuse = |code, why: String| Err(Error::invalid("password", code, why));
    let length = password.chars().count();
    if length < SHORTEST {
        return refuse("password_short", format!("a password has at least {SHORTEST} characters: take four words"));
    }
    if length > LONGEST {
        return refuse("password_long", format!("a password has at most {LONGEST} characters"));
    }
    let small = password.to_lowercase();
    let name = email.split('@').next().unwrap_or(email);
    if small.contains(email) || (name.len() >= 4 && core_of(&small) == core_of(name)) {
        return refuse("password_email", "a password may not be the mail address".to_owned());
    }
    if is_common(&small) {
        return refuse("password_common", "many people use this password and it is tried first".to_owned());
    }
    Ok(())
}

fn is_common(small: &str) -> bool {
    let mut different: Vec<char> = small.chars().collect();
    different.sort_unstable();
    different.dedup();
    different.len() < VARIETY || is_worst(core_of(small)) || is_worst(&plain_letters(core_of(small)))
}

/// A password without the digits and signs around it.
fn core_of(password: &str) -> &str {
    password.trim_matches(|c: char| !c.is_alphabetic())
}

/// Letters in the place of the signs that look like them.
fn plain_letters(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '0' => 'o',
            '1' | '!' => 'i',
            '3' => 'e',
            '4' | '@' => 'a',
            '5' | '$' => 's',
            '7' => 't',
            other => other,
        })
        .collect()
}

/// Whether a core is nothing, or one of the worst words, once or several times.
fn is_worst(core: &str) -> bool {
    core.is_empty() || WORST.lines().any(|word| !word.is_empty() && core.replace(word, "").is_empty())
}

/// Hashes a password with argon2id (RFC 9106; 19 MiB, 2 passes, 1 lane, as OWASP's password storage sheet asks).
///
/// # Errors
/// [`Error::Internal`] when the hash cannot be made.
pub(crate) async fn hash_password(house: &House, password: &str) -> Result<String, Error> {
    let mut salt = [0_u8; 16];
    house.chance.fill(&mut salt);
    let password = password.to_owned();
    hashing(house, move || {
        let hash = Argon2::default().hash_password_with_salt(password.as_bytes(), &salt).map_err(Error::internal)?;
        Ok(hash.to_string())
    })
    .await
}

/// Whether a password is the one that was hashed. Without a hash the answer is no, after the same work.
///
/// # Errors
/// [`Error::Internal`] when the hash cannot be read.
pub(crate) async fn verify_password(house: &House, password: &str, hash: Option<&str>) -> Result<bool, Error> {
    let known = hash.is_some();
    let hash = hash.unwrap_or(NOBODY).to_owned();
    // What is longer was never set; hashing it would only cost time.
    let password: String = password.chars().take(LONGEST + 1).collect();
    hashing(house, move || {
        let hash = PasswordHash::new(&hash).map_err(Error::internal)?;
        Ok(Argon2::default().verify_password(password.as_bytes(), &hash).is_ok() && known)
    })
    .await
}

/// Runs the work on a thread for blocking work, a few at a time.
async fn hashing<T: Send + 'static>(
    house: &House,
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    let _turn = house.hashing.acquire().await.map_err(Error::internal)?;
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(password: &str) -> &'static str {
        check_password(password, "anna.bianchi@comune.siena.it").map_or_else(|e| e.code(), |()| "good")
    }

    #[test]
    fn weak_passwords_are_refused_each_for_its_reason() {
        assert_eq!(refused("corto"), "password_short");
        assert_eq!(refused(&"lungo parola ".repeat(40)), "password_long");
        assert_eq!(refused("Anna.Bianchi@comune.siena.it"), "password_email");
        assert_eq!(refused("anna.bianchi2026!"), "password_email");
        for common in ["Password2026!", "P@ssw0rd!2026", "123456789012", "ciaociaociao", "qwertyuiop12", "abababababab"]
        {
            assert_eq!(refused(common), "password_common", "{common}");
        }
    }

    #[test]
    fn a_sentence_is_a_good_password() {
        assert_eq!(refused("quattro cavalli corrono piano"), "good");
        assert_eq!(refused("Zk4-hhw2-Pq9x"), "good");
    }

    #[test]
    fn the_hash_of_nobody_costs_what_every_hash_costs() {
        let nobody = PasswordHash::new(NOBODY).unwrap();
        let mine = Argon2::default().hash_password_with_salt(b"any", &[1; 16]).unwrap();
        assert_eq!(nobody.params, mine.params);
        assert_eq!(nobody.algorithm, mine.algorithm);
        assert!(Argon2::default().verify_password(b"", &nobody).is_err());
    }

    #[test]
    fn the_list_of_the_worst_holds_roots_in_small_letters() {
        assert!(WORST.lines().count() >= 100);
        for word in WORST.lines() {
            assert_eq!(word, core_of(&word.to_lowercase()), "{word}");
        }
    }
}

//! The register of Italian comuni: the ISTAT list and population that ship with the product in `data/comuni/`.
//!
//! The stable key of a comune is its cadastral code: ISTAT codes change when provinces do.

use serde::Serialize;
use std::collections::HashMap;
use std::sync::LazyLock;

/// Above this many people a comune falls under the first pillar of the agreement between ANCI and the Polizia Postale
/// (framework convention of 6 July 2023).
pub const PROTOCOL_THRESHOLD: u32 = 20_000;

/// A comune of the register.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Comune {
    /// Cadastral code, a letter and three digits ("I726"): the stable key.
    pub cadastral_code: String,
    /// Name as ISTAT writes it; the names of a bilingual comune are divided by a slash.
    pub name: String,
    /// Name of its province or metropolitan city.
    pub province: String,
    /// Two letters of the province ("SI"); "NA" is Naples, not a missing value.
    pub province_code: String,
    /// Name of its region.
    pub region: String,
    /// ISTAT code, six digits ("052032").
    pub istat_code: String,
    /// Residents, where the source tells them.
    pub population: Option<u32>,
    /// The year on whose 1 January they were counted; given exactly when the population is.
    pub population_year: Option<i16>,
    /// Whether it is the chief town of its province.
    pub province_capital: bool,
    /// Whether it is the chief town of its region.
    pub region_capital: bool,
}

impl Comune {
    /// Whether more than `people` live there; exactly that many is not above, and an unknown population is not either.
    #[must_use]
    pub fn above_threshold(&self, people: u32) -> bool {
        self.population.is_some_and(|population| population > people)
    }
}

/// Why a register file was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RegisterError {
    /// The first line is not the expected one.
    #[error("line 1: the columns are `{found}`, expected `{HEADER}`")]
    Header {
        /// The line as it stands.
        found: String,
    },
    /// A line with too few or too many fields.
    #[error("line {line}: {found} fields, expected {COLUMNS}; the separator is a semicolon")]
    Fields {
        /// Which line, from 1.
        line: usize,
        /// How many there are.
        found: usize,
    },
    /// A quote that is not closed on its line, or stands inside a field.
    #[error("line {line}: a quote is not closed or stands inside a field; write it twice, in a quoted field")]
    Quote {
        /// Which line, from 1.
        line: usize,
    },
    /// A field that does not have its form.
    #[error("line {line}: {column} is `{value}`, expected {expected}")]
    Value {
        /// Which line, from 1.
        line: usize,
        /// Which column.
        column: &'static str,
        /// The field as it stands.
        value: String,
        /// What it should look like.
        expected: &'static str,
    },
    /// Two lines for one comune.
    #[error("line {line}: cadastral code {code} is already on line {first}; keep one of the two")]
    Duplicate {
        /// The second line, from 1.
        line: usize,
        /// The first one.
        first: usize,
        /// The code that both have.
        code: String,
    },
    /// No comune at all.
    #[error("the register has no rows after its header; fetch it again")]
    Empty,
}

const HEADER: &str = "codice_catastale;nome;provincia;sigla_provincia;regione;codice_istat;popolazione;anno_popolazione;capoluogo_provincia;capoluogo_regione";
const COLUMNS: usize = 10;

/// Italian comuni, in the order of their names.
#[derive(Clone, Debug)]
pub struct Register {
    comuni: Vec<Comune>,
    /// The folded names of each comune, by position: one, or two for a bilingual one.
    names: Vec<Vec<String>>,
    by_code: HashMap<String, usize>,
}

/// How well a name matches what was typed, best first.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Match {
    /// The name begins with it.
    Prefix,
    /// Each word of it begins a word of the name, in the same order ("reggio emilia" for "Reggio nell'Emilia").
    WordPrefixes,
    /// It stands anywhere in the name.
    Inside,
}

impl Register {
    /// The register that ships with the product.
    ///
    /// # Panics
    /// If the shipped file does not parse; it is part of the program, and a test parses it.
    #[must_use]
    pub fn shipped() -> &'static Self {
        static SHIPPED: LazyLock<Register> =
            LazyLock::new(|| match Register::parse(include_str!("../../../data/comuni/comuni.csv")) {
                Ok(register) => register,
                Err(error) => panic!("data/comuni/comuni.csv: {error}"),
            });
        &SHIPPED
    }

    /// A register from the text of a file like the shipped one: UTF-8, semicolons, the same columns in the same order.
    ///
    /// # Errors
    /// The first line that is wrong, and what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, RegisterError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut lines = (1..).zip(text.lines());
        let header = lines.next().map_or("", |(_, header)| header);
        if header != HEADER {
            return Err(RegisterError::Header { found: header.to_owned() });
        }
        let mut seen: HashMap<String, usize> = HashMap::new();
        let mut rows = Vec::new();
        for (line, text) in lines {
            let comune = comune(line, fields(line, text)?)?;
            if let Some(first) = seen.insert(comune.cadastral_code.clone(), line) {
                return Err(RegisterError::Duplicate { line, first, code: comune.cadastral_code });
            }
            rows.push((comune.name.split('/').map(fold).collect::<Vec<_>>(), comune));
        }
        if rows.is_empty() {
            return Err(RegisterError::Empty);
        }
        rows.sort_by(|(left_names, left), (right_names, right)| {
            (left_names, &left.province_code, &left.cadastral_code).cmp(&(
                right_names,
                &right.province_code,
                &right.cadastral_code,
            ))
        });
        let (names, comuni): (Vec<_>, Vec<_>) = rows.into_iter().unzip();
        let by_code = comuni.iter().map(|comune: &Comune| comune.cadastral_code.clone()).zip(0..).collect();
        Ok(Self { comuni, names, by_code })
    }

    /// Every comune, in the order of their names without accents; those of one name by province.
    #[must_use]
    pub fn all(&self) -> &[Comune] {
        &self.comuni
    }

    /// The comune of a cadastral code, in either case.
    #[must_use]
    pub fn comune(&self, cadastral_code: &str) -> Option<&Comune> {
        self.by_code.get(&cadastral_code.trim().to_ascii_uppercase()).and_then(|at| self.comuni.get(*at))
    }

    /// The comuni where more than `people` live.
    pub fn above_threshold(&self, people: u32) -> impl Iterator<Item = &Comune> {
        self.comuni.iter().filter(move |comune| comune.above_threshold(people))
    }

    /// At most `limit` comuni whose name matches what a person typed, the best first; nothing for a text without letters.
    ///
    /// Accents, apostrophes, hyphens and case make no difference. First come names that begin with the text, then names
    /// whose words begin with its words, then names that hold it anywhere; each group in the order of [`Register::all`].
    /// Either name of a bilingual comune will do.
    #[must_use]
    pub fn search(&self, text: &str, limit: usize) -> Vec<&Comune> {
        let typed = fold(text);
        if typed.is_empty() {
            return Vec::new();
        }
        let ranked: Vec<_> = self
            .names
            .iter()
            .zip(&self.comuni)
            .filter_map(|(names, comune)| Some((best_match(names, &typed)?, comune)))
            .collect();
        [Match::Prefix, Match::WordPrefixes, Match::Inside]
            .into_iter()
            .flat_map(|rank| ranked.iter().filter(move |(found, _)| *found == rank))
            .map(|(_, comune)| *comune)
            .take(limit)
            .collect()
    }
}

fn best_match(names: &[String], typed: &str) -> Option<Match> {
    if names.iter().any(|name| name.starts_with(typed)) {
        Some(Match::Prefix)
    } else if names.iter().any(|name| words_begin(name, typed)) {
        Some(Match::WordPrefixes)
    } else if names.iter().any(|name| name.contains(typed)) {
        Some(Match::Inside)
    } else {
        None
    }
}

/// Whether each word of `typed` begins a word of `name`, in the same order.
fn words_begin(name: &str, typed: &str) -> bool {
    let mut words = name.split(' ');
    typed.split(' ').all(|start| words.any(|word| word.starts_with(start)))
}

/// A name as it is compared: small letters without accents, words divided by one space.
///
/// A final apostrophe, as many write for an accent ("Forli'"), falls away with the other signs.
fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for letter in text.chars().flat_map(char::to_lowercase) {
        match letter {
            'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' => folded.push('a'),
            'è' | 'é' | 'ê' | 'ë' => folded.push('e'),
            'ì' | 'í' | 'î' | 'ï' => folded.push('i'),
            'ò' | 'ó' | 'ô' | 'õ' | 'ö' => folded.push('o'),
            'ù' | 'ú' | 'û' | 'ü' => folded.push('u'),
            'ç' | 'č' | 'ć' => folded.push('c'),
            'š' => folded.push('s'),
            'ž' => folded.push('z'),
            'ñ' => folded.push('n'),
            'ß' => folded.push_str("ss"),
            // The accents of decomposed text (U+0300 to U+036F) follow their letter.
            '\u{300}'..='\u{36f}' => {}
            letter if letter.is_alphanumeric() => folded.push(letter),
            _ if folded.ends_with(' ') => {}
            _ => folded.push(' '),
        }
    }
    folded.trim().to_owned()
}

/// The fields of a line; a field in double quotes may hold semicolons, and a quote written twice.
fn fields(line: usize, text: &str) -> Result<[String; COLUMNS], RegisterError> {
    let mut fields = Vec::with_capacity(COLUMNS);
    let mut rest = Some(text);
    while let Some(text) = rest {
        let field;
        (field, rest) = match text.strip_prefix('"') {
            Some(quoted) => quoted_field(quoted).ok_or(RegisterError::Quote { line })?,
            None => match text.split_once(';') {
                Some((field, rest)) => (field.to_owned(), Some(rest)),
                None => (text.to_owned(), None),
            },
        };
        if !text.starts_with('"') && field.contains('"') {
            return Err(RegisterError::Quote { line });
        }
        fields.push(field);
    }
    fields.try_into().map_err(|fields: Vec<String>| RegisterError::Fields { line, found: fields.len() })
}

/// A field after its opening quote, and what follows its separator if there is one.
fn quoted_field(mut text: &str) -> Option<(String, Option<&str>)> {
    let mut field = String::new();
    loop {
        let (part, after) = text.split_once('"')?;
        field.push_str(part);
        if after.is_empty() {
            return Some((field, None));
        }
        if let Some(rest) = after.strip_prefix(';') {
            return Some((field, Some(rest)));
        }
        field.push('"');
        text = after.strip_prefix('"')?;
    }
}

fn comune(line: usize, fields: [String; COLUMNS]) -> Result<Comune, RegisterError> {
    let [cadastral_code, name, province, province_code, region, istat_code, population, year, of_province, of_region] =
        fields;
    let must = |holds: bool, column, value: &str, expected| match holds {
        true => Ok(()),
        false => Err(RegisterError::Value { line, column, value: value.to_owned(), expected }),
    };
    must(is_cadastral(&cadastral_code), "codice_catastale", &cadastral_code, "a capital letter and three digits")?;
    must(!fold(&name).is_empty(), "nome", &name, "a name")?;
    must(!province.is_empty(), "provincia", &province, "a name")?;
    let two_capitals = province_code.len() == 2 && province_code.bytes().all(|byte| byte.is_ascii_uppercase());
    must(two_capitals, "sigla_provincia", &province_code, "two capital letters")?;
    must(!region.is_empty(), "regione", &region, "a name")?;
    let six_digits = istat_code.len() == 6 && istat_code.bytes().all(|byte| byte.is_ascii_digit());
    must(six_digits, "codice_istat", &istat_code, "six digits")?;
    let people = population.parse().ok();
    must(people.is_some() || population.is_empty(), "popolazione", &population, "a whole number or nothing")?;
    let population_year = year.parse().ok().filter(|year| (1861..=9999).contains(year));
    must(
        population_year.is_some() == people.is_some() && population_year.is_some() != year.is_empty(),
        "anno_popolazione",
        &year,
        "a year where there is a population, and nothing where there is none",
    )?;
    let flag = |column, value: &str| match value {
        "0" => Ok(false),
        "1" => Ok(true),
        _ => Err(RegisterError::Value { line, column, value: value.to_owned(), expected: "0 or 1" }),
    };
    Ok(Comune {
        province_capital: flag("capoluogo_provincia", &of_province)?,
        region_capital: flag("capoluogo_regione", &of_region)?,
        population: people,
        population_year,
        cadastral_code,
        name,
        province,
        province_code,
        region,
        istat_code,
    })
}

fn is_cadastral(code: &str) -> bool {
    matches!(code.as_bytes(), [letter, digits @ ..]
        if letter.is_ascii_uppercase() && digits.len() == 3 && digits.iter().all(u8::is_ascii_digit))
}

//! The shipped register, its search, and files that are wrong.

use baluardo_model::register::{PROTOCOL_THRESHOLD, Register, RegisterError};

const HEADER: &str = "codice_catastale;nome;provincia;sigla_provincia;regione;codice_istat;popolazione;anno_popolazione;capoluogo_provincia;capoluogo_regione";
const SIENA: &str = "I726;Siena;Siena;SI;Toscana;052032;52812;2023;1;0";

fn names(register: &Register, text: &str, limit: usize) -> Vec<String> {
    register.search(text, limit).into_iter().map(|comune| comune.name.clone()).collect()
}

fn with_rows(rows: &[&str]) -> Result<Register, RegisterError> {
    Register::parse(&format!("{HEADER}\n{}\n", rows.join("\n")))
}

#[test]
fn the_shipped_register_has_the_figures_that_were_counted() {
    let register = Register::shipped();
    assert_eq!(register.all().len(), 7_896);
    assert_eq!(register.above_threshold(PROTOCOL_THRESHOLD).count(), 509);
    assert_eq!(register.above_threshold(100_000).count(), 44);
    let tuscan: Vec<_> = register.all().iter().filter(|comune| comune.region == "Toscana").collect();
    assert_eq!(tuscan.len(), 273);
    assert_eq!(tuscan.iter().filter(|comune| comune.above_threshold(PROTOCOL_THRESHOLD)).count(), 39);
    assert_eq!(register.all().iter().filter_map(|comune| comune.population).sum::<u32>(), 58_840_177);
    assert_eq!(register.all().iter().filter(|comune| comune.region_capital).count(), 20);
    let unknown: Vec<_> = register.all().iter().filter(|comune| comune.population.is_none()).collect();
    let unknown: Vec<_> = unknown.into_iter().map(|comune| comune.name.as_str()).collect();
    assert_eq!(unknown, ["Misiliscemi", "Montecopiolo", "Sassofeltrio"]);
}

#[test]
fn siena_is_found_by_its_code_in_either_case() {
    let siena = Register::shipped().comune(" i726 ").unwrap();
    assert_eq!(
        (siena.name.as_str(), siena.province_code.as_str(), siena.istat_code.as_str()),
        ("Siena", "SI", "052032")
    );
    assert_eq!((siena.population, siena.population_year), (Some(52_812), Some(2023)));
    assert!(siena.province_capital && !siena.region_capital);
    assert_eq!(Register::shipped().comune("Z999"), None);
    assert_eq!(Register::shipped().comune(""), None);
}

#[test]
fn naples_keeps_its_province_code() {
    let register = Register::shipped();
    assert_eq!(register.comune("F839").unwrap().province_code, "NA");
    assert_eq!(register.all().iter().filter(|comune| comune.province_code == "NA").count(), 92);
}

#[test]
fn exactly_the_threshold_is_not_above_it_and_unknown_is_not_either() {
    let rows = [
        "A001;Uno;Prova;PR;Prova;000001;20000;2023;0;0",
        "A002;Due;Prova;PR;Prova;000002;20001;2023;0;0",
        "A003;Tre;Prova;PR;Prova;000003;;;0;0",
    ];
    let register = with_rows(&rows).unwrap();
    let above: Vec<_> = register.above_threshold(20_000).map(|comune| comune.name.as_str()).collect();
    assert_eq!(above, ["Due"]);
}

#[test]
fn accents_case_and_apostrophes_make_no_difference() {
    let register = Register::shipped();
    for typed in ["forli", "FORLÌ", "Forli'", "forlì", " forli ", "forli\u{300}", "forlí"] {
        assert_eq!(names(register, typed, 1), ["Forlì"], "{typed}");
    }
    for typed in ["l'aquila", "l’aquila", "L aquila", "aquila"] {
        assert!(names(register, typed, 5).contains(&"L'Aquila".to_owned()), "{typed}");
    }
    assert_eq!(names(register, "rhemes notre", 3), ["Rhêmes-Notre-Dame"]);
}

#[test]
fn names_that_begin_with_the_text_come_before_words_that_do_and_those_before_the_rest() {
    let rows = [
        "A001;Monte Siena;Prova;PR;Prova;000001;;;0;0",
        "A002;Sienabella;Prova;PR;Prova;000002;;;0;0",
        "A003;Alsiena;Prova;PR;Prova;000003;;;0;0",
        SIENA,
        "A004;Borgo-Siena;Prova;PR;Prova;000004;;;0;0",
    ];
    let register = with_rows(&rows).unwrap();
    assert_eq!(names(&register, "siena", 9), ["Siena", "Sienabella", "Borgo-Siena", "Monte Siena", "Alsiena"]);
    assert_eq!(names(&register, "siena", 2), ["Siena", "Sienabella"]);
    assert_eq!(names(&register, "siena", 0), Vec::<String>::new());
}

#[test]
fn the_words_of_a_name_may_be_left_out_but_not_turned_round() {
    let register = Register::shipped();
    assert_eq!(names(register, "reggio emilia", 3), ["Reggio nell'Emilia"]);
    assert_eq!(names(register, "reggio calabria", 3), ["Reggio di Calabria"]);
    assert_eq!(names(register, "emilia reggio", 3), Vec::<String>::new());
}

#[test]
fn a_bilingual_comune_is_found_by_either_name() {
    let rows = ["A952;Bolzano/Bozen;Bolzano/Bozen;BZ;Trentino-Alto Adige/Südtirol;021008;106107;2023;1;0", SIENA];
    let register = with_rows(&rows).unwrap();
    for typed in ["bolz", "bozen", "BOZEN", "zen"] {
        assert_eq!(names(&register, typed, 3), ["Bolzano/Bozen"], "{typed}");
    }
}

#[test]
fn a_text_without_letters_finds_nothing_and_a_strange_one_does_no_harm() {
    let register = Register::shipped();
    for typed in ["", "   ", "'", "/;\"", "\u{0}", "\u{301}", "🏛", "Ⅻ漢字"] {
        assert_eq!(names(register, typed, 9), Vec::<String>::new(), "{typed:?}");
    }
}

#[test]
fn comuni_of_one_name_come_in_the_order_of_their_provinces() {
    let found = Register::shipped().search("san teodoro", 5);
    let found: Vec<_> = found.iter().map(|comune| (comune.name.as_str(), comune.province_code.as_str())).collect();
    assert_eq!(found[..2], [("San Teodoro", "ME"), ("San Teodoro", "SS")]);
}

#[test]
fn the_order_of_the_lines_changes_nothing() {
    let rows = [SIENA, "A001;Àgata;Prova;PR;Prova;000001;;;0;0", "A002;Agata;Prova;PR;Prova;000002;;;0;0"];
    let mut turned = rows;
    turned.reverse();
    let (one, other) = (with_rows(&rows).unwrap(), with_rows(&turned).unwrap());
    assert_eq!(one.all(), other.all());
    assert_eq!(one.all()[0].cadastral_code, "A001");
}

#[test]
fn quoted_fields_line_ends_of_windows_and_a_mark_of_byte_order_are_read() {
    let text = format!("\u{feff}{HEADER}\r\nA001;\"Uno; detto \"\"Due\"\"\";Prova;PR;Prova;000001;;;0;\"0\"\r\n");
    let register = Register::parse(&text).unwrap();
    assert_eq!(register.all()[0].name, "Uno; detto \"Due\"");
}

#[test]
fn what_is_wrong_is_told_with_its_line() {
    let good = "A001;Uno;Prova;PR;Prova;000001;10;2023;0;0";
    let cases = [
        ("A002;Due;Prova;PR;Prova;000002;10;2023;0", "line 3: 9 fields, expected 10"),
        ("", "line 3: 1 fields"),
        ("A002;Due;Prova;PR;Prova;000002;10;2023;0;0;1", "line 3: 11 fields"),
        ("A002;\"Due;Prova;PR;Prova;000002;10;2023;0;0", "line 3: a quote"),
        ("A002;\"Due\"x;Prova;PR;Prova;000002;10;2023;0;0", "line 3: a quote"),
        ("A002;Du\"e;Prova;PR;Prova;000002;10;2023;0;0", "line 3: a quote"),
        ("02;Due;Prova;PR;Prova;000002;10;2023;0;0", "line 3: codice_catastale is `02`"),
        ("a002;Due;Prova;PR;Prova;000002;10;2023;0;0", "line 3: codice_catastale is `a002`"),
        ("A002;;Prova;PR;Prova;000002;10;2023;0;0", "line 3: nome is ``"),
        ("A002;Due;;PR;Prova;000002;10;2023;0;0", "line 3: provincia is ``"),
        ("A002;Due;Prova;;Prova;000002;10;2023;0;0", "line 3: sigla_provincia is ``"),
        ("A002;Due;Prova;PR;;000002;10;2023;0;0", "line 3: regione is ``"),
        ("A002;Due;Prova;PR;Prova;2;10;2023;0;0", "line 3: codice_istat is `2`"),
        ("A002;Due;Prova;PR;Prova;000002;1.000;2023;0;0", "line 3: popolazione is `1.000`"),
        ("A002;Due;Prova;PR;Prova;000002;-1;2023;0;0", "line 3: popolazione is `-1`"),
        ("A002;Due;Prova;PR;Prova;000002;10;;0;0", "line 3: anno_popolazione is ``"),
        ("A002;Due;Prova;PR;Prova;000002;;2023;0;0", "line 3: anno_popolazione is `2023`"),
        ("A002;Due;Prova;PR;Prova;000002;;x;0;0", "line 3: anno_popolazione is `x`"),
        ("A002;Due;Prova;PR;Prova;000002;10;2023;sì;0", "line 3: capoluogo_provincia is `sì`"),
        ("A002;Due;Prova;PR;Prova;000002;10;2023;0;", "line 3: capoluogo_regione is ``"),
        ("A001;Due;Prova;PR;Prova;000002;10;2023;0;0", "line 3: cadastral code A001 is already on line 2"),
    ];
    for (bad, expected) in cases {
        let error = with_rows(&[good, bad, good]).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{bad}: {error}");
    }
    assert_eq!(Register::parse(&format!("{HEADER}\n")).unwrap_err(), RegisterError::Empty);
    let comma = HEADER.replace(';', ",");
    assert_eq!(Register::parse(&comma).unwrap_err(), RegisterError::Header { found: comma });
    assert_eq!(Register::parse("").unwrap_err(), RegisterError::Header { found: String::new() });
}

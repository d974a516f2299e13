//! What units of quantities are called.

use crate::Language;

/// The first edition whose documents have words for units that are counted.
const FIRST_EDITION_OF_COUNTED: u16 = 5;

/// A unit by its code of UN/ECE recommendation 20 or 21: `None` for one of anything.
pub fn unit(code: &str, edition: u16, language: Language) -> Option<&str> {
    let is_counted_in_words = edition >= FIRST_EDITION_OF_COUNTED;
    Some(match code {
        waybill_contracts::PIECE | "C62" => return None,
        "EA" if is_counted_in_words => return None,
        "HUR" => "h",
        "MIN" => "min",
        "SEC" => "s",
        "DAY" => "d",
        "GRM" => "g",
        "KGM" => "kg",
        "TNE" => "t",
        "MMT" => "mm",
        "CMT" => "cm",
        "MTR" => "m",
        "KMT" => "km",
        "MTK" => "m²",
        "MTQ" => "m³",
        "MLT" => "ml",
        "LTR" => "l",
        "KWH" => "kWh",
        "MWH" => "MWh",
        "KWT" => "kW",
        "P1" => "%",
        code => {
            let counted = language.counted_unit(code).filter(|_| is_counted_in_words);
            language.unit_of_time(code).or(counted).unwrap_or(code)
        }
    })
}

impl Language {
    /// The unit of time that has words and no symbol.
    fn unit_of_time(self, code: &str) -> Option<&'static str> {
        let [week, month, year] = match self {
            Self::En => ["wk", "mo", "yr"],
            Self::De => ["Wo.", "Mon.", "J."],
            Self::Fr => ["sem.", "mois", "an"],
            Self::Es | Self::Pt => ["sem.", "m.", "a."],
        };
        match code {
            "WEE" => Some(week),
            "MON" => Some(month),
            "ANN" => Some(year),
            _ => None,
        }
    }

    /// The unit that is counted, abbreviated so that it is the same for one and for several.
    fn counted_unit(self, code: &str) -> Option<&'static str> {
        let [package, service, lump_sum, dozen, set, pair, a_box] = match self {
            Self::En => ["pkg.", "svc.", "lump sum", "doz.", "set", "pr.", "box"],
            Self::De => ["Pck.", "Leist.", "pausch.", "Dtzd.", "Satz", "Paar", "Krt."],
            Self::Es => ["paq.", "serv.", "global", "doc.", "jgo.", "par", "cj."],
            Self::Fr => ["paq.", "prest.", "forf.", "dz", "jeu", "paire", "bte"],
            Self::Pt => ["emb.", "serv.", "global", "dz.", "conj.", "par", "cx."],
        };
        match code {
            "XPK" => Some(package),
            "E48" => Some(service),
            "LS" => Some(lump_sum),
            "DZN" => Some(dozen),
            "SET" => Some(set),
            "PR" => Some(pair),
            "XBX" => Some(a_box),
            _ => None,
        }
    }
}

//! The names of all countries in the languages of documents.
//!
//! From CLDR 47 (npm package `cldr-localenames-full` 47.0.0, `territories.json` of de, en, es, fr and pt-PT), in the order of
//! [`waybill_contracts::countries`]. Hong Kong, Macao, Myanmar and Palestine have their short names, as on letters.

use crate::Language;

/// The name of a country, by its ISO 3166-1 code.
pub fn country_name(code: &str, language: Language) -> Option<&'static str> {
    let at = waybill_contracts::countries().position(|country| country == code)?;
    let names = match language {
        Language::En => EN,
        Language::De => DE,
        Language::Es => ES,
        Language::Fr => FR,
        Language::Pt => PT,
    };
    names.split('|').nth(at)
}

const EN: &str = concat!(
    "Andorra|United Arab Emirates|Afghanistan|Antigua & Barbuda|Anguilla|Albania|Armenia|Angola|",
    "Antarctica|Argentina|American Samoa|Austria|Australia|Aruba|Åland Islands|Azerbaijan|",
    "Bosnia & Herzegovina|Barbados|Bangladesh|Belgium|Burkina Faso|Bulgaria|Bahrain|Burundi|Benin|",
    "St. Barthélemy|Bermuda|Brunei|Bolivia|Caribbean Netherlands|Brazil|Bahamas|Bhutan|Bouvet Island|",
    "Botswana|Belarus|Belize|Canada|Cocos (Keeling) Islands|Congo - Kinshasa|Central African Republic|",
    "Congo - Brazzaville|Switzerland|Côte d’Ivoire|Cook Islands|Chile|Cameroon|China|Colombia|Costa Rica|",
    "Cuba|Cape Verde|Curaçao|Christmas Island|Cyprus|Czechia|Germany|Djibouti|Denmark|Dominica|",
    "Dominican Republic|Algeria|Ecuador|Estonia|Egypt|Western Sahara|Eritrea|Spain|Ethiopia|Finland|Fiji|",
    "Falkland Islands|Micronesia|Faroe Islands|France|Gabon|United Kingdom|Grenada|Georgia|French Guiana|",
    "Guernsey|Ghana|Gibraltar|Greenland|Gambia|Guinea|Guadeloupe|Equatorial Guinea|Greece|",
    "South Georgia & South Sandwich Islands|Guatemala|Guam|Guinea-Bissau|Guyana|Hong Kong|",
    "Heard & McDonald Islands|Honduras|Croatia|Haiti|Hungary|Indonesia|Ireland|Israel|Isle of Man|India|",
    "British Indian Ocean Territory|Iraq|Iran|Iceland|Italy|Jersey|Jamaica|Jordan|Japan|Kenya|Kyrgyzstan|",
    "Cambodia|Kiribati|Comoros|St. Kitts & Nevis|North Korea|South Korea|Kuwait|Cayman Islands|",
    "Kazakhstan|Laos|Lebanon|St. Lucia|Liechtenstein|Sri Lanka|Liberia|Lesotho|Lithuania|Luxembourg|",
    "Latvia|Libya|Morocco|Monaco|Moldova|Montenegro|St. Martin|Madagascar|Marshall Islands|",
    "North Macedonia|Mali|Myanmar|Mongolia|Macao|Northern Mariana Islands|Martinique|Mauritania|",
    "Montserrat|Malta|Mauritius|Maldives|Malawi|Mexico|Malaysia|Mozambique|Namibia|New Caledonia|Niger|",
    "Norfolk Island|Nigeria|Nicaragua|Netherlands|Norway|Nepal|Nauru|Niue|New Zealand|Oman|Panama|Peru|",
    "French Polynesia|Papua New Guinea|Philippines|Pakistan|Poland|St. Pierre & Miquelon|",
    "Pitcairn Islands|Puerto Rico|Palestine|Portugal|Palau|Paraguay|Qatar|Réunion|Romania|Serbia|Russia|",
    "Rwanda|Saudi Arabia|Solomon Islands|Seychelles|Sudan|Sweden|Singapore|St. Helena|Slovenia|",
    "Svalbard & Jan Mayen|Slovakia|Sierra Leone|San Marino|Senegal|Somalia|Suriname|South Sudan|",
    "São Tomé & Príncipe|El Salvador|Sint Maarten|Syria|Eswatini|Turks & Caicos Islands|Chad|",
    "French Southern Territories|Togo|Thailand|Tajikistan|Tokelau|Timor-Leste|Turkmenistan|Tunisia|Tonga|",
    "Türkiye|Trinidad & Tobago|Tuvalu|Taiwan|Tanzania|Ukraine|Uganda|U.S. Outlying Islands|United States|",
    "Uruguay|Uzbekistan|Vatican City|St. Vincent & Grenadines|Venezuela|British Virgin Islands|",
    "U.S. Virgin Islands|Vietnam|Vanuatu|Wallis & Futuna|Samoa|Yemen|Mayotte|South Africa|Zambia|",
    "Zimbabwe",
);

const DE: &str = concat!(
    "Andorra|Vereinigte Arabische Emirate|Afghanistan|Antigua und Barbuda|Anguilla|Albanien|Armenien|",
    "Angola|Antarktis|Argentinien|Amerikanisch-Samoa|Österreich|Australien|Aruba|Ålandinseln|",
    "Aserbaidschan|Bosnien und Herzegowina|Barbados|Bangladesch|Belgien|Burkina Faso|Bulgarien|Bahrain|",
    "Burundi|Benin|St. Barthélemy|Bermuda|Brunei Darussalam|Bolivien|Karibische Niederlande|Brasilien|",
    "Bahamas|Bhutan|Bouvetinsel|Botsuana|Belarus|Belize|Kanada|Kokosinseln|Kongo-Kinshasa|",
    "Zentralafrikanische Republik|Kongo-Brazzaville|Schweiz|Côte d’Ivoire|Cookinseln|Chile|Kamerun|China|",
    "Kolumbien|Costa Rica|Kuba|Cabo Verde|Curaçao|Weihnachtsinsel|Zypern|Tschechien|Deutschland|",
    "Dschibuti|Dänemark|Dominica|Dominikanische Republik|Algerien|Ecuador|Estland|Ägypten|Westsahara|",
    "Eritrea|Spanien|Äthiopien|Finnland|Fidschi|Falklandinseln|Mikronesien|Färöer|Frankreich|Gabun|",
    "Vereinigtes Königreich|Grenada|Georgien|Französisch-Guayana|Guernsey|Ghana|Gibraltar|Grönland|",
    "Gambia|Guinea|Guadeloupe|Äquatorialguinea|Griechenland|Südgeorgien und die Südlichen Sandwichinseln|",
    "Guatemala|Guam|Guinea-Bissau|Guyana|Hongkong|Heard und McDonaldinseln|Honduras|Kroatien|Haiti|",
    "Ungarn|Indonesien|Irland|Israel|Isle of Man|Indien|Britisches Territorium im Indischen Ozean|Irak|",
    "Iran|Island|Italien|Jersey|Jamaika|Jordanien|Japan|Kenia|Kirgisistan|Kambodscha|Kiribati|Komoren|",
    "St. Kitts und Nevis|Nordkorea|Südkorea|Kuwait|Kaimaninseln|Kasachstan|Laos|Libanon|St. Lucia|",
    "Liechtenstein|Sri Lanka|Liberia|Lesotho|Litauen|Luxemburg|Lettland|Libyen|Marokko|Monaco|",
    "Republik Moldau|Montenegro|St. Martin|Madagaskar|Marshallinseln|Nordmazedonien|Mali|Myanmar|",
    "Mongolei|Macau|Nördliche Marianen|Martinique|Mauretanien|Montserrat|Malta|Mauritius|Malediven|",
    "Malawi|Mexiko|Malaysia|Mosambik|Namibia|Neukaledonien|Niger|Norfolkinsel|Nigeria|Nicaragua|",
    "Niederlande|Norwegen|Nepal|Nauru|Niue|Neuseeland|Oman|Panama|Peru|Französisch-Polynesien|",
    "Papua-Neuguinea|Philippinen|Pakistan|Polen|St. Pierre und Miquelon|Pitcairninseln|Puerto Rico|",
    "Palästina|Portugal|Palau|Paraguay|Katar|Réunion|Rumänien|Serbien|Russland|Ruanda|Saudi-Arabien|",
    "Salomonen|Seychellen|Sudan|Schweden|Singapur|St. Helena|Slowenien|Spitzbergen und Jan Mayen|",
    "Slowakei|Sierra Leone|San Marino|Senegal|Somalia|Suriname|Südsudan|São Tomé und Príncipe|",
    "El Salvador|Sint Maarten|Syrien|Eswatini|Turks- und Caicosinseln|Tschad|",
    "Französische Süd- und Antarktisgebiete|Togo|Thailand|Tadschikistan|Tokelau|Timor-Leste|Turkmenistan|",
    "Tunesien|Tonga|Türkei|Trinidad und Tobago|Tuvalu|Taiwan|Tansania|Ukraine|Uganda|",
    "Amerikanische Überseeinseln|Vereinigte Staaten|Uruguay|Usbekistan|Vatikanstadt|",
    "St. Vincent und die Grenadinen|Venezuela|Britische Jungferninseln|Amerikanische Jungferninseln|",
    "Vietnam|Vanuatu|Wallis und Futuna|Samoa|Jemen|Mayotte|Südafrika|Sambia|Simbabwe",
);

const ES: &str = concat!(
    "Andorra|Emiratos Árabes Unidos|Afganistán|Antigua y Barbuda|Anguila|Albania|Armenia|Angola|",
    "Antártida|Argentina|Samoa Americana|Austria|Australia|Aruba|Islas Aland|Azerbaiyán|",
    "Bosnia y Herzegovina|Barbados|Bangladés|Bélgica|Burkina Faso|Bulgaria|Baréin|Burundi|Benín|",
    "San Bartolomé|Bermudas|Brunéi|Bolivia|Caribe neerlandés|Brasil|Bahamas|Bután|Isla Bouvet|Botsuana|",
    "Bielorrusia|Belice|Canadá|Islas Cocos|República Democrática del Congo|República Centroafricana|",
    "Congo|Suiza|Côte d’Ivoire|Islas Cook|Chile|Camerún|China|Colombia|Costa Rica|Cuba|Cabo Verde|",
    "Curazao|Isla de Navidad|Chipre|Chequia|Alemania|Yibuti|Dinamarca|Dominica|República Dominicana|",
    "Argelia|Ecuador|Estonia|Egipto|Sáhara Occidental|Eritrea|España|Etiopía|Finlandia|Fiyi|",
    "Islas Malvinas|Micronesia|Islas Feroe|Francia|Gabón|Reino Unido|Granada|Georgia|Guayana Francesa|",
    "Guernesey|Ghana|Gibraltar|Groenlandia|Gambia|Guinea|Guadalupe|Guinea Ecuatorial|Grecia|",
    "Islas Georgia del Sur y Sandwich del Sur|Guatemala|Guam|Guinea-Bisáu|Guyana|Hong Kong|",
    "Islas Heard y McDonald|Honduras|Croacia|Haití|Hungría|Indonesia|Irlanda|Israel|Isla de Man|India|",
    "Territorio Británico del Océano Índico|Irak|Irán|Islandia|Italia|Jersey|Jamaica|Jordania|Japón|",
    "Kenia|Kirguistán|Camboya|Kiribati|Comoras|San Cristóbal y Nieves|Corea del Norte|Corea del Sur|",
    "Kuwait|Islas Caimán|Kazajistán|Laos|Líbano|Santa Lucía|Liechtenstein|Sri Lanka|Liberia|Lesoto|",
    "Lituania|Luxemburgo|Letonia|Libia|Marruecos|Mónaco|Moldavia|Montenegro|San Martín|Madagascar|",
    "Islas Marshall|Macedonia del Norte|Mali|Myanmar (Birmania)|Mongolia|Macao|Islas Marianas del Norte|",
    "Martinica|Mauritania|Montserrat|Malta|Mauricio|Maldivas|Malaui|México|Malasia|Mozambique|Namibia|",
    "Nueva Caledonia|Níger|Isla Norfolk|Nigeria|Nicaragua|Países Bajos|Noruega|Nepal|Nauru|Niue|",
    "Nueva Zelanda|Omán|Panamá|Perú|Polinesia Francesa|Papúa Nueva Guinea|Filipinas|Pakistán|Polonia|",
    "San Pedro y Miquelón|Islas Pitcairn|Puerto Rico|Palestina|Portugal|Palaos|Paraguay|Catar|Reunión|",
    "Rumanía|Serbia|Rusia|Ruanda|Arabia Saudí|Islas Salomón|Seychelles|Sudán|Suecia|Singapur|Santa Elena|",
    "Eslovenia|Svalbard y Jan Mayen|Eslovaquia|Sierra Leona|San Marino|Senegal|Somalia|Surinam|",
    "Sudán del Sur|Santo Tomé y Príncipe|El Salvador|Sint Maarten|Siria|Esuatini|Islas Turcas y Caicos|",
    "Chad|Territorios Australes Franceses|Togo|Tailandia|Tayikistán|Tokelau|Timor-Leste|Turkmenistán|",
    "Túnez|Tonga|Turquía|Trinidad y Tobago|Tuvalu|Taiwán|Tanzania|Ucrania|Uganda|",
    "Islas menores alejadas de EE. UU.|Estados Unidos|Uruguay|Uzbekistán|Ciudad del Vaticano|",
    "San Vicente y las Granadinas|Venezuela|Islas Vírgenes Británicas|Islas Vírgenes de EE. UU.|Vietnam|",
    "Vanuatu|Wallis y Futuna|Samoa|Yemen|Mayotte|Sudáfrica|Zambia|Zimbabue",
);

const FR: &str = concat!(
    "Andorre|Émirats arabes unis|Afghanistan|Antigua-et-Barbuda|Anguilla|Albanie|Arménie|Angola|",
    "Antarctique|Argentine|Samoa américaines|Autriche|Australie|Aruba|Îles Åland|Azerbaïdjan|",
    "Bosnie-Herzégovine|Barbade|Bangladesh|Belgique|Burkina Faso|Bulgarie|Bahreïn|Burundi|Bénin|",
    "Saint-Barthélemy|Bermudes|Brunei|Bolivie|Pays-Bas caribéens|Brésil|Bahamas|Bhoutan|Île Bouvet|",
    "Botswana|Biélorussie|Belize|Canada|Îles Cocos|Congo-Kinshasa|République centrafricaine|",
    "Congo-Brazzaville|Suisse|Côte d’Ivoire|Îles Cook|Chili|Cameroun|Chine|Colombie|Costa Rica|Cuba|",
    "Cap-Vert|Curaçao|Île Christmas|Chypre|Tchéquie|Allemagne|Djibouti|Danemark|Dominique|",
    "République dominicaine|Algérie|Équateur|Estonie|Égypte|Sahara occidental|Érythrée|Espagne|Éthiopie|",
    "Finlande|Fidji|Îles Malouines|Micronésie|Îles Féroé|France|Gabon|Royaume-Uni|Grenade|Géorgie|",
    "Guyane française|Guernesey|Ghana|Gibraltar|Groenland|Gambie|Guinée|Guadeloupe|Guinée équatoriale|",
    "Grèce|Géorgie du Sud-et-les Îles Sandwich du Sud|Guatemala|Guam|Guinée-Bissau|Guyana|Hong Kong|",
    "Îles Heard-et-MacDonald|Honduras|Croatie|Haïti|Hongrie|Indonésie|Irlande|Israël|Île de Man|Inde|",
    "Territoire britannique de l’océan Indien|Irak|Iran|Islande|Italie|Jersey|Jamaïque|Jordanie|Japon|",
    "Kenya|Kirghizstan|Cambodge|Kiribati|Comores|Saint-Christophe-et-Niévès|Corée du Nord|Corée du Sud|",
    "Koweït|Îles Caïmans|Kazakhstan|Laos|Liban|Sainte-Lucie|Liechtenstein|Sri Lanka|Liberia|Lesotho|",
    "Lituanie|Luxembourg|Lettonie|Libye|Maroc|Monaco|Moldavie|Monténégro|Saint-Martin|Madagascar|",
    "Îles Marshall|Macédoine du Nord|Mali|Myanmar (Birmanie)|Mongolie|Macao|Îles Mariannes du Nord|",
    "Martinique|Mauritanie|Montserrat|Malte|Maurice|Maldives|Malawi|Mexique|Malaisie|Mozambique|Namibie|",
    "Nouvelle-Calédonie|Niger|Île Norfolk|Nigeria|Nicaragua|Pays-Bas|Norvège|Népal|Nauru|Niue|",
    "Nouvelle-Zélande|Oman|Panama|Pérou|Polynésie française|Papouasie-Nouvelle-Guinée|Philippines|",
    "Pakistan|Pologne|Saint-Pierre-et-Miquelon|Îles Pitcairn|Porto Rico|Palestine|Portugal|Palaos|",
    "Paraguay|Qatar|La Réunion|Roumanie|Serbie|Russie|Rwanda|Arabie saoudite|Îles Salomon|Seychelles|",
    "Soudan|Suède|Singapour|Sainte-Hélène|Slovénie|Svalbard et Jan Mayen|Slovaquie|Sierra Leone|",
    "Saint-Marin|Sénégal|Somalie|Suriname|Soudan du Sud|Sao Tomé-et-Principe|Salvador|",
    "Saint-Martin (partie néerlandaise)|Syrie|Eswatini|Îles Turques-et-Caïques|Tchad|",
    "Terres australes françaises|Togo|Thaïlande|Tadjikistan|Tokelau|Timor oriental|Turkménistan|Tunisie|",
    "Tonga|Turquie|Trinité-et-Tobago|Tuvalu|Taïwan|Tanzanie|Ukraine|Ouganda|",
    "Îles mineures éloignées des États-Unis|États-Unis|Uruguay|Ouzbékistan|État de la Cité du Vatican|",
    "Saint-Vincent-et-les Grenadines|Venezuela|Îles Vierges britanniques|Îles Vierges des États-Unis|",
    "Viêt Nam|Vanuatu|Wallis-et-Futuna|Samoa|Yémen|Mayotte|Afrique du Sud|Zambie|Zimbabwe",
);

const PT: &str = concat!(
    "Andorra|Emirados Árabes Unidos|Afeganistão|Antígua e Barbuda|Anguila|Albânia|Arménia|Angola|",
    "Antártida|Argentina|Samoa Americana|Áustria|Austrália|Aruba|Alanda|Azerbaijão|Bósnia e Herzegovina|",
    "Barbados|Bangladeche|Bélgica|Burquina Faso|Bulgária|Barém|Burundi|Benim|São Bartolomeu|Bermudas|",
    "Brunei|Bolívia|Países Baixos Caribenhos|Brasil|Baamas|Butão|Ilha Bouvet|Botsuana|Bielorrússia|",
    "Belize|Canadá|Ilhas dos Cocos (Keeling)|Congo-Kinshasa|República Centro-Africana|Congo-Brazzaville|",
    "Suíça|Côte d’Ivoire (Costa do Marfim)|Ilhas Cook|Chile|Camarões|China|Colômbia|Costa Rica|Cuba|",
    "Cabo Verde|Curaçau|Ilha do Natal|Chipre|Chéquia|Alemanha|Jibuti|Dinamarca|Domínica|",
    "República Dominicana|Argélia|Equador|Estónia|Egito|Sara Ocidental|Eritreia|Espanha|Etiópia|",
    "Finlândia|Fiji|Ilhas Falkland|Micronésia|Ilhas Faroé|França|Gabão|Reino Unido|Granada|Geórgia|",
    "Guiana Francesa|Guernesey|Gana|Gibraltar|Gronelândia|Gâmbia|Guiné|Guadalupe|Guiné Equatorial|Grécia|",
    "Ilhas Geórgia do Sul e Sandwich do Sul|Guatemala|Guame|Guiné-Bissau|Guiana|Hong Kong|",
    "Ilhas Heard e McDonald|Honduras|Croácia|Haiti|Hungria|Indonésia|Irlanda|Israel|Ilha de Man|Índia|",
    "Território Britânico do Oceano Índico|Iraque|Irão|Islândia|Itália|Jersey|Jamaica|Jordânia|Japão|",
    "Quénia|Quirguistão|Camboja|Quiribáti|Comores|São Cristóvão e Neves|Coreia do Norte|Coreia do Sul|",
    "Koweit|Ilhas Caimão|Cazaquistão|Laos|Líbano|Santa Lúcia|Listenstaine|Sri Lanca|Libéria|Lesoto|",
    "Lituânia|Luxemburgo|Letónia|Líbia|Marrocos|Mónaco|Moldávia|Montenegro|São Martinho (Saint-Martin)|",
    "Madagáscar|Ilhas Marshall|Macedónia do Norte|Mali|Mianmar (Birmânia)|Mongólia|Macau|",
    "Ilhas Marianas do Norte|Martinica|Mauritânia|Monserrate|Malta|Maurícia|Maldivas|Maláui|México|",
    "Malásia|Moçambique|Namíbia|Nova Caledónia|Níger|Ilha Norfolk|Nigéria|Nicarágua|Países Baixos|",
    "Noruega|Nepal|Nauru|Niuê|Nova Zelândia|Omã|Panamá|Peru|Polinésia Francesa|Papua-Nova Guiné|",
    "Filipinas|Paquistão|Polónia|São Pedro e Miquelão|Ilhas Pitcairn|Porto Rico|Palestina|Portugal|Palau|",
    "Paraguai|Catar|Reunião|Roménia|Sérvia|Rússia|Ruanda|Arábia Saudita|Ilhas Salomão|Seicheles|Sudão|",
    "Suécia|Singapura|Santa Helena|Eslovénia|Svalbard e Jan Mayen|Eslováquia|Serra Leoa|São Marinho|",
    "Senegal|Somália|Suriname|Sudão do Sul|São Tomé e Príncipe|Salvador|São Martinho (Sint Maarten)|",
    "Síria|Essuatíni|Ilhas Turcas e Caicos|Chade|Territórios Austrais Franceses|Togo|Tailândia|",
    "Tajiquistão|Toquelau|Timor-Leste|Turquemenistão|Tunísia|Tonga|Turquia|Trindade e Tobago|Tuvalu|",
    "Taiwan|Tanzânia|Ucrânia|Uganda|Ilhas Menores Afastadas dos EUA|Estados Unidos|Uruguai|Usbequistão|",
    "Cidade do Vaticano|São Vicente e Granadinas|Venezuela|Ilhas Virgens Britânicas|",
    "Ilhas Virgens dos EUA|Vietname|Vanuatu|Wallis e Futuna|Samoa|Iémen|Maiote|África do Sul|Zâmbia|",
    "Zimbabué",
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_country_has_a_name_in_each_language() {
        for language in Language::TAGS.map(Language::of) {
            let mut names: Vec<&str> =
                waybill_contracts::countries().filter_map(|code| country_name(code, language)).collect();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), 249, "{language:?}");
            assert!(
                names.iter().all(|name| name.chars().next().is_some_and(char::is_uppercase)),
                "{names:?}"
            );
        }
        assert_eq!([DE, EN, ES, FR, PT].map(|names| names.split('|').count()), [249; 5]);
    }

    #[test]
    fn a_country_is_named_as_its_language_says() {
        for (code, names) in [
            ("AD", ["Andorra", "Andorra", "Andorra", "Andorre", "Andorra"]),
            ("CZ", ["Czechia", "Tschechien", "Chequia", "Tchéquie", "Chéquia"]),
            ("US", ["United States", "Vereinigte Staaten", "Estados Unidos", "États-Unis", "Estados Unidos"]),
            ("ZW", ["Zimbabwe", "Simbabwe", "Zimbabue", "Zimbabwe", "Zimbabué"]),
        ] {
            assert_eq!(
                Language::TAGS.map(|tag| country_name(code, Language::of(tag)).unwrap_or_default()),
                [names[0], names[1], names[2], names[3], names[4]],
            );
        }
        assert_eq!(country_name("XX", Language::En), None);
    }
}

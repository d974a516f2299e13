//! Why no tax is charged, in words: what the laws ask for on an invoice (VAT Directive, art. 226 (11) and (11a)).

mod vatex;

use waybill_billing::TaxSum;
use waybill_contracts::TaxCategory;

use crate::{Document, Language};

impl Document {
    /// The reason of a sum without tax; `None` where there is tax, or zero rate, which needs no reason.
    ///
    /// The words of the order or of the seller stay as they are. Where the law asks for words of its own, they come first.
    pub fn exemption(&self, sum: &TaxSum, language: Language) -> Option<String> {
        if sum.is_unstated {
            return Some(
                if self.is_of_vat() { language.unstated() } else { language.unstated_tax() }.to_owned(),
            );
        }
        let code = sum.exemption_reason_code.as_deref().unwrap_or_default();
        let (words, is_required) = match sum.category {
            TaxCategory::S | TaxCategory::Z => return None,
            TaxCategory::AE => (language.reverse_charge().to_owned(), true),
            TaxCategory::K => (language.within_the_union().to_owned(), true),
            TaxCategory::G => (language.export().to_owned(), false),
            TaxCategory::O if self.is_of_vat() => (language.outside_of_scope().to_owned(), false),
            TaxCategory::O => (language.untaxed().to_owned(), false),
            TaxCategory::E => self.words_of_exemption(code, language),
        };
        // French sellers abbreviate the article in many ways.
        let is_franchise = self.edition >= 5 && code == vatex::FRANCHISE_CODE;
        let says = |reason: &str| reason.contains(&words) || (is_franchise && reason.contains("293 B"));
        Some(match &sum.exemption_reason {
            Some(reason) if self.edition == 0 || !is_required || says(reason) => reason.clone(),
            Some(reason) => format!("{words} ({reason})"),
            None => words,
        })
    }

    /// The words of an exemption by its code, and whether the law asks for them.
    fn words_of_exemption(&self, code: &str, language: Language) -> (String, bool) {
        if let Some(words) = self.words_of_code(code, language) {
            return (words.to_owned(), true);
        }
        let exempt = if self.is_of_vat() { language.exempt() } else { language.exempt_from_tax() };
        let article = vatex::article(code, language).filter(|_| self.edition >= 5);
        (format!("{exempt} ({})", article.as_deref().unwrap_or(code)), false)
    }

    /// The words that the law asks for by the code of an exemption.
    fn words_of_code(&self, code: &str, language: Language) -> Option<&'static str> {
        match code {
            vatex::FRANCHISE_CODE if self.edition >= 5 => Some(vatex::FRANCHISE),
            code => language.margin_scheme(code).filter(|_| self.edition >= 1),
        }
    }

    /// What a tax without a name of its own is called.
    pub fn tax_word(&self, language: Language) -> &'static str {
        if self.speaks_of_vat() { language.words().tax } else { language.tax() }
    }

    /// What the sum without tax is called.
    pub fn net_word(&self, language: Language) -> &'static str {
        if language == Language::Pt && !self.speaks_of_vat() {
            "Total sem imposto"
        } else {
            language.words().net
        }
    }

    fn speaks_of_vat(&self) -> bool {
        self.is_of_vat() && self.bill.components().next().is_none()
    }
}

impl Language {
    fn reverse_charge(self) -> &'static str {
        match self {
            Self::En => "Reverse charge",
            Self::De => "Steuerschuldnerschaft des Leistungsempfängers",
            Self::Es => "Inversión del sujeto pasivo",
            Self::Fr => "Autoliquidation",
            Self::Pt => "IVA – autoliquidação",
        }
    }

    fn within_the_union(self) -> &'static str {
        match self {
            Self::En => "Intra-Community supply, exempt from VAT",
            Self::De => "Steuerfreie innergemeinschaftliche Lieferung",
            Self::Es => "Entrega intracomunitaria exenta de IVA",
            Self::Fr => "Livraison intracommunautaire exonérée de TVA",
            Self::Pt => "Transmissão intracomunitária isenta de IVA",
        }
    }

    fn export(self) -> &'static str {
        match self {
            Self::En => "Export, exempt from VAT",
            Self::De => "Steuerfreie Ausfuhrlieferung",
            Self::Es => "Exportación exenta de IVA",
            Self::Fr => "Exportation exonérée de TVA",
            Self::Pt => "Exportação isenta de IVA",
        }
    }

    fn outside_of_scope(self) -> &'static str {
        match self {
            Self::En => "Not subject to VAT",
            Self::De => "Nicht steuerbar",
            Self::Es => "No sujeto a IVA",
            Self::Fr => "Hors du champ d’application de la TVA",
            Self::Pt => "Não sujeito a IVA",
        }
    }

    fn exempt(self) -> &'static str {
        match self {
            Self::En => "Exempt from VAT",
            Self::De => "Steuerfrei",
            Self::Es => "Exento de IVA",
            Self::Fr => "Exonéré de TVA",
            Self::Pt => "Isento de IVA",
        }
    }

    fn unstated(self) -> &'static str {
        match self {
            Self::En => "No VAT is stated: the order names an amount only.",
            Self::De => "Keine Umsatzsteuer ausgewiesen: Die Bestellung nennt nur einen Betrag.",
            Self::Es => "No se indica el IVA: el pedido solo nombra un importe.",
            Self::Fr => "TVA non indiquée : la commande ne mentionne qu’un montant.",
            Self::Pt => "IVA não indicado: a encomenda refere apenas um valor.",
        }
    }

    /// The tax of a country without VAT.
    fn tax(self) -> &'static str {
        match self {
            Self::En => "Tax",
            Self::De => "Steuer",
            Self::Es => "Impuesto",
            Self::Fr => "Taxe",
            Self::Pt => "Imposto",
        }
    }

    fn untaxed(self) -> &'static str {
        match self {
            Self::En => "Not subject to tax",
            Self::De => "Nicht steuerbar",
            Self::Es => "No sujeto a impuestos",
            Self::Fr => "Non soumis à la taxe",
            Self::Pt => "Não sujeito a imposto",
        }
    }

    fn exempt_from_tax(self) -> &'static str {
        match self {
            Self::En => "Exempt from tax",
            Self::De => "Steuerfrei",
            Self::Es => "Exento de impuestos",
            Self::Fr => "Exonéré de taxe",
            Self::Pt => "Isento de imposto",
        }
    }

    fn unstated_tax(self) -> &'static str {
        match self {
            Self::En => "No tax is stated: the order names an amount only.",
            Self::De => "Keine Steuer ausgewiesen: Die Bestellung nennt nur einen Betrag.",
            Self::Es => "No se indica el impuesto: el pedido solo nombra un importe.",
            Self::Fr => "Taxe non indiquée : la commande ne mentionne qu’un montant.",
            Self::Pt => "Imposto não indicado: a encomenda refere apenas um valor.",
        }
    }

    /// The words of the special schemes by which only the margin is taxed (VAT Directive, art. 226 (13) and (14), in its five languages),
    /// by the code of the scheme.
    fn margin_scheme(self, code: &str) -> Option<&'static str> {
        let [travel, used, art, antiques] = match self {
            Self::En => [
                "Margin scheme – Travel agents",
                "Margin scheme – Second-hand goods",
                "Margin scheme – Works of art",
                "Margin scheme – Collector’s items and antiques",
            ],
            Self::De => [
                "Sonderregelung für Reisebüros",
                "Gebrauchtgegenstände/Sonderregelung",
                "Kunstgegenstände/Sonderregelung",
                "Sammlungsstücke und Antiquitäten/Sonderregelung",
            ],
            Self::Es => [
                "Régimen especial de las agencias de viajes",
                "Régimen especial de los bienes usados",
                "Régimen especial de los objetos de arte",
                "Régimen especial de las antigüedades y objetos de colección",
            ],
            Self::Fr => [
                "Régime particulier – Agences de voyages",
                "Régime particulier – Biens d’occasion",
                "Régime particulier – Objets d’art",
                "Régime particulier – Objets de collection et d’antiquité",
            ],
            Self::Pt => [
                "Regime da margem de lucro – Agências de viagens",
                "Regime da margem de lucro – Bens em segunda mão",
                "Regime da margem de lucro – Objetos de arte",
                "Regime da margem de lucro – Objetos de coleção e antiguidades",
            ],
        };
        match code {
            "VATEX-EU-D" => Some(travel),
            "VATEX-EU-F" => Some(used),
            "VATEX-EU-I" => Some(art),
            "VATEX-EU-J" => Some(antiques),
            _ => None,
        }
    }
}

//! Why no tax is charged, in words: what the laws ask for on an invoice (VAT Directive, art. 226 (11) and (11a)).

use waybill_billing::TaxSum;
use waybill_contracts::TaxCategory;

use crate::Language;

impl Language {
    /// The reason of a sum without tax; `None` where there is tax, or zero rate, which needs no reason.
    ///
    /// The words of the order or of the seller stay as they are.
    pub fn exemption(self, sum: &TaxSum) -> Option<String> {
        if sum.is_unstated {
            return Some(self.unstated().to_owned());
        }
        if let Some(reason) = &sum.exemption_reason {
            return Some(reason.clone());
        }
        let words = match sum.category {
            TaxCategory::S | TaxCategory::Z => return None,
            TaxCategory::AE => self.reverse_charge(),
            TaxCategory::K => self.within_the_union(),
            TaxCategory::G => self.export(),
            TaxCategory::O => self.outside_of_scope(),
            TaxCategory::E => {
                let code = sum.exemption_reason_code.as_deref().unwrap_or_default();
                return Some(format!("{} ({code})", self.exempt()));
            }
        };
        Some(words.to_owned())
    }

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
}

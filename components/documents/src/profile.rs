//! The sets of rules that a document is written by.

use std::fmt;

/// A set of rules on top of EN 16931, which the document names as its specification identifier (BT-24).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// The standard alone.
    En16931,
    /// XRechnung 3.0: Germany's public administration, and what German businesses agree on.
    XRechnung,
    /// Peppol BIS Billing 3.0: what is sent through Peppol's network.
    Peppol,
}

impl Profile {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::En16931, Self::XRechnung, Self::Peppol];

    /// The profile of a name (`en16931`, `xrechnung`, `peppol`) or of a specification identifier.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|profile| name.eq_ignore_ascii_case(profile.name()) || name == profile.identifier())
    }

    /// The name by which a client asks for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::En16931 => "en16931",
            Self::XRechnung => "xrechnung",
            Self::Peppol => "peppol",
        }
    }

    /// The specification identifier (BT-24).
    pub fn identifier(self) -> &'static str {
        match self {
            Self::En16931 => "urn:cen.eu:en16931:2017",
            Self::XRechnung => "urn:cen.eu:en16931:2017#compliant#urn:xeinkauf.de:kosit:xrechnung_3.0",
            Self::Peppol => "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0",
        }
    }

    /// The business process (BT-23), which EN 16931 alone does not ask for.
    pub fn process(self) -> Option<&'static str> {
        match self {
            Self::En16931 => None,
            Self::XRechnung | Self::Peppol => Some("urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"),
        }
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::En16931 => "EN 16931",
            Self::XRechnung => "XRechnung",
            Self::Peppol => "Peppol BIS Billing",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_is_found_by_its_name_and_by_its_identifier() {
        for profile in Profile::ALL {
            assert_eq!(Profile::named(profile.name()), Some(profile));
            assert_eq!(Profile::named(profile.identifier()), Some(profile));
        }
        assert_eq!(Profile::ALL.map(Profile::name), waybill_contracts::INVOICE_PROFILES);
        assert_eq!(Profile::named("XRechnung"), Some(Profile::XRechnung));
        assert_eq!(Profile::named("zugferd"), None);
    }
}

//! What page and PDF say of an order's references and of its delivery.

use waybill_contracts::{Delivery, InvoiceDetails};

use crate::address::{Address, country_name};
use crate::parties::filled;
use crate::terms::{delivery_date, period, sales_order};
use crate::{Document, Language};

/// Labels and values, in the order in which they stand below the date.
pub fn references(document: &Document, language: Language) -> Vec<(&'static str, String)> {
    let InvoiceDetails { purchase_order, project, contract, delivery, .. } = &document.details;
    let buyer_reference = document.buyer_reference().map(str::to_owned);
    let labels = language.reference_labels();
    let mut references = vec![(language.words().order, sales_order(document).to_owned())];
    let known = [
        (labels.purchase_order, purchase_order),
        (labels.buyer_reference, &buyer_reference),
        (labels.project, project),
        (labels.contract, contract),
    ];
    references.extend(known.into_iter().filter_map(|(label, value)| Some((label, value.clone()?))));
    references.extend(supplied(document, labels, language));
    references.extend(delivery.as_ref().and_then(|delivery| delivered_to(delivery, language)));
    references
}

/// The day or the period of the delivery.
fn supplied(
    document: &Document,
    labels: &ReferenceLabels,
    language: Language,
) -> Option<(&'static str, String)> {
    if let Some(date) = delivery_date(document) {
        return Some((labels.delivery_date, language.date(date)));
    }
    let (start, end) = period(document)?;
    let days = [start, end].map(|day| day.map(|day| language.date(day)).unwrap_or_default());
    Some((labels.delivery_period, days.join(" – ")))
}

/// Where it was delivered to, in one line.
fn delivered_to(delivery: &Delivery, language: Language) -> Option<(&'static str, String)> {
    let Delivery { name, address, address_line2, city, zip_code, subdivision, country, .. } = delivery;
    let id = filled(delivery.location_id.as_ref()).map(|id| match delivery.location_id_scheme.as_deref() {
        Some("0088") => format!("GLN {id}"),
        _ => id.to_owned(),
    });
    let [name, street, more, town, postal_code, subdivision, country] =
        [name, address, address_line2, city, zip_code, subdivision, country]
            .map(|text| filled(text.as_ref()));
    let place = Address { street, more, town, subdivision, postal_code, country };
    let country = country.map(|code| country_name(code, language).unwrap_or(code).to_owned());
    let lines: Vec<String> =
        name.map(str::to_owned).into_iter().chain(place.lines(false)).chain(country).chain(id).collect();
    (!lines.is_empty()).then(|| (language.reference_labels().delivered_to, lines.join(", ")))
}

struct ReferenceLabels {
    purchase_order: &'static str,
    buyer_reference: &'static str,
    project: &'static str,
    contract: &'static str,
    delivery_date: &'static str,
    delivery_period: &'static str,
    delivered_to: &'static str,
}

impl Language {
    fn reference_labels(self) -> &'static ReferenceLabels {
        match self {
            Self::En => &ReferenceLabels {
                purchase_order: "Purchase order",
                buyer_reference: "Your reference",
                project: "Project",
                contract: "Contract",
                delivery_date: "Date of supply",
                delivery_period: "Period of supply",
                delivered_to: "Delivered to",
            },
            Self::De => &ReferenceLabels {
                purchase_order: "Ihre Bestellung",
                buyer_reference: "Ihre Referenz",
                project: "Projekt",
                contract: "Vertrag",
                delivery_date: "Leistungsdatum",
                delivery_period: "Leistungszeitraum",
                delivered_to: "Lieferung an",
            },
            Self::Es => &ReferenceLabels {
                purchase_order: "Su pedido",
                buyer_reference: "Su referencia",
                project: "Proyecto",
                contract: "Contrato",
                delivery_date: "Fecha de la operación",
                delivery_period: "Período de la operación",
                delivered_to: "Entrega en",
            },
            Self::Fr => &ReferenceLabels {
                purchase_order: "Votre commande",
                buyer_reference: "Votre référence",
                project: "Projet",
                contract: "Contrat",
                delivery_date: "Date de livraison",
                delivery_period: "Période de prestation",
                delivered_to: "Livraison à",
            },
            Self::Pt => &ReferenceLabels {
                purchase_order: "A sua encomenda",
                buyer_reference: "A sua referência",
                project: "Projeto",
                contract: "Contrato",
                delivery_date: "Data da operação",
                delivery_period: "Período da operação",
                delivered_to: "Entrega em",
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example::invoice;

    #[test]
    fn what_is_known_is_named_in_the_reader_s_language() {
        let mut document = invoice();
        assert_eq!(references(&document, Language::De), [("Bestellung", document.order_id.clone())]);
        document.details = InvoiceDetails {
            sales_order: Some("SO-1".into()),
            purchase_order: Some("PO-1".into()),
            buyer_reference: Some("04011000-12345-34".into()),
            delivery: Some(Delivery { date: Some("2026-11-27".into()), ..Delivery::default() }),
            ..InvoiceDetails::default()
        };
        let expected = [
            ("Bestellung", "SO-1"),
            ("Ihre Bestellung", "PO-1"),
            ("Ihre Referenz", "04011000-12345-34"),
            ("Leistungsdatum", "27.\u{a0}November 2026"),
        ];
        assert_eq!(references(&document, Language::De), expected.map(|(label, value)| (label, value.into())));
        let place = |delivery: Delivery| {
            let mut document = invoice();
            document.details.delivery = Some(delivery);
            references(&document, Language::En).pop().unwrap()
        };
        let delivered = place(Delivery {
            address: Some("350 Fifth Avenue".into()),
            address_line2: Some("Floor 8".into()),
            city: Some("New York".into()),
            zip_code: Some("10118".into()),
            subdivision: Some("NY".into()),
            country: Some("US".into()),
            ..Delivery::default()
        });
        let address = "350 Fifth Avenue, Floor 8, New York, NY 10118, United States";
        assert_eq!(delivered, ("Delivered to", address.to_owned()));
        for (scheme, id, shown) in [
            (Some("0088"), "4012345678901", "Bremen, GLN 4012345678901"),
            (Some("0060"), "15-048-3782", "Bremen, 15-048-3782"),
            (None, "Gate 7", "Bremen, Gate 7"),
        ] {
            let location_id_scheme = scheme.map(str::to_owned);
            let (location_id, city) = (Some(id.into()), Some("Bremen".into()));
            let delivered = place(Delivery { location_id, location_id_scheme, city, ..Delivery::default() });
            assert_eq!(delivered, ("Delivered to", shown.to_owned()));
        }
        document.details.delivery = Some(Delivery {
            start_date: Some("2026-11-01".into()),
            end_date: Some("2026-11-30".into()),
            ..Delivery::default()
        });
        let (label, period) = references(&document, Language::De).pop().unwrap();
        assert_eq!(
            (label, period.as_str()),
            ("Leistungszeitraum", "1.\u{a0}November 2026 – 30.\u{a0}November 2026")
        );
    }
}

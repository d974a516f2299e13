//! What page and PDF say of the payment of an invoice.

use crate::parties::filled;
use crate::payment_means::{By, PayeeAccount, PaymentMeans};
use crate::{Date, Document, Language, rows};

/// How an invoice is to be paid, a line each: the terms, then what is to be done by a day, and what it is paid to.
pub fn lines(document: &Document, due_on: Date, language: Language) -> Vec<String> {
    let words = language.words();
    let mut lines = rows::payment_terms(document, language);
    if document.due() <= 0 {
        lines.push(words.nothing_due.to_owned());
        return lines;
    }
    let amount = document.money(document.due(), language);
    let day = language.date(due_on);
    let means = PaymentMeans::all(document);
    lines.push(match &means[..] {
        [PaymentMeans { by: By::Card(card), .. }] => {
            let holder = filled(card.holder.as_ref()).filter(|_| document.edition >= 5);
            let holder = holder.map(|holder| format!(" ({holder})")).unwrap_or_default();
            language.charged(&amount, &format!("{}{holder}", card.last_digits))
        }
        [PaymentMeans { by: By::DirectDebit(debit), .. }] => {
            let end = debit.iban.len().saturating_sub(4);
            let account = debit.iban.get(end..).unwrap_or(&debit.iban);
            language.collected(&amount, &day, account, &debit.mandate_reference, &debit.creditor_id)
        }
        _ => language.please_pay(&amount, &day),
    });
    lines.extend(means.first().and_then(|means| means.text).map(str::to_owned));
    for means in &means {
        if let By::Account(account) = means.by {
            let PayeeAccount { id, is_iban, name, bic, routing_number, bank_name } = account;
            let number = if is_iban {
                format!("IBAN {}", in_fours(id))
            } else {
                format!("{} {id}", language.account_number())
            };
            let routing_word = language.routing_number(&document.seller.country);
            let parts = [
                Some(number),
                routing_number.map(|number| format!("{routing_word} {number}")),
                bic.map(|bic| format!("BIC {bic}")),
                bank_name.map(str::to_owned),
                name.map(str::to_owned),
                Some(format!("{} {}", words.reference, document.number)),
            ];
            lines.push(parts.into_iter().flatten().collect::<Vec<_>>().join(" · "));
        }
    }
    lines
}

/// An account number in groups of four, as people read it.
fn in_fours(iban: &str) -> String {
    let characters: Vec<char> = iban.chars().filter(|character| !character.is_whitespace()).collect();
    let groups: Vec<String> = characters.chunks(4).map(|group| group.iter().collect()).collect();
    groups.join("\u{a0}")
}

impl Language {
    /// The label of an account's number that is no IBAN.
    fn account_number(self) -> &'static str {
        match self {
            Self::En => "Account number",
            Self::De => "Kontonummer",
            Self::Es => "Número de cuenta",
            Self::Fr => "Numéro de compte",
            Self::Pt => "Número da conta",
        }
    }

    /// The label of a bank's number in a country, which some countries call by a name of their own.
    fn routing_number(self, country: &str) -> &'static str {
        match (country, self) {
            ("AU", _) => "BSB",
            ("US", _) => "Routing number",
            ("GB", _) => "Sort code",
            (_, Self::En) => "Bank code",
            (_, Self::De) => "Bankleitzahl",
            (_, Self::Es) => "Código bancario",
            (_, Self::Fr) => "Code bancaire",
            (_, Self::Pt) => "Código bancário",
        }
    }

    /// The statement that a card is charged, by the end of its number.
    fn charged(self, amount: &str, end: &str) -> String {
        match self {
            Self::En => format!("The card ending in {end} is charged with {amount}."),
            Self::De => format!("Die Karte mit der Endung {end} wird mit {amount} belastet."),
            Self::Es => format!("Se carga el importe de {amount} a la tarjeta terminada en {end}."),
            Self::Fr => format!("Le montant de {amount} est débité de la carte se terminant par {end}."),
            Self::Pt => format!("O valor de {amount} é cobrado no cartão terminado em {end}."),
        }
    }

    /// The notice that an amount is collected on a day, from an account by the end of its IBAN.
    fn collected(self, amount: &str, day: &str, end: &str, mandate: &str, creditor: &str) -> String {
        match self {
            Self::En => format!(
                "We collect {amount} on {day} by direct debit from the account ending in {end} (mandate {mandate}, creditor \
                 identifier {creditor})."
            ),
            Self::De => format!(
                "Wir ziehen {amount} am {day} per Lastschrift vom Konto mit der Endung {end} ein (Mandatsreferenz {mandate}, \
                 Gläubiger-ID {creditor})."
            ),
            Self::Es => format!(
                "Cobraremos {amount} el {day} por adeudo directo en la cuenta terminada en {end} (mandato {mandate}, identificador \
                 del acreedor {creditor})."
            ),
            Self::Fr => format!(
                "Nous prélevons {amount} le {day} sur le compte se terminant par {end} (mandat {mandate}, identifiant du créancier \
                 {creditor})."
            ),
            Self::Pt => format!(
                "Cobramos {amount} em {day} por débito direto da conta terminada em {end} (mandato {mandate}, identificador do \
                 credor {creditor})."
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use waybill_contracts::{Account, Card, DirectDebit, Payment, Prepayment};

    use super::*;
    use crate::Kind;
    use crate::example::invoice;

    fn said(change: impl FnOnce(&mut Document)) -> Vec<String> {
        let mut document = invoice();
        document.details.payment_terms = None;
        change(&mut document);
        let Kind::Invoice { due_on } = document.kind else { panic!("it is an invoice") };
        lines(&document, due_on, Language::En).into_iter().map(|line| line.replace('\u{a0}', " ")).collect()
    }

    fn by(payment: Payment) -> Vec<String> {
        said(|document| document.details.payment = Some(payment))
    }

    #[test]
    fn each_means_says_what_is_done_by_whom() {
        let card = Card { last_digits: "4242".into(), holder: None };
        let charged = by(Payment { card: Some(card), ..Payment::default() });
        assert!(
            charged.len() == 1 && charged[0].starts_with("The card ending in 4242 is charged with "),
            "{charged:?}"
        );
        let debit = DirectDebit {
            mandate_reference: "M-1".into(),
            creditor_id: "DE98ZZZ09999999999".into(),
            iban: "DE02120300000000202051".into(),
        };
        let collected = by(Payment { direct_debit: Some(debit), ..Payment::default() });
        assert_eq!(collected.len(), 1);
        assert!(
            collected[0].contains("ending in 2051 (mandate M-1, creditor identifier DE98ZZZ09999999999)"),
            "{collected:?}"
        );
        let account = |iban: &str, name: Option<&str>| Account {
            iban: Some(iban.into()),
            name: name.map(str::to_owned),
            ..Account::default()
        };
        let accounts =
            vec![account("DE02120300000000202051", Some("Main")), account("CH9300762011623852957", None)];
        let paid = by(Payment { accounts, ..Payment::default() });
        assert!(paid[1].starts_with("IBAN DE02 1203 0000 0000 2020 51 · Main · Reference "), "{paid:?}");
        assert!(paid[2].starts_with("IBAN CH93 0076 2011 6238 5295 7 · Reference "), "{paid:?}");
        let cash = by(Payment {
            code: Some("10".into()),
            text: Some("Cash on delivery".into()),
            ..Payment::default()
        });
        assert_eq!(cash[1], "Cash on delivery");
    }

    #[test]
    fn an_account_without_iban_is_named_as_its_country_does() {
        let american = |document: &mut Document| {
            (document.seller.country, document.seller.iban, document.seller.bic) = ("US".into(), None, None);
            document.seller.account_number = Some("123456789".into());
            document.seller.routing_number = Some("021000021".into());
            document.seller.bank_name = Some("Bank of Examples".into());
        };
        let paid = &said(american)[1];
        let account = "Account number 123456789 · Routing number 021000021 · Bank of Examples · Reference ";
        assert!(paid.starts_with(account), "{paid}");
        let mut document = invoice();
        american(&mut document);
        document.seller.country = "JP".into();
        let paid = lines(&document, crate::example::day(31), Language::De).pop().unwrap();
        assert!(paid.starts_with("Kontonummer 123456789 · Bankleitzahl 021000021 · Bank of"), "{paid}");
    }

    #[test]
    fn what_was_paid_before_is_not_asked_for() {
        let prepaid = |amount| {
            said(|document| {
                document.details.prepayments = vec![Prepayment { amount, ..Prepayment::default() }];
            })
        };
        let total = invoice().bill.total;
        assert_eq!(prepaid(total), ["Everything has been paid; nothing is due."]);
        assert!(prepaid(total - 1)[0].starts_with("Please pay €0.01 by "));
    }
}

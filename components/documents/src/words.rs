//! The words of pages and PDFs in each language.

use crate::Language;

/// The words of one language: headings and labels. A sentence is a function of [`Language`], since the order of its parts differs
/// by language.
#[derive(Debug)]
pub struct Words {
    pub invoice: &'static str,
    pub credit_note: &'static str,
    pub number: &'static str,
    pub date: &'static str,
    pub due: &'static str,
    pub customer: &'static str,
    pub bill_to: &'static str,
    pub order: &'static str,
    pub credited_invoice: &'static str,
    pub description: &'static str,
    pub quantity: &'static str,
    pub unit_price: &'static str,
    pub amount: &'static str,
    pub net: &'static str,
    pub tax: &'static str,
    pub total: &'static str,
    pub credit_total: &'static str,
    pub amount_due: &'static str,
    /// What a credit note credits of its total, without what was paid before.
    pub credit_due: &'static str,
    pub nothing_due: &'static str,
    pub paid: &'static str,
    pub credited_by: &'static str,
    pub vat_id: &'static str,
    pub buyer_vat_id: &'static str,
    pub buyer_company_id: &'static str,
    pub tax_number: &'static str,
    pub company_id: &'static str,
    pub email: &'static str,
    pub phone: &'static str,
    pub reference: &'static str,
    pub specimen: &'static str,
}

impl Language {
    /// The headings and labels in this language.
    pub fn words(self) -> &'static Words {
        match self {
            Self::En => &EN,
            Self::De => &DE,
            Self::Es => &ES,
            Self::Fr => &FR,
            Self::Pt => &PT,
        }
    }

    /// `VAT 19% on €30.00`.
    pub fn tax_on(self, tax: &str, rate: &str, net: &str) -> String {
        match self {
            Self::En => format!("{tax} {rate} on {net}"),
            Self::De => format!("{tax} {rate} auf {net}"),
            Self::Es | Self::Pt => format!("{tax} {rate} sobre {net}"),
            Self::Fr => format!("{tax} {rate} sur {net}"),
        }
    }

    /// The request to pay an amount by a day.
    pub fn please_pay(self, amount: &str, day: &str) -> String {
        match self {
            Self::En => format!("Please pay {amount} by {day}."),
            Self::De => format!("Bitte zahlen Sie {amount} bis zum {day}."),
            Self::Es => format!("Le rogamos que pague {amount} a más tardar el {day}."),
            Self::Fr => format!("Merci de régler {amount} au plus tard le {day}."),
            Self::Pt => format!("Solicitamos o pagamento de {amount} até {day}."),
        }
    }

    /// The note on a document with letters that its font lacks. `[…]` stands for them.
    pub fn lacks_letters(self) -> &'static str {
        match self {
            Self::En => {
                "[…] stands for letters that cannot be shown here. Copied text has them, as have the web page and the XML."
            }
            Self::De => {
                "[…] steht für Zeichen, die hier nicht darstellbar sind. Kopierter Text enthält sie, ebenso Webseite und XML."
            }
            Self::Es => {
                "[…] sustituye letras que aquí no se pueden mostrar. Están en el texto copiado, en la página web y en el XML."
            }
            Self::Fr => {
                "[…] remplace des lettres qui ne peuvent être affichées ici. Le texte copié, la page web et le XML les contiennent."
            }
            Self::Pt => {
                "[…] substitui letras que não podem ser mostradas aqui. O texto copiado, a página web e o XML contêm-nas."
            }
        }
    }

    /// The statement that an invoice of a day is credited.
    pub fn takes_back(self, invoice: &str, day: &str) -> String {
        match self {
            Self::En => format!("This credit note takes back invoice {invoice} of {day} in full."),
            Self::De => {
                format!("Diese Stornorechnung hebt die Rechnung {invoice} vom {day} in voller Höhe auf.")
            }
            Self::Es => {
                format!("Esta factura rectificativa anula en su totalidad la factura {invoice} del {day}.")
            }
            Self::Fr => format!("Cet avoir annule en totalité la facture {invoice} du {day}."),
            Self::Pt => {
                format!("Esta nota de crédito anula na totalidade a fatura {invoice} de {day}.")
            }
        }
    }
}

static EN: Words = Words {
    invoice: "Invoice",
    credit_note: "Credit note",
    number: "Number",
    date: "Date",
    due: "Due",
    customer: "Customer",
    bill_to: "Bill to",
    order: "Order",
    credited_invoice: "Invoice",
    description: "Description",
    quantity: "Quantity",
    unit_price: "Unit price",
    amount: "Amount",
    net: "Net",
    tax: "VAT",
    total: "Total",
    credit_total: "Total credit",
    amount_due: "Amount due",
    credit_due: "Credit without prepayments",
    nothing_due: "Everything has been paid; nothing is due.",
    paid: "Paid",
    credited_by: "Credited by",
    vat_id: "VAT ID",
    buyer_vat_id: "Your VAT ID",
    buyer_company_id: "Your company ID",
    tax_number: "Tax number",
    company_id: "Company ID",
    email: "E-mail",
    phone: "Phone",
    reference: "Reference",
    specimen: "Specimen: no seller is set, this is not a valid document",
};

static DE: Words = Words {
    invoice: "Rechnung",
    credit_note: "Stornorechnung",
    number: "Nummer",
    date: "Datum",
    due: "Fällig",
    customer: "Kunde",
    bill_to: "Empfänger",
    order: "Bestellung",
    credited_invoice: "Rechnung",
    description: "Beschreibung",
    quantity: "Menge",
    unit_price: "Einzelpreis",
    amount: "Betrag",
    net: "Netto",
    tax: "USt.",
    total: "Gesamtbetrag",
    credit_total: "Stornobetrag",
    amount_due: "Zahlbetrag",
    credit_due: "Stornobetrag ohne Anzahlungen",
    nothing_due: "Alles ist bezahlt; es ist nichts mehr zu zahlen.",
    paid: "Bezahlt",
    credited_by: "Storniert durch",
    vat_id: "USt-IdNr.",
    buyer_vat_id: "Ihre USt-IdNr.",
    buyer_company_id: "Ihre Unternehmensnummer",
    tax_number: "Steuernummer",
    company_id: "Unternehmensnummer",
    email: "E-Mail",
    phone: "Telefon",
    reference: "Verwendungszweck",
    specimen: "Muster: kein Verkäufer ist eingerichtet, dieses Dokument ist nicht gültig",
};

static ES: Words = Words {
    invoice: "Factura",
    credit_note: "Factura rectificativa",
    number: "Número",
    date: "Fecha",
    due: "Vencimiento",
    customer: "Cliente",
    bill_to: "Destinatario",
    order: "Pedido",
    credited_invoice: "Factura",
    description: "Descripción",
    quantity: "Cantidad",
    unit_price: "Precio unitario",
    amount: "Importe",
    net: "Base imponible",
    tax: "IVA",
    total: "Total",
    credit_total: "Total abonado",
    amount_due: "Importe pendiente",
    credit_due: "Abono sin los anticipos",
    nothing_due: "Está todo pagado; no queda nada pendiente.",
    paid: "Pagada",
    credited_by: "Anulada por",
    vat_id: "NIF-IVA",
    buyer_vat_id: "Su NIF-IVA",
    buyer_company_id: "Su n.º de registro",
    tax_number: "N.º fiscal",
    company_id: "N.º de registro",
    email: "Correo electrónico",
    phone: "Teléfono",
    reference: "Referencia",
    specimen: "Muestra: no hay ningún vendedor configurado, este documento no es válido",
};

static FR: Words = Words {
    invoice: "Facture",
    credit_note: "Avoir",
    number: "Numéro",
    date: "Date",
    due: "Échéance",
    customer: "Client",
    bill_to: "Destinataire",
    order: "Commande",
    credited_invoice: "Facture",
    description: "Désignation",
    quantity: "Quantité",
    unit_price: "Prix unitaire",
    amount: "Montant",
    net: "Total HT",
    tax: "TVA",
    total: "Total TTC",
    credit_total: "Total de l’avoir TTC",
    amount_due: "Net à payer",
    credit_due: "Avoir hors acomptes",
    nothing_due: "Tout est réglé ; il ne reste rien à payer.",
    paid: "Payée",
    credited_by: "Annulée par l’avoir",
    vat_id: "N° TVA",
    buyer_vat_id: "Votre N° TVA",
    buyer_company_id: "Votre n° d’immatriculation",
    tax_number: "N° fiscal",
    company_id: "N° d’immatriculation",
    email: "E-mail",
    phone: "Téléphone",
    reference: "Référence",
    specimen: "Spécimen : aucun vendeur n’est configuré, ce document n’est pas valable",
};

static PT: Words = Words {
    invoice: "Fatura",
    credit_note: "Nota de crédito",
    number: "Número",
    date: "Data",
    due: "Vencimento",
    customer: "Cliente",
    bill_to: "Destinatário",
    order: "Encomenda",
    credited_invoice: "Fatura",
    description: "Descrição",
    quantity: "Quantidade",
    unit_price: "Preço unitário",
    amount: "Valor",
    net: "Total sem IVA",
    tax: "IVA",
    total: "Total",
    credit_total: "Total creditado",
    amount_due: "Valor a pagar",
    credit_due: "Crédito sem os adiantamentos",
    nothing_due: "Está tudo pago; nada há a pagar.",
    paid: "Paga",
    credited_by: "Creditada por",
    vat_id: "N.º de IVA",
    buyer_vat_id: "V/ N.º de IVA",
    buyer_company_id: "V/ N.º de registo",
    tax_number: "N.º fiscal",
    company_id: "N.º de registo",
    email: "E-mail",
    phone: "Telefone",
    reference: "Referência",
    specimen: "Exemplo: nenhum vendedor está configurado, este documento não é válido",
};

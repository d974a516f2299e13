-- What an invoice needs to say of its seller besides (EN 16931, BG-4), and rules that hold for a row that is set by SQL, too.
--
-- The version before this one names its columns and writes a VAT identifier, so all of it holds for what it writes. It cannot read an
-- invoice of a seller without VAT identifier: such a seller is set when no process of that version runs any more.

-- ISO 3166-1, the codes that are assigned.
CREATE FUNCTION is_country(code text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN code = ANY (regexp_split_to_array(
    trim('
        AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ
        CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO
        FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE
        JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO
        MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW
        PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM
        TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
    '),
    '\s+'
));

-- ISO 13616: the first four characters at the end, letters as 10 to 35, the rest of a division by 97 is 1.
CREATE FUNCTION has_iban_check_digits(iban text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (
    SELECT mod(
        string_agg(
            CASE WHEN part.char ~ '[0-9]' THEN part.char ELSE (ascii(part.char) - 55)::text END, '' ORDER BY part.place
        )::numeric,
        97
    ) = 1
    FROM regexp_split_to_table(substr(iban, 5) || left(iban, 4), '') WITH ORDINALITY AS part (char, place)
);

-- Rules that the row may break which an operator has set by SQL are not checked for it as it is, but when it is changed.
ALTER TABLE seller
    ALTER COLUMN vat_id DROP NOT NULL,
    -- Up to `CHE123456789MWST`. GR is no prefix, EL is Greece's and XI Northern Ireland's.
    DROP CONSTRAINT seller_vat_id_prefixed,
    ADD CONSTRAINT seller_vat_id_prefixed CHECK (
        vat_id ~ '^[A-Z]{2}[0-9A-Z+*]{2,14}$'
        AND (left(vat_id, 2) IN ('EL', 'XI') OR (left(vat_id, 2) <> 'GR' AND is_country(left(vat_id, 2))))
    ) NOT VALID,
    DROP CONSTRAINT seller_country_code,
    ADD CONSTRAINT seller_country_code CHECK (is_country(country)) NOT VALID,
    -- The regular expression comes first: only text of that shape has check digits.
    DROP CONSTRAINT seller_iban_shape,
    ADD CONSTRAINT seller_iban_shape CHECK (
        CASE WHEN iban ~ '^[A-Z]{2}[0-9]{2}[0-9A-Z]{10,30}$' THEN has_iban_check_digits(iban) ELSE iban IS NULL END
    ) NOT VALID,
    -- BT-32, for a seller without VAT identifier.
    ADD COLUMN tax_number                   text CONSTRAINT seller_tax_number_not_blank CHECK (tax_number ~ '\S'),
    -- BT-30, and the register that it is of: an ISO 6523 code (ICD).
    ADD COLUMN company_id                   text CONSTRAINT seller_company_id_not_blank CHECK (company_id ~ '\S'),
    ADD COLUMN company_id_scheme            text CONSTRAINT seller_company_id_scheme_code CHECK (company_id_scheme ~ '^0[0-2][0-9]{2}$'),
    -- BT-36 and BT-39.
    ADD COLUMN address_line2                text CONSTRAINT seller_address_line2_not_blank CHECK (address_line2 ~ '\S'),
    ADD COLUMN subdivision                  text CONSTRAINT seller_subdivision_not_blank CHECK (subdivision ~ '\S'),
    -- BT-34: a code of the EAS list, and the identifier. Without it, documents have the VAT identifier for it.
    ADD COLUMN electronic_address_scheme    text CONSTRAINT seller_electronic_address_scheme CHECK (
        electronic_address_scheme ~ '^([0-9]{4}|[A-Z]{2})$'
    ),
    ADD COLUMN electronic_address_id        text CONSTRAINT seller_electronic_address_id_not_blank CHECK (electronic_address_id ~ '\S'),
    -- BT-33: register, managing directors and what else the law wants on business letters.
    ADD COLUMN legal_notes                  text CONSTRAINT seller_legal_notes_not_blank CHECK (legal_notes ~ '\S'),
    -- BT-120, of a seller who charges no VAT.
    ADD COLUMN exemption_reason             text CONSTRAINT seller_exemption_reason_not_blank CHECK (exemption_reason ~ '\S'),
    -- The rate of the tax that the amount of an order without lines includes. Null where such an amount is without tax.
    ADD COLUMN amount_tax_rate_basis_points integer CONSTRAINT seller_amount_tax_rate_in_range CHECK (
        amount_tax_rate_basis_points BETWEEN 0 AND 10000
    ),
    ADD CONSTRAINT seller_company_id_scheme_needs_id CHECK (company_id_scheme IS NULL OR company_id IS NOT NULL),
    ADD CONSTRAINT seller_electronic_address_whole CHECK (
        (electronic_address_scheme IS NULL) = (electronic_address_id IS NULL)
    ),
    -- Countries that tax by VAT: the European Union, and those around it.
    ADD CONSTRAINT seller_tax_identifier_given CHECK (
        vat_id IS NOT NULL OR tax_number IS NOT NULL OR country NOT IN (
            'AD', 'AL', 'AT', 'BA', 'BE', 'BG', 'CH', 'CY', 'CZ', 'DE', 'DK', 'EE', 'ES', 'FI', 'FR', 'GB', 'GR', 'HR',
            'HU', 'IE', 'IS', 'IT', 'LI', 'LT', 'LU', 'LV', 'MC', 'MD', 'ME', 'MK', 'MT', 'NL', 'NO', 'PL', 'PT', 'RO',
            'RS', 'SE', 'SI', 'SK', 'SM', 'TR', 'UA'
        )
    );

-- As before, with the new members.
CREATE OR REPLACE FUNCTION seller_now() RETURNS json
LANGUAGE sql STABLE
RETURN (
    SELECT json_strip_nulls(json_build_object(
        'name', s.name,
        'vatId', s.vat_id,
        'taxNumber', s.tax_number,
        'companyId', s.company_id,
        'companyIdScheme', s.company_id_scheme,
        'address', s.address,
        'addressLine2', s.address_line2,
        'city', s.city,
        'zipCode', s.zip_code,
        'subdivision', s.subdivision,
        'country', s.country,
        'email', s.email,
        'contact', s.contact,
        'phone', s.phone,
        'electronicAddress', CASE
            WHEN s.electronic_address_id IS NOT NULL
            THEN json_build_object('scheme', s.electronic_address_scheme, 'id', s.electronic_address_id)
        END,
        'legalNotes', s.legal_notes,
        'exemptionReason', s.exemption_reason,
        'amountTaxRateBasisPoints', s.amount_tax_rate_basis_points,
        'paymentDays', s.payment_days,
        'iban', CASE WHEN NOT e.is_specimen THEN s.iban END,
        'bic', CASE WHEN NOT e.is_specimen THEN s.bic END,
        'isSpecimen', nullif(e.is_specimen, false)
    ))
    FROM seller AS s
    CROSS JOIN LATERAL (SELECT s.name = 'Example seller: change me') AS e (is_specimen)
);

-- What an invoice needs to say of a customer (EN 16931, BG-7): a company's identifiers, where it gets its documents, and an address
-- whose city stands apart from its state.
--
-- The version before this one names its columns, so it neither reads nor writes these; null is true of what it writes. Adding them
-- rewrites nothing.
ALTER TABLE customers
    -- BT-51.
    ADD COLUMN address_line2             text CONSTRAINT customers_address_line2_not_blank CHECK (address_line2 ~ '\S'),
    -- BT-52. Without it, the city is in `state`, as in the replaced system. With it, `state` is the subdivision (BT-54), and empty where
    -- there is none: the version before cannot read a null.
    ADD COLUMN city                      text CONSTRAINT customers_city_not_blank CHECK (city ~ '\S'),
    -- BT-48, with the prefix of its country and without separators.
    ADD COLUMN vat_id                    text CONSTRAINT customers_vat_id_prefixed CHECK (vat_id ~ '^[A-Z]{2}[0-9A-Z+*]{2,14}$'),
    -- BT-47.
    ADD COLUMN company_id                text CONSTRAINT customers_company_id_not_blank CHECK (company_id ~ '\S'),
    -- BT-56 and BT-57.
    ADD COLUMN contact                   text CONSTRAINT customers_contact_not_blank CHECK (contact ~ '\S'),
    ADD COLUMN phone                     text CONSTRAINT customers_phone_not_blank CHECK (phone ~ '\S'),
    -- BT-49: a code of the EAS list, and the identifier.
    ADD COLUMN electronic_address_scheme text CONSTRAINT customers_electronic_address_scheme CHECK (
        electronic_address_scheme ~ '^([0-9]{4}|[A-Z]{2})$'
    ),
    ADD COLUMN electronic_address_id     text CONSTRAINT customers_electronic_address_id_not_blank CHECK (electronic_address_id ~ '\S'),
    -- BT-10 of orders that name none, such as a Leitweg-ID.
    ADD COLUMN buyer_reference           text CONSTRAINT customers_buyer_reference_not_blank CHECK (buyer_reference ~ '\S'),
    -- Null for the seller's number of days.
    ADD COLUMN payment_days              integer CONSTRAINT customers_payment_days_sane CHECK (payment_days BETWEEN 0 AND 36500),
    ADD CONSTRAINT customers_electronic_address_whole CHECK (
        (electronic_address_scheme IS NULL) = (electronic_address_id IS NULL)
    );

-- ISO 3166-1, the codes that are assigned. The replaced system took any text for a country, and an invoice would not be valid with it:
-- an order names the country of its customer only if it is one.
CREATE FUNCTION is_country(code text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN code ~ '^[A-Z]{2}$' AND strpos(
    '
        AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC
        CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD
        GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH
        KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW
        MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC
        SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY
        UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
    ',
    code
) > 0;

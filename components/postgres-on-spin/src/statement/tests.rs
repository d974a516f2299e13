use super::*;

const TAIL: &str = "\n), spin_numbered AS (SELECT row_number() OVER () AS spin_number, r.* FROM spin_rows AS r) \
                    SELECT n.* FROM (SELECT 1) AS one LEFT JOIN spin_numbered AS n ON true ORDER BY n.spin_number";

fn padded(sql: &str) -> String {
    match plan(sql).unwrap() {
        Plan::Rows { statement, is_padded: true } => {
            statement.strip_suffix(TAIL).unwrap_or_else(|| panic!("{statement}")).to_owned()
        }
        other => panic!("{sql}: {other:?}"),
    }
}

#[test]
fn a_query_is_padded() {
    assert_eq!(padded("SELECT 1"), "WITH spin_rows AS (\nSELECT 1");
    assert_eq!(padded("-- é\nselect 'ü;' -- end;"), "WITH spin_rows AS (\n-- é\nselect 'ü;' -- end;");
    assert_eq!(padded("VALUES (1), (2) ; ;"), "WITH spin_rows AS (\nVALUES (1), (2) ");
    assert_eq!(padded("(SELECT 1) UNION (SELECT 2)"), "WITH spin_rows AS (\n(SELECT 1) UNION (SELECT 2)");
}

#[test]
fn a_with_of_its_own_stays_outermost() {
    assert_eq!(
        padded(
            "/* ö */ WITH a AS (SELECT 1), \"b c\" (x, y) AS NOT MATERIALIZED (SELECT (1), 2)\nSELECT * FROM a"
        ),
        "/* ö */ WITH a AS (SELECT 1), \"b c\" (x, y) AS NOT MATERIALIZED (SELECT (1), 2)\n, spin_rows AS (\n\
         SELECT * FROM a"
    );
    assert_eq!(
        padded("WITH RECURSIVE update AS (SELECT 1) DELETE FROM t RETURNING id"),
        "WITH RECURSIVE update AS (SELECT 1) , spin_rows AS (\nDELETE FROM t RETURNING id"
    );
}

#[test]
fn what_returns_nothing_is_executed() {
    for sql in [
        "INSERT INTO t VALUES ('RETURNING')",
        "UPDATE t SET a = (WITH x AS (SELECT 1) SELECT 1)",
        "DELETE FROM t WHERE \"returning\" = $$ RETURNING $$",
        "WITH a AS (INSERT INTO t VALUES (1) RETURNING id) INSERT INTO u SELECT id FROM a",
        "create table t (id int8)",
        "DO $body$ BEGIN; END $body$",
    ] {
        assert_eq!(plan(sql), Ok(Plan::Effect(sql.to_owned())));
    }
    assert_eq!(
        padded("insert into t values (1) returning id"),
        "WITH spin_rows AS (\ninsert into t values (1) returning id"
    );
    let report = Plan::Rows { statement: "SHOW work_mem".into(), is_padded: false };
    assert_eq!(plan("SHOW work_mem;"), Ok(report));
}

#[test]
fn what_spin_cannot_run_is_refused_with_its_reason() {
    for (sql, reason) in [
        ("", "no statement"),
        (" ; -- nothing", "no statement"),
        ("SELECT 1; SELECT 2", "several statements"),
        ("SELECT 1) SELECT (2", "parentheses"),
        ("SELECT (1", "parentheses"),
        ("SELECT 'open", "cannot be read"),
        ("BEGIN", "BEGIN is not run here"),
        ("set work_mem = 1", "SET is not run here"),
        ("WITH", "cannot be read after its WITH"),
        ("WITH a AS (SELECT 1)", "is not run here"),
        ("WITH a AS (SELECT 1) SEARCH DEPTH FIRST BY x SET y SELECT 1", "SEARCH and CYCLE"),
    ] {
        let fault = plan(sql).unwrap_err();
        assert!(fault.contains(reason), "{sql}: {fault}");
    }
}

#[test]
fn a_batch_is_one_statement() {
    assert_eq!(single("TRUNCATE t; "), Ok("TRUNCATE t"));
    assert!(single("TRUNCATE t; TRUNCATE u").is_err());
}

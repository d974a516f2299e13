use std::path::Path;

use super::{Need, Selection, function};
use crate::test::packages::{Package, of_workspace};

fn packages() -> Vec<Package> {
    of_workspace(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.toml")).unwrap()
}

fn named(name: &str) -> Selection {
    Selection::named(&packages(), name).unwrap().unwrap()
}

fn packages_of(selection: &Selection) -> Vec<&str> {
    selection.packages.iter().map(String::as_str).collect()
}

fn tests_of(selection: &Selection) -> Vec<&str> {
    selection.tests.iter().map(String::as_str).collect()
}

#[test]
fn a_package_is_found_by_its_name_with_or_without_its_beginning() {
    for name in ["waybill-contracts", "contracts"] {
        let selection = named(name);
        assert_eq!(
            (packages_of(&selection), tests_of(&selection)),
            (vec!["waybill-contracts"], vec!["compatible", "errors_page", "events_page", "generated"])
        );
        assert!(selection.needs.is_empty() && selection.filter.is_none(), "{selection:?}");
    }
}

#[test]
fn a_file_of_tests_needs_no_other_one() {
    let selection = named("agreement");
    assert_eq!((packages_of(&selection), tests_of(&selection)), (Vec::new(), vec!["agreement"]));
    assert!(selection.code.is_empty() && selection.needs.contains(&Need::Npm), "{selection:?}");
}

#[test]
fn a_test_needs_what_its_module_needs() {
    let selection = named("crash::");
    assert_eq!(tests_of(&selection), ["end_to_end"]);
    assert!(
        selection.needs.contains(&Need::Host) && !selection.needs.contains(&Need::Chromium),
        "{selection:?}"
    );
    assert!(named("browser::").needs.contains(&Need::Chromium));
}

#[test]
fn a_test_beside_the_code_needs_its_package_only() {
    let selection = named("a_test_beside_the_code_needs_its_package_only");
    assert_eq!((packages_of(&selection), tests_of(&selection)), (vec!["xtask"], Vec::new()));
    assert!(selection.needs.is_empty() && selection.code.contains("--bins"), "{selection:?}");
}

#[test]
fn a_name_that_nothing_has_selects_nothing() {
    let name = ["nothing", "has", "this", "name"].join("-");
    assert!(Selection::named(&packages(), &name).unwrap().is_none());
}

#[test]
fn quick_tests_start_no_broker_and_no_browser() {
    let selection = Selection::quick(&packages());
    let tests = tests_of(&selection);
    assert!(tests.contains(&"orders_component") && tests.contains(&"generated"), "{tests:?}");
    assert!(!tests.contains(&"end_to_end") && !tests.contains(&"publishing"), "{tests:?}");
    assert!(selection.needs.iter().all(|need| need.is_light()), "{selection:?}");
}

#[test]
fn functions_are_found_however_they_begin() {
    assert_eq!(function("fn one() -> Result<()> {"), Some("one"));
    assert_eq!(function("async fn two<'a>(world: &'a World) {"), Some("two"));
    assert_eq!(function("let fnord = 3;"), None);
}

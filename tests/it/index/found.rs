//! Defects that the campaigns found, each as the smallest case that shows it.

use journal_testkit::TestVault;

use super::world::{engine_over, everything, reindex};

#[test]
fn a_connection_that_stayed_open_finds_no_damage_in_what_others_wrote_since() {
    let world = TestVault::from_fixture("//- /A.md\none\n//- /B.md\ntwo\n");
    let (standing, other) = (engine_over(&world), engine_over(&world));
    reindex(&standing, &everything());
    assert!(standing.check_index(&|_| {}).unwrap().is_right());
    // Enough batches for FTS5 to merge its segments: those that the standing connection remembers are gone then.
    for n in 0..12 {
        world.write("A.md", format!("another word{n}\n"));
        reindex(&other, &everything());
    }
    let checked = standing.check_index(&|_| {}).unwrap();
    assert!(checked.is_right(), "{checked:?}");
}

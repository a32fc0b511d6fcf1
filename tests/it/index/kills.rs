//! A reindex killed with SIGKILL at any moment: what is left is whole, and the next run makes it what a new index is.

use std::{
    fs::{self, File},
    time::{Duration, Instant, SystemTime},
};

use fastrand::Rng;
use journal_testkit::{TestVault, generate_notes, seed, size};

use super::{
    process::{Job, Orders},
    world::{
        Rebuilt, assert_rebuilt, assert_same, assert_tidy, assert_whole, dump, engine_over, everything, reindex,
        settle, state_file,
    },
};

/// A vault with an index, and how long it takes to make that.
struct Campaign {
    world: TestVault,
    rng: Rng,
    /// How long a run takes in a process of its own: a new index, and one that is brought up to date.
    times: [Duration; 2],
    killed_at_work: usize,
    left_an_index: usize,
}

impl Campaign {
    fn new(notes: usize, mut rng: Rng) -> Self {
        let world = TestVault::new();
        generate_notes(world.path(), notes, rng.u64(..));
        let mut campaign = Self { world, rng, times: [Duration::ZERO; 2], killed_at_work: 0, left_an_index: 0 };
        campaign.times[0] = campaign.undisturbed();
        campaign.change();
        campaign.times[1] = campaign.undisturbed();
        campaign
    }

    fn orders(&self) -> Orders {
        Orders::new(&self.world, Job::Reindex { full: false, parts: Vec::new() })
    }

    fn undisturbed(&self) -> Duration {
        let mut worker = self.orders().start();
        worker.wait_until_ready();
        let begun = Instant::now();
        worker.go();
        worker.finish();
        begun.elapsed()
    }

    /// A first build, killed. The vault stays as it is.
    fn build(&mut self, expected: &[String]) {
        let engine = engine_over(&self.world);
        for name in ["index.db", "index.db-wal", "index.db-shm"] {
            drop(fs::remove_file(state_file(&engine, name)));
        }
        drop(engine);
        self.kill(self.times[0]);
        let engine = engine_over(&self.world);
        self.left_an_index += usize::from(assert_whole(&engine, "after the kill of a build"));
        reindex(&engine, &everything());
        assert_same(&dump(&engine), expected, "after a build that was killed");
        assert_tidy(&engine);
    }

    /// Many notes touched, edited, moved, made and removed; the run that should notice, killed.
    fn catch_up(&mut self) {
        self.change();
        self.kill(self.times[1]);
        let engine = engine_over(&self.world);
        assert!(assert_whole(&engine, "after the kill of a run"), "the index is gone");
        settle(self.world.path());
        reindex(&engine, &everything());
        assert_rebuilt(&self.world, &engine, "after a run that was killed");
        assert_tidy(&engine);
    }

    fn kill(&mut self, most: Duration) {
        let mut worker = self.orders().start();
        worker.wait_until_ready();
        worker.go();
        // Beyond the usual time, for the moment at which a new index gets its name, on a machine that has become slower, too.
        let most = u64::try_from(most.as_micros() * 3 / 2).unwrap();
        let told = worker.kill_after(Duration::from_micros(self.rng.u64(0..most)));
        self.killed_at_work += usize::from(told.is_empty());
    }

    fn change(&mut self) {
        let notes: Vec<_> = self.world.snapshot().into_keys().filter(|path| path.ends_with(".md")).collect();
        let (round, hour) = (self.rng.u32(..), Duration::from_secs(3600));
        for path in &notes {
            match self.rng.u32(0..100) {
                0..10 => {
                    let file = File::options().write(true).open(self.world.join(path)).unwrap();
                    file.set_modified(SystemTime::now() - hour).unwrap();
                }
                10..20 => self.world.write(path, self.world.read(path) + &format!("\nAnd more, word{round}.\n")),
                20 => self.world.remove(path),
                21 => self.world.rename(path, &format!("Moved/{round}/{}", path.rsplit('/').next().unwrap())),
                22 => self.world.write(&path.replace(".md", " 2.md"), format!("New {round} [[{path}]]\n")),
                _ => {}
            }
        }
        let folder = format!("Notes/Area {:02}", self.rng.u32(0..40));
        if self.world.join(&folder).is_dir() {
            self.world.rename(&folder, &format!("Areas/{round}"));
        }
    }
}

#[test]
fn a_killed_reindex_is_finished_by_the_next() {
    let (rounds, notes) = (size("JOURNAL_KILLS", 5), size("JOURNAL_NOTES", 400));
    let mut campaign = Campaign::new(notes, Rng::with_seed(seed()));
    let builds = rounds / 2;
    for _ in builds..rounds {
        campaign.catch_up();
    }
    // Chance may let most runs come to their end; then there are more of them.
    for _ in 0..rounds * 5 {
        if campaign.killed_at_work > rounds / 3 {
            break;
        }
        campaign.catch_up();
    }
    settle(campaign.world.path());
    let expected = dump(&Rebuilt::of(&campaign.world).engine);
    for _ in 0..builds {
        campaign.build(&expected);
    }
    println!(
        "{rounds} kills over {notes} notes, {} at work, {} builds had an index by then; a build takes {:?}, a run {:?}",
        campaign.killed_at_work, campaign.left_an_index, campaign.times[0], campaign.times[1]
    );
    assert!(campaign.killed_at_work > rounds / 3, "the runs were hardly killed");
}

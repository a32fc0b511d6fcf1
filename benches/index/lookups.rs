//! What a command or a tool call asks of an index before anything else, with a connection that is open and with a new one.

use std::{
    hint::black_box,
    path::Path,
    time::{Duration, Instant},
};

use journal_index::{IndexError, Query, Reader, SearchOptions, Snapshot};

use crate::{
    measure::{say, spread},
    texts::{self, Text},
};

/// How often each thing is asked.
const ROUNDS: usize = 400;
const WHOLE_ROUNDS: usize = 5;

pub fn run(path: &Path, texts: &[Text]) {
    let reader = Reader::open(path).expect("the index opens");
    let number = |round: usize| round * 7_919 % texts.len();
    let ask = |name: &str, rounds: usize, ask: &dyn Fn(&Snapshot<'_>, usize) -> Result<(), IndexError>| {
        let mut times: Vec<Duration> = (0..rounds)
            .map(|round| {
                let start = Instant::now();
                reader.read(|index| ask(index, number(round))).expect("the index answers");
                start.elapsed()
            })
            .collect();
        say(format_args!("{name}: {}", spread(&mut times)));
    };
    let id = |number: usize| texts::id(number).parse().expect("generated ids are ids");
    ask("by id", ROUNDS, &|index, n| index.by_id(&id(n)).map(seen));
    ask("by the end of an id", ROUNDS, &|index, n| index.by_fragment(&texts::id(n)[16..], 3).map(seen));
    ask("by path", ROUNDS, &|index, n| {
        index.by_path(&texts[n].path.parse().expect("generated paths are paths")).map(seen)
    });
    ask("by title", ROUNDS, &|index, n| index.by_title(&texts[n].title).map(seen));
    ask("the heads of a session", ROUNDS, &|index, n| index.session_heads(&id(n)).map(seen));
    ask("links to a note", ROUNDS, &|index, n| {
        index.links_in(&texts[n].path.parse().expect("generated paths are paths")).map(seen)
    });
    ask("signatures of all notes", WHOLE_ROUNDS, &|index, _| {
        index.each_file(|file| _ = black_box(file.path)).map(seen)
    });
    ask("all tags", WHOLE_ROUNDS, &|index, _| index.tags().map(seen));
    ask("ids that stand twice", WHOLE_ROUNDS, &|index, _| index.duplicate_ids().map(seen));
    ask("troubles with links", WHOLE_ROUNDS, &|index, _| index.link_troubles().map(seen));
    ask("status", WHOLE_ROUNDS, &|index, _| index.status().map(seen));
    ask("quick check", 1, &|index, _| index.quick_check().map(seen));
    for (name, words) in [("a rare word", 1), ("a question of five words", 5)] {
        let mut rng = fastrand::Rng::with_seed(5);
        let mut times: Vec<Duration> = (0..ROUNDS / 4)
            .filter_map(|round| {
                let text = &texts[number(round)];
                let asked = if words == 1 { Some(number(round).to_string()) } else { text.question(words, &mut rng) };
                let query = Query::parse(&asked?);
                let start = Instant::now();
                let reader = Reader::open(path).expect("the index opens");
                let found = reader.read(|index| index.search(&query, &SearchOptions::default()));
                black_box(found.expect("a search is answered"));
                Some(start.elapsed())
            })
            .collect();
        say(format_args!("a new connection and {name}: {}", spread(&mut times)));
    }
}

fn seen<T>(found: T) {
    black_box(found);
}

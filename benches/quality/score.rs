//! What was found, counted.

/// The ways to search that are compared. The last is the yardstick.
const WAYS: [&str; 4] = ["text", "semantic", "hybrid", "ranks fused"];

/// The place of the first answer among the first ten, from 0, by each way.
pub type Places = [Option<usize>; WAYS.len()];

/// Recall@1, recall@10 and MRR@10, each from 0 to 1.
pub type Score = [f64; 3];

/// Recall@10 of a [`Score`].
pub const AT_10: usize = 1;

/// The row in which each other one counts the same.
pub const MEAN: &str = "mean";

/// The questions of a set in one style.
pub struct Row {
    pub name: String,
    pub questions: Vec<Places>,
}

/// The name of each row, the mean last, and what each way reaches on the questions that `wanted` takes by number.
pub fn scores(rows: &[Row], wanted: impl Fn(usize) -> bool) -> Vec<(&str, [Score; WAYS.len()])> {
    let score = |row: &Row| {
        let taken = row.questions.iter().enumerate().filter(|(number, _)| wanted(*number));
        average(taken.map(|(_, places)| places.map(worth)))
    };
    let mut scores: Vec<_> = rows.iter().map(|row| (row.name.as_str(), score(row))).collect();
    scores.push((MEAN, average(scores.iter().map(|(_, ways)| *ways))));
    scores
}

/// Every measure of every way.
pub fn table(rows: &[Row]) -> String {
    let mut text = format!("| Recall@1 / recall@10 / MRR@10 | {} |\n|{}\n", WAYS.join(" | "), " --- |".repeat(5));
    for (name, ways) in scores(rows, |_| true) {
        text += &format!("| {name} | {} |\n", ways.map(|score| score.map(share).join(" / ")).join(" | "));
    }
    text
}

/// Recall@10 of every other question and of the rest: what differs between the halves is chance.
pub fn halves(rows: &[Row]) -> String {
    let mut text = format!("| Recall@10: {} | odd | even |\n| --- | --- | --- |\n", WAYS.join(" / "));
    let [odd, even] = [0, 1].map(|rest| scores(rows, |number| number % 2 == rest));
    for ((name, odd), (_, even)) in odd.iter().zip(even) {
        let cells = [*odd, even].map(|ways| ways.map(|score| share(score[AT_10])).join(" / "));
        text += &format!("| {name} | {} |\n", cells.join(" | "));
    }
    text
}

fn worth(place: Option<usize>) -> Score {
    place.map_or_else(Score::default, |place| [f64::from(u8::from(place == 0)), 1.0, 1.0 / (place as f64 + 1.0)])
}

fn average(all: impl Iterator<Item = [Score; WAYS.len()]>) -> [Score; WAYS.len()] {
    let (mut sums, mut count) = ([Score::default(); WAYS.len()], 0.0);
    for ways in all {
        count += 1.0;
        for (sum, own) in sums.as_flattened_mut().iter_mut().zip(ways.as_flattened()) {
            *sum += own;
        }
    }
    sums.map(|score| score.map(|sum| sum / count))
}

fn share(share: f64) -> String {
    format!("{share:.3}").trim_start_matches('0').to_owned()
}

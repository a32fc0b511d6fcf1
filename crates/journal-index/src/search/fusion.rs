//! Words and meaning, fused into one score.
//!
//! A list of words says much when a note has the rare words of the question, and nothing when it has the common ones: a
//! question in other words than the note's still finds hundreds of notes by `time` and `again`, each with a rank and a score.
//! Fusing by ranks cannot tell these apart. Measured on paraphrased questions, reciprocal rank fusion with equal weights pushed
//! two thirds of what meaning alone finds out of the first ten.
//!
//! So the scores themselves are fused, each put on a scale that means the same for every question:
//!
//! - **Words**: the note's BM25 score as a [share](share) of what all words of the question weigh by their rarity. A word that
//!   no note has weighs the most of all, so a question in words of its own has small shares whatever else it finds. Shares up to
//!   [`NOISE`] count next to nothing, and what exceeds it counts [`WORDS`] times.
//! - **Meaning**: the similarity of the note's nearest chunk, from 0 for the median of the few hundred nearest texts to 1 for
//!   the same direction. The median is what texts of this vault have in common with any question: models differ in that, some
//!   put all similarities between 0.7 and 0.9.
//!
//! The score is the sum. It depends on the note and on the question, not on places in lists, so pages agree; and both parts
//! are known for every note of either list, so no note loses by where a list was cut. A note without a vector has its
//! words only, so all of their share counts.
//!
//! The two constants were chosen on the evaluation sets (`vault-fixtures/evaluation`): for weights from 0.5 to 1.0 and noise
//! from 0.3 to 0.35 the first ten hold the answer at least as often as those of the better list, on every set.

/// What speaks for a note.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Evidence {
    /// How much of what the question's words can say the note's words say; see [`share`].
    pub words: f32,
    /// How near the nearest chunk is; `None` while the note has no vector.
    pub similarity: Option<f32>,
}

/// The share of a question's words that notes have by chance.
const NOISE: f32 = 0.3;

/// What the share above that counts against a similarity.
const WORDS: f32 = 0.9;

/// What the rest of the share counts: enough to put notes in order that meaning says nothing of.
const FAINT: f32 = 0.01;

/// Similarities are never stretched more than so many times.
const MOST_STRETCHED: f32 = 10.0;

/// A BM25 score as a share of what the question's words weigh together: about 1 when a note of usual length has each of them
/// once, up to twice that when it is strongly about them.
pub(super) fn share(score: f32, weights: impl Iterator<Item = f32>) -> f32 {
    let all: f32 = weights.sum();
    if all > 0.0 { score / all } else { 0.0 }
}

/// What its words and its meaning add to the score of a note. `middle` is the median similarity of the nearest texts.
pub(super) fn fuse(note: Evidence, middle: f32) -> (f32, f32) {
    let Some(similarity) = note.similarity else { return (WORDS * note.words, 0.0) };
    let words = WORDS * (note.words - NOISE).max(0.0) + FAINT * note.words;
    let scale = (1.0 - middle).max(1.0 / MOST_STRETCHED);
    (words, (similarity - middle) / scale)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn score(words: f32, similarity: Option<f32>) -> f32 {
        let (words, meaning) = fuse(Evidence { words, similarity }, 0.2);
        words + meaning
    }

    #[test]
    fn common_words_do_not_outweigh_a_near_meaning_and_rare_ones_do() {
        assert!(score(0.25, Some(0.35)) < score(0.0, Some(0.45)));
        assert!(score(1.0, Some(0.2)) > score(0.0, Some(0.6)));
        assert!(score(0.6, None) > score(0.1, Some(0.5)));
        assert!(score(0.2, None) > score(0.1, None));
    }

    #[test]
    fn a_question_without_weight_has_no_share() {
        assert_eq!(share(0.0, [].into_iter()), 0.0);
        assert_eq!(share(3.0, [4.0, 2.0].into_iter()), 0.5);
    }

    proptest! {
        #[test]
        fn more_of_either_is_never_worse(
            words in 0.0_f32..2.0, more in 0.0_f32..1.0, similarity in -1.0_f32..1.0, nearer in 0.0_f32..1.0, middle in -1.0_f32..1.0,
        ) {
            let score = |words, similarity| {
                let (words, meaning) = fuse(Evidence { words, similarity: Some(similarity) }, middle);
                words + meaning
            };
            let own = score(words, similarity);
            prop_assert!(own.is_finite());
            prop_assert!(score(words + more, similarity) >= own);
            prop_assert!(score(words, similarity + nearer) >= own);
        }
    }
}

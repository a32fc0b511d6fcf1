//! Vectors carried over from an index that another one takes the place of: one of an older layout, or a damaged one.

use std::path::Path;

use rusqlite::{Connection, params};

use super::{EmbeddingModel, VectorError, check, unpacked};
use crate::{Index, IndexError, connection::open_any};

/// What came of taking vectors over.
#[derive(Debug, Default)]
pub struct Adopted {
    /// How many vectors there are now that there were not before.
    pub vectors: usize,
    /// Why not all of the other index could be read.
    pub trouble: Option<IndexError>,
}

impl Index {
    /// Takes over the vectors that the index at `from` has of texts that stand in this one. For an index that was
    /// [built](Index::build) to take the place of that one, whatever layout it has and however damaged it is: what can be read of
    /// it counts, from both its ends, and the rest is [told](Adopted::trouble). A vector that is none is left.
    ///
    /// # Errors
    /// [`VectorError::Dimensions`] when a model has other vectors here, and as [`Index::apply`]. What was taken over by then
    /// stays.
    pub fn adopt_vectors(&mut self, from: &Path) -> Result<Adopted, VectorError> {
        let mut adopted = Adopted::default();
        let other = match open_any(from) {
            Ok(other) => other,
            Err(IndexError::Missing { .. }) => return Ok(adopted),
            Err(error) => return Ok(Adopted { trouble: Some(error), ..adopted }),
        };
        let failed = |error| Some(IndexError::new(from, "take over vectors", error));
        let models = match models(&other) {
            Ok(models) => models,
            Err(error) => return Ok(Adopted { trouble: failed(error), ..adopted }),
        };
        for (row, model, dimensions) in models {
            for order in [Order::Up, Order::Down] {
                let mut after = None;
                loop {
                    let mut theirs = Vec::new();
                    let read = read_theirs(&other, row, order, after, &mut theirs);
                    let before = after;
                    after = theirs.last().map(|last| last.row);
                    // In a damaged file the rows may come again and again.
                    let goes_on = before.is_none_or(|before| match (order, after) {
                        (_, None) => true,
                        (Order::Up, Some(now)) => now > before,
                        (Order::Down, Some(now)) => now < before,
                    });
                    if !goes_on {
                        break;
                    }
                    theirs.retain(|own| check(&model.name, &own.vector, dimensions).is_ok());
                    let wanted = self.read(|index| index.ask("take over vectors", |own| standing(own, theirs)))?;
                    adopted.vectors += self.store_vectors(&model, &wanted)?;
                    if let Err(error) = read {
                        adopted.trouble = adopted.trouble.or(failed(error));
                        break;
                    }
                    if after.is_none() {
                        break;
                    }
                }
                if adopted.trouble.is_none() {
                    break;
                }
            }
        }
        Ok(adopted)
    }
}

/// In which order rows are read. Damage ends a walk, and another one comes from the other side.
#[derive(Debug, Clone, Copy)]
enum Order {
    Up,
    Down,
}

/// A vector of another index.
struct Their {
    row: i64,
    hash: u128,
    vector: Vec<f32>,
}

/// Vectors of one model, by the hashes of their texts.
type Batch = Vec<(u128, Vec<f32>)>;

/// How many vectors are taken over in one transaction: 1.5 MB of the usual kind.
const ADOPTED_AT_ONCE: usize = 1_000;

/// The models of another index in their order, each with its row and the length of its vectors. None in a layout that says
/// nothing of them, or less than is asked here.
fn models(other: &Connection) -> rusqlite::Result<Vec<(i64, EmbeddingModel, usize)>> {
    let sql =
        "SELECT (SELECT count(*) FROM pragma_table_info('models') WHERE name IN ('name', 'source', 'dimensions')) = 3
               AND (SELECT count(*) FROM pragma_table_info('vectors') WHERE name IN ('model', 'hash', 'floats')) = 3";
    if !other.query_row(sql, [], |row| row.get::<_, bool>(0))? {
        return Ok(Vec::new());
    }
    let mut statement = other.prepare("SELECT model, name, source, dimensions FROM models ORDER BY model")?;
    let models = statement.query_map([], |row| {
        let model = EmbeddingModel { name: row.get(1)?, source: row.get(2)? };
        Ok((row.get(0)?, model, row.get::<_, u32>(3)? as usize))
    })?;
    models.collect()
}

/// The next vectors of a model of another index, by row. Where it is damaged, those before the damage are among them.
fn read_theirs(
    other: &Connection,
    model: i64,
    order: Order,
    after: Option<i64>,
    theirs: &mut Vec<Their>,
) -> rusqlite::Result<()> {
    let (beyond, order, start) = match order {
        Order::Up => (">", "", i64::MIN),
        Order::Down => ("<", "DESC", i64::MAX),
    };
    // The `+` has SQLite walk the rows rather than the list of hashes.
    let mut statement = other.prepare_cached(&format!(
        "SELECT vector, hash, floats FROM vectors WHERE +model = ?1 AND vector {beyond} ?2 ORDER BY vector {order} LIMIT ?3"
    ))?;
    let mut rows = statement.query(params![model, after.unwrap_or(start), ADOPTED_AT_ONCE as i64])?;
    while let Some(row) = rows.next()? {
        let (hash, vector) = (u128::from_be_bytes(row.get(1)?), unpacked(row.get_ref(2)?.as_blob()?));
        theirs.push(Their { row: row.get(0)?, hash, vector });
    }
    Ok(())
}

/// Those of them whose text some chunk has.
fn standing(own: &Connection, theirs: Vec<Their>) -> rusqlite::Result<Batch> {
    let mut stands = own.prepare_cached("SELECT 1 FROM chunks WHERE hash = ?1")?;
    let mut wanted = Batch::new();
    for Their { hash, vector, .. } in theirs {
        if stands.exists([hash.to_be_bytes()])? {
            wanted.push((hash, vector));
        }
    }
    Ok(wanted)
}

//! How cost grows with the vault: a table, and the same as a drawing for `docs/`.

use std::{fmt::Write as _, fs, path::Path, time::Duration};

use crate::{
    build::Vault,
    floors,
    measure::{median, ms, say, timed},
    texts, updates,
};

const COUNTS: [usize; 3] = [1_000, 10_000, 100_000];

/// How often each vault is indexed. The best counts: whatever else the machine does only adds to it.
const ROUNDS: usize = 3;

/// What was measured at one number of notes.
struct Point {
    notes: usize,
    /// A whole index, in ms.
    build: f64,
    /// One changed note, in ms.
    update: f64,
    /// Bytes of the index for each byte of text.
    size: f64,
}

/// Measures, prints a table and draws it to `drawing`.
pub fn run(folder: &Path, drawing: &Path) {
    say(format_args!("| notes | full index | per note | one changed note, p50 | size / text |"));
    say(format_args!("| --- | --- | --- | --- | --- |"));
    let points: Vec<Point> = COUNTS.iter().map(|count| measure(folder, *count)).collect();
    fs::write(drawing, draw(&points)).expect("the drawing can be written");
    say(format_args!("drawn to {}", drawing.display()));
}

fn measure(folder: &Path, notes: usize) -> Point {
    let vault = Vault::write(folder.join(notes.to_string()), notes);
    let path = folder.join(format!("{notes}.db"));
    let mut builds: Vec<Duration> = Vec::new();
    for _ in 0..ROUNDS {
        if !builds.is_empty() {
            fs::remove_file(&path).expect("an earlier round's file can go");
        }
        builds.push(timed(|| vault.index(&path)).1);
    }
    let size = floors::size(&path) / vault.bytes as f64;
    let build = builds.into_iter().min().map_or(0.0, ms);
    let times = updates::run(&path, &mut texts::generate(notes).step_by(notes / 250), 250);
    let update = ms(median(&times));
    let each = build * 1e3 / notes as f64;
    say(format_args!("| {notes} | {build:.0} ms | {each:.0} µs | {update:.2} ms | {size:.2} |"));
    Point { notes, build, update, size }
}

/// Both axes in powers of ten.
fn draw(points: &[Point]) -> String {
    const WIDTH: f64 = 640.0;
    const HEIGHT: f64 = 400.0;
    const LEFT: f64 = 80.0;
    const TOP: f64 = 50.0;
    // 0.1 ms to 100 s.
    const DECADES: (i32, i32) = (-1, 5);
    let x = |notes: usize| LEFT + ((notes as f64).log10() - 3.0) / 2.0 * (WIDTH - LEFT - 150.0);
    let y = |ms: f64| {
        let (least, most) = (f64::from(DECADES.0), f64::from(DECADES.1));
        TOP + (most - ms.log10()) / (most - least) * (HEIGHT - TOP - 60.0)
    };
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" font-size=\"13\">\n\
         <rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#fff\"/>\n\
         <text x=\"{LEFT}\" y=\"28\" font-size=\"16\">Cost of the index as the vault grows</text>\n"
    );
    let mut line = |text: String| svg.push_str(&(text + "\n"));
    let (left, right, bottom) = (x(1_000), x(100_000), y(0.1));
    for decade in DECADES.0..=DECADES.1 {
        let (value, at) = (10_f64.powi(decade), y(10_f64.powi(decade)));
        let label = if value < 1_000.0 { format!("{value} ms") } else { format!("{} s", value / 1e3) };
        line(format!("<path d=\"M{left} {at:.1}H{right}\" stroke=\"#ddd\"/>"));
        line(format!("<text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{label}</text>", left - 10.0, at + 4.0));
    }
    for point in points {
        let at = x(point.notes);
        line(format!("<path d=\"M{at:.1} {TOP}V{bottom:.1}\" stroke=\"#eee\"/>"));
        let (below, notes) = (bottom + 22.0, point.notes);
        line(format!("<text x=\"{at:.1}\" y=\"{below:.1}\" text-anchor=\"middle\">{notes} notes</text>"));
        let size = format!("index {:.2} × text", point.size);
        line(format!(
            "<text x=\"{at:.1}\" y=\"{:.1}\" text-anchor=\"middle\" fill=\"#777\">{size}</text>",
            below + 18.0
        ));
    }
    for (name, colour) in [("full index", "#1f5fbf"), ("one changed note", "#c2571a")] {
        let value = |point: &Point| if name == "full index" { point.build } else { point.update };
        let mut path = String::new();
        for point in points {
            let (at, high) = (x(point.notes), y(value(point)));
            let told = value(point);
            let told = if told < 1_000.0 { format!("{told:.1} ms") } else { format!("{:.1} s", told / 1e3) };
            write!(path, "{}{at:.1} {high:.1}", if path.is_empty() { "M" } else { "L" })
                .expect("writing to a string cannot fail");
            line(format!("<circle cx=\"{at:.1}\" cy=\"{high:.1}\" r=\"4\" fill=\"{colour}\"/>"));
            let above = high - 9.0;
            line(format!(
                "<text x=\"{at:.1}\" y=\"{above:.1}\" text-anchor=\"middle\" fill=\"{colour}\">{told}</text>"
            ));
        }
        line(format!("<path d=\"{path}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>"));
        let end = points.last().map_or(0.0, |point| y(value(point)));
        line(format!("<text x=\"{:.1}\" y=\"{:.1}\" fill=\"{colour}\">{name}</text>", right + 26.0, end + 4.0));
    }
    svg.push_str("</svg>\n");
    svg
}

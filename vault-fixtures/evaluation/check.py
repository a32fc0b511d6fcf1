#!/usr/bin/env python3
"""Checks the three evaluation sets: every answer exists, nothing twice, and how many words a question shares with its answers.

A word counts by its Porter stem, stop words apart. A `paraphrase` must share none; the sizes and shares are printed.

    python3 check.py
"""
import collections, json, pathlib, re, sqlite3, sys

STOP = set(
    "a about above after again against all also although am an and any are as at be because been before being below between "
    "both but by can could did do does doing down during each else ever few first for from further get gets getting had has "
    "have having he her here hers him his how i if in instead into is it its itself just last let like made make makes making "
    "many may me might more most much must my need needed no nor not now of off on once one only onto or other our ours out "
    "over own per rather same she should since so some something such than that the their them then there these they thing "
    "things this those though through to too under until up upon us very was we went were what when where whether which while "
    "who whom whose why will with within without would yet you your yours myself someone everybody everyone two three".split()
)
DATABASE = sqlite3.connect(":memory:")
DATABASE.execute("create virtual table texts using fts5(text, tokenize='porter unicode61')")
DATABASE.execute("create virtual table stems using fts5vocab(texts, 'row')")


def stems(text):
    """Returns the stems of the words that carry meaning."""
    words = [word for word in re.findall(r"[^\W_]+", text.lower()) if word not in STOP and len(word) > 1]
    DATABASE.execute("delete from texts")
    DATABASE.execute("insert into texts values (?)", (" ".join(words),))
    return {row[0] for row in DATABASE.execute("select term from stems")}


def rows(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def problems(folder, passages, questions):
    """Yields what is wrong with one set, and prints the share of words that its questions have in common with the answers."""
    notes = {note["id"]: f"{note['title']} {note['body']}" for note in rows(passages)}
    asked = rows(questions)
    for values in ([row["id"] for row in rows(passages)], list(notes.values()), [row["query"].lower() for row in asked]):
        yield from (f"{folder}: twice: `{value[:60]}`" for value, times in collections.Counter(values).items() if times > 1)
    shared, all_words, count = collections.Counter(), collections.Counter(), collections.Counter()
    for row in asked:
        if missing := [answer for answer in row["answers"] if answer not in notes] or not row["answers"]:
            yield f"{folder}: `{row['query']}`: no such answer: {missing}"
            continue
        words = stems(row["query"])
        common = words & stems(" ".join(notes[answer] for answer in row["answers"]))
        shared[row["style"]] += len(common)
        all_words[row["style"]] += len(words)
        count[row["style"]] += 1
        if row["style"] == "paraphrase" and common:
            yield f"{folder}: `{row['query']}` shares {sorted(common)} with its answer"
    for style in count:
        print(f"{folder}: {len(notes)} passages, {count[style]} {style} questions, words shared {shared[style] / all_words[style]:.1%}")


if __name__ == "__main__":
    here = pathlib.Path(__file__).resolve().parent
    found = []
    for name, passages in (("journal", "notes.jsonl"), ("docs", "passages.jsonl"), ("manual", "passages.jsonl")):
        found += problems(name, here / name / passages, here / name / "questions.jsonl")
    ids = {json.loads(line)["id"] for line in open(here / "journal/notes.jsonl", encoding="utf-8")}
    again = [json.loads(line) for line in open(here / "journal/again.jsonl", encoding="utf-8")]
    found += [f"again: no note `{row['again']}`" for row in again if row["again"] not in ids]
    found += [f"again: `{row['text']}` twice" for row in again if sum(other["text"] == row["text"] for other in again) > 1]
    print(f"again: {collections.Counter(row['style'] for row in again)}")
    sys.exit("\n".join(found) or 0)

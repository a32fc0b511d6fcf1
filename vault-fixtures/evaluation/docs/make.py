#!/usr/bin/env python3
"""Makes passages.jsonl and questions.jsonl from the docstrings of Python's standard library.

The first line of a docstring is the question, the rest of it, without the object's name, is the passage that answers it.
The text depends on the interpreter: the files beside this script were made with CPython 3.11.7 on Linux.

    python3 -I make.py [FOLDER]
"""
import contextlib, hashlib, importlib, inspect, io, json, pathlib, pkgutil, re, sys, warnings

PASSAGES, QUESTIONS = 1000, 400
# Importing these runs a program, opens a window, or needs what a server does not have.
SKIPPED = ("antigravity", "this", "idlelib", "lib2to3", "test", "tkinter", "turtle", "turtledemo", "msilib", "__main__")


def modules():
    """Yields every importable module of the standard library, in order of name."""
    names = set(sys.stdlib_module_names)
    for name in sorted(names):
        for found in pkgutil.iter_modules(getattr(load(name), "__path__", []), name + "."):
            names.add(found.name)
    for name in sorted(names):
        if module := load(name):
            yield module


def load(name):
    if name.split(".")[0] in SKIPPED or name.endswith("__main__") or ".test" in name or "._" in f".{name}":
        return None
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            return importlib.import_module(name)
    except Exception:  # A module for another system raises whatever it likes; it has nothing to tell us here.
        return None


def objects(module):
    """Yields (qualified name, docstring) of what the module defines: functions, classes, their methods."""
    for name, value in sorted(vars(module).items()):
        if name.startswith("_") or getattr(value, "__module__", None) != module.__name__:
            continue
        yield name, getattr(value, "__doc__", None)
        if inspect.isclass(value):
            for method, inner in sorted(vars(value).items()):
                if not method.startswith("_"):
                    yield f"{name}.{method}", getattr(inner, "__doc__", None)


def split(name, doc):
    """Returns (one-liner, the rest without the name), or None when one of them is too thin to be fair."""
    if not isinstance(doc, str):
        return None
    head, _, rest = inspect.cleandoc(doc).partition("\n\n")
    head, rest = " ".join(head.split()), " ".join(rest.split())
    last = name.split(".")[-1]
    rest = re.sub(rf"\b{re.escape(last)}\b", "it", rest)
    rest = rest[: rest.rfind(" ", 0, 700)] if len(rest) > 700 else rest
    fair = 4 <= len(head.split()) <= 25 and "=" not in head and not re.match(r"[\w.]+\(", head)
    return (head, rest) if fair and ">>>" not in rest[:60] and len(rest.split()) >= 15 else None


def main(folder):
    names, heads, bodies, found = set(), set(), set(), []
    warnings.simplefilter("ignore")
    for module in modules():
        for name, doc in objects(module):
            if (pair := split(name, doc)) is None:
                continue
            head, rest = pair
            last, start = name.split(".")[-1], rest[:60].lower()
            if last in names or head.lower() in heads or start in bodies:
                continue  # An alias, an inherited text or a twin (`bytes.pop`, `bytearray.pop`) would answer it too.
            names.add(last), heads.add(head.lower()), bodies.add(start)
            found.append((f"{module.__name__}.{name}", head, rest))
    # The order of a hash is a shuffle that any interpreter repeats.
    found.sort(key=lambda item: hashlib.sha256(item[0].encode()).digest())
    found = found[:PASSAGES]
    write(folder / "passages.jsonl", [{"id": i, "title": "", "body": body} for i, _, body in sorted(found)])
    # A vague line or a passage that says next to nothing is a fair distractor, not a fair question.
    fair = [item for item in found if len(item[1].split()) >= 6 and len(item[2].split()) >= 25][:QUESTIONS]
    asked = [{"query": question, "answers": [i], "style": "one-liner"} for i, question, _ in fair]
    write(folder / "questions.jsonl", asked)
    print(f"CPython {sys.version.split()[0]}: {len(found)} passages, {len(asked)} questions")


def write(path, rows):
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parent)

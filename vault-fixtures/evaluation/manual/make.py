#!/usr/bin/env python3
"""Makes passages.jsonl, questions.jsonl and NOTICES from the manual pages of three Debian packages.

The line that `whatis` prints is the question, the page's DESCRIPTION, without the page's names, is the passage.
Only pages under the Linux man-pages copyleft licence alone, and OpenSSL's (Apache-2.0), are taken. See ../README.md.

    apt-get download manpages=6.03-2 manpages-dev=6.03-2 libssl-doc=3.0.22-1~deb12u2
    for package in *.deb; do dpkg-deb -x "$package" unpacked; done
    python3 -I make.py unpacked [FOLDER]
"""
import gzip, hashlib, json, pathlib, re, sys

# Passages and questions taken from each project.
TAKEN = {"linux": (500, 280), "openssl": (400, 120)}
LICENCE = re.compile(r"SPDX-License-Identifier:\s*(\S+)")


def text(roff):
    """Turns the roff of one section into words: macros, fonts, escapes, code and tables gone, paragraphs joined."""
    lines = []
    for line in re.sub(r"(?ms)^\.(Vb|EX|nf|TS)\b.*?^\.(Ve|EE|fi|TE)\b.*?$", "", roff).splitlines():
        if line.startswith((".\\\"", "'")):
            continue
        if line.startswith("."):
            macro, _, rest = line[1:].partition(" ")
            if macro not in ("B", "I", "BR", "RB", "BI", "IB", "IR", "RI", "SM", "SB", "SS", "TP", "IP", "SH"):
                continue
            if macro in ("IP", "TP"):  # The width that follows the label is layout.
                rest = re.sub(r'^\s*("[^"]*"|\S+)?.*$', r"\1", rest) if macro == "IP" else ""
            glue = "" if len(macro) == 2 and macro.isupper() and macro not in ("SM", "SB", "SS", "SH", "IP") else " "
            line = glue.join(part.strip('"') for part in re.findall(r'"[^"]*"|\S+', rest))
        lines.append(line)
    joined = " ".join(lines)
    for pattern, replacement in (
        (r"\\\*\([LR]\"", '"'),
        (r"\\\*\(.[^ ]?|\\\*\[.*?\]|\\s[+-]?\d|\\f\(..|\\f\[.*?\]|\\f.|\\[&|^%/,:]|\\\".*?(?= |$)", ""),
        (r"\\\((aq|cq|oq)", "'"), (r"\\\((lq|rq|dq)", '"'), (r"\\\((em|en)", "-"), (r"\\\(bu|\\\(..|\\\[.*?\]", ""),
        (r"\\-", "-"), (r"\\e|\\\\", r"\\"), (r"\\ ", " "), (r"\s+", " "), (r" ([,.;:)])", r"\1"), (r"\( ", "("),
    ):
        joined = re.sub(pattern, replacement, joined)
    return joined.strip()


def section(source, name):
    found = re.search(rf'(?ms)^\.SH "?{name}"?\s*$(.*?)(?=^\.SH |\Z)', source)
    return found.group(1) if found else ""


def page(path):
    """Returns (id, question, passage, copyright lines), or None for a page that is not taken."""
    source = gzip.decompress(path.read_bytes()).decode("utf-8", "replace")
    openssl = path.name.endswith("ssl.gz")
    if not openssl and set(LICENCE.findall(source)) != {"Linux-man-pages-copyleft"}:
        return None
    names, _, question = text(section(source, "NAME")).partition(" - ")
    names = [name.strip() for name in names.split(",") if name.strip()]
    body = text(section(source, "DESCRIPTION"))
    for name in sorted(names, key=len, reverse=True):
        body = re.sub(rf"\b{re.escape(name)}\b(\(\))?", "it", body)
    body = body[: body.rfind(" ", 0, 700)] if len(body) > 700 else body
    if not 3 <= len(question.split()) <= 20 or len(body.split()) < 25 or "\\" in question + body:
        return None
    stem = re.sub(r"(ssl)?\.gz$", "", path.name)
    lines = [line for line in source.splitlines() if re.search(r"(?i)\bcopyright\b", line)]
    notice = [re.sub(r"^\W+", "", line).strip() for line in lines[:4]]
    return f"{'openssl' if openssl else 'linux'}/{stem}", question, body, [] if openssl else notice


def main(root, folder):
    groups, heads, bodies = {"linux": [], "openssl": []}, set(), set()
    files = (path for path in root.glob("usr/share/man/man[1-8]/*.gz") if path.is_file() and not path.is_symlink())
    for found in filter(None, map(page, sorted(files))):
        name, question, body, _ = found
        if question.lower() in heads or body[:60].lower() in bodies:
            continue  # A second page with the same words would be a second right answer.
        heads.add(question.lower()), bodies.add(body[:60].lower())
        groups[name.split("/")[0]].append(found)
    order = lambda item: hashlib.sha256(item[0].encode()).digest()  # A shuffle that every interpreter repeats.
    taken, asked = [], []
    for name, (passages, questions) in TAKEN.items():
        group = sorted(groups[name], key=order)[:passages]
        taken += group
        asked += [item for item in group if len(item[1].split()) > 3][:questions]  # Shorter ones name half the section.
    write(folder / "passages.jsonl", [{"id": i, "title": "", "body": body} for i, _, body, _ in sorted(taken)])
    write(folder / "questions.jsonl", [{"query": q, "answers": [i], "style": "one-liner"} for i, q, _, _ in asked])
    notices = "".join(f"{i}: {'; '.join(lines)}\n" for i, _, _, lines in sorted(taken) if lines)
    (folder / "NOTICES").write_text(notices, encoding="utf-8")
    print(f"{len(taken)} passages of {[len(group) for group in groups.values()]}, {len(asked)} questions")


def write(path, rows):
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


if __name__ == "__main__":
    here = pathlib.Path(__file__).resolve().parent
    main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else here)

"""Texts of many kinds. The model is calibrated with them, and the tests compare their vectors with Python's."""

# (text, how often it is repeated). 256 tokens are the window of the model; the last one has about 5,000.
TEXTS = [
    ("", 1), (" ", 1), ("a", 1), ("upload", 1), ("?", 1), ("\t\n", 1), ("[MASK] [SEP] [PAD]", 1), ("x", 300),
    ("What did we think about the flaky upload?", 1),
    ("The upload test fails when two workers share one temporary folder.", 1),
    ("Decision: retry with jitter, at most five times, and log every attempt.", 1),
    ("fn main() { println!(\"{}\", std::env::args().count()); }", 1),
    ("SELECT id, title FROM note WHERE updated > '2026-01-01' ORDER BY updated DESC;", 1),
    ("| a | b |\n| --- | --- |\n| 1 | 2 |\n", 1),
    ("https://example.org/a/b?c=d#e and C:\\Users\\me\\notes.md", 1),
    ("\U0001f680\U0001f525 shipped \U0001f389", 1), ("\U0001f469\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466", 1),
    ("我们为什么放弃了这个缓存方案？", 1), ("セッションを再開する方法", 1), ("왜 테스트가 실패했을까", 1),
    ("لماذا فشل الاختبار مرة أخرى؟", 1), ("Почему тест снова упал?", 1), ("Pourquoi l’index était-il périmé ?", 1),
    ("Grüße aus Köln – naïve café", 1), ("e\u0301 and é", 1), ("\x00\x01\x02\x1b[31mred\x1b[0m\x7f\u200b\ufeff", 1),
    ("\u202eright to left override\u202c", 1), ("𝕬𝖓𝖙𝖎𝖖𝖚𝖊 𝒎𝒂𝒕𝒉", 1), ("ﬁne ligature", 1),
    ("0123456789", 20), ("pneumonoultramicroscopicsilicovolcanoconiosis", 1),
    ("the upload failed again and nobody knows why. ", 6), ("cache first, then ask the server. ", 40),
    ("the upload failed again and nobody knows why. ", 500),
]

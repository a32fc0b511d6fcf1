"""Makes what the tests compare with: vectors by the original weights in Python, and models small enough for a test."""

import json

import numpy as np
import onnxruntime
from tokenizers import Tokenizer, models, pre_tokenizers, processors

import make
from texts import TEXTS

WORDS = ["[PAD]", "[CLS]", "[SEP]", "[UNK]", "query", "passage", "alpha", "beta"]


def vectors(model, tokenizer):
    session = onnxruntime.InferenceSession(model)
    for text, times in TEXTS:
        ids = np.array([tokenizer.encode(text * times).ids], np.int64)
        states = session.run(None, {"input_ids": ids, "attention_mask": np.ones_like(ids)})[0][0]
        mean = states.mean(0)
        yield mean / np.linalg.norm(mean)


def reference(fp32, tokenizer, model, tests):
    rows = [*vectors(fp32, tokenizer), *vectors(str(model / f"{make.NAME}.onnx"), tokenizer)]
    texts = [{"text": text, "times": times} for text, times in TEXTS]
    (tests / "reference.json").write_text(json.dumps(texts, indent=0, ensure_ascii=False) + "\n")
    (tests / "reference.f32").write_bytes(np.array(rows, "<f4").tobytes())


def lookup(table, name):
    """A model that looks every token up and does nothing else."""
    g = make.Graph()
    g.node("Gather", [g.weight("table", table), "input_ids"], "last_hidden_state", axis=0)
    return make.model(g, name, table.shape[1])


def tiny(tests):
    """A model with a vocabulary of eight words and the width of the first entry of the catalogue."""
    folder = tests / "tiny"
    folder.mkdir(parents=True, exist_ok=True)
    table = np.random.default_rng(4).normal(size=(len(WORDS), make.WIDTH)).astype(np.float32)
    (folder / "model.onnx").write_bytes(lookup(table, "tiny").SerializeToString(deterministic=True))
    tokenizer = Tokenizer(models.WordLevel({word: id for id, word in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 1), ("[SEP]", 2)]
    )
    tokenizer.save(str(folder / "tokenizer.json"))
    for name, content in (
        ("config.json", {"pad_token_id": 0}),
        ("special_tokens_map.json", {"unk_token": "[UNK]", "pad_token": "[PAD]"}),
        ("tokenizer_config.json", {"model_max_length": 16, "pad_token": "[PAD]"}),
    ):
        (folder / name).write_text(json.dumps(content) + "\n")


def apart(tests):
    """A model of twelve weights that lie in a file of their own."""
    tests.mkdir(parents=True, exist_ok=True)
    table = np.arange(12, dtype=np.float32).reshape(4, 3)
    made = lookup(table, "apart")
    make.APART = 0
    (tests / "apart.data").write_bytes(make.apart(made, "apart.data"))
    (tests / "apart.onnx").write_bytes(made.SerializeToString(deterministic=True))


if __name__ == "__main__":
    fp32, tokenizer = make.make()
    crate = make.HERE.parent
    reference(fp32.SerializeToString(), tokenizer, make.HERE, crate / "tests")
    tiny(crate / "tests")
    apart(crate.parent / "ort-rten" / "tests")

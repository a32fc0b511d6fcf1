"""Makes the model that the built-in one was quantised from, as a folder: `python fp32.py FOLDER`. See make.py."""

import pathlib
import sys
import tempfile

import make

FILES = ["config", "sentence_bert_config", "special_tokens_map", "tokenizer", "tokenizer_config"]


def fp32(out):
    out.mkdir()
    with tempfile.TemporaryDirectory() as folder:
        read = make.package(folder)
        model = make.bert(make.load(read("model.safetensors")))
        (out / "model.onnx").write_bytes(model.SerializeToString(deterministic=True))
        for name in FILES:
            (out / f"{name}.json").write_bytes(read(f"{name}.json"))


if __name__ == "__main__":
    fp32(pathlib.Path(sys.argv[1]))

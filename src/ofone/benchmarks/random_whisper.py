"""A Whisper model folder with random weights: the real files and code paths, and no meaning.

Loading, searching and their cost can be tried with it where no trained model may be had. Its words
are noise; nothing that it says is a measure of anything.
"""

import json
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

LANGUAGES = ("en", "de", "es", "fr")
"""Of Whisper's 99; the places of the others are taken by words."""
_SIZE = 51_865
_FRAMES, _TOKENS, _MELS = 1500, 448, 80


def write(folder: Path, *, width: int = 16, layers: int = 1, heads: int = 2, seed: int = 1) -> None:
    """Write a model folder. ``width`` 384, 512 and 768 with 4, 6 and 12 ``layers`` (6, 8 and 12
    ``heads``) are the shapes of tiny, base and small.
    """
    specs: Any = import_module("ctranslate2.specs")
    random = np.random.default_rng(seed)
    tokens = _vocabulary()

    def weights(*shape: int) -> NDArray[np.float32]:
        return random.standard_normal(shape, np.float32) * np.float32(width**-0.5)

    def norm(part: Any) -> None:
        part.gamma, part.beta = np.ones(width, np.float32), np.zeros(width, np.float32)

    def linear(part: Any, into: int, out_of: int = width) -> None:
        part.weight, part.bias = weights(into, out_of), np.zeros(into, np.float32)

    def attention(part: Any, *sizes: int) -> None:
        norm(part.layer_norm)
        for line, size in zip(part.linear, sizes, strict=True):
            linear(line, size)

    model = specs.WhisperSpec(layers, heads, layers, heads)
    encoder, decoder = model.encoder, model.decoder
    for convolution, into in ((encoder.conv1, _MELS), (encoder.conv2, width)):
        convolution.weight = weights(width, into, 3)
        convolution.bias = np.zeros(width, np.float32)
    for half, length in ((encoder, _FRAMES), (decoder, _TOKENS)):
        half.position_encodings.encodings = weights(length, width)
        norm(half.layer_norm)
        for layer in half.layer:
            attention(layer.self_attention, 3 * width, width)
            norm(layer.ffn.layer_norm)
            linear(layer.ffn.linear_0, 4 * width)
            linear(layer.ffn.linear_1, width, 4 * width)
    for layer in decoder.layer:
        attention(layer.attention, width, 2 * width, width)
    decoder.embeddings.weight = weights(len(tokens), width)
    decoder.projection.weight = decoder.embeddings.weight
    model.register_vocabulary(tokens)
    model.config.suppress_ids = []
    model.config.suppress_ids_begin = []
    model.config.lang_ids = [tokens.index(f"<|{code}|>") for code in LANGUAGES]
    model.config.alignment_heads = [[0, 0]]
    model.validate()
    model.optimize(quantization="int8")
    folder.mkdir(parents=True, exist_ok=True)
    model.save(str(folder))
    _write_tokenizer(folder, tokens)


def _vocabulary() -> list[str]:
    """As many tokens as Whisper has, in its order: words, special tokens, times of 20 ms."""
    special = ["endoftext", "startoftranscript", *LANGUAGES, "translate", "transcribe"]
    special += ["startoflm", "startofprev", "nospeech", "notimestamps"]
    times = [f"{n * 0.02:.2f}" for n in range(1501)]
    # The empty token is in the multilingual vocabulary only; CTranslate2 tells the two by it.
    marks = ["", *(f"<|{name}|>" for name in special + times)]
    return [f"w{n}" for n in range(_SIZE - len(marks))] + marks


def _write_tokenizer(folder: Path, tokens: list[str]) -> None:
    tokenizers: Any = import_module("tokenizers")
    words = {token: n for n, token in enumerate(tokens)}
    made = tokenizers.Tokenizer(tokenizers.models.WordLevel(words, "w0"))
    made.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    made.save(str(folder / "tokenizer.json"))
    about = {"feature_size": _MELS, "sampling_rate": 16_000, "chunk_length": 30, "n_fft": 400}
    (folder / "preprocessor_config.json").write_text(json.dumps(about))

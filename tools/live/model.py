"""A model folder without weights: two layers of Llama's shape, and a tokenizer whose tokens are single characters.

So the number of a prompt's tokens is the number of its characters, and whoever sends it knows the count beforehand.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

SPECIAL = ("<|pad|>", "<|bos|>", "<|eos|>")
# Printable ASCII, and the space as byte-level tokenizers write it: random tokens always decode to visible text.
ALPHABET = (*(chr(code) for code in range(0x21, 0x7F)), "\u0120")
VOCABULARY = {token: number for number, token in enumerate((*SPECIAL, *ALPHABET))}
MODEL_LENGTH = 512

_TOKENIZER: dict[str, Any] = {
    "version": "1.0", "truncation": None, "padding": None, "normalizer": None, "post_processor": None,
    "added_tokens": [
        {
            "id": VOCABULARY[token], "content": token, "single_word": False, "lstrip": False, "rstrip": False,
            "normalized": False, "special": True,
        }
        for token in SPECIAL
    ],
    "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True},
    "decoder": {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True},
    "model": {
        "type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None,
        "end_of_word_suffix": None, "fuse_unk": False, "byte_fallback": False, "vocab": VOCABULARY, "merges": [],
    },
}  # fmt: skip
_TOKENIZER_CONFIG = {
    "tokenizer_class": "PreTrainedTokenizerFast", "pad_token": SPECIAL[0], "bos_token": SPECIAL[1],
    "eos_token": SPECIAL[2], "model_max_length": MODEL_LENGTH, "clean_up_tokenization_spaces": False,
}  # fmt: skip
_CONFIG = {
    "architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 128, "intermediate_size": 256,
    "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 4, "head_dim": 32,
    "vocab_size": len(VOCABULARY), "max_position_embeddings": MODEL_LENGTH, "rms_norm_eps": 1e-5,
    "rope_theta": 10000.0, "hidden_act": "silu", "tie_word_embeddings": False, "pad_token_id": 0, "bos_token_id": 1,
    "eos_token_id": 2, "torch_dtype": "float32", "initializer_range": 0.02,
}  # fmt: skip


def write(folder: Path) -> None:
    """The files that vLLM wants beside `--load-format dummy`."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {"config.json": _CONFIG, "tokenizer.json": _TOKENIZER, "tokenizer_config.json": _TOKENIZER_CONFIG}
    for name, data in files.items():
        (folder / name).write_text(json.dumps(data, indent=1, ensure_ascii=False))

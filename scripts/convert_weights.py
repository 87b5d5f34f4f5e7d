#!/usr/bin/env python3
"""Turns a PyTorch checkpoint (.pth, .pt, .tar) into safetensors for `tagconf train --weights`.

usage: convert_weights.py CHECKPOINT.pth OUT.safetensors

The checkpoint may be a state dict or hold one under state_dict, model_state_dict or model. Names and values stay
as they are: tagconf itself knows the names of 2017 and DataParallel's "module." prefix. Reading is restricted to
tensors and plain containers (weights_only): code in the file is not run. Needs torch, and nothing else of tagconf
does.
"""
import ctypes
import json
import os
import struct
import sys

import torch

TYPES = {torch.float32: "F32", torch.float64: "F64", torch.float16: "F16", torch.bfloat16: "BF16", torch.int64: "I64"}


def state_dict(path):
    found = torch.load(path, map_location="cpu", weights_only=True)
    for key in ("state_dict", "model_state_dict", "model"):
        if isinstance(found, dict) and isinstance(found.get(key), dict):
            found = found[key]
    if not isinstance(found, dict) or not any(isinstance(v, torch.Tensor) for v in found.values()):
        sys.exit(f"{path}: holds no state dict")
    return {k: v for k, v in found.items() if isinstance(v, torch.Tensor)}


def write(tensors, path):
    header, chunks, at = {"__metadata__": {"format": "pt"}}, [], 0
    for name, tensor in sorted(tensors.items(), key=lambda item: (-item[1].element_size(), item[0])):
        if tensor.dtype not in TYPES:
            sys.exit(f"{name}: element type {tensor.dtype} is not supported")
        tensor = tensor.contiguous()
        raw = ctypes.string_at(tensor.data_ptr(), tensor.numel() * tensor.element_size()) if tensor.numel() else b""
        header[name] = {"dtype": TYPES[tensor.dtype], "shape": list(tensor.shape), "data_offsets": [at, at + len(raw)]}
        chunks.append(raw)
        at += len(raw)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    temporary = f"{path}.{os.getpid()}.tmp"
    with open(temporary, "wb") as out:
        out.write(struct.pack("<Q", len(text)) + text)
        out.writelines(chunks)
    os.replace(temporary, path)


def main(arguments):
    if len(arguments) != 2:
        sys.exit(__doc__.strip().splitlines()[2])
    tensors = state_dict(arguments[0])
    write(tensors, arguments[1])
    print(f"{len(tensors)} tensors written to {arguments[1]}")


if __name__ == "__main__":
    main(sys.argv[1:])

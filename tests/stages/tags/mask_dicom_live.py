"""Covers boxes in every readable DICOM file of a folder and compares what DCMTK's programs say of the copies."""
import csv
import json
import pathlib
import random
import re
import subprocess
import sys

import numpy

DECODERS = {"1.2.840.10008.1.2.4.70": "dcmdjpeg", "1.2.840.10008.1.2.4.80": "dcmdjpls",
            "1.2.840.10008.1.2.5": "dcmdrle"}
# What a covered copy says anew, and what it leaves out.
NEW = {"0008,0008", "0008,0018", "0020,000e", "0008,2111", "0008,2112", "0008,9215", "7fe0,0010",
       "0028,1050", "0028,1051", "0028,1055", "0028,1056"}
GONE = re.compile(r"60..,|50..,|0088,0200|0008,001[23]|fffc,fffc|fffe,|....,0000")
LINE = re.compile(r"^\(([0-9a-f]{4},[0-9a-f]{4})\) (..) (.*?)\s+# +\S+ *,")


def run(*words):
    done = subprocess.run([str(w) for w in words], capture_output=True)
    return done.returncode, done.stdout.decode("latin-1") + done.stderr.decode("latin-1")


def dump(path):
    """Tag -> value of the elements that stand outside sequences, and the whole text."""
    code, text = run("dcmdump", "-Un", "+L", "-q", path)
    assert code == 0, (path, text)
    found = (LINE.match(line) for line in text.splitlines())
    return {m[1]: (m[2], m[3]) for m in found if m}, text


def number(tags, tag, other=None):
    return int(tags[tag][1]) if tag in tags else other


def stored(path, tags, folder):
    """The stored values as dcmdump writes them out."""
    folder.mkdir()
    code, text = run("dcmdump", "+W", folder, path)
    assert code == 0, text
    (raw,) = folder.glob("*.raw")
    allocated = number(tags, "0028,0100")
    bits = number(tags, "0028,0101", allocated)
    high = number(tags, "0028,0102", bits - 1)
    shape = number(tags, "0028,0010"), number(tags, "0028,0011")
    cells = numpy.frombuffer(raw.read_bytes(), "u1" if allocated == 8 else "<u2")[:shape[0] * shape[1]]
    values = (cells.astype(numpy.int64) >> (high + 1 - bits)) & ((1 << bits) - 1)
    if number(tags, "0028,0103", 0) == 1:
        values -= (values >> (bits - 1)) << bits
    return values.reshape(shape), cells


def native(path, syntax, folder):
    out = folder / "native.dcm"
    code, text = run(*([DECODERS[syntax]] if syntax in DECODERS else ["dcmconv", "+te"]), path, out)
    assert code == 0, (path, text)
    return out


def check(path, syntax, program, folder):
    export = folder / "export"
    export.mkdir(parents=True)
    (export / path.name).write_bytes(path.read_bytes())
    ids = folder / "cohort", folder / "map.csv"
    code, text = run(program, "ingest", export, "--reader", "dicom", "--source-map", ids[1], "--out", ids[0],
                     "--modalities", "", "--progress", "none")
    assert code == 0, (path.name, text)
    (row,) = csv.DictReader(open(ids[0] / "manifest.csv"))
    width, height = int(row["width"]), int(row["height"])
    draw = random.Random(path.name)
    mask = numpy.zeros((height, width), bool)
    with open(folder / "tags.csv", "w") as tags:
        print("image_id,x,y,w,h", file=tags)
        for _ in range(3):
            x, y = draw.randrange(width), draw.randrange(height)
            w, h = 1 + draw.randrange(min(30, width - x)), 1 + draw.randrange(min(20, height - y))
            print(row["image_id"], x, y, w, h, sep=",", file=tags)
            mask[y:y + h, x:x + w] = True
    code, text = run(program, "mask", ids[0], "--tags", folder / "tags.csv", "--dicom", export, "--source-map",
                     ids[1], "--pad", 0, "--out", folder / "covered", "--progress", "none")
    assert code == 0, (path.name, text)
    (copy,) = (folder / "covered/dicom").iterdir()
    (record,) = csv.DictReader(open(folder / "covered/covered.csv"))
    assert copy.name == row["image_id"] + ".dcm"

    before, _ = dump(path)
    after, text = dump(copy)
    assert after["0002,0010"][1] in ("=LittleEndianExplicit", "[1.2.840.10008.1.2.1]"), after["0002,0010"]
    assert after["0002,0003"] == after["0008,0018"]
    assert after["0008,0018"][1].startswith("[2.25.") and after["0020,000e"][1].startswith("[2.25.")
    assert before["0008,0018"][1] in text  # as the source image
    assert "(0088,0200)" not in text and not re.search(r"\((60|50)..,", text)
    for tag, value in before.items():
        if tag in NEW or tag.startswith("0002") or GONE.match(tag):
            continue
        if tag in ("0028,0100", "0028,0101", "0028,0102") and syntax in DECODERS:
            continue
        assert tag in after, (path.name, tag)
        assert after[tag][1] == value[1], (path.name, tag, value, after[tag])
    for tag in ("0028,1050", "0028,1051"):
        if not record["window"] and tag in before:
            assert after[tag] == before[tag], (path.name, tag)

    plain = native(path, syntax, folder)
    old, _ = stored(plain, dump(plain)[0], folder / "old")
    new, cells = stored(copy, after, folder / "new")
    assert (old[~mask] == new[~mask]).all(), path.name
    assert (new[mask] == int(record["fill"])).all(), path.name
    assert int(record["pixels"]) == mask.sum()
    assert run(program, "ingest", folder / "covered/dicom", "--reader", "dicom", "--out", folder / "again",
               "--modalities", "", "--progress", "none")[0] == 0


def main():
    data, program = pathlib.Path(sys.argv[1]), sys.argv[2]
    done = 0
    for entry in json.load(open(data / "expected.json"))["files"]:
        if entry["expect"] == "refuse":
            continue
        check(data / entry["file"], entry["transfer_syntax"], program, pathlib.Path(entry["file"] + ".work"))
        done += 1
    print(done, "covered files, as DCMTK and numpy read them")


main()

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
    raw = max(folder.glob("*.raw"), key=lambda file: file.stat().st_size)  # an icon is written out, too
    allocated = number(tags, "0028,0100")
    bits = number(tags, "0028,0101", allocated)
    high = number(tags, "0028,0102", bits - 1)
    shape = number(tags, "0028,0010"), number(tags, "0028,0011")
    cells = numpy.frombuffer(raw.read_bytes(), "u1" if allocated == 8 else "<u2")[:shape[0] * shape[1]]
    values = (cells.astype(numpy.int64) >> (high + 1 - bits)) & ((1 << bits) - 1)
    if number(tags, "0028,0103", 0) == 1:
        values -= (values >> (bits - 1)) << bits
    return values.reshape(shape)


def native(path, syntax, out):
    code, text = run(*([DECODERS[syntax]] if syntax in DECODERS else ["dcmconv", "+te"]), path, out)
    assert code == 0, (path, text)
    return out


def compare_elements(name, before, copy, record, changed):
    """What the copy says: anew what must be new, all else as the original."""
    after, text = dump(copy)
    assert after["0002,0010"][1] == "[1.2.840.10008.1.2.1]", after["0002,0010"]
    assert after["0002,0003"] == after["0008,0018"]
    assert after["0008,0018"][1].startswith("[2.25.") and after["0020,000e"][1].startswith("[2.25.")
    assert before["0008,0018"][1] in text  # as the source image
    assert "(0088,0200)" not in text and not re.search(r"\((60|50)..,", text)
    for tag, value in before.items():
        if tag in NEW or tag in changed or tag.startswith("0002") or GONE.match(tag):
            continue
        assert tag in after, (name, tag)
        assert after[tag][1] == value[1], (name, tag, value, after[tag])
    for tag in ("0028,1050", "0028,1051"):
        if not record["window"] and tag in before:
            assert after[tag] == before[tag], (name, tag)
    return after


def draw_boxes(name, row):
    """Three boxes inside the image, and the mask of their pixels."""
    width, height = int(row["width"]), int(row["height"])
    draw = random.Random(name)
    mask = numpy.zeros((height, width), bool)
    boxes = []
    for _ in range(3):
        x, y = draw.randrange(width), draw.randrange(height)
        w, h = 1 + draw.randrange(min(30, width - x)), 1 + draw.randrange(min(20, height - y))
        boxes.append((x, y, w, h))
        mask[y:y + h, x:x + w] = True
    return boxes, mask


def table(path, key):
    return {row[key]: row for row in csv.DictReader(open(path)) if row[key]}


def check(files, data, program, folder):
    """`files`: name -> transfer syntax, each of another instance."""
    export, cohort, covered = folder / "export", folder / "cohort", folder / "covered"
    export.mkdir(parents=True)
    for name in files:
        (export / name).write_bytes((data / name).read_bytes())
    quiet = ["--progress", "none"]
    every = ["--reader", "dicom", "--modalities", "", *quiet]
    code, text = run(program, "ingest", export, *every, "--source-map", folder / "map.csv", "--out", cohort)
    assert code == 0, text
    rows = table(cohort / "manifest.csv", "image_id")
    sources = table(folder / "map.csv", "source")
    drawn = {name: draw_boxes(name, rows[sources[name]["image_id"]]) for name in files}
    with open(folder / "tags.csv", "w") as tags:
        print("image_id,x,y,w,h", file=tags)
        for name, (boxes, _) in drawn.items():
            for box in boxes:
                print(sources[name]["image_id"], *box, sep=",", file=tags)
    code, text = run(program, "mask", cohort, "--tags", folder / "tags.csv", "--dicom", export, "--source-map",
                     folder / "map.csv", "--pad", 0, "--out", covered, *quiet)
    assert code == 0, text
    assert len(list((covered / "dicom").iterdir())) == len(files)
    records = table(covered / "covered.csv", "image_id")

    for name, syntax in files.items():
        image = sources[name]["image_id"]
        copy, record, mask = covered / "dicom" / (image + ".dcm"), records[image], drawn[name][1]
        # A coder takes and gives values: its cells may lie elsewhere than the header says.
        changed = {"0028,0100", "0028,0101", "0028,0102"} if syntax in DECODERS else set()
        after = compare_elements(name, dump(data / name)[0], copy, record, changed)
        plain = native(data / name, syntax, folder / ("native_" + name))
        old = stored(plain, dump(plain)[0], folder / ("old_" + name))
        new = stored(copy, after, folder / ("new_" + name))
        assert (old[~mask] == new[~mask]).all(), name
        assert (new[mask] == int(record["fill"])).all(), name
        assert int(record["pixels"]) == mask.sum(), name
    code, text = run(program, "ingest", covered / "dicom", *every, "--out", folder / "again")
    assert code == 0, text
    return len(files)


def main():
    data, program = pathlib.Path(sys.argv[1]), sys.argv[2]
    rounds = []  # some files are one instance in several forms
    for entry in json.load(open(data / "expected.json"))["files"]:
        if entry["expect"] == "refuse":
            continue
        instance = entry["tags"]["SOPInstanceUID"]
        fitting = next((r for r in rounds if instance not in r[0]), None)
        if fitting is None:
            fitting = (set(), {})
            rounds.append(fitting)
        fitting[0].add(instance)
        fitting[1][entry["file"]] = entry["transfer_syntax"]
    done = sum(check(files, data, program, pathlib.Path(f"round{i}")) for i, (_, files) in enumerate(rounds))
    print(done, "covered files, as DCMTK and numpy read them")


main()

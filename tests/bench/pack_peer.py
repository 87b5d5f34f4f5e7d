"""A cohort in MURA's layout made ready for training: `tagconf ingest` and `tagconf pack` beside a plain loop in Python.

    pack_peer.py TAGCONF [ROUNDS [IMAGES]]

Lets `tagconf phantom` write a tree of at least IMAGES images (3,197, as many as MURA's valid part has), then in every
round: list, hash, decode and resize all of them to 320 x 320 into one .npy file of 16 bits. The loop uses OpenCV, numpy and
two processes; tagconf two threads. Needs numpy and cv2. Prints images a second (medians), the median of the rounds'
ratios, and the largest memory of a process (the loop: of all of its processes together). Judges nothing.
"""
import csv
import hashlib
import json
import multiprocessing
import os
import pathlib
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

SIZE = 320
PROCESSES = 2
IMAGES_A_PATIENT = 2.75


def prepare(path):
    import cv2
    import numpy as np

    cv2.setNumThreads(1)
    data = pathlib.Path(path).read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE)
    small = cv2.resize(image.astype(np.float32) / 255, (SIZE, SIZE), interpolation=cv2.INTER_AREA)
    return path, image.shape, digest, (small * 65535 + 0.5).astype(np.uint16)


def loop(root, out):
    """The plain loop, in a process of its own so that its memory can be told."""
    import numpy as np

    out.mkdir()
    paths = [row[0] for name in ("train", "valid") for row in csv.reader(open(root / f"MURA-v1.1/{name}_image_paths.csv"))]
    pack = np.lib.format.open_memmap(out / "pack.npy", mode="w+", dtype=np.uint16, shape=(len(paths), SIZE, SIZE))
    with multiprocessing.Pool(PROCESSES) as pool, open(out / "manifest.csv", "w", newline="") as table:
        rows = csv.writer(table)
        rows.writerow(["path", "height", "width", "sha256"])
        for i, (path, shape, digest, small) in enumerate(pool.imap(prepare, [str(root / p) for p in paths], 16)):
            rows.writerow([path, *shape, digest])
            pack[i] = small
        pack.flush()
    kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    kilobytes += PROCESSES * resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    print(json.dumps({"images": len(paths), "mb": kilobytes / 1024}))


def run_loop(root, out):
    start = time.perf_counter()
    done = subprocess.run([sys.executable, __file__, "--loop", root, out], check=True, capture_output=True)
    return time.perf_counter() - start, json.loads(done.stdout)


def run_tagconf(program, root, out):
    """Seconds of both commands, and the larger one's memory."""
    flags = ["--threads", str(PROCESSES), "--progress", "none", "--log-level", "error"]
    commands = [
        [program, "ingest", root / "MURA-v1.1", "--reader", "mura", "--out", out / "cohort", *flags],
        [program, "pack", out / "cohort/manifest.csv", "--size", str(SIZE), "--out", out / "packed", *flags],
    ]
    start = time.perf_counter()
    most = 0
    for command in commands:
        child = subprocess.Popen(list(map(str, command)), stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(child.pid, 0)
        if status != 0:
            sys.exit(f"{command} ended with {status}")
        most = max(most, usage.ru_maxrss)
    return time.perf_counter() - start, most / 1024


def main():
    if sys.argv[1] == "--loop":
        loop(pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3]))
        return
    program = sys.argv[1]
    rounds, wanted = (int(sys.argv[i]) if len(sys.argv) > i else v for i, v in ((2, 5), (3, 3197)))
    speeds = {"tagconf": [], "loop": []}
    memory = {"tagconf": [], "loop": []}
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        patients = int(wanted / IMAGES_A_PATIENT)
        subprocess.run([program, "phantom", "--patients-train", "2", "--patients-valid", str(patients), "--no-bones",
                        "--out", str(root / "phantom"), "--progress", "none"], check=True, stdout=subprocess.DEVNULL)
        for _ in range(rounds):
            seconds, mb = run_tagconf(program, root / "phantom", root / "ours")
            their_seconds, told = run_loop(root / "phantom", root / "theirs")
            for name, s, m in (("tagconf", seconds, mb), ("loop", their_seconds, told["mb"])):
                speeds[name].append(told["images"] / s)
                memory[name].append(m)
            shutil.rmtree(root / "ours")
            shutil.rmtree(root / "theirs")
    ratio = statistics.median(a / b for a, b in zip(speeds["tagconf"], speeds["loop"]))
    print(f"{told['images']} images, {rounds} rounds, {SIZE} px")
    for name in speeds:
        print(f"{name:8} {statistics.median(speeds[name]):7.0f} images/s  {max(memory[name]):6.0f} MB")
    print(f"tagconf is {ratio:.2f} times as fast")


main()

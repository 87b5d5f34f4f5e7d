"""DenseNet-121 here and in Python: images a second in training and prediction, in interleaved rounds.

    nn_peers.py PROGRAM [ROUNDS [SIZE [BATCH [DEVICE [DTYPE]]]]]

PROGRAM is tagconf, or bench_nn where the layer nn is all that was built. Run by a Python that has torch and torchvision
of LibTorch's version. Every figure comes from a process of its own: ours and the peers, channels-last, fp32 (on a GPU
without TF32) and bf16 (autocast), eager and through torch.compile (prediction: with freezing). A peer compiles once and
then waits, stopped, for its turn; in a round, what is compared is measured one after another, each first in some round.
Peers make the same steps: images copied to the device, forward, loss, backward, fused Adam, the loss read back; or
forward alone. DTYPE: fp32 or bf16, default both; where the processor does not multiply bf16 it takes ten times as
long. Prints medians over the rounds, and our speed over each peer's of the same dtype as the median of the rounds'
ratios. Judges nothing.
"""
import json
import pathlib
import signal
import statistics
import subprocess
import sys
import time
import types

SECONDS = 10
PEERS = ["eager", "compile"]
DTYPES = ["fp32", "bf16"]
WORK = ["train", "predict"]


def peer(work, kind, dtype, size, batch, device):
    """Answers every line of standard input by the images a second of torchvision's network in this process."""
    import torch
    import torch.nn.functional as F

    # Fails where torchvision was built for CUDA and torch was not; no classifier needs the operators it describes.
    name = "torchvision._meta_registrations"
    sys.modules[name] = types.ModuleType(name)
    from torchvision.models import densenet121

    torch.manual_seed(0)
    torch.backends.cudnn.allow_tf32 = False
    model = densenet121(weights=None, num_classes=1).to(device, memory_format=torch.channels_last)
    images = torch.rand(batch, 3, size, size).contiguous(memory_format=torch.channels_last)
    labels = (torch.arange(batch) % 2).float().unsqueeze(1).to(device)
    if device != "cpu":
        images = images.pin_memory()
    model.train(work == "train")
    if kind == "compile":
        import torch._inductor.config

        torch._inductor.config.freezing = work == "predict"
    call = torch.compile(model) if kind == "compile" else model
    adam = torch.optim.Adam(model.parameters(), lr=1e-4, fused=True)

    def forward():
        with torch.autocast(device, torch.bfloat16, enabled=dtype == "bf16"):
            return call(images.to(device, non_blocking=True))

    def step():
        if work == "predict":
            with torch.no_grad():
                return forward().cpu()
        adam.zero_grad(set_to_none=True)
        loss = F.binary_cross_entropy_with_logits(forward().float(), labels)
        loss.backward()
        adam.step()
        return loss.item()

    step()
    step()
    print("ready", flush=True)
    for _ in sys.stdin:
        step()
        steps, start = 0, time.perf_counter()
        while steps < 2 or time.perf_counter() - start < SECONDS:
            step()
            steps += 1
        print("speed", batch * steps / (time.perf_counter() - start), flush=True)


class Peer:
    def __init__(self, *words):
        command = [sys.executable, __file__, "--peer", *map(str, words)]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, bufsize=1
        )
        self.answer("ready")
        self.process.send_signal(signal.SIGSTOP)

    def answer(self, word):
        for line in self.process.stdout:
            if line.split()[:1] == [word]:
                return line.split()[1:]
        sys.exit(f"a peer ended: {' '.join(self.process.args)}")

    def measure(self):
        self.process.send_signal(signal.SIGCONT)
        self.process.stdin.write("\n")
        speed = float(self.answer("speed")[0])
        self.process.send_signal(signal.SIGSTOP)
        return speed


def run_tagconf(program, work, dtype, size, batch, device):
    words = ["--work", work, "--dtypes", dtype, "--sizes", size, "--batches", batch]
    words += ["--seconds", SECONDS, "--device", device]
    if pathlib.Path(program).name == "tagconf":
        words = ["bench", *words, "--json", "--progress", "none"]
    done = subprocess.run([program, *map(str, words)], check=True, capture_output=True)
    return next(c["images_per_s"] for c in json.loads(done.stdout)["cases"] if (c["work"], c["dtype"]) == (work, dtype))


def measure(program, peers, rounds, size, batch, device, dtypes):
    speeds = {}
    for turn in range(rounds):
        for work, dtype in [(work, dtype) for work in WORK for dtype in dtypes]:
            # What is compared is measured one after another, each of them first in some round.
            for name in rotated(["tagconf", *PEERS], turn):
                if name == "tagconf":
                    speed = run_tagconf(program, work, dtype, size, batch, device)
                else:
                    speed = peers[name, work, dtype].measure()
                speeds.setdefault((name, work, dtype), []).append(speed)
    return speeds


def rotated(items, by):
    by %= len(items)
    return items[by:] + items[:by]


def report(speeds, dtypes, title):
    print(f"{title}\nwork     dtype  program   images/s  tagconf is")
    for work in WORK:
        for dtype in dtypes:
            ours = speeds["tagconf", work, dtype]
            print(f"{work:8} {dtype:6} tagconf {statistics.median(ours):10.2f}")
            for kind in PEERS:
                theirs = speeds[kind, work, dtype]
                ratio = statistics.median(a / b for a, b in zip(ours, theirs))
                print(f"{work:8} {dtype:6} {kind:7} {statistics.median(theirs):10.2f}  {ratio:.2f} times as fast")


def main():
    if sys.argv[1] == "--peer":
        work, kind, dtype, size, batch, device = sys.argv[2:]
        peer(work, kind, dtype, int(size), int(batch), device)
        return
    program = sys.argv[1]
    rounds, size, batch = (int(sys.argv[i]) if len(sys.argv) > i else v for i, v in ((2, 5), (3, 224), (4, 16)))
    device = sys.argv[5] if len(sys.argv) > 5 else "cpu"
    dtypes = [sys.argv[6]] if len(sys.argv) > 6 else DTYPES
    cases = [(kind, work, dtype) for work in WORK for kind in PEERS for dtype in dtypes]
    peers = {(kind, work, dtype): Peer(work, kind, dtype, size, batch, device) for kind, work, dtype in cases}
    title = f"{rounds} rounds, {size} px, batches of {batch}, {device}"
    try:
        report(measure(program, peers, rounds, size, batch, device, dtypes), dtypes, title)
    finally:
        for each in peers.values():
            each.process.kill()


main()

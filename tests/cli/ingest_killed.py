"""A tree of small DICOM files, all of one film with other ids and pixels: ingest_killed.py FILM OUT COUNT."""
import pathlib
import sys

film = pathlib.Path(sys.argv[1]).read_bytes()
out = pathlib.Path(sys.argv[2])


def element(tag, name):
    """Place and length of a text element with an explicit VR."""
    group, number = tag
    at = film.index(group.to_bytes(2, "little") + number.to_bytes(2, "little") + name)
    return at + 8, int.from_bytes(film[at + 6:at + 8], "little")


def put(data, place, number):
    """Replaces the last digits of the element's text."""
    at, length = place
    text = data[at:at + length].rstrip(b"\0 ")
    data[at:at + len(text)] = text[:-4] + b"%04d" % number


instance, patient, study = element((8, 0x18), b"UI"), element((0x10, 0x20), b"LO"), element((0x20, 0x0D), b"UI")
for i in range(int(sys.argv[3])):
    data = bytearray(film)
    put(data, instance, i)
    put(data, patient, i // 4)
    put(data, study, i // 4)
    data[-3000:-2996] = i.to_bytes(4, "little")  # pixels
    folder = out / f"patient {i // 4}"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"film {i}").write_bytes(data)

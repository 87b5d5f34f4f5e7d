// The base layer against published vectors, closed forms and properties.
#include <cmath>
#include <cstring>
#include <fstream>
#include <set>

#include "catch.hpp"
#include "support.hpp"
#include "tagconf/base/csv.hpp"
#include "tagconf/base/digest.hpp"
#include "tagconf/base/error.hpp"
#include "tagconf/base/files.hpp"
#include "tagconf/base/json_text.hpp"
#include "tagconf/base/jsonl.hpp"
#include "tagconf/base/npy.hpp"
#include "tagconf/base/number.hpp"
#include "tagconf/base/parallel.hpp"
#include "tagconf/base/rect.hpp"
#include "tagconf/base/rng.hpp"
#include "tagconf/base/utf8.hpp"

using namespace tagconf;
namespace fs = std::filesystem;

namespace {

// The message of the error that `f` must throw, with its code.
template <class F>
std::pair<ErrorCode, std::string> error_of(F&& f) {
  try {
    f();
  } catch (const Error& error) {
    return {error.code(), error.message()};
  }
  return {ErrorCode::bug, "nothing was thrown"};
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("SHA-256 equals the vectors of FIPS 180-4") {
  CHECK(sha256_hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(sha256_hex("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  test::ScratchFolder scratch;
  write_text(scratch / "a.txt", "abc");
  CHECK(sha256_file(scratch / "a.txt") == sha256_hex("abc"));
  CHECK(error_of([&] { (void)sha256_file(scratch / "none"); }).first == ErrorCode::input);
}

TEST_CASE("a tree's digest depends on names and bytes alone") {
  test::ScratchFolder scratch;
  write_text(scratch / "t/a/x", "1");
  write_text(scratch / "t/b", "2");
  write_text(scratch / "u/b", "2");
  write_text(scratch / "u/a/x", "1");
  CHECK(sha256_tree(scratch / "t") == sha256_tree(scratch / "u"));
  write_text(scratch / "u/b", "3");
  CHECK(sha256_tree(scratch / "t") != sha256_tree(scratch / "u"));
}

TEST_CASE("random streams are repeatable, and distinct in every part of their key") {
  Rng a(7, "order", 3, key_word("x"));
  Rng b(7, "order", 3, key_word("x"));
  std::set<std::uint32_t> values;
  for (int i = 0; i < 1000; ++i) {
    const auto v = a.next();
    REQUIRE(v == b.next());
    values.insert(v);
  }
  CHECK(values.size() > 995);
  CHECK(Rng(7, "order", 3).next() != Rng(8, "order", 3).next());
  CHECK(Rng(7, "order", 3).next() != Rng(7, "draw", 3).next());
  CHECK(Rng(7, "order", 3).next() != Rng(7, "order", 4).next());
  CHECK(Rng(7, "order", 3, 1).next() != Rng(7, "order", 1, 3).next());
}

TEST_CASE("uniform, normal and below have the moments of their distributions") {
  Rng rng(1, "moments");
  const int n = 200000;
  double u = 0;
  double z = 0;
  double z2 = 0;
  std::array<int, 7> counts{};
  for (int i = 0; i < n; ++i) {
    const double x = rng.uniform();
    REQUIRE(x >= 0);
    REQUIRE(x < 1);
    u += x;
    const double g = rng.normal();
    z += g;
    z2 += g * g;
    ++counts[rng.below(7)];
  }
  CHECK(std::abs(u / n - 0.5) < 5 * std::sqrt(1.0 / 12 / n));
  CHECK(std::abs(z / n) < 5 / std::sqrt(n));
  CHECK(std::abs(z2 / n - 1) < 5 * std::sqrt(2.0 / n));
  double chi2 = 0;
  for (const int c : counts) chi2 += std::pow(c - n / 7.0, 2) / (n / 7.0);
  CHECK(chi2 < 30);  // 6 degrees of freedom: beyond 30 with probability 4e-5
}

TEST_CASE("numbers round-trip in their shortest form") {
  for (const double x : {0.1, 1e22, 5e-324, 1.7976931348623157e308, -0.0, 1.0 / 3}) {
    const auto back = parse_double(format_number(x));
    REQUIRE(back);
    CHECK(std::memcmp(&*back, &x, sizeof x) == 0);
  }
  CHECK(format_number(0.1) == "0.1");
  CHECK(format_fixed(0.84449, 3) == "0.844");
  CHECK(format_fixed(-0.0001, 3) == "0.000");
  CHECK(!parse_double("1.5x"));
  CHECK(!parse_double(""));
  CHECK(!parse_double("1,5"));
  CHECK(!parse_double("+-1"));
  CHECK(parse_int("+12") == 12);
  CHECK(!parse_int("3.0"));
}

TEST_CASE("CSV: quotes, CRLF, byte-order mark, line numbers") {
  const auto t = parse_csv(
      "\xEF\xBB\xBF"
      "a,b\r\n\"x,\"\"y\"\"\",1\r\n\"two\nlines\",2\r\nlast,3",
      "t.csv");
  REQUIRE(t.rows() == 3);
  CHECK(t.at(0, 0) == "x,\"y\"");
  CHECK(t.at(1, 0) == "two\nlines");
  CHECK(t.where(2) == "t.csv:5");
  CHECK(t.require("b") == 1);
  CHECK(contains(error_of([&] { (void)t.require("c"); }).second, "no column 'c'"));
}

TEST_CASE("CSV: broken tables are refused with file and line") {
  CHECK(contains(error_of([] { (void)parse_csv("a,b\n1\n", "t.csv"); }).second,
                 "t.csv:2: 1 fields, expected 2"));
  CHECK(contains(error_of([] { (void)parse_csv("a,a\n", "t.csv"); }).second, "stands twice"));
  CHECK(contains(error_of([] { (void)parse_csv("a\n\"x\n", "t.csv"); }).second, "t.csv:2: a quoted field"));
  CHECK(contains(error_of([] { (void)parse_csv("a\n\"x\"y\n", "t.csv"); }).second, "after a closing quote"));
  CHECK(contains(error_of([] { (void)parse_csv("", "t.csv"); }).second, "is empty"));
}

TEST_CASE("CSV written is CSV read") {
  CsvWriter writer({"id", "text"});
  writer.row({"1", "a,\"b\"\nc"});
  writer.row({"2", ""});
  const auto t = parse_csv(writer.text(), "w");
  REQUIRE(t.rows() == 2);
  CHECK(t.at(0, 1) == "a,\"b\"\nc");
  CHECK(t.at(1, 1).empty());
  // What looks like a byte-order mark, but is the first name's own.
  const std::string name =
      "\xEF\xBB\xBF"
      "id";
  CHECK(parse_csv(CsvWriter({name}).text(), "w").columns().front() == name);
}

TEST_CASE("UTF-8 is told from what is none") {
  CHECK(find_not_utf8("a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80") == std::string_view::npos);
  for (const auto* bad : {"a\x80", "a\xC3", "a\xC0\xAF", "a\xED\xA0\x80", "a\xF5\x80\x80\x80", "a\xE2\x82"}) {
    CHECK(find_not_utf8(bad) == 1);
  }
  CHECK(canonical_json(Json{{"\xFF", "\xFF"}}) == "{\"\uFFFD\":\"\uFFFD\"}");
}

TEST_CASE("JSON: duplicate keys and trailing text are refused, numbers are shortest") {
  CHECK(canonical_json(Json{{"b", 0.1}, {"a", 1}, {"c", std::nan("")}}) == R"({"a":1,"b":0.1,"c":null})");
  CHECK(
      contains(error_of([] { (void)parse_json(R"({"a":1,"a":2})", "c.json"); }).second, "'a' stands twice"));
  CHECK(contains(error_of([] { (void)parse_json("{\n \"a\": }", "c.json"); }).second, "c.json:2:"));
  CHECK(error_of([] { (void)parse_json("{} x", "c.json", true); }).first == ErrorCode::config);
  CHECK(error_of([] { (void)parse_json("[1, 1e999]", "c.json"); }) ==
        std::pair(ErrorCode::input, std::string("c.json: number overflow parsing '1e999'")));
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  CHECK(pretty_json(parse_json(nested(200), "c.json")).size() > 400);
  CHECK(error_of([&] { (void)parse_json(nested(300000), "c.json"); }) ==
        std::pair(ErrorCode::input, std::string("c.json: values nested more than 200 deep")));
  CHECK(parse_json(pretty_json(Json{{"x", {1, 2.5, "t"}}}), "p") == Json{{"x", {1, 2.5, "t"}}});
}

TEST_CASE("writes are atomic: an abandoned file leaves nothing") {
  test::ScratchFolder scratch;
  write_text(scratch / "f", "old");
  {
    AtomicFile file(scratch / "f");
    file.write("half");
  }
  CHECK(read_text(scratch / "f") == "old");
  CHECK(std::distance(fs::directory_iterator(scratch.path()), {}) == 1);
  CHECK(error_of([&] { write_text(scratch / "f/g", "x"); }).first == ErrorCode::environment);
  CHECK(error_of([&] { (void)read_text(scratch / "f", 2); }).first == ErrorCode::input);
}

TEST_CASE("paths that leave their root are refused") {
  test::ScratchFolder scratch;
  write_text(scratch / "root/in.png", "x");
  write_text(scratch / "out.png", "x");
  fs::create_symlink(scratch / "out.png", scratch / "root/link.png");
  const auto root = scratch / "root";
  CHECK(resolve_below(root, "in.png", "m.csv:2") == root / "in.png");
  for (const char* bad : {"../out.png", "a/../../out.png", "/etc/passwd", "", "link.png"}) {
    CHECK(contains(error_of([&] { (void)resolve_below(root, bad, "m.csv:2"); }).second, "m.csv:2: path"));
  }
}

TEST_CASE("npy: written arrays map back; broken ones are named") {
  test::ScratchFolder scratch;
  const auto path = scratch / "a.npy";
  NpyWriter writer(path, NpyType::uint16, {2, 3});
  std::vector<std::uint16_t> values(12);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<std::uint16_t>(5000 * i);
  writer.append(std::as_bytes(std::span(values)));
  writer.commit();
  const NpyMap map(path);
  CHECK(map.shape() == std::vector<std::size_t>{2, 2, 3});
  CHECK(std::memcmp(map.item(1).data(), values.data() + 6, 12) == 0);
  // The header is NumPy's format 1.0: magic, version, little-endian length, Python dictionary, newline.
  const std::string text = read_text(path);
  CHECK(text.substr(0, 8) == std::string("\x93NUMPY\x01\x00", 8));
  CHECK(text[127] == '\n');
  CHECK(contains(text, "'descr': '<u2', 'fortran_order': False, 'shape': (2, 2, 3), }"));

  fs::resize_file(path, text.size() - 1);
  CHECK(contains(error_of([&] { NpyMap broken(path); }).second, "a.npy"));
  write_text(scratch / "b.npy", "not numpy at all");
  CHECK(contains(error_of([&] { NpyMap broken(scratch / "b.npy"); }).second, "is not a .npy file"));
  CHECK(error_of([&] { NpyMap broken(scratch / "none.npy"); }).first == ErrorCode::input);
}

TEST_CASE("jsonl survives a torn last line") {
  test::ScratchFolder scratch;
  const auto path = scratch / "e.jsonl";
  append_jsonl(path, {{"epoch", 1}});
  append_jsonl(path, {{"epoch", 2}});
  std::ofstream(path, std::ios::app) << "{\"epo";
  const auto events = read_jsonl(path);
  REQUIRE(events.size() == 2);
  CHECK(events[1]["epoch"] == 2);
  CHECK(read_jsonl(scratch / "none").empty());
}

TEST_CASE("parallel_for visits every index once and passes on the first exception") {
  for (const int threads : {1, 2, 5}) {
    std::vector<int> visits(1000, 0);
    parallel_for(visits.size(), threads, [&](std::size_t i) { ++visits[i]; });
    CHECK(visits == std::vector<int>(1000, 1));
    CHECK_THROWS_AS(parallel_for(100, threads,
                                 [](std::size_t i) {
                                   if (i == 37) throw_input("x");
                                 }),
                    Error);
  }
}

TEST_CASE("rectangles are half open") {
  const Rect a{0, 0, 4, 4};
  CHECK(intersect(a, {4, 0, 2, 2}).empty());
  CHECK(intersect(a, {2, 2, 9, 9}) == Rect{2, 2, 2, 2});
  CHECK(padded({1, 1, 2, 2}, 3, 5, 4) == Rect{0, 0, 5, 4});
  CHECK(iou(a, {2, 0, 4, 4}) == Approx(8.0 / 24));
  CHECK(bounding(a, Rect{}) == a);
}

TEST_CASE("HMAC-SHA256 is RFC 4231's, and a secret is new each time") {
  CHECK(hmac_sha256_hex(std::string(20, '\x0b'), "Hi There") ==
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  CHECK(hmac_sha256_hex("Jefe", "what do ya want for nothing?") ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  const std::string one = new_secret();
  CHECK(one.size() == 64);
  CHECK(one != new_secret());
}

TEST_CASE("the slow digest is scrypt's") {
  // hashlib.scrypt(b"a passphrase of mine\n", salt=b"tagconf secret 1", n=2**17, r=8, p=1, maxmem=1<<28,
  // dklen=32)
  CHECK(slow_digest_hex("a passphrase of mine\n") ==
        "bd9c8840c0ebae2edb0d5f9cb2f9d52c1cdf94d1c2f49d8d6f365b95a2f65a04");
}

TEST_CASE("private files can be read by their owner only") {
  const test::ScratchFolder scratch;
  write_private_text(scratch / "secret", "x");
  CHECK(read_text(scratch / "secret") == "x");
  CHECK(std::filesystem::status(scratch / "secret").permissions() ==
        (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
}

#include "cohort_support.hpp"
#include "tagconf/cohort/card.hpp"

using namespace tagconf;
using namespace tagconf::cohort;

namespace {

ManifestRow row(const std::string& patient, const std::string& study, Split split, std::optional<int> label,
                int side, const std::string& scaling = "stored") {
  ManifestRow out;
  out.sample = {patient + study, patient, study, "HAND", split, label};
  out.width = side;
  out.height = side / 2;
  out.scaling = scaling;
  return out;
}

const CardRow& find(const Card& card, CardTable table, const std::string& value) {
  for (const auto& entry : card.rows) {
    if (entry.table == table && entry.value == value) return entry;
  }
  FAIL("no row " << value);
  return card.rows.front();
}

}  // namespace

TEST_CASE("a card counts images, patients and studies by split and label") {
  std::vector<ManifestRow> rows{row("p1", "s1", Split::train, 0, 511), row("p1", "s1", Split::train, 0, 512),
                                row("p1", "s2", Split::train, 1, 2048, "window"),
                                row("p2", "s1", Split::test, 1, 1024, "window"),
                                row("", "", Split::none, std::nullopt, 0, "")};
  rows[3].bits = 16;
  rows[4].sample.body_part = "";
  const std::vector<std::optional<bool>> tagged{true, false, true, std::nullopt, true};
  const Card card = make_card(rows, tagged);
  const CardRow& all = find(card, CardTable::all, "all");
  CHECK(all.total.images == 5);
  CHECK(all.total.patients == 2);
  CHECK(all.total.studies == 3);  // s1 is two studies: of p1 and of p2
  CHECK(all.of_label(0) == 2);
  CHECK(all.of_label(1) == 2);
  CHECK(all.of_label(2) == 1);
  CHECK(find(card, CardTable::body_part, "HAND").total.images == 4);
  CHECK(find(card, CardTable::body_part, "none").total.images == 1);
  CHECK(find(card, CardTable::bits, "16").total.images == 1);
  CHECK(find(card, CardTable::scaling, "window").of_label(1) == 2);
  CHECK(find(card, CardTable::scaling, "window").of_label(0) == 0);
  CHECK(find(card, CardTable::tag, "tag").total.images == 3);
  CHECK(find(card, CardTable::tag, "not examined").total.images == 1);
  std::vector<std::string> sizes;
  for (const auto& entry : card.rows) {
    if (entry.table == CardTable::size) sizes.push_back(entry.value);
  }
  CHECK(sizes ==
        std::vector<std::string>{"below 512", "512 to 1023", "1024 to 2047", "2048 and more", "unknown"});
  REQUIRE(card.sizes.size() == 2);  // the image without a label has no size
  CHECK(card.sizes[0].images == 2);
  CHECK(card.sizes[0].width.least == 511);
  CHECK(card.sizes[0].width.middle == 511);
  CHECK(card.sizes[1].height.greatest == 1024);
}

TEST_CASE("a card as a table") {
  const std::vector<ManifestRow> rows{row("p1", "s1", Split::train, 0, 100),
                                      row("p1", "s2", Split::train, 0, 100),
                                      row("p2", "s1", Split::test, std::nullopt, 100)};
  const std::string csv = card_csv(make_card(rows, {}));
  CHECK(csv.rfind("table,value,split,label,images,patients,studies\n"
                  "all,all,train,0,2,1,2\n"
                  "all,all,test,,1,1,1\n"
                  "body_part,HAND,train,0,2,1,2\n",
                  0) == 0);
  CHECK(csv.find("\ntag,") == std::string::npos);
}

#include <array>
#include <map>
#include <optional>

#include "cohort_support.hpp"
#include "tagconf/cohort/collect.hpp"
#include "tagconf/cohort/readers.hpp"

using namespace tagconf;
using namespace tagconf::cohort;
using test::check_refused;
using test::MuraTree;
namespace fs = std::filesystem;

namespace {

const std::string kTrain = "train/XR_WRIST/patient00001/study1_positive/image1.png";
const std::string kValid = "valid/XR_ELBOW/patient11185/study1_negative/image1.png";

void replace_in(const fs::path& path, const std::string& what, const std::string& with) {
  std::string text = read_text(path);
  const auto at = text.find(what);
  REQUIRE(at != std::string::npos);
  write_text(path, text.replace(at, what.size(), with));
}

}  // namespace

TEST_CASE("MURA is read by its tables, from its folder or the one above") {
  const test::ScratchFolder scratch;
  MuraTree tree(scratch.path());
  tree.add(kTrain).add("train/XR_WRIST/patient00001/study1_positive/image2.png");
  tree.add("train/XR_FINGER/patient00002/study3_negative/image1.png").add(kValid).write();
  for (const fs::path& root : {tree.root(), scratch.path()}) {
    const Listing found = read_mura(root);
    CHECK(found.published);
    CHECK(found.warnings.empty());
    REQUIRE(found.images.size() == 4);
    const Sample& sample = found.images[0].sample;
    CHECK(sample.image_id == "train/XR_WRIST/patient00001/study1_positive/image1");
    CHECK(sample.patient_id == "patient00001");
    CHECK(sample.study_id == "train/XR_WRIST/patient00001/study1_positive");
    CHECK(sample.body_part == "WRIST");
    CHECK(sample.split == Split::train);
    CHECK(sample.label == 1);
    CHECK(found.images[2].sample.label == 0);
    CHECK(found.images[3].sample.image_id == "valid/XR_ELBOW/patient11185/study1_negative/image1");
    CHECK(found.images[3].sample.split == Split::valid);
    CHECK(fs::exists(found.root / found.images[3].path));
  }
}

TEST_CASE("a renamed MURA folder is read, macOS leftovers are passed over, unlisted images are told") {
  const test::ScratchFolder scratch;
  MuraTree tree(scratch.path());
  tree.add(kTrain).add(kValid).list("train/XR_WRIST/patient00001/study1_positive/._image1.png").write();
  write_text(tree.root() / "train/XR_WRIST/patient00001/study1_positive/._image1.png", "junk");
  test::write_image(tree.root() / "valid/XR_ELBOW/patient11185/study1_negative/image7.png");
  fs::rename(tree.root(), scratch / "renamed");
  const Listing found = read_mura(scratch / "renamed");
  CHECK(found.images.size() == 2);
  REQUIRE(found.warnings.size() == 1);
  CHECK(found.warnings[0].find("valid/XR_ELBOW/patient11185/study1_negative/image7.png") !=
        std::string::npos);
}

TEST_CASE("a MURA with other counts than published is told, unless a phantom's truth lies beside it") {
  const test::ScratchFolder scratch;
  MuraTree tree(scratch.path());
  tree.add(kTrain).add("train/XR_WRIST/patient00001/study1_positive/image2.png").add(kValid).write();
  CHECK(read_mura(tree.root()).warnings.empty());
  fs::remove_all(scratch / "truth");
  const auto warnings = read_mura(tree.root()).warnings;
  REQUIRE(warnings.size() == 2);
  CHECK(warnings[0].rfind("the tables of train are not MURA v1.1's as published: 11184 patients, found 1; "
                          "13457 studies, found 1; 36808 images, found 2; 1094 normal studies of ELBOW, "
                          "found 0; ",
                          0) == 0);
  CHECK(warnings[0].find("; 1326 abnormal studies of WRIST, found 1") != std::string::npos);
  CHECK(warnings[1].find("valid are not MURA v1.1's as published: 783 patients, found 1; 1199 studies") !=
        std::string::npos);
}

TEST_CASE("a MURA with the published counts gives no warning, one study fewer does") {
  struct Part {
    std::string name;
    std::array<int, 4> studies;  // train normal, abnormal, valid normal, abnormal
  };
  // data/README.md.
  const std::vector<Part> parts{{"ELBOW", {1094, 660, 92, 66}},  {"FINGER", {1280, 655, 92, 83}},
                                {"HAND", {1497, 521, 101, 66}},  {"HUMERUS", {321, 271, 68, 67}},
                                {"FOREARM", {590, 287, 69, 64}}, {"SHOULDER", {1364, 1457, 99, 95}},
                                {"WRIST", {2134, 1326, 140, 97}}};
  const test::ScratchFolder scratch;
  const fs::path root = scratch / "MURA-v1.1";
  const auto write_tree = [&](const std::string& tree, std::size_t patients, std::size_t images) {
    std::vector<std::string> studies;
    std::string labels;
    for (const auto& part : parts) {
      for (const std::size_t label : {0, 1}) {
        const int count = part.studies[(tree == "train" ? 0 : 2) + label];
        for (int s = 0; s < count; ++s) {
          // The first studies go to a patient each, the further ones to the first patients again.
          const std::size_t patient = studies.size() % patients + (tree == "train" ? 0 : patients * 100);
          studies.push_back("MURA-v1.1/" + tree + "/XR_" + part.name + "/patient" + std::to_string(patient) +
                            "/study" + std::to_string(studies.size()) +
                            (label == 1 ? "_positive" : "_negative"));
          labels += studies.back() + "/," + std::to_string(label) + "\n";
        }
      }
    }
    std::string paths;
    for (std::size_t i = 0; i < images; ++i)
      paths += studies[i % studies.size()] + "/image" + std::to_string(i) + ".png\n";
    write_text(root / (tree + "_image_paths.csv"), paths);
    write_text(root / (tree + "_labeled_studies.csv"), labels);
  };
  write_tree("train", 11184, 36808);
  write_tree("valid", 783, 3197);
  const Listing whole = read_mura(root);
  CHECK(whole.images.size() == 40005);
  CHECK(whole.warnings.empty());
  write_tree("valid", 783, 3196);
  CHECK(read_mura(root).warnings ==
        std::vector<std::string>{
            "the tables of valid are not MURA v1.1's as published: 3197 images, found 3196"});
}

TEST_CASE("a MURA that is not whole is refused by name") {
  const test::ScratchFolder scratch;
  const Error missing = test::error_of([&] { (void)read_mura(scratch / "nowhere"); });
  CHECK(missing.code() == ErrorCode::input);
  CHECK(missing.message().find("no such folder") != std::string::npos);
  CHECK(missing.hint().find("data/README.md") != std::string::npos);
  check_refused([&] { (void)read_mura(scratch.path()); }, "holds no MURA-v1.1");
  MuraTree tree(scratch.path());
  tree.add(kTrain).add(kValid).write();
  SECTION("a table is missing") {
    fs::remove(tree.root() / "valid_labeled_studies.csv");
    check_refused([&] { (void)read_mura(scratch.path()); }, "valid_labeled_studies.csv: missing");
  }
  SECTION("the first table is missing") {
    fs::remove(tree.root() / "train_image_paths.csv");
    check_refused([&] { (void)read_mura(tree.root()); }, "train_image_paths.csv: missing");
  }
  SECTION("version 1.0 by its folder") {
    fs::rename(tree.root(), scratch / "MURA-v1.0");
    check_refused([&] { (void)read_mura(scratch / "MURA-v1.0"); }, "is MURA v1.0");
    check_refused([&] { (void)read_mura(scratch.path()); }, "is MURA v1.0");
  }
  SECTION("version 1.0 by its rows") {
    replace_in(tree.root() / "train_image_paths.csv", "MURA-v1.1/", "MURA-v1.0/");
    check_refused([&] { (void)read_mura(tree.root()); }, "train_image_paths.csv:1: is MURA v1.0");
  }
  SECTION("label and folder disagree") {
    replace_in(tree.root() / "train_labeled_studies.csv", ",1", ",0");
    check_refused([&] { (void)read_mura(tree.root()); }, "train_labeled_studies.csv:1: label 0");
  }
  SECTION("a study has no label") {
    write_text(tree.root() / "valid_labeled_studies.csv",
               "MURA-v1.1/valid/XR_ELBOW/patient11199/study1_negative/,0\n");
    check_refused([&] { (void)read_mura(tree.root()); }, "is not in valid_labeled_studies.csv");
  }
  SECTION("a row of another form") {
    replace_in(tree.root() / "valid_image_paths.csv", "study1_negative", "study1");
    check_refused([&] { (void)read_mura(tree.root()); }, "valid_image_paths.csv:1:");
  }
  SECTION("a row that climbs out") {
    replace_in(tree.root() / "valid_image_paths.csv", "valid/XR_ELBOW", "valid/../../x");
    check_refused([&] { (void)read_mura(tree.root()); }, "valid_image_paths.csv:1:");
  }
  SECTION("a row of the other tree") {
    replace_in(tree.root() / "valid_image_paths.csv", "valid/", "train/");
    check_refused([&] { (void)read_mura(tree.root()); }, "valid_image_paths.csv:1:");
  }
  SECTION("an image listed twice") {
    write_text(tree.root() / "train_image_paths.csv", "MURA-v1.1/" + kTrain + "\nMURA-v1.1/" + kTrain + "\n");
    check_refused([&] { (void)read_mura(tree.root()); }, "train_image_paths.csv:2: image_id");
  }
}

TEST_CASE("a table is read by its column and label maps") {
  const test::ScratchFolder scratch;
  test::write_image(scratch / "films/one.png");
  test::write_image(scratch / "films/b/two, old.png");
  write_text(scratch / "lists/t.csv",
             "\xEF\xBB\xBF"
             "Datei;Person;Befund;Menge;Region\r\n"
             "one.png;P1;Pneumonia;TRAIN;Wrist\r\n"
             "\"b/two, old.png\";P2;\"No; finding\";Val;\r\n");
  TableOptions options;
  options.columns = {{"image", "Datei"},
                     {"patient", "Person"},
                     {"label", "Befund"},
                     {"split", "Menge"},
                     {"body_part", "Region"}};
  options.labels = {{"Pneumonia", "1"}, {"No; finding", "0"}};
  options.root = "../films";
  const Listing found = read_table(scratch / "lists/t.csv", options);
  REQUIRE(found.images.size() == 2);
  CHECK(found.images[0].sample.image_id == "one");
  CHECK(found.images[0].sample.patient_id == "P1");
  CHECK(found.images[0].sample.body_part == "WRIST");
  CHECK(found.images[0].sample.split == Split::train);
  CHECK(found.images[0].sample.label == 1);
  CHECK(found.images[1].sample.image_id == "b/two, old");
  CHECK(found.images[1].sample.split == Split::valid);
  CHECK(found.images[1].sample.label == 0);
  CHECK(fs::exists(found.root / found.images[1].path));
  options.separator = ',';
  check_refused([&] { (void)read_table(scratch / "lists/t.csv", options); }, "t.csv");
}

TEST_CASE("columns of the expected names need no map") {
  const test::ScratchFolder scratch;
  write_text(scratch / "t.csv",
             "image,patient,label,extra\na.png,1,normal,x\nb.png,2,Abnormal,y\nc.png,3,,\n");
  const Listing found = read_table(scratch / "t.csv", {});
  REQUIRE(found.images.size() == 3);
  CHECK(found.images[0].sample.label == 0);
  CHECK(found.images[1].sample.label == 1);
  CHECK_FALSE(found.images[2].sample.label.has_value());
  CHECK(found.images[2].sample.split == Split::none);
}

TEST_CASE("a column of the expected name in another case counts where the exact one is missing") {
  const test::ScratchFolder scratch;
  write_text(scratch / "t.csv",
             "Image,PATIENT,Label,Split,Body_Part\na.png,7,1,train,hand\nb.png,8,0,test,wrist\n");
  const Listing found = read_table(scratch / "t.csv", {});
  REQUIRE(found.images.size() == 2);
  CHECK(found.images[0].sample.image_id == "a");
  CHECK(found.images[0].sample.patient_id == "7");
  CHECK(found.images[0].sample.label == 1);
  CHECK(found.images[1].sample.split == Split::test);
  CHECK(found.images[1].sample.body_part == "WRIST");
  write_text(scratch / "two.csv", "image,Split,SPLIT\na.png,train,test\n");
  check_refused([&] { (void)read_table(scratch / "two.csv", {}); },
                "two.csv: column 'Split' or 'SPLIT' may be the split");
  CHECK(read_table(scratch / "two.csv", {{{"split", "SPLIT"}}, {}, {}, '\0'}).images[0].sample.split ==
        Split::test);
  write_text(scratch / "exact.csv", "image,Split,split\na.png,train,test\n");
  CHECK(read_table(scratch / "exact.csv", {}).images[0].sample.split == Split::test);
}

TEST_CASE("a table's path may be put together from its columns") {
  const test::ScratchFolder scratch;
  write_text(scratch / "t.csv", "Scan,Patient,view,label\n1.2.7,p1,ap,0\n1.2.8,p1,lat,1\nb.png,p2,ap,1\n");
  const auto read = [&](const std::string& path) {
    return read_table(scratch / "t.csv", {{{"image", "Scan"}}, {}, {}, '\0', path});
  };
  const Listing found = read("films/{patient}/{image}/{view}.png");
  REQUIRE(found.images.size() == 3);
  CHECK(found.images[0].path == "films/p1/1.2.7/ap.png");
  CHECK(found.images[0].sample.image_id == "1.2.7");
  CHECK(found.images[0].sample.patient_id == "p1");
  CHECK(found.images[1].path == "films/p1/1.2.8/lat.png");
  CHECK(found.images[2].path == "films/p2/b.png/ap.png");
  CHECK(found.images[2].sample.image_id == "b");
  CHECK(read("{Scan}.png").images[1].path == "1.2.8.png");
  check_refused([&] { (void)read(""); }, "image_id '1.2'");  // a path's last dot begins an extension

  const Error unknown = test::error_of([&] { (void)read("films/{side}.png"); });
  CHECK(unknown.code() == ErrorCode::input);
  CHECK(unknown.message() == (scratch / "t.csv").string() + ": no column 'side'");
  CHECK(unknown.hint() == "its columns are: Scan, Patient, view, label");
  check_refused([&] { (void)read("{split}/a.png"); }, "no column 'split'");
  for (const auto* path : {"films/{image", "films/image}", "{{image}}", "{image}}"})
    check_refused([&] { (void)read(path); }, "a brace without its other", ErrorCode::config);
  check_refused([&] { (void)read("../{image}.png"); }, "t.csv:2: path '../1.2.7.png'");
  write_text(scratch / "t.csv", "image,label\n..,0\n");
  check_refused(
      [&] {
        (void)read_table(scratch / "t.csv", {{}, {}, {}, '\0', "films/{image}/a.png"});
      },
      "t.csv:2: path 'films/../a.png'");
}

TEST_CASE("a broken table is refused with file and line") {
  const test::ScratchFolder scratch;
  const auto read = [&](const std::string& text, const TableOptions& options = {}) {
    write_text(scratch / "t.csv", text);
    (void)read_table(scratch / "t.csv", options);
  };
  check_refused([&] { (void)read_table(scratch / "none.csv", {}); }, "no such table");
  check_refused([&] { (void)read_table(scratch.path(), {}); }, "is a folder");
  check_refused([&] { read("file,label\na.png,1\n"); }, "no column 'image'");
  check_refused(
      [&] {
        read("image,label\na.png,1\n", {{{"label", "finding"}}, {}, {}, '\0'});
      },
      "no column 'finding'");
  check_refused(
      [&] {
        read("image\na.png\n", {{{"imgae", "image"}}, {}, {}, '\0'});
      },
      "unknown key 'imgae'", ErrorCode::config);
  check_refused(
      [&] {
        read("image\na.png\n", {{}, {{"x", "2"}}, {}, '\0'});
      },
      "'x' means '2'", ErrorCode::config);
  check_refused([&] { read("image,label\na.png,1\nb.png,sick\n"); }, "t.csv:3: label 'sick'");
  check_refused(
      [&] {
        read("image,label\na.png,No\n", {{}, {{"no", "0"}}, {}, '\0'});
      },
      "t.csv:2: label 'No'");
  check_refused([&] { read("image,split\na.png,holdout\n"); }, "t.csv:2: split 'holdout'");
  check_refused([&] { read("image\n../a.png\n"); }, "t.csv:2: path '../a.png'");
  check_refused([&] { read("image\n/a.png\n"); }, "t.csv:2: path '/a.png'");
  check_refused([&] { read("image,label\n,1\n"); }, "t.csv:2: path ''");
  check_refused([&] { read("image\na.png\na.jpg\n"); }, "t.csv:3: image_id 'a'");
  check_refused([&] { read("image,label\na.png\n"); }, "t.csv:2: 1 fields, expected 2");
  check_refused([&] { read("image\n"); }, "holds no image");
  check_refused([&] { read("image\na.png\n", {{}, {}, "nowhere", '\0'}); }, "no such folder");
  fs::create_symlink("/", scratch / "out");
  check_refused([&] { read("image\nout/a.png\n"); }, "symbolic link");
}

TEST_CASE("a folder a class gives labels, splits and patients by its steps") {
  const test::ScratchFolder scratch;
  test::write_image(scratch / "train/normal/patient1/a.png");
  test::write_image(scratch / "train/Abnormal/a.png");
  test::write_image(scratch / "test/abnormal/z.png");
  test::write_image(scratch / "loose.png");
  write_text(scratch / "train/normal/notes.txt", "no image");
  write_text(scratch / "train/normal/.hidden.png", "no image");
  write_text(scratch / "train/normal/broken.png", "");
  const Listing found = read_folder(scratch.path(), {});
  REQUIRE(found.images.size() == 5);
  CHECK(found.images[0].sample.image_id == "loose");
  CHECK_FALSE(found.images[0].sample.label.has_value());
  CHECK(found.images[1].sample.image_id == "test/abnormal/z");
  CHECK(found.images[1].sample.split == Split::test);
  CHECK(found.images[1].sample.label == 1);
  CHECK(found.images[2].sample.label == 1);
  CHECK(found.images[3].sample.image_id == "train/normal/broken");
  CHECK(found.images[4].sample.patient_id == "patient1");
  CHECK(found.images[4].sample.label == 0);
  REQUIRE(found.warnings.size() == 2);
  CHECK(found.warnings[0] ==
        "1 files are neither PNG nor JPEG and were passed over, the first train/normal/notes.txt");
  CHECK(found.warnings[1].find("1 of 5 images") != std::string::npos);
  const Listing own = read_folder(scratch / "train", {{"normal", "1"}, {"Abnormal", "0"}});
  CHECK(own.images[0].sample.label == 0);
}

TEST_CASE("a numbered folder does not override the class that a word names") {
  const test::ScratchFolder scratch;
  test::write_image(scratch / "in/0/patient8/a.png");
  test::write_image(scratch / "in/0/patient8/abnormal/a.png");
  test::write_image(scratch / "in/0/1/normal/a.png");
  test::write_image(scratch / "in/1/b.png");
  test::write_image(scratch / "in/abnormal/patient7/0/a.png");
  test::write_image(scratch / "in/normal/patient7/1/a.png");
  test::write_image(scratch / "in/normal/negative/a.png");
  const Listing found = read_folder(scratch / "in", {});
  std::map<std::string, std::optional<int>> labels;
  for (const auto& image : found.images) labels[image.sample.image_id] = image.sample.label;
  CHECK(labels == std::map<std::string, std::optional<int>>{{"0/1/normal/a", 0},
                                                            {"0/patient8/a", 0},
                                                            {"0/patient8/abnormal/a", 1},
                                                            {"1/b", 1},
                                                            {"abnormal/patient7/0/a", 1},
                                                            {"normal/patient7/1/a", 0},
                                                            {"normal/negative/a", 0}});
  CHECK(found.warnings.empty());
}

TEST_CASE("folders of one path that name different labels are refused by both names") {
  const test::ScratchFolder scratch;
  test::write_image(scratch / "words/normal/abnormal/a.png");
  check_refused([&] { (void)read_folder(scratch / "words", {}); },
                "words/normal/abnormal/a.png: its folders 'normal' and 'abnormal' name different labels");
  test::write_image(scratch / "digits/1/patient7/0/a.png");
  check_refused([&] { (void)read_folder(scratch / "digits", {}); }, "'1' and '0' name different labels");
  test::write_image(scratch / "own/sick/unclear/a.png");
  check_refused(
      [&] {
        (void)read_folder(scratch / "own", {{"sick", "1"}, {"unclear", ""}});
      },
      "'sick' and 'unclear' name different labels");
  CHECK(read_folder(scratch / "words", {{"abnormal", "1"}}).images[0].sample.label == 1);
}

TEST_CASE("only a folder of one patient names a patient") {
  const test::ScratchFolder scratch;
  for (const auto* folder : {"patients", "patientdata", "Patient", "patient7", "Patient_A", "patient-x"})
    test::write_image(scratch / ("in/" + std::string(folder) + "/normal/a.png"));
  std::map<std::string, std::string> patients;
  for (const auto& image : read_folder(scratch / "in", {}).images)
    patients[image.sample.image_id] = image.sample.patient_id;
  CHECK(patients == std::map<std::string, std::string>{{"Patient/normal/a", ""},
                                                       {"Patient_A/normal/a", "Patient_A"},
                                                       {"patient-x/normal/a", "patient-x"},
                                                       {"patient7/normal/a", "patient7"},
                                                       {"patientdata/normal/a", ""},
                                                       {"patients/normal/a", ""}});
}

TEST_CASE("a folder without images, and a link that leaves it, are refused") {
  const test::ScratchFolder scratch;
  fs::create_directories(scratch / "empty");
  check_refused([&] { (void)read_folder(scratch / "empty", {}); }, "holds no image");
  check_refused([&] { (void)read_folder(scratch / "none", {}); }, "no such folder");
  test::write_image(scratch / "outside.png");
  fs::create_symlink(scratch / "outside.png", scratch / "empty/a.png");
  check_refused([&] { (void)read_folder(scratch / "empty", {}); }, "symbolic link");
}

TEST_CASE("a link that leads to itself, to nothing or to a folder is no image, and is told") {
  const test::ScratchFolder scratch;
  test::write_image(scratch / "in/normal/a.png");
  test::write_image(scratch / "outside/b.png");
  fs::create_symlink("loop.png", scratch / "in/normal/loop.png");
  fs::create_symlink("nowhere.png", scratch / "in/normal/lost.png");
  fs::create_symlink("loop", scratch / "in/.loop");
  fs::create_directory_symlink(scratch / "outside", scratch / "in/abnormal");
  const Listing found = read_folder(scratch / "in", {});
  CHECK(found.images.size() == 1);
  CHECK(found.warnings ==
        std::vector<std::string>{"3 links to folders or to nothing were not followed, the first abnormal"});
  fs::create_directories(scratch / "linked");
  fs::create_directory_symlink(scratch / "outside", scratch / "linked/normal");
  write_text(scratch / "linked/film.tif", "II*");
  const Error none = test::error_of([&] { (void)read_folder(scratch / "linked", {}); });
  CHECK(none.hint().find("1 links to folders or to nothing were not followed, the first normal") !=
        std::string::npos);
  CHECK(none.hint().find("passed over, the first film.tif") != std::string::npos);
}

TEST_CASE("an image of MURA that is a link out of its tree is refused, one inside is read") {
  const test::ScratchFolder scratch;
  MuraTree tree(scratch.path());
  tree.add(kTrain).add(kValid).list("valid/XR_ELBOW/patient11185/study1_negative/image2.png").write();
  const fs::path study = tree.root() / "valid/XR_ELBOW/patient11185/study1_negative";
  const auto collect_all = [&] {
    return collect(
        read_mura(tree.root()), 1, [](std::size_t) {}, [] { return false; });
  };
  fs::create_symlink("image1.png", study / "image2.png");
  CHECK(collect_all().manifest.rows.size() == 3);
  fs::remove(study / "image2.png");
  test::write_image(scratch / "outside.png");
  fs::create_symlink(scratch / "outside.png", study / "image2.png");
  check_refused([&] { (void)collect_all(); }, "symbolic link");
}

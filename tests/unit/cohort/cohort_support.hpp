// Small cohorts on disk, written by the tests themselves.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "catch.hpp"
#include "support.hpp"
#include "tagconf/base/error.hpp"
#include "tagconf/base/files.hpp"
#include "tagconf/imaging/codec.hpp"

namespace tagconf::test {

inline void write_image(const std::filesystem::path& path, int width = 6, int height = 4,
                        std::uint16_t grey = 100) {
  imaging::write_png(path, imaging::GreyImage(width, height, 8, grey));
}

// A tree in MURA v1.1's form. An image is added by its path below the tree's root.
class MuraTree {
 public:
  explicit MuraTree(const std::filesystem::path& parent) : root_(parent / "MURA-v1.1") {}

  MuraTree& add(const std::string& path) {
    write_image(root_ / path, 6, 4, static_cast<std::uint16_t>(grey_++ % 256));
    return list(path);
  }
  // Listed in the tables, but not on disk.
  MuraTree& list(const std::string& path) {
    const bool train = path.rfind("train", 0) == 0;
    (train ? train_images_ : valid_images_) += "MURA-v1.1/" + path + "\n";
    const std::string study = path.substr(0, path.rfind('/'));
    std::string& studies = train ? train_studies_ : valid_studies_;
    const std::string label = study.find("_positive") != std::string::npos ? "1" : "0";
    const std::string row = "MURA-v1.1/" + study + "/," + label + "\n";
    if (studies.find(row) == std::string::npos) studies += row;
    return *this;
  }
  // With a phantom's truth beside it, so that its counts are not held against the published ones.
  void write() const {
    write_text(root_.parent_path() / "truth/truth.json", "{}");
    write_text(root_ / "train_image_paths.csv", train_images_);
    write_text(root_ / "valid_image_paths.csv", valid_images_);
    write_text(root_ / "train_labeled_studies.csv", train_studies_);
    write_text(root_ / "valid_labeled_studies.csv", valid_studies_);
  }
  [[nodiscard]] const std::filesystem::path& root() const { return root_; }

 private:
  std::filesystem::path root_;
  int grey_ = 0;
  std::string train_images_;
  std::string valid_images_;
  std::string train_studies_;
  std::string valid_studies_;
};

// The error that `work` ends in; code bug with message "no error" when it ends in none.
template <class Work>
Error error_of(Work&& work) {
  try {
    work();
  } catch (const Error& error) {
    return error;
  }
  return Error(ErrorCode::bug, "no error");
}

template <class Work>
void check_refused(Work&& work, const std::string& part, ErrorCode code = ErrorCode::input) {
  const Error error = error_of(work);
  INFO(error.message());
  CHECK(error.code() == code);
  CHECK(error.message().find(part) != std::string::npos);
}

}  // namespace tagconf::test

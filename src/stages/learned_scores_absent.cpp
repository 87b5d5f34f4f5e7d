// Takes the place of learned_scores.cpp where LibTorch is not built in.
#include "learned_scores.hpp"
#include "tagconf/base/error.hpp"

namespace tagconf::stages {
namespace {

[[noreturn]] void refuse() {
  throw Error(ErrorCode::environment, "this program was built without LibTorch: it has no learned finder",
              "use --finder classical");
}

}  // namespace

tags::TagScores read_scores(const std::filesystem::path&, nn::Precision) {
  refuse();
}

tags::TagScores shipped_scores(nn::Precision) {
  refuse();
}

nn::Precision resolved_precision(nn::Precision requested) {
  return requested;
}

std::string shipped_scores_digest() {
  return {};
}

}  // namespace tagconf::stages

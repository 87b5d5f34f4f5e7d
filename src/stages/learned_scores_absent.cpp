// Takes the place of learned_scores.cpp where LibTorch is not built in.
#include "learned_scores.hpp"
#include "tagconf/base/error.hpp"

namespace tagconf::stages {

tags::TagScores read_scores(const std::filesystem::path&) {
  throw Error(ErrorCode::environment, "this program was built without LibTorch: it has no learned finder",
              "use --finder classical");
}

}  // namespace tagconf::stages

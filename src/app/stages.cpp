#include "stages.hpp"

#include "tagconf/stages/all.hpp"

namespace tagconf::app {

stage::Registry all_stages() {
  stage::Registry registry;
  registry.stages = {
      stages::ingest(),
      stages::pack(),
      stages::evaluate(),
      stages::verify(),
  };
#if !TAGCONF_WITH_TORCH
  registry.absent = {"train", "predict", "gradcam"};
#endif
  registry.absent_reason = "this build has no LibTorch";
  registry.absent_hint =
      "configure with -DTAGCONF_TORCH=ON (./scripts/setup fetches LibTorch) and build again";
  return registry;
}

}  // namespace tagconf::app

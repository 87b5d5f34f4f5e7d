#include "stages.hpp"

#include "tagconf/stages/all.hpp"
#if TAGCONF_WITH_TORCH
#include "measure.hpp"
#include "tagconf/nn/compute.hpp"
#endif

namespace tagconf::app {

stage::Registry all_stages() {
  stage::Registry registry;
  // In the order of the data flow.
  registry.stages = {
    stages::phantom(),
    stages::ingest(),
    stages::audit(),
    stages::card(),
    stages::detect(),
    stages::mask(),
    stages::strip(),
    stages::score(),
    stages::review(),
    stages::convert(),
    stages::pack(),
#if TAGCONF_WITH_TORCH
    stages::train(),
    stages::train_finder(),
    stages::adapt(),
    stages::predict(),
    stages::gradcam(),
#endif
    stages::evaluate(),
    stages::verify(),
    stages::report(),
    stages::power(),
  };
#if TAGCONF_WITH_TORCH
  registry.libraries = {{"LibTorch", nn::torch_version()}};
  registry.bench = measure;
#else
  registry.absent = {"train", "train-finder", "adapt", "predict", "gradcam"};
#endif
  registry.absent_reason = "this build has no LibTorch";
  registry.absent_hint =
      "configure with -DTAGCONF_TORCH=ON (./scripts/setup fetches LibTorch) and build again";
  return registry;
}

}  // namespace tagconf::app

#include "fake_stages.hpp"

#include "stages.hpp"

tagconf::stage::Registry tagconf::app::all_stages() {
  auto registry = test::fake_registry();
  registry.libraries = {{"LibFake", "1.0"}};
  return registry;
}

// A bounded parallel loop. Results do not depend on the number of threads: the body gets an index and
// writes to its own place.
#pragma once

#include <cstddef>
#include <functional>

namespace tagconf {

// 0 = as many as the machine offers this process (its affinity mask).
[[nodiscard]] int resolve_threads(int requested);

// Calls body(i) for i in [0, n), each once. The first exception stops the loop and is rethrown.
// `threads` as above.
void parallel_for(std::size_t n, int threads, const std::function<void(std::size_t)>& body);

}  // namespace tagconf

// DCMTK reads an item inside an item by calling itself: 200 kB of items in items use up a thread's stack, and
// the program ends. So the items that a file begins are counted before DCMTK sees it.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>

namespace tagconf::cohort {

// Error input when there are more than any single image has; such a file cannot be nested too deep.
void check_item_count(const std::filesystem::path& file);
void check_item_count(std::span<const std::byte> data_set);

}  // namespace tagconf::cohort

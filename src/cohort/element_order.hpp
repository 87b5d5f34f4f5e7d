// DCMTK looks for an element's place in its item from the item's last element backwards, one by one: 500 kB
// of elements in falling order take it half a minute, 5 MB most of an hour. So the steps that this will take
// are counted before DCMTK sees a file.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>

namespace tagconf::cohort {

// Error input when they are far more than any file of some order needs. What cannot be followed, or is cut
// short, is left to the reader. Of a deflated file only the meta header is looked at.
void check_element_order(const std::filesystem::path& file);
// Of a data set in explicit little endian.
void check_element_order(std::span<const std::byte> data_set);

}  // namespace tagconf::cohort

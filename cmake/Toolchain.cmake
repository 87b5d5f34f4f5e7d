# Warnings as errors, ccache and mold where present, sanitizers on request.
add_library(tagconf_warnings INTERFACE)
target_compile_options(tagconf_warnings INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor
  -Wold-style-cast -Woverloaded-virtual -Wconversion -Wno-sign-conversion
  $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized> -Werror)
# g++ 12 reports overlaps in std::string operator+ that do not exist (GCC PR 105329).
target_compile_options(tagconf_warnings INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>)

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE} CACHE STRING "")
endif()
find_program(MOLD mold)
if(MOLD)
  add_link_options(-fuse-ld=mold)
endif()

if(TAGCONF_SANITIZE)
  if(TAGCONF_TORCH)
    message(FATAL_ERROR "TAGCONF_SANITIZE needs -DTAGCONF_TORCH=OFF: LibTorch is not built with sanitizers")
  endif()
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer -g -O1)
  add_link_options(-fsanitize=address,undefined)
endif()

if(TAGCONF_FUZZ)
  if(TAGCONF_TORCH OR NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    message(FATAL_ERROR "TAGCONF_FUZZ needs -DCMAKE_CXX_COMPILER=clang++ -DTAGCONF_TORCH=OFF")
  endif()
  add_compile_options(-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer -g -O1)
  add_link_options(-fsanitize=address,undefined)
endif()

# Finds LibTorch without torch's own CMake package, which stops on a CUDA build when no CUDA toolkit is
# installed. Looks below TAGCONF_LIBTORCH, CMAKE_PREFIX_PATH and <source>/.deps/torch; a wheel's torch folder
# and an unpacked libtorch archive both fit, and so does a CUDA build used for its processor part alone: its
# libtorch_cpu.so finds the CUDA runtime that it needs through its own run path.
#
# Defines LibTorch::LibTorch (c10, torch_cpu; torch_cuda and c10_cuda with TAGCONF_CUDA=ON) and
# LibTorch_VERSION, LibTorch_ROOT.
set(_hints ${TAGCONF_LIBTORCH})
foreach(prefix ${CMAKE_PREFIX_PATH})
  list(APPEND _hints ${prefix} ${prefix}/torch ${prefix}/../..)
endforeach()
list(APPEND _hints ${PROJECT_SOURCE_DIR}/.deps/torch)

find_path(LibTorch_ROOT NAMES lib/libtorch_cpu.so HINTS ${_hints} NO_DEFAULT_PATH)
if(LibTorch_ROOT)
  set(_version_header ${LibTorch_ROOT}/include/torch/headeronly/version.h)
  if(NOT EXISTS ${_version_header})
    set(_version_header ${LibTorch_ROOT}/include/torch/csrc/api/include/torch/version.h)
  endif()
  foreach(part MAJOR MINOR PATCH)
    file(STRINGS ${_version_header} _line REGEX "#define TORCH_VERSION_${part} ")
    string(REGEX REPLACE ".* ([0-9]+).*" "\\1" _${part} "${_line}")
  endforeach()
  set(LibTorch_VERSION ${_MAJOR}.${_MINOR}.${_PATCH})
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(LibTorch REQUIRED_VARS LibTorch_ROOT VERSION_VAR LibTorch_VERSION
  REASON_FAILURE_MESSAGE "run ./scripts/setup, or give -DTAGCONF_LIBTORCH=<folder that holds lib/libtorch_cpu.so>")

if(LibTorch_FOUND AND NOT TARGET LibTorch::LibTorch)
  add_library(LibTorch::LibTorch INTERFACE IMPORTED)
  # -idirafter: the wheel carries its own copies of fmt and nlohmann_json; the system's come first.
  # -fopenmp: without it at::parallel_for in our own files would be serial.
  target_compile_options(LibTorch::LibTorch INTERFACE
    "SHELL:-idirafter ${LibTorch_ROOT}/include" "SHELL:-idirafter ${LibTorch_ROOT}/include/torch/csrc/api/include"
    -fopenmp)
  target_compile_definitions(LibTorch::LibTorch INTERFACE _GLIBCXX_USE_CXX11_ABI=1)
  # By path, and never libtorch.so, which would pull in all of CUDA.
  target_link_libraries(LibTorch::LibTorch INTERFACE ${LibTorch_ROOT}/lib/libc10.so ${LibTorch_ROOT}/lib/libtorch_cpu.so)
  if(TAGCONF_CUDA)
    if(NOT EXISTS ${LibTorch_ROOT}/lib/libtorch_cuda.so)
      message(FATAL_ERROR "TAGCONF_CUDA: ${LibTorch_ROOT} is a build for the processor alone, without lib/libtorch_cuda.so")
    endif()
    # Nothing refers to these by name: they register themselves when they are loaded.
    target_link_libraries(LibTorch::LibTorch INTERFACE "-Wl,--push-state,--no-as-needed"
      ${LibTorch_ROOT}/lib/libc10_cuda.so ${LibTorch_ROOT}/lib/libtorch_cuda.so "-Wl,--pop-state")
  endif()
  # One OpenMP runtime for the whole program: the one that LibTorch brings, under whatever name; the system's where
  # it brings none.
  file(GLOB _gomp ${LibTorch_ROOT}/lib/libgomp*.so*)
  if(_gomp)
    target_link_libraries(LibTorch::LibTorch INTERFACE ${_gomp})
  else()
    target_link_options(LibTorch::LibTorch INTERFACE -fopenmp)
  endif()
  target_link_options(LibTorch::LibTorch INTERFACE "LINKER:--allow-shlib-undefined"
    "LINKER:-rpath-link,${LibTorch_ROOT}/lib" "LINKER:--disable-new-dtags")
endif()

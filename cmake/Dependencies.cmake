# Third-party libraries: Debian packages, and LibTorch by our own find module.
find_package(Threads REQUIRED)

# What base, nn and their tests need.
if(TAGCONF_ONLY_NN AND TAGCONF_HEADERS)
  include(CarriedHeaders)
else()
  find_package(nlohmann_json REQUIRED)
  find_package(fmt REQUIRED)
  find_package(spdlog REQUIRED)
  find_package(OpenSSL REQUIRED)
  if(TAGCONF_TESTS)
    find_package(Catch2 REQUIRED)
  endif()
endif()

if(NOT TAGCONF_ONLY_NN)
  find_package(yaml-cpp REQUIRED)
  find_package(Eigen3 REQUIRED)
  find_package(Boost REQUIRED)
  find_package(PNG REQUIRED)
  find_package(JPEG REQUIRED)
  find_package(CLI11 REQUIRED)
  find_package(ZLIB REQUIRED)
  find_package(PkgConfig REQUIRED)
  pkg_check_modules(OPENJPEG REQUIRED IMPORTED_TARGET libopenjp2>=2.4)
  add_library(tagconf_openjpeg ALIAS PkgConfig::OPENJPEG)
  pkg_check_modules(DEFLATE REQUIRED IMPORTED_TARGET libdeflate)
  add_library(tagconf_deflate ALIAS PkgConfig::DEFLATE)

  # DCMTK's CMake package names every library that it was ever linked with: these are the ones that read files
  # and decode JPEG and JPEG-LS.
  find_path(DCMTK_INCLUDE dcmtk/dcmdata/dctk.h REQUIRED)
  add_library(tagconf_dcmtk INTERFACE)
  target_include_directories(tagconf_dcmtk SYSTEM INTERFACE ${DCMTK_INCLUDE})
  foreach(module dcmjpeg dcmjpls dcmdata oflog ofstd)
    find_library(DCMTK_${module} ${module} REQUIRED)
    target_link_libraries(tagconf_dcmtk INTERFACE ${DCMTK_${module}})
  endforeach()

  # OpenCV's core and imgproc, found by name: its CMake package wants every module installed, and imgcodecs and
  # highgui pull in GDAL and some 140 further libraries.
  find_path(OPENCV_INCLUDE opencv2/imgproc.hpp PATH_SUFFIXES opencv4 REQUIRED)
  foreach(module core imgproc)
    find_library(OPENCV_${module} opencv_${module} REQUIRED)
    add_library(opencv_${module} INTERFACE)
    target_link_libraries(opencv_${module} INTERFACE ${OPENCV_${module}})
    target_include_directories(opencv_${module} SYSTEM INTERFACE ${OPENCV_INCLUDE})
  endforeach()
  target_link_libraries(opencv_imgproc INTERFACE opencv_core)
endif()

if(TAGCONF_TORCH)
  find_package(LibTorch 2.11 REQUIRED)
  add_library(tagconf_torch INTERFACE)
  target_link_libraries(tagconf_torch INTERFACE LibTorch::LibTorch)

  # Torch's headers cost 20 s of compile time a file: nn compiles them once, everything else that uses them
  # takes them from there. ccache has to be told that headers may come precompiled.
  function(tagconf_precompile_torch target)
    if(target STREQUAL "tagconf_nn")
      target_precompile_headers(${target} PRIVATE <torch/torch.h>)
    else()
      target_precompile_headers(${target} REUSE_FROM tagconf_nn)
    endif()
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
      target_compile_options(${target} PRIVATE -fpch-preprocess)
    endif()
    if(CCACHE)
      set_target_properties(${target} PROPERTIES CXX_COMPILER_LAUNCHER
        "${CMAKE_COMMAND};-E;env;CCACHE_SLOPPINESS=pch_defines,time_macros;${CCACHE}")
    endif()
  endfunction()
endif()

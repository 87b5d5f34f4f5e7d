# tagconf_test(NAME SOURCES file... LAYERS layer... [LABELS label...])
#
# One Catch2 program, registered with ctest under NAME. Catch2's main is compiled once. The layers without
# LibTorch are tested also in builds without it; a test of a layer that is not built is left out.
add_library(tagconf_catch_main STATIC ${PROJECT_SOURCE_DIR}/tests/catch_main.cpp)
target_include_directories(tagconf_catch_main PUBLIC ${PROJECT_SOURCE_DIR}/tests ${PROJECT_SOURCE_DIR}/include)
target_link_libraries(tagconf_catch_main PUBLIC Catch2::Catch2)

function(tagconf_test name)
  cmake_parse_arguments(A "" "" "SOURCES;LAYERS;LABELS" ${ARGN})
  foreach(layer ${A_LAYERS})
    if(NOT TARGET tagconf_${layer})
      return()
    endif()
  endforeach()
  add_executable(${name} ${A_SOURCES})
  target_link_libraries(${name} PRIVATE tagconf_warnings tagconf_catch_main)
  foreach(layer ${A_LAYERS})
    target_link_libraries(${name} PRIVATE tagconf_${layer})
  endforeach()
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES SKIP_RETURN_CODE 42 LABELS "${A_LABELS}"
    ENVIRONMENT "OMP_WAIT_POLICY=PASSIVE;TAGCONF_SOURCE=${PROJECT_SOURCE_DIR};TAGCONF_BINARY=$<$<TARGET_EXISTS:tagconf>:$<TARGET_FILE:tagconf>>")
endfunction()

# A test that is a shell script: run with TAGCONF_BINARY and TAGCONF_SOURCE in the environment; exit 42 = skipped.
function(tagconf_script_test name script)
  cmake_parse_arguments(A "" "TIMEOUT" "LABELS" ${ARGN})
  add_test(NAME ${name} COMMAND bash ${script})
  set_tests_properties(${name} PROPERTIES SKIP_RETURN_CODE 42 LABELS "${A_LABELS}"
    ENVIRONMENT "OMP_WAIT_POLICY=PASSIVE;TAGCONF_SOURCE=${PROJECT_SOURCE_DIR};TAGCONF_BUILD=${PROJECT_BINARY_DIR};TAGCONF_BINARY=$<$<TARGET_EXISTS:tagconf>:$<TARGET_FILE:tagconf>>")
endfunction()

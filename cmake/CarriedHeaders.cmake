# The libraries of base, nn and their tests out of one folder of headers, TAGCONF_HEADERS, which `scripts/gpu headers`
# writes: for a machine that has LibTorch, a compiler, CMake and little else. OpenSSL's library alone must be there:
# whatever brings a Python with hashlib brings it.
set(_headers ${TAGCONF_HEADERS}/include)
if(NOT EXISTS ${_headers}/nlohmann/json.hpp)
  message(FATAL_ERROR "no headers in ${TAGCONF_HEADERS}: write them with scripts/gpu headers")
endif()
find_library(TAGCONF_CRYPTO NAMES libcrypto.so libcrypto.so.3 REQUIRED)

function(tagconf_carried target)
  add_library(${target} INTERFACE IMPORTED)
  target_include_directories(${target} INTERFACE ${_headers})
endfunction()
tagconf_carried(nlohmann_json::nlohmann_json)
tagconf_carried(fmt::fmt)
target_compile_definitions(fmt::fmt INTERFACE FMT_HEADER_ONLY=1)
tagconf_carried(spdlog::spdlog_header_only)
target_compile_definitions(spdlog::spdlog_header_only INTERFACE SPDLOG_FMT_EXTERNAL=1)
tagconf_carried(OpenSSL::Crypto)
target_link_libraries(OpenSSL::Crypto INTERFACE ${TAGCONF_CRYPTO})
tagconf_carried(Catch2::Catch2)

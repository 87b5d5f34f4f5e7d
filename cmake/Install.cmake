# `cmake --install` gives a folder that can be moved: bin/tagconf finds LibTorch beside it in lib/tagconf.
if(TAGCONF_TORCH)
  set_target_properties(tagconf PROPERTIES BUILD_RPATH "${LibTorch_ROOT}/lib"
    INSTALL_RPATH "$ORIGIN/../lib/tagconf")
  install(DIRECTORY ${LibTorch_ROOT}/lib/ DESTINATION lib/tagconf FILES_MATCHING
    PATTERN "libc10.so" PATTERN "libtorch_cpu.so" PATTERN "libgomp*.so*"
    PATTERN "libshm*" EXCLUDE)
endif()
install(TARGETS tagconf RUNTIME DESTINATION bin)
install(DIRECTORY configs/ DESTINATION share/tagconf/configs)

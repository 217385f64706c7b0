# Read by llama.cpp's own CMakeLists right after project(): the bindings need only libllama.
set(LLAMA_BUILD_COMMON OFF)

// The entry of libFuzzer that a program with a main of its own calls (compiler-rt, FuzzerInterface).
#pragma once
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*test_one_input)(const uint8_t *data, size_t size));

// LZ4 blocks and frames; the two constants that are macros as functions.
#pragma once
#include <lz4.h>
#include <lz4frame.h>
